"""The numbers of each annotator: beside the others, against gold, against himself, and the time spent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dq_pipeline.counts.scale import value_of
from dq_pipeline.measures.discoveries import quantile_beyond
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import key_of
from dq_pipeline.measures.peer_agreement import (
    Several,
    agreement_gap,
    among_others,
    beside,
    kappa_with_peers,
    label_bias,
    leave_one_out,
    leave_one_out_of_all,
    scale_bias,
)
from dq_pipeline.measures.shares import share
from dq_pipeline.measures.wilson import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dq_pipeline.counts import GramMatrix, Repeated, Spent
    from dq_pipeline.counts.cells import Cells
    from dq_pipeline.families.annotators import AnnotatorsPolicy
    from dq_pipeline.measures.estimate import Status
    from dq_pipeline.measures.peer_agreement import Beside
    from dq_pipeline.spec.labels import Labels

FAMILY = "annotators"
MOST_BIASES = 20_000
"""Rows of annotators and labels that are told; beyond it those whose labels have most votes."""


def row(measure: str, estimate: Estimate, by: str | None = None, key: str | None = None) -> Measure:
    """One number of the family."""
    return Measure(FAMILY, measure, "annotations", estimate, by, key)


def peer_rows(gram: GramMatrix, policy: AnnotatorsPolicy, labels: Labels) -> list[Measure]:
    """Agreement with peers, its gap to the others', kappa, bias by label and on the scale, constant answers."""
    seen = beside(len(gram.annotators), len(gram.labels), gram.peers, gram.agreeing)
    limits = {
        "agreement_gap": -_first(policy.agreement_gap.warn, policy.agreement_gap.block),
        "kappa_with_peers": -_first(policy.kappa_with_peers.warn, policy.kappa_with_peers.block),
    }
    found = {"agreement_gap": agreement_gap(seen), "kappa_with_peers": kappa_with_peers(seen)}
    rows = [row("leave_one_out_agreement", leave_one_out_of_all(seen))]
    for name, estimate in zip(gram.annotators, leave_one_out(seen), strict=True):
        rows.append(
            row("leave_one_out_agreement", _settled(estimate, policy.least_overlap), "annotator", name)
        )
    for name, estimate in zip(gram.annotators, among_others(seen), strict=True):
        rows.append(
            row("agreement_among_others", _settled(estimate, policy.least_overlap), "annotator", name)
        )
    for measure, several in found.items():
        beyond = -(several.value + limits[measure])
        rows += _of_annotators(measure, gram.annotators, several, beyond, policy)
    if labels.level != "nominal":
        places = places_of(gram.labels, labels)
        several = scale_bias(seen, places)
        rows += _of_annotators("scale_bias", gram.annotators, several, np.abs(several.value), policy)
    rows += _biases(gram, seen, policy)
    rows += _constant(gram, seen, policy)
    return rows


def gold_rows(cells: Cells, policy: AnnotatorsPolicy) -> list[Measure]:
    """Accuracy against gold by annotator, with Wilson's interval, and the best it may be among all who are judged."""
    right: dict[str, int] = {}
    votes: dict[str, int] = {}
    for (annotator, gold, label), count in zip(cells.keys, cells.counts.tolist(), strict=True):
        name = annotator or ""
        votes[name] = votes.get(name, 0) + count
        right[name] = right.get(name, 0) + (count if label == gold else 0)
    names = sorted(votes)
    hits, n = np.array([right[name] for name in names]), np.array([votes[name] for name in names])
    floor = _first(policy.gold_accuracy.warn, policy.gold_accuracy.block)
    bests = _at_most(hits, n, floor, policy.least_gold, policy.false_discoveries)
    rows = []
    for place, name in enumerate(names):
        estimate = share(int(hits[place]), int(n[place]))
        rows.append(row("gold_accuracy", _settled(estimate, policy.least_gold), "annotator", name))
        best = Estimate(float(bests[place]), n=int(n[place]))
        rows.append(row("gold_accuracy_at_most", _settled(best, policy.least_gold), "annotator", name))
    return rows


