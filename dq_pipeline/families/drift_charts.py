"""The charts of one reference: each annotator's beside the others, and everybody's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq_pipeline.families.weighed import Weighed, weigh
from dq_pipeline.measures.falls import Chart, chart, spread_of, steps_of
from dq_pipeline.measures.page import limit_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq_pipeline.counts import Agreements
    from dq_pipeline.counts.comparisons import Reference

EVERYBODY = ""
"""The name of the chart of all annotators together."""


@dataclass(frozen=True)
class Charts:
    """The charts of one reference; None where there are too few votes to compare.

    Attributes:
        weighed: The votes.
        by_annotator: Each annotator's chart.
        together: The chart of everybody.
        limit: The sum that raises the alarm for one annotator among those charted.
        limit_together: The same for the chart of everybody.
    """

    weighed: Weighed
    by_annotator: dict[str, Chart | None]
    together: Chart | None
    limit: float
    limit_together: float

    def with_limits(self) -> Iterator[tuple[str, Chart, float]]:
        """Each chart with its annotator and its limit, that of everybody first."""
        if self.together is not None:
            yield EVERYBODY, self.together, self.limit_together
        for name, found in self.by_annotator.items():
            if found is not None:
                yield name, found, self.limit


def charts_of(compared: Agreements, reference: Reference, *, least: float, once_in: float) -> Charts:
    """Draw the charts.

    Args:
        compared: The votes against the reference.
        reference: "peers" or "gold".
        least: Fewest votes of a step.
        once_in: Windows of the whole crowd between two false alarms.
    """
    weighed = weigh(compared, reference)
    parts = {name: steps_of(series, least) for name, series in weighed.series()}
    drawn = sum(len(steps) > 1 for steps in parts.values())
    limit, limit_together = limit_for(once_in * max(drawn, 1)), limit_for(once_in)
    first = [found for steps in parts.values() if (found := chart(steps, math.inf, 1.0, weighed.worth))]
    spread = spread_of(first)
    together = steps_of(weighed.series_together(), least)
    first_together = chart(together, math.inf, 1.0, weighed.worth_together)
    return Charts(
        weighed,
        {name: chart(steps, limit, spread, weighed.worth) for name, steps in parts.items()},
        chart(
            together,
            limit_together,
            spread_of([first_together] if first_together else []),
            weighed.worth_together,
        ),
        limit,
        limit_together,
    )
