"""Votes on gold, repeats and seconds: the engine's counts equal a loop in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import GoldConfusion, GoldVotes, Repeats, Seconds, SpeedOnGold, collect
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
    rows = [
        ("a", who, label, "", "", "5")
        for who, label in (("ana", "1"), ("bo", "1.0"), ("cy", "2"), ("dee", "high"))
    ]
    with Tables(lay_out(tmp_path, rows, [("a", "1.00")])) as tables:
        counts = collect(
            tables, [GoldVotes(numeric=True), GoldVotes(), SpeedOnGold(numeric=True), SpeedOnGold()]
        )
    numeric, plain = counts[GoldVotes(numeric=True)], counts[GoldVotes()]
    assert (numeric.votes.tolist(), numeric.right.tolist(), numeric.against.tolist()) == ([4], [2], [1])
    assert (plain.votes.tolist(), plain.right.tolist(), plain.against.tolist()) == ([4], [0], [1])
    assert counts[SpeedOnGold(numeric=True)].right.sum() == 2
    assert counts[SpeedOnGold()].right.sum() == 0


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