def repeat_rows(repeated: Repeated, policy: AnnotatorsPolicy) -> list[Measure]:
    """Agreement with oneself by annotator and of all, and the best that it may be; of all that of the worst, 1 where nothing is known."""
    least = policy.least_repeats
    rows = [
        row("repeat_agreement", _settled(share(int(same_label), int(items)), least), "annotator", name)
        for name, items, same_label in zip(repeated.annotators, repeated.items, repeated.same, strict=True)
    ]
    rows.append(row("repeat_agreement", share(int(repeated.same.sum()), int(repeated.items.sum()))))
    enough = repeated.items >= least
    floor = _first(policy.repeat_agreement.warn, policy.repeat_agreement.block)
    bests = _at_most(repeated.same, repeated.items, floor, least, policy.false_discoveries)
    for name, best, items in zip(repeated.annotators, bests, repeated.items, strict=True):
        estimate = Estimate(float(best), n=int(items))
        rows.append(row("repeat_agreement_at_most", _settled(estimate, least), "annotator", name))
    worst = Estimate(float(bests[enough].min(initial=1.0)), n=int(repeated.items[enough].sum()))
    if policy.require_evidence and not enough.any():
        worst = replace(worst, value=None, status="too_few_units")
    return [*rows, row("repeat_agreement_at_most", worst)]


def second_rows(spent: Spent) -> list[Measure]:
    """Seconds an annotation by annotator: for information, since the fast are not the worst."""
    return [
        row(
            f"seconds_{name}",
            Estimate(float(spent.quantiles[place, at]), n=int(spent.annotations[place])),
            "annotator",
            who,
        )
        for at, name in enumerate(("p10", "median", "p90"))
        for place, who in enumerate(spent.annotators)
    ]


def _biases(gram: GramMatrix, seen: Beside, policy: AnnotatorsPolicy) -> Iterator[Measure]:
    """Each annotator's use of each label less the peers' on the same items; of labels that neither used, nothing."""
    several = label_bias(seen)
    used = (seen.votes[:, None] >= policy.least_overlap) & (seen.own + seen.peers > 0)
    who, what = np.nonzero(used)
    if not len(who):
        most = round(float(seen.votes.max(initial=0.0)))
        few = Estimate(None, n=most, status="too_few_units" if most else "no_overlap")
        yield from (row("label_bias", few, "annotator,label", f"{name}|") for name in gram.annotators[:1])
        return
    limit = _first(policy.label_bias.warn, policy.label_bias.block)
    value, error = several.value[used], several.error[used]
    z = quantile_beyond((np.abs(value) - limit) / error, policy.false_discoveries)
    told = np.argsort(-(seen.own + seen.peers)[used], kind="stable")[:MOST_BIASES]
    for place in np.sort(told):
        name, label = gram.annotators[who[place]], gram.labels[what[place]]
        ends = max(value[place] - z * error[place], -1.0), min(value[place] + z * error[place], 1.0)
        estimate = Estimate(
            float(value[place]), float(ends[0]), float(ends[1]), round(float(seen.votes[who[place]]))
        )
        key = key_of((name, label))
        yield row("label_bias", estimate, "annotator,label", key)
        own = float(seen.own[who[place], what[place]])
        yield row("label_share", _of(own, seen.votes[who[place]]), "annotator,label", key)


