"""Quarantine: leave out the slices and annotators that fail, and judge again what remains, whole.

What remains is written aside as tables of its own, so that every check, the consensus and the training set are made
from it as from any other tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.audit.run import Audit, audit
from dq_pipeline.families.dimensions import condition_names, declared_domain, missing_texts
from dq_pipeline.measures.keys import MISSING, values_of
from dq_pipeline.tables import ROW, Tables, engine_errors, with_roles, write_parquet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dq_pipeline.measures.estimate import Measure
    from dq_pipeline.spec import Spec, SpecSource
    from dq_pipeline.tables import Table

ROUNDS = 5
"""Leaving some out moves the shares of the others: what fails then is left out too, so many times."""
OF_ANNOTATIONS, OF_ITEMS = "annotator", ("source", "group")
"""Roles that may be left out: annotators with their annotations; items by these and by conditions."""


@dataclass(frozen=True)
class LeftOut:
    """One slice of items, or one annotator, that is left out.

    Attributes:
        check: The check that it fails.
        by: The dimension: "annotator", "source", "weather,light".
        key: Its value; several joined as by `key_of`.
        rows: How many annotations or items it holds.
    """

    check: str
    by: str
    key: str
    rows: int = 0


@dataclass(frozen=True)
class Quarantine:
    """What became of it.

    Attributes:
        left_out: The slices and annotators that are left out.
        spec: The spec on the tables that remain.
        audit: The audit of these tables.
        refused: Why what remains cannot be used; "" when it can.
    """

    left_out: tuple[LeftOut, ...]
    spec: Spec
    audit: Audit
    refused: str

    @property
    def sentence(self) -> str:
        """What is left out, or why nothing helps."""
        named = ", ".join(f"{one.by} {one.key} ({one.rows:,} rows, {one.check})" for one in self.left_out)
        return self.refused or f"Built without {named}."


def quarantine(spec: Spec, source: SpecSource, found: Audit, folder: Path) -> Quarantine:
    """Leave out what the policy allows until every check passes on what remains.

    Args:
        spec: The spec, with `training_set.quarantine`.
        source: Where it was written.
        found: The audit of its tables, which blocks.
        folder: Where the tables that remain are written; it is the caller's to empty.

    Raises:
        InputError: A table cannot be read.
    """
    policy = spec.training_set.quarantine
    left_out: list[LeftOut] = []
    judged, remaining = found, spec
    for _ in range(ROUNDS):
        more = [
            one
            for one in _failing(spec, judged)
            if (one.by, one.key) not in {(o.by, o.key) for o in left_out}
        ]
        if policy is None or not more:
            break
        left_out, remaining, lost = tables_without(spec, [*left_out, *more], folder)
        over = {name: share for name, share in lost.items() if share > policy.at_most}
        if over:
            name, share = max(over.items(), key=lambda pair: pair[1])
            said = f"{share:.1%} of the {name} would be left out, and at most {policy.at_most:.1%} may be."
            return Quarantine(tuple(left_out), remaining, judged, said)
        judged = audit(remaining, source)
        if not any(verdict.blocking for verdict in judged.verdicts):
            return Quarantine(tuple(left_out), remaining, judged, "")
    blocking = next((verdict for verdict in judged.verdicts if verdict.blocking), None)
    if blocking is None:
        return Quarantine((), spec, found, "")
    on = "What remains" if left_out else "Nothing can be left out that would help"
    return Quarantine(tuple(left_out), remaining, judged, f"{on}: {blocking.check}: {blocking.sentence}")


def _failing(spec: Spec, judged: Audit) -> list[LeftOut]:
    """The slices and annotators that fail a check of the policy."""
    policy = spec.training_set.quarantine
    named = set(policy.checks) if policy else set()
    found: dict[tuple[str, str], LeftOut] = {}
    for verdict in judged.verdicts:
        if not verdict.blocking or not {verdict.check, verdict.family} & named:
            continue
        for row in judged.failing.get(verdict.check, ()):
            if row.by is not None and row.key is not None and _is_slice(spec, row):
                found.setdefault((row.by, row.key), LeftOut(verdict.check, row.by, row.key))
    return list(found.values())


def _is_slice(spec: Spec, row: Measure) -> bool:
    """Whether a row of the measures stands for items or an annotator that can be left out."""
    if row.by == OF_ANNOTATIONS:
        return spec.annotations is not None
    if spec.items is None or row.by is None or row.key is None:
        return False
    known = {*OF_ITEMS, *(condition.name for condition in spec.items.conditions)}
    parts = row.by.split(",")
    return set(parts) <= known


def tables_without(
    spec: Spec, slices: Sequence[LeftOut], folder: Path
) -> tuple[list[LeftOut], Spec, dict[str, float]]:
    """Write what remains.

    Returns:
        The slices with their rows, the spec on what remains, and the share of items, annotators and their annotations that is lost.
    """
    folder.mkdir(parents=True, exist_ok=True)
    only = tuple(name for name in ("items", "annotations") if getattr(spec, name) is not None)
    counted: list[LeftOut] = []
    changed: dict[str, Any] = {}
    lost: dict[str, float] = {}
    with Tables(spec, only=only) as tables, engine_errors(f"{spec.dataset}, quarantine"):
        out = None
        if "items" in tables:
            items = _whole(tables, tables["items"])
            of_items = [one for one in slices if one.by != OF_ANNOTATIONS]
            counted += [
                LeftOut(one.check, one.by, one.key, _count(items.filter(_is(spec, items, one))))
                for one in of_items
            ]
            out = items.filter(_any(spec, items, of_items))
            lost["items"] = _count(out) / max(tables["items"].rows, 1)
            kept = items.filter(~_any(spec, items, of_items))
            changed["items"] = _written(tables, tables["items"], kept, folder / "items.parquet")
        if "annotations" in tables:
            votes = _whole(tables, tables["annotations"])
            annotators = [one for one in slices if one.by == OF_ANNOTATIONS]
            counted += [
                LeftOut(one.check, one.by, one.key, _count(votes.filter(_is(spec, votes, one))))
                for one in annotators
            ]
            everybody = int(votes.annotator.nunique().execute())
            lost["annotators"] = len(annotators) / max(everybody, 1)
            # One annotator of many may have given most of the annotations.
            lost["annotations"] = _count(votes.filter(_any(spec, votes, annotators))) / max(
                tables["annotations"].rows, 1
            )
            kept = votes.filter(~_any(spec, votes, annotators))
            if out is not None:
                kept = kept.anti_join(out.select(gone=out.item), kept.item == out.item)
            changed["annotations"] = _written(
                tables, tables["annotations"], kept, folder / "annotations.parquet"
            )
    return counted, spec.model_copy(update=changed).based_on(spec.base), lost


def _whole(tables: Tables, table: Table) -> Any:
    """A table's roles beside all its own columns, which are marked."""
    own = {f"dq_own_{place}": column for place, column in enumerate(_own(table))}
    return with_roles(table.raw, table.roles, own, tables.edges if table.name == "items" else {})


