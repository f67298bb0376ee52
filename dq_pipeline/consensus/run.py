"""Each consensus of a spec's annotations, reached once however many ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.consensus.dawid_skene import fit
from dq_pipeline.consensus.encode import components, encode
from dq_pipeline.consensus.majority import majority
from dq_pipeline.tables import engine_errors, labelled, on_spark

if TYPE_CHECKING:
    from dq_pipeline.consensus.dawid_skene import Model
    from dq_pipeline.consensus.encode import Votes
    from dq_pipeline.consensus.majority import Method
    from dq_pipeline.tables import Tables

MOST_RATES = 16_000_000
"""Rates of Dawid-Skene at most, 128 MB: pairs of annotator and label that occur, times labels."""


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


def counts_once(tables: Tables, method: Method) -> bool:
    """Whether of an annotator's several votes on one item one counts.

    Unless `training_set.repeats` says otherwise, it is one for majority, and all of them for Dawid-Skene, whose model has
    them as multiplicities.
    """
    repeats = tables.spec.training_set.repeats or ("all" if method == "dawid_skene" else "once")
    return repeats == "once"


def encoded(tables: Tables, method: Method) -> Votes:
    """The votes that count for a method, from the ballots."""
    once = counts_once(tables, method) or not tables.ballots.extra
    name = f"votes_{'once' if once else 'all'}"
    if name not in tables.made:
        declared = tables.spec.labels.values or ()
        with engine_errors("annotations"):
            tables.made[name] = encode(tables.ballots, declared, once=once, folder=tables.scratch / name)
    votes: Votes = tables.made[name]
    return votes


def learned(tables: Tables, method: Method) -> tuple[Votes, Model | None] | None:
    """The votes and, of Dawid-Skene, its model; None where Dawid-Skene has too many rates to tell. Not of tables on Spark."""
    return (encoded(tables, method), None) if method == "majority" else _model(tables)


def _model(tables: Tables) -> tuple[Votes, Model] | None:
    votes = encoded(tables, "dawid_skene")
    if len(votes.of_label) * len(votes.labels) > MOST_RATES:
        return None
    if "model" not in tables.made:
        tables.made["model"] = fit(votes)
    return votes, tables.made["model"]


def dawid_skene(tables: Tables) -> DawidSkene | None:
    """What Dawid-Skene came to; None where it has too many rates to tell."""
    if "dawid_skene" not in tables.made:
        tables.made["dawid_skene"] = _run_on_spark(tables) if on_spark(tables.connection) else _run(tables)
    made: DawidSkene | None = tables.made["dawid_skene"]
    return made


def _run(tables: Tables) -> DawidSkene | None:
    found = _model(tables)
    if found is None:
        return None
    votes, model = found
    return _told(votes, model, len(votes.lengths), len(votes.codes), components(votes))


def rows_on_spark(tables: Tables, method: Method) -> Any | None:
    """A consensus as a table of Spark's, with the columns of layout.COLUMNS; None as for `learned`."""
    if method == "dawid_skene":
        return tables.made["consensus_rows"] if dawid_skene(tables) is not None else None
    if "consensus_majority" not in tables.made:
        spec = tables.spec
        rows = majority(
            votes_of(tables, "majority"), declared=spec.labels.values or (), ties=spec.training_set.ties
        )
        with engine_errors("annotations"):
            tables.made["consensus_majority"] = tables.keep(rows)
    return tables.made["consensus_majority"]


def votes_of(tables: Tables, method: Method) -> Any:
    """The votes that count for a method, with `item`, `annotator` and `label`."""
    return tables.votes if counts_once(tables, method) else labelled(tables["annotations"].expr)


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