def _constant(gram: GramMatrix, seen: Beside, policy: AnnotatorsPolicy) -> Iterator[Measure]:
    """The share of the most used label, and where it is nearly all how far the peers' share of it lies below."""
    votes = gram.votes.sum(axis=1)
    all_votes = gram.votes.sum(axis=0)
    for place, name in enumerate(gram.annotators):
        n = int(votes[place])
        if not n:
            continue
        top = int(gram.votes[place].argmax())
        most = share(int(gram.votes[place, top]), n)
        yield row("constant_share", _settled(most, policy.least_votes), "annotator", name)
        excess = Estimate(0.0, n=n)
        if (most.value or 0.0) >= policy.constant_share:
            peers = _peers_share(seen, all_votes - gram.votes[place], place, top, policy.least_overlap)
            alone = Estimate(None, n=n, status="no_overlap")
            excess = alone if peers is None else Estimate((most.value or 0.0) - peers, n=n)
        yield row("constant_excess", _settled(excess, policy.least_votes), "annotator", name)


def _peers_share(seen: Beside, others: NDArray[np.int64], place: int, label: int, least: int) -> float | None:
    """How often the peers gave the label on the annotator's items; with few such items, the others on any."""
    if seen.votes[place] >= least:
        return float(seen.peers[place, label] / seen.votes[place])
    return float(others[label] / others.sum()) if others.sum() else None


def _of_annotators(
    measure: str,
    annotators: Sequence[str],
    several: Several,
    beyond: NDArray[np.float64],
    policy: AnnotatorsPolicy,
) -> Iterator[Measure]:
    """A number of each annotator with the interval that false discoveries among all allow.

    Args:
        measure: Its name.
        annotators: Whose.
        several: The numbers.
        beyond: How far each lies beyond its limit, negative within it.
        policy: The least votes, and the share of false discoveries.
    """
    known = np.isfinite(several.value) & (several.n >= policy.least_overlap) & (several.error > 0)
    z = quantile_beyond(beyond[known] / several.error[known], policy.false_discoveries)
    for place, name in enumerate(annotators):
        n, value, error = (
            round(float(several.n[place])),
            float(several.value[place]),
            float(several.error[place]),
        )
        if not np.isfinite(value):
            status: Status = (
                "no_overlap" if not n else "no_variation" if n >= policy.least_overlap else "too_few_units"
            )
            yield row(measure, Estimate(None, n=n, status=status), "annotator", name)
            continue
        ends = max(value - z * error, -1.0), min(value + z * error, 1.0)
        yield row(measure, _settled(Estimate(value, *ends, n), policy.least_overlap), "annotator", name)


def _at_most(
    hits: NDArray[np.int64], n: NDArray[np.int64], floor: float, least: int, false: float
) -> NDArray[np.float64]:
    """The upper ends of Wilson's intervals at the level that false discoveries among those judged allow."""
    enough = n >= least
    score = (
        (floor - hits[enough] / n[enough]) / np.sqrt(floor * (1 - floor) / n[enough])
        if 0 < floor < 1
        else np.zeros(0)
    )
    z = quantile_beyond(score, false)
    return np.array([wilson(int(hit) / int(of), int(of), z)[1] for hit, of in zip(hits, n, strict=True)])


def _settled(estimate: Estimate, least: int) -> Estimate:
    """The estimate, marked where it rests on fewer units than the policy asks."""
    return (
        replace(estimate, status="too_few_units")
        if estimate.status == "ok" and estimate.n < least
        else estimate
    )


def _of(part: float, whole: float) -> Estimate:
    value = min(part / float(whole), 1.0)
    return Estimate(value, *wilson(value, float(whole)), n=round(float(whole)))


def _first(*numbers: float | None) -> float:
    """The first limit that the policy sets; 0 where it sets none, and nothing is judged."""
    return next((number for number in numbers if number is not None), 0.0)


def places_of(names: Sequence[str], labels: Labels) -> NDArray[np.float64]:
    """Each label's place on the scale: its rank among the declared ones, or its part's number; NaN where it has none."""
    if labels.level == "ordinal":
        ranks = {name: float(rank) for rank, name in enumerate(labels.values or ())}
        return np.array([ranks.get(name, np.nan) for name in names])
    values = (value_of(name.removeprefix("from ")) for name in names)
    return np.array([np.nan if value is None else value for value in values])
