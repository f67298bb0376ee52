"""What an audit has counted: the contracts' rows judged, and the counts that its families measure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dq_pipeline.audit.timings import Timings
    from dq_pipeline.contracts.of_tables import Contract
    from dq_pipeline.counts import Counts
    from dq_pipeline.counts.by_parts import KeptStates
    from dq_pipeline.families.family import Family
    from dq_pipeline.families.verdict import CheckVerdict
    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.tables import Tables


@dataclass(frozen=True)
class Counted:
    """What was counted of a dataset's tables.

    Attributes:
        verdicts: One a contract.
        measures: The contracts' numbers.
        counts: What the families asked for.
    """

    verdicts: tuple[CheckVerdict, ...]
    measures: tuple[Measure, ...]
    counts: Counts


@dataclass(frozen=True)
class Folders:
    """Where an audit leaves what comes of counting.

    Attributes:
        rows: For the CSVs of failing ids; none are written without it.
        states: For the counts of parts of tables in several files: those of files that it has are not counted again, and
            what is counted is kept there; all is counted whole without it.
    """

    rows: Path | None = None
    states: Path | None = None


NOWHERE = Folders()
"""For an audit that leaves nothing behind."""


def count(
    tables: Tables,
    contracts: Sequence[Contract],
    families: Sequence[Family[Any]],
    rows_to: Path | None,
    parts: KeptStates | None,
    timings: Timings,
) -> Counted:
    """Judge the contracts and count what families ask for; nothing is kept of tables that changed meanwhile.

    Args:
        tables: The tables.
        contracts: The contracts.
        families: The families.
        rows_to: For the CSVs of failing ids.
        parts: The states of parts that are kept.
        timings: What it costs.

    Raises:
        InputError: A table cannot be read, or changed.
    """
    from dq_pipeline.counts import collect, count_whole

    of_contracts = [request for contract in contracts for request in contract.requests]
    of_families = [request for family in families for request in family.requests()]
    known: dict[Any, Any] = {}
    if parts is not None:
        with timings.stage("counts"):
            parts.count(tables, [*of_contracts, *of_families], count_whole)
        known = parts.states
        timings.parts.update({table: asdict(part) for table, part in parts.reused.items()})
    with timings.stage("contracts"):
        rows = collect(tables, of_contracts, known)
        judged = [contract.run(tables, rows_to, rows) for contract in contracts]
    with timings.stage("counts"):
        counts = collect(tables, of_families, known)
        if rows_to is not None:
            for family in families:
                family.leave(tables, counts, rows_to)
    tables.hold()
    if parts is not None:
        parts.keep()
    verdicts = tuple(verdict for verdict, _ in judged)
    return Counted(verdicts, tuple(row for _, measures in judged for row in measures), counts)


def kept_states(folder: Path) -> KeptStates:
    """The states of parts that are kept in a folder."""
    from dq_pipeline import counts
    from dq_pipeline.contracts.references import Reference
    from dq_pipeline.contracts.result import ContractResult, RuleResult
    from dq_pipeline.contracts.times import SeenTimes
    from dq_pipeline.counts.by_parts import KeptStates

    classes = [getattr(counts, name) for name in counts.__all__]
    made_of = (*classes, Reference, ContractResult, RuleResult, SeenTimes)
    return KeptStates(folder, {one.__name__: one for one in made_of if isinstance(one, type)})
