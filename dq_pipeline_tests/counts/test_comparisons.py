"""Votes against peers and gold, and who labelled when: the engine's counts equal a loop in plain Python."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import Activity, Comparisons, Held, Sessions, collect
from dq_pipeline.spec import InputError
from dq_pipeline.tables import Tables
from dq_pipeline_tests.counts.rows import GOLD, ROWS, day, lay_out, standing

RANDOM = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LISTED = {
    "calibration": {"sessions": [{"when": "2024-03-05"}, {"when": "2024-03-20", "annotators": ["ana"]}]}
}


def told(compared):
    """The counts by annotator, period, label and comparisons a vote."""
    columns = (compared.annotator, compared.period, compared.label, compared.of)
    counts = (compared.total, compared.agreeing, compared.squares)
    return {
        (compared.annotators[a], int(p), compared.labels[s], int(of)): tuple(int(one) for one in numbers)
        for a, p, s, of, *numbers in zip(*columns, *counts, strict=True)
    }


def looped(votes, period, gold=None):
    """The same by a loop."""
    total, agreeing, squares = Counter(), Counter(), Counter()
    for (item, annotator), (label, at, _) in votes.items():
        if at is None:
            continue
        peers = [other[0] for (i, who), other in votes.items() if i == item and who != annotator]
        against = peers if gold is None else [gold[item]] if item in gold else []
        for reference, times in Counter(against).items():
            key = (annotator, period(at), reference, len(against))
            total[key] += times
            agreeing[key] += times * (label == reference)
            squares[key] += times**2 * (label == reference)
    return {key: (total[key], agreeing[key], squares[key]) for key in total}


def first_gold(gold):
    """The first gold label of each item."""
    return {item: label for item, label in reversed(gold) if item and label}


@RANDOM
@given(rows=ROWS, gold=GOLD, repeats=st.sampled_from(["first", "last"]))
def test_the_engine_counts_what_a_loop_counts(rows, gold, repeats, tmp_path):
    spec = lay_out(tmp_path, rows, gold, repeats, **LISTED)
    requests = [Comparisons(one, days) for one in ("peers", "gold") for days in (7, None)]
    with Tables(spec) as tables:
        counts = collect(tables, [*requests, Activity()])
    votes, known = standing(rows, repeats), first_gold(gold)
    start, again = day("2024-03-05"), day("2024-03-20")
    week, sessions = (lambda at: at // 7), (lambda at: (at >= start) + (at >= again))
    for request, period in zip(requests, (week, sessions, week, sessions), strict=True):
        wanted = looped(votes, period, None if request.reference == "peers" else known)
        assert told(counts[request]) == wanted
    days = counts[Activity()]
    named = [(who, day(at), version) for _, who, _, at, version, _ in rows if who]
    columns = zip(days.annotator, days.day, days.guideline, days.annotations, strict=True)
    worked = {(days.annotators[a], int(when), version): int(n) for a, when, version, n in columns}
    assert worked == Counter(one for one in named if one[1] is not None)
    assert days.undated == sum(one[1] is None for one in named)


@RANDOM
@given(rows=ROWS, repeats=st.sampled_from(["first", "last"]))
def test_a_vote_that_stands_keeps_its_own_time_and_guideline(rows, repeats, tmp_path):
    with Tables(lay_out(tmp_path, rows, repeats=repeats)) as tables:
        found = tables.votes.to_pyarrow().to_pylist()
    assert {
        (row["item"], row["annotator"]): (
            row["label"],
            row["time"] and day(row["time"].isoformat()),
            row["guideline"],
        )
        for row in found
    } == standing(rows, repeats)


def test_sessions_are_read_from_the_spec_or_from_a_table(tmp_path):
    with Tables(lay_out(tmp_path, [], **LISTED)) as tables:
        assert collect(tables, [Sessions()])[Sessions()] == (
            Held(day("2024-03-05")),
            Held(day("2024-03-20"), "ana"),
        )
    (tmp_path / "ledger.csv").write_text(
        "held,who,version\n2024-03-20 14:00:00,ana,v2\n2024-03-05,bo,\n2024-03-20 14:00:00,ana,v2\n"
    )
    ledger = {"table": "ledger.csv", "when": "held", "annotator": "who", "guideline": "version"}
    with Tables(lay_out(tmp_path, [], calibration=ledger)) as tables:
        assert collect(tables, [Sessions()])[Sessions()] == (
            Held(day("2024-03-05"), "bo"),
            Held(day("2024-03-20"), "ana", "v2"),
        )


@pytest.mark.parametrize(
    ("row", "found"),
    [("soon,ana,v1", "a row whose held is no date"), ("2024-03-05,,v1", "a row without who")],
)
def test_a_session_without_a_day_or_a_name_is_told(tmp_path, row, found):
    (tmp_path / "ledger.csv").write_text(f"held,who,version\n{row}\n")
    ledger = {"table": "ledger.csv", "when": "held", "annotator": "who"}
    with Tables(lay_out(tmp_path, [], calibration=ledger)) as tables, pytest.raises(InputError, match=found):
        collect(tables, [Sessions()])
