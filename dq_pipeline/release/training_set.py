"""From items and their consensus to the file that a model is trained on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.release.reasons import reason_of, reasons_of
from dq_pipeline.spec import InputError
from dq_pipeline.tables import SPLITS, engine_errors, given_names, with_roles, with_split, write_parquet
from dq_pipeline.tables.files import fingerprint
from dq_pipeline.tables.training_set import OF_LABEL, OF_VOTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dq_pipeline.release.reasons import Reason
    from dq_pipeline.tables import Tables

LEFT_OUT = "dq_left_out"


@dataclass(frozen=True)
class Release:
    """A training set that was written.

    Attributes:
        path: The file.
        rows: Items in it.
        by_split: Of these, on each side: train, validation, test.
        by_label: Of these, with each label.
        left_out: Items that are not in it, by the reason; reasons that held for none are left out.
        columns: Its columns, in order.
        renamed: Columns of the items that had the name of one of ours, and what they are called there.
        data_version: The fingerprint of the file: equal tables and an equal spec give an equal one.
    """

    path: Path
    rows: int
    by_split: dict[str, int]
    by_label: dict[str, int]
    left_out: dict[str, int]
    columns: tuple[str, ...]
    renamed: dict[str, str]
    data_version: str

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return {**asdict(self), "path": str(self.path), "columns": list(self.columns)}

    @property
    def sentence(self) -> str:
        """One sentence with the numbers in it."""
        sides = ", ".join(f"{count:,} {side}" for side, count in self.by_split.items())
        why = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.items())
        return f"{self.rows:,} items ({sides})" + (f"; left out: {why}" if why else "") + "."


def write_training_set(
    tables: Tables, consensus: Path | None, path: Path, *, leave_out: Sequence[Reason] = ()
) -> Release:
    """Join the items to their labels, leave out what must be, split, and write one Parquet file, whole or not at all.

    Args:
        tables: The opened tables.
        consensus: The file that `write_consensus` wrote; None for items that are labelled already.
        path: Where the training set goes; tables.training_set says what it holds. Rows are sorted by item.
        leave_out: Further reasons to leave an item out, asked after the spec's own.

    Raises:
        InputError: Labels come from annotations and there is no consensus, or a table cannot be read.
    """
    spec = tables.spec
    voted = spec.annotations is not None
    if not voted and (spec.items is None or spec.items.label is None):
        raise InputError(
            f"{spec.dataset}, training set",
            found="neither annotations nor items.label",
            expected="labels to train on",
            fix="name `annotations`, or `items: {label: ...}`",
        )
    if voted and consensus is None:
        raise InputError(
            f"{spec.dataset}, training set",
            found="annotations and no consensus of them",
            expected="the file that write_consensus wrote",
            fix="write_training_set(tables, consensus, path)",
        )
    reasons = (*reasons_of(spec, voted=voted), *leave_out)
    own = given_names(tables.own_columns, tables["items"].roles) if "items" in tables else {}
    with engine_errors(f"{spec.dataset}, training set"):
        rows = _candidates(tables, consensus if voted else None)
        judged = rows.mutate(**{LEFT_OUT: reason_of(rows, reasons)})
        kept = judged.filter(judged[LEFT_OUT].isnull())
        columns = {name: kept[name] for name in OF_LABEL}
        if voted:
            columns |= {name: kept[f"dq_{name}"] for name in OF_VOTES}
        columns |= {
            own[column]: kept[_marked(place)]
            for place, column in enumerate(tables.own_columns)
            if column in own
        }
        write_parquet(tables.connection, kept.select(**columns).order_by("item"), path)
        counted = (
            judged.group_by(LEFT_OUT, "split", "label").agg(rows=judged.count()).to_pyarrow().to_pylist()
        )
    there = [row for row in counted if row[LEFT_OUT] is None]
    return Release(
        path=path,
        rows=sum(row["rows"] for row in there),
        by_split={side: sum(row["rows"] for row in there if row["split"] == side) for side in SPLITS},
        by_label=_sums(there, "label"),
        left_out=_sums([row for row in counted if row[LEFT_OUT] is not None], LEFT_OUT),
        columns=tuple(columns),
        renamed={column: name for column, name in own.items() if column != name},
        data_version=fingerprint([path]),
    )


def _candidates(tables: Tables, consensus: Path | None) -> Any:
    """Every item with its roles, `label` and `split` among them; its own columns and those of the consensus marked."""
    split = tables.spec.training_set.split
    if consensus is None:
        return _own_items(tables)
    votes = tables.connection.read_parquet(str(consensus))
    votes = votes.rename({f"dq_{name}": name for name in votes.columns})
    if "items" not in tables:
        return with_split(votes.mutate(item=votes.dq_item, label=votes.dq_label), split)
    items = _own_items(tables)
    joined = items.left_join(votes, items.item == votes.dq_item)
    return joined.mutate(label=joined.dq_label)


def _own_items(tables: Tables) -> Any:
    table = tables["items"]
    own = {_marked(place): column for place, column in enumerate(tables.own_columns)}
    return with_split(with_roles(table.raw, table.roles, own, tables.edges), tables.spec.training_set.split)


def _marked(place: int) -> str:
    return f"dq_own_{place}"


def _sums(rows: Sequence[dict[str, Any]], by: str) -> dict[str, int]:
    """Rows by the value of a column, most first; those without one are left out."""
    sums: dict[str, int] = {}
    for row in rows:
        if row[by] is None:
            continue
        sums[row[by]] = sums.get(row[by], 0) + row["rows"]
    return dict(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))
