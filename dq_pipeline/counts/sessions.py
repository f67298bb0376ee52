"""The calibration sessions: those that the spec lists, or those of its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq_pipeline.counts.days import day_of, to_day
from dq_pipeline.spec import InputError
from dq_pipeline.tables import engine_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.spec.calibration import Calibration
    from dq_pipeline.tables import Tables


@dataclass(frozen=True, order=True)
class Held:
    """One annotator's part in one session.

    Attributes:
        day: The day it was held, in days since 1970.
        annotator: Who took part; "" for everybody.
        guideline: The version it was held on; "" where none is named.
    """

    day: int
    annotator: str = ""
    guideline: str = ""


@dataclass(frozen=True)
class Sessions:
    """The sessions of the spec's calibration, in the order of their days.

    A ledger is written by hand: a row an annotator and session, never a row an annotation.
    """

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Sessions]) -> list[tuple[Held, ...]]:
        """Read once."""
        return [held_in(tables)] * len(requests)


def held_in(tables: Tables) -> tuple[Held, ...]:
    """The sessions of the spec's calibration; none where it keeps none.

    Raises:
        InputError: A row of their table has no day that can be read, no annotator, or a guideline that is not listed.
    """
    ledger = tables.spec.calibration
    if ledger is None:
        return ()
    if not ledger.given:
        return _listed(ledger)
    with engine_errors("calibration"):
        table = tables["calibration"].expr
        columns = {name: table[name] for name in ("annotator", "guideline") if name in table.columns}
        rows = table.select(day=day_of(table.time), **columns).distinct().to_pyarrow().to_pylist()
    if any(row["day"] is None for row in rows):
        raise InputError(
            f"{tables.spec.dataset}, calibration: {ledger.named}",
            found=f"a row whose {ledger.when} is no date",
            expected="the day of each session, such as 2024-03-01",
            fix="mend that row",
        )
    if ledger.annotator is not None and any(row["annotator"] is None for row in rows):
        raise InputError(
            f"{tables.spec.dataset}, calibration: {ledger.named}",
            found=f"a row without {ledger.annotator}",
            expected="who took part in each session",
            fix="mend that row, or take `annotator` out where every session was everybody's",
        )
    known = {one.version for one in ledger.guidelines}
    unknown = sorted({row["guideline"] for row in rows if row.get("guideline")} - known) if known else []
    if unknown:
        raise InputError(
            f"{tables.spec.dataset}, calibration: {ledger.named}",
            found=f"a session on guideline {unknown[0]!r}",
            expected=f"one of {', '.join(sorted(known))}, as in calibration.guidelines",
            fix="mend that row, or add the version there",
        )
    return tuple(
        sorted({Held(row["day"], row.get("annotator") or "", row.get("guideline") or "") for row in rows})
    )


def _listed(ledger: Calibration) -> tuple[Held, ...]:
    return tuple(
        sorted(
            {
                Held(to_day(session.when), annotator, session.guideline or "")
                for session in ledger.sessions
                for annotator in session.annotators or ("",)
            }
        )
    )
