"""Each consensus of a spec's annotations, reached once however many ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.consensus.dawid_skene import fit, posteriors
from dq_pipeline.consensus.encode import components, encode
from dq_pipeline.consensus.majority import majority
from dq_pipeline.consensus.soft_labels import rows_of, schema
from dq_pipeline.spec import InputError
from dq_pipeline.tables import engine_errors, on_spark, whole, write_parquet
from dq_pipeline.tables.votes import labelled

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.consensus.dawid_skene import Model
    from dq_pipeline.consensus.encode import Votes
    from dq_pipeline.consensus.majority import Method
    from dq_pipeline.tables import Tables

MOST_RATES = 16_000_000
"""Rates of Dawid-Skene at most, 128 MB: pairs of annotator and label that occur, times labels."""
ROWS = 1 << 15
"""Items of one group of rows in a file."""


@dataclass(frozen=True)
class DawidSkene:
    """A run of Dawid-Skene in numbers.

    Attributes:
        labels: The K labels.
        prior: Their shares, [K].
        log_likelihood: Of the votes.
        steps: How many it took.
        converged: Whether it settled.
        items: N.
        votes: M.
        annotators: A.
        components: Parts of the graph of annotators who share an item; the labels of two parts are told apart by no vote.
    """

    labels: tuple[str, ...]
    prior: tuple[float, ...]
    log_likelihood: float
    steps: int
    converged: bool
    items: int
    votes: int
    annotators: int
    components: int


def consensus_rows(tables: Tables, method: Method) -> Any | None:
    """A consensus as a table of the engine's, with the columns of layout.COLUMNS; None as for `consensus_file`."""
    if not on_spark(tables.connection):
        path = consensus_file(tables, method)
        return None if path is None else tables.connection.read_parquet(str(path))
    if method == "dawid_skene":
        return tables.made["consensus_rows"] if dawid_skene(tables) is not None else None
    if "consensus_majority" not in tables.made:
        with engine_errors("annotations"):
            tables.made["consensus_majority"] = tables.keep(_majority(tables))
    return tables.made["consensus_majority"]


def _majority(tables: Tables) -> Any:
    spec = tables.spec
    votes = votes_of(tables, "majority")
    return majority(votes, declared=spec.labels.values or (), ties=spec.training_set.ties)


def consensus_file(tables: Tables, method: Method) -> Path | None:
    """The file of a consensus in the tables' scratch folder; None where Dawid-Skene has too many rates to tell."""
    path = tables.scratch / f"consensus_{method}.parquet"
    if method == "dawid_skene":
        return path if dawid_skene(tables) is not None else None
    if not path.exists():
        with engine_errors("annotations"):
            write_parquet(tables.connection, _majority(tables), path)
    return path


def dawid_skene(tables: Tables) -> DawidSkene | None:
    """What Dawid-Skene came to, its consensus left in the scratch folder; None where it has too many rates to tell."""
    if "dawid_skene" not in tables.made:
        tables.made["dawid_skene"] = _run(tables)
    made: DawidSkene | None = tables.made["dawid_skene"]
    return made


def votes_of(tables: Tables, method: Method) -> Any:
    """The votes that count, with `item`, `annotator` and `label`.

    Unless `training_set.repeats` says otherwise, an annotator's votes on one item count once for majority, and all of them
    for Dawid-Skene, whose model has them as multiplicities.
    """
    repeats = tables.spec.training_set.repeats or ("all" if method == "dawid_skene" else "once")
    if repeats == "once":
        return tables.votes
    return labelled(tables["annotations"].expr)


def _run_on_spark(tables: Tables) -> DawidSkene | None:
    from dq_pipeline.consensus.on_spark import VotesOnSpark

    spec = tables.spec
    with engine_errors("annotations"):
        votes = VotesOnSpark(tables.connection, votes_of(tables, "dawid_skene"), spec.labels.values or ())
        if len(votes.columns) * len(votes.shape.labels) > MOST_RATES:
            return None
        model = votes.learn()
        tables.made["consensus_rows"] = votes.consensus(model, spec.training_set.ties)
        return _told(votes.shape, model, votes.items, int(votes.columns.sum()), votes.components())


def _told(shape: Votes, model: Model, items: int, votes: int, parts: int) -> DawidSkene:
    return DawidSkene(
        labels=shape.labels,
        prior=tuple(float(share) for share in model.prior),
        log_likelihood=model.log_likelihood,
        steps=len(model.log_likelihoods),
        converged=model.converged,
        items=items,
        votes=votes,
        annotators=len(shape.annotators),
        components=parts,
    )


def _run(tables: Tables) -> DawidSkene | None:
    if on_spark(tables.connection):
        return _run_on_spark(tables)
    spec = tables.spec
    rows = votes_of(tables, "dawid_skene")
    votes = encode(rows, spec.labels.values or ())
    if len(votes.of_label) * len(votes.labels) > MOST_RATES:
        return None
    model = fit(votes)
    with engine_errors("annotations"), whole(tables.scratch / "consensus_dawid_skene.parquet") as file:
        _write(rows, votes, model, tables, file)
    return _told(votes, model, len(votes.lengths), len(votes.codes), components(votes))


def _write(rows: Any, votes: Votes, model: Model, tables: Tables, file: Path) -> None:
    """Join the posteriors, in the order of the items' ids, to these ids as the engine hands them over in that order."""
    import pyarrow.parquet as pq

    ties = tables.spec.training_set.ties
    ids = rows.select("item").distinct().order_by("item").to_pyarrow_batches(chunk_size=ROWS)
    first = at = 0
    with pq.ParquetWriter(file, schema(), compression="zstd") as writer:
        for batch in ids:
            part = votes.part(first, batch.num_rows, at)
            if len(part.lengths) < batch.num_rows:
                break
            posterior = np.concatenate(list(posteriors(part, model)))
            writer.write_batch(rows_of(batch["item"], posterior, part.lengths, votes.labels, ties))
            first, at = first + batch.num_rows, at + len(part.codes)
        if first != len(votes.lengths):
            raise InputError(
                f"{tables.spec.dataset}, annotations",
                found="other items than a moment ago",
                expected="a table that stays as it is while it is audited",
                fix="audit a copy, or run again when nobody writes to it",
            )