def _own(table: Table) -> list[str]:
    from dq_pipeline.tables import PLACE

    return [column for column in table.raw.columns if column != PLACE]


def _is(spec: Spec, rows: Any, one: LeftOut) -> Any:
    named = zip(one.by.split(","), values_of(one.key, one.by), strict=True)
    same = [_has(spec, part, rows[part], value) for part, value in named]
    truth = same[0]
    for more in same[1:]:
        truth = truth & more
    return truth


def _has(spec: Spec, part: str, column: Any, value: str) -> Any:
    """Whether rows have a value, or for MISSING none: a text of the source or a condition that stands for none is none."""
    there = (column == value).fill_null(False)
    if value != MISSING:
        return there
    if part != "source" and part not in condition_names(spec):
        return there | column.isnull()
    hidden = column.strip().lower().isin(sorted(missing_texts(spec)))
    declared = declared_domain(spec, part)
    if declared:
        hidden = hidden & ~column.isin(declared)
    return there | column.isnull() | hidden.fill_null(False)


def _any(spec: Spec, rows: Any, slices: Sequence[LeftOut]) -> Any:
    import ibis

    truth = ibis.literal(False)
    for one in slices:
        truth = truth | _is(spec, rows, one)
    return truth


def _count(rows: Any) -> int:
    return int(rows.count().execute())


def _written(tables: Tables, table: Table, kept: Any, path: Path) -> Any:
    """Write the rows that are kept, under their own columns and in their own order; the table's new place.

    An export's columns are those that its format made, so that what is written is a plain table.
    """
    own = {column: kept[f"dq_own_{place}"] for place, column in enumerate(_own(table))}
    write_parquet(tables.connection, kept.order_by(ROW).select(**own), path)
    elsewhere = dict.fromkeys(("query", "database", "catalog", "delimiter", "format"))
    return getattr(tables.spec, table.name).model_copy(update={**elsewhere, "table": str(path)})
