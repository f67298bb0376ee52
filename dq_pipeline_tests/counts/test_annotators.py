"""Votes on gold, repeats and seconds: the engine's counts equal a loop in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import (
    Comparisons,
    GoldConfusion,
    GoldVotes,
    Gram,
    Repeats,
    Seconds,
    SpeedOnGold,
    collect,
)
from dq_pipeline.tables import Tables
from dq_pipeline_tests.counts.rows import GOLD, ROWS, lay_out, standing

RANDOM = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def first_gold(gold):
    """The first gold label of each item."""
    return {item: label for item, label in reversed(gold) if item and label}


def seconds_of(text):
    """The seconds as a number, None where there are none."""
    try:
        return float(text)
    except ValueError:
        return None


@RANDOM
@given(rows=ROWS, gold=GOLD, repeats=st.sampled_from(["first", "last"]))
def test_the_engine_counts_what_a_loop_counts(rows, gold, repeats, tmp_path):
    with Tables(lay_out(tmp_path, rows, gold, repeats)) as tables:
        counts = collect(tables, [GoldConfusion(), GoldVotes(), Repeats(), Seconds()])
    known, votes = first_gold(gold), standing(rows, repeats)
    confusion = Counter(
        (who, known[item], label) for (item, who), (label, *_) in votes.items() if item in known
    )
    cells = counts[GoldConfusion()]
    assert dict(zip(cells.keys, cells.counts.tolist(), strict=True)) == confusion

    by_item = defaultdict(Counter)
    for (item, _), (label, *_) in votes.items():
        if item in known:
            by_item[item][label] += 1
    kinds = Counter(
        (
            sum(given_labels.values()),
            given_labels[known[item]],
            max((n for label, n in given_labels.items() if label != known[item]), default=0),
        )
        for item, given_labels in by_item.items()
    )
    found = counts[GoldVotes()]
    columns = (found.votes.tolist(), found.right.tolist(), found.against.tolist(), found.items.tolist())
    assert {(v, r, a): n for v, r, a, n in zip(*columns, strict=True)} == kinds

    given_twice = defaultdict(list)
    for item, who, label, *_ in rows:
        if item and who and label:
            given_twice[item, who].append(label)
    items, same = Counter(), Counter()
    for (_, who), labels in given_twice.items():
        items[who] += len(labels) > 1
        same[who] += len(labels) > 1 and len(set(labels)) == 1
    state = counts[Repeats()]
    told = zip(state.annotators, state.items.tolist(), state.same.tolist(), strict=True)
    assert {who: (n, alike) for who, n, alike in told} == {
        who: (n, same[who]) for who, n in items.items() if n
    }

    spent = defaultdict(list)
    for _, who, _, _, _, text in rows:
        if who and seconds_of(text) is not None:
            spent[who].append(seconds_of(text))
    timed = counts[Seconds()]
    assert timed.annotators == tuple(sorted(spent))
    for place, who in enumerate(timed.annotators):
        assert timed.annotations[place] == len(spent[who])
        assert timed.quantiles[place] == pytest.approx(np.quantile(spent[who], [0.1, 0.5, 0.9]))


def test_numbers_that_are_written_differently_are_one_label_on_a_numeric_scale(tmp_path):
    said = (("ana", "1"), ("bo", "1.0"), ("cy", "2"), ("dee", "high"), ("eve", "inf"))
    rows = [("a", who, label, "2024-03-01", "", "5") for who, label in said]
    requests = [GoldVotes(), SpeedOnGold(), GoldConfusion(), Comparisons("peers", 7)]
    levels = {}
    for level in ("interval", "nominal"):
        with Tables(lay_out(tmp_path, rows, [("a", "1.00")], labels={"level": level})) as tables:
            levels[level] = collect(tables, requests)
    numeric, plain = (levels[level][GoldVotes()] for level in ("interval", "nominal"))
    assert (numeric.votes.tolist(), numeric.right.tolist(), numeric.against.tolist()) == ([5], [2], [1])
    assert (plain.votes.tolist(), plain.right.tolist(), plain.against.tolist()) == ([5], [0], [1])
    assert levels["interval"][SpeedOnGold()].right.sum() == 2
    assert set(levels["interval"][GoldConfusion()].keys) == {
        ("ana", "1", "1"),
        ("bo", "1", "1"),
        ("cy", "1", "2"),
        ("dee", "1", "high"),
        ("eve", "1", "inf"),
    }
    assert levels["interval"][Comparisons("peers", 7)].agreeing.sum() == 2
    assert levels["nominal"][Comparisons("peers", 7)].agreeing.sum() == 0


def test_spellings_of_one_number_are_one_label_to_whoever_agrees_with_whom(tmp_path):
    votes = [
        ("i", "ana", "1"),
        ("i", "bo", "1.0"),
        ("i", "cy", "2"),
        ("j", "ana", "2.00"),
        ("j", "bo", "high"),
    ]
    rows = [(*vote, "2024-03-01", "", "") for vote in votes]
    with Tables(lay_out(tmp_path, rows, [], labels={"level": "interval"})) as tables:
        gram = collect(tables, [Gram()])[Gram()]
    assert gram.labels == ("1", "2", "high")
    assert gram.confusion(0, 1).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert gram.agreeing[3].tolist() == [[2, 0, 0], [2, 0, 0], [0, 2, 0]]


def test_ratings_of_many_values_agree_when_they_share_a_tenth(tmp_path):
    random = np.random.default_rng(1)
    ratings = random.normal(50, 20, (80, 2)).round(3)
    rows = [(f"i{place}", who, str(one), "2024-03-01", "", "") for place, pair in enumerate(ratings) for who, one in zip(("ana", "bo"), pair, strict=True)]  # fmt: skip
    with Tables(
        lay_out(tmp_path, rows, [(f"i{n}", "50.0005") for n in range(80)], labels={"level": "interval"})
    ) as tables:
        counts = collect(tables, [Gram(), Comparisons("peers", 7), GoldVotes()])
    parts = np.quantile(ratings, np.arange(1, 10) / 10, method="inverted_cdf")
    # Edges are values of votes below which lie a tenth of them, two tenths and so on.
    ordered = np.sort(ratings.ravel())
    edges = ordered[np.arange(1, 10) * 16]
    assert np.abs(edges - parts).max() < 5
    tenth = np.searchsorted(edges, ratings, side="right")
    same = int((tenth[:, 0] == tenth[:, 1]).sum())
    gram = counts[Gram()]
    assert gram.labels == tuple(f"from {edge:g}" for edge in (ordered[0], *edges))
    assert gram.votes.sum(axis=0).tolist() == [16] * 10
    assert sum(gram.confusion(0, 1).diagonal()) == same
    assert gram.peers[2].toarray()[np.arange(20), np.tile(np.arange(10), 2)].sum() == 2 * same
    assert counts[Comparisons("peers", 7)].agreeing.sum() == 2 * same
    gold = int(np.searchsorted(edges, 50.0005, side="right"))
    assert (counts[GoldVotes()].right * counts[GoldVotes()].items).sum() == (tenth == gold).sum()


def test_answers_on_gold_are_parted_into_fifths_by_their_seconds(tmp_path):
    rows = [(f"i{n}", "ana", "cat" if n < 30 else "dog", "", "", str(n + 1)) for n in range(50)]
    with Tables(
        lay_out(tmp_path, [*rows, ("i0", "bo", "cat", "", "", "-3")], [(f"i{n}", "cat") for n in range(50)])
    ) as tables:
        fifths = collect(tables, [SpeedOnGold()])[SpeedOnGold()]
    assert fifths.votes.tolist() == [10] * 5
    assert fifths.right.tolist() == [10, 10, 10, 0, 0]
    assert fifths.bounds == pytest.approx(np.quantile(np.arange(1, 51), [0.2, 0.4, 0.6, 0.8]))


def test_no_seconds_at_all_are_no_fifths(tmp_path):
    with Tables(lay_out(tmp_path, [("a", "ana", "cat", "", "", "quick")], [("a", "cat")])) as tables:
        counts = collect(tables, [SpeedOnGold(), Seconds()])
    assert counts[SpeedOnGold()].votes.sum() == 0
    assert counts[Seconds()].annotators == ()
