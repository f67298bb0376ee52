"""The Gram matrix counts what a plain loop over pairs of votes counts."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.counts import Gram
from dq_pipeline_tests.counts.annotated import counted, rows_of, standing, summed


def looped(rows, repeats="first"):
    """Votes and votes alone on an item by (annotator, label), pairs by both's, peers and agreeing pairs by votes too."""
    votes, alone, pairs, peers, agreeing = Counter(), Counter(), Counter(), Counter(), Counter()
    for of_item in standing(rows, repeats).values():
        alike = sum(n * (n - 1) for n in Counter(of_item.values()).values())
        for who, label in of_item.items():
            votes[who, label] += 1
            alone[who, label] += len(of_item) == 1
            agreeing[len(of_item), who, label] += alike
            for other, theirs in of_item.items():
                if other != who:
                    pairs[who, label, other, theirs] += 1
                    peers[len(of_item), who, label, theirs] += 1
    return votes, +alone, pairs, peers, +agreeing


def as_counters(gram):
    names = [(who, label) for who in gram.annotators for label in gram.labels]
    votes = Counter(dict(zip(names, gram.votes.ravel().tolist(), strict=True)))
    alone = Counter(dict(zip(names, gram.alone.ravel().tolist(), strict=True)))
    cells = gram.pairs.tocoo()
    pairs = Counter(
        {(*names[a], *names[b]): int(n) for a, b, n in zip(cells.row, cells.col, cells.data, strict=True)}
    )
    peers = Counter()
    for size, counts in gram.peers.items():
        cells = counts.tocoo()
        for at, other, n in zip(cells.row, cells.col, cells.data, strict=True):
            peers[(size, *names[at], gram.labels[other])] += int(n)
    agreeing = Counter(
        {
            (size, *name): n
            for size, counts in gram.agreeing.items()
            for name, n in zip(names, counts.ravel().tolist(), strict=True)
        }
    )
    return +votes, +alone, +pairs, +peers, +agreeing


@settings(max_examples=40, deadline=None)
@given(rows=rows_of(), repeats=st.sampled_from(["first", "last"]))
def test_it_equals_a_loop_over_pairs_of_votes(rows, repeats):
    gram = counted(rows, Gram(), more={"repeats": repeats})
    assert as_counters(gram) == looped(rows, repeats)
    used = {label for of_item in standing(rows, repeats).values() for label in of_item.values()}
    assert gram.labels == tuple(sorted(used))


@settings(max_examples=15, deadline=None)
@given(rows=rows_of(), data=st.data())
def test_states_of_tables_split_by_item_add_up(rows, data):
    side = {item: data.draw(st.booleans()) for item in {row[0] for row in rows}}
    whole = counted(rows, Gram())
    parts = [counted([row for row in rows if side[row[0]] == part], Gram()) for part in (False, True)]
    assert as_counters(summed(Gram(), *parts)) == as_counters(whole)


def test_declared_labels_come_first_and_stay_without_a_vote():
    gram = counted([("i", "ana", "b"), ("i", "ben", "z")], Gram(("c", "b")))
    assert gram.labels == ("c", "b", "z")
    assert gram.confusion(0, 1).tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert gram.confusion(1, 0).tolist() == gram.confusion(0, 1).T.tolist()


def test_no_votes_give_an_empty_state():
    gram = counted([], Gram())
    assert gram.votes.shape == (0, 0)
    assert summed(Gram(), gram, gram).pairs.nnz == 0
