"""Annotators beside the others: a plain loop's numbers, exchangeable annotators come out even, planted ones do not."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from dq_pipeline.measures.discoveries import quantile_beyond
from dq_pipeline.measures.peer_agreement import (
    agreement_gap,
    beside,
    kappa_with_peers,
    label_bias,
    label_confusion,
    leave_one_out,
    leave_one_out_of_all,
    scale_bias,
)

A, K = 4, 3
ITEMS = st.lists(st.dictionaries(st.integers(0, A - 1), st.integers(0, K - 1), max_size=A), max_size=20)


def seen(items, annotators=A, labels=K):
    """The votes of items, each {annotator: label}, as the engine's state has them."""
    peers = defaultdict(lambda: np.zeros((annotators * labels, labels), np.int64))
    agreeing = defaultdict(lambda: np.zeros((annotators, labels), np.int64))
    for votes in items:
        pairs = sum(one == other for one, other in itertools.permutations(votes.values(), 2))
        for who, label in votes.items():
            agreeing[len(votes)][who, label] += pairs
        for (who, label), (other, given_label) in itertools.permutations(votes.items(), 2):
            assert who != other
            peers[len(votes)][who * labels + label, given_label] += 1
    return beside(
        annotators, labels, {size: sparse.csr_matrix(counts) for size, counts in peers.items()}, agreeing
    )


def looped(items, who):
    """Votes, own and peers' shares by label, and the share of agreeing peers, of one annotator by a loop."""
    votes, own, peers, agreeing = 0, np.zeros(K), np.zeros(K), 0.0
    for given_votes in items:
        others = [label for other, label in given_votes.items() if other != who]
        if who not in given_votes or not others:
            continue
        votes += 1
        own[given_votes[who]] += 1
        for label in others:
            peers[label] += 1 / len(others)
        agreeing += sum(label == given_votes[who] for label in others) / len(others)
    return votes, own, peers, agreeing


@settings(max_examples=80)
@given(ITEMS)
def test_a_loop_gives_the_same_numbers(items):
    found = seen(items)
    left_out, bias, kappa = leave_one_out(found), label_bias(found), kappa_with_peers(found)
    for who in range(A):
        votes, own, peers, agreeing = looped(items, who)
        assert left_out[who].n == votes
        if not votes:
            assert left_out[who].status == "no_overlap"
            assert np.isnan(bias.value[who]).all()
            continue
        assert left_out[who].value == pytest.approx(agreeing / votes)
        assert bias.value[who] == pytest.approx((own - peers) / votes, abs=1e-12)
        chance = own @ peers / votes**2
        wanted = (agreeing / votes - chance) / (1 - chance) if chance < 1 - 1e-9 else np.nan
        assert kappa.value[who] == pytest.approx(wanted, nan_ok=True)
    total = sum(looped(items, who)[0] for who in range(A))
    overall = leave_one_out_of_all(found)
    assert (overall.status == "no_overlap") if not total else overall.n == total


@settings(max_examples=40)
@given(ITEMS, st.permutations(range(A)), st.permutations(range(K)))
def test_other_names_of_annotators_and_labels_change_nothing(items, who, what):
    renamed = [{who[a]: what[c] for a, c in votes.items()} for votes in items]
    plain, other = seen(items), seen(renamed)
    for measure in (agreement_gap, kappa_with_peers):
        assert measure(plain).value == pytest.approx(measure(other).value[list(who)], nan_ok=True, abs=1e-9)
    bias = label_bias(other).value[list(who)][:, list(what)]
    assert label_bias(plain).value == pytest.approx(bias, nan_ok=True, abs=1e-9)


@settings(max_examples=60)
@given(ITEMS)
def test_the_gap_is_that_of_a_loop_over_the_same_items(items):
    found, gap = seen(items), agreement_gap(seen(items))
    for who in range(A):
        apart = []
        for votes in items:
            others = [label for other, label in votes.items() if other != who]
            if who in votes and len(others) > 1:
                among = np.mean([one == other for one, other in itertools.combinations(others, 2)])
                apart.append(np.mean([label == votes[who] for label in others]) - among)
        if apart and len(apart) >= found.votes[who] / 2:
            assert gap.value[who] == pytest.approx(np.mean(apart), abs=1e-12)
            assert gap.n[who] == len(apart)


def test_harder_items_are_no_gap():
    random = np.random.default_rng(6)
    items = []
    for place in range(1500):
        hard = place % 3 == 0
        who = (
            [0, *random.choice([1, 2, 3], 2, replace=False)]
            if hard
            else random.choice([1, 2, 3], 3, replace=False)
        )
        right = 0.5 if hard else 0.95
        items.append({int(a): 0 if random.random() < right else int(random.integers(1, 3)) for a in who})
    found = seen(items)
    agreement = [one.value for one in leave_one_out(found)]
    assert agreement[0] < agreement[1] - 0.3  # the one who gets the hard items
    assert abs(agreement_gap(found).value[0]) < 0.06


def test_two_annotators_whose_labels_mirror_are_even():
    items = [{0: 0, 1: 0}] * 30 + [{0: 0, 1: 1}] * 5 + [{0: 1, 1: 0}] * 5 + [{0: 1, 1: 1}] * 10
    gap = agreement_gap(seen(items, 2, 2))
    assert gap.value == pytest.approx([0, 0], abs=1e-12)


def test_the_others_are_not_pulled_down_by_the_one_who_is_off():
    # Items of three: two always agree, the third never: alone it is 1 below, with its pairs it would be .5.
    items = [{0: 0, 1: 0, 2: 1}] * 40 + [{0: 1, 1: 1, 2: 0}] * 40
    gap = agreement_gap(seen(items, 3, 2))
    assert gap.value[2] == pytest.approx(-1.0)
    assert leave_one_out(seen(items, 3, 2))[0].value == pytest.approx(0.5)


def test_a_bias_between_two_is_the_difference_of_their_shares_with_agresti_and_mins_error():
    items = [{0: 0, 1: 0}] * 50 + [{0: 0, 1: 1}] * 20 + [{0: 1, 1: 0}] * 6 + [{0: 1, 1: 1}] * 24
    bias = label_bias(seen(items, 2, 2))
    assert bias.value[0] == pytest.approx([0.14, -0.14])
    assert bias.error[0] == pytest.approx(np.sqrt(27 - 14**2 / 102) / 102)


def test_who_rates_higher_is_told_on_a_scale_and_labels_without_a_place_are_left_out():
    items = [{0: 2, 1: 1}] * 30 + [{0: 1, 1: 1}] * 60 + [{0: 0, 1: 1}] * 10 + [{0: 3, 1: 0}] * 50
    found = scale_bias(seen(items, 2, 4), np.array([1.0, 2.0, 3.0, np.nan]))
    assert found.value == pytest.approx([0.2, -0.2])
    assert found.n.tolist() == [100, 100]


def test_one_who_gives_one_label_has_no_kappa_and_one_who_guesses_neither():
    random = np.random.default_rng(1)
    items = []
    for _ in range(400):
        truth = random.integers(3)
        items.append({0: truth, 1: truth, 2: 0, 3: random.integers(3)})
    kappa = kappa_with_peers(seen(items))
    assert kappa.value[2] == pytest.approx(0.0, abs=1e-9)
    assert abs(kappa.value[3]) < 0.1
    assert kappa.value[0] > 0.3


def test_confusions_are_the_disagreeing_votes_between_two_labels():
    items = [{0: 0, 1: 1}] * 3 + [{0: 2, 1: 0}] * 2 + [{0: 1, 1: 1}] * 9 + [{0: 0, 1: 0, 2: 1}]
    counts = label_confusion(seen(items)).toarray()
    assert counts[0, 1] == pytest.approx(2 * 3 + 2)
    assert counts[0, 2] == pytest.approx(2 * 2)
    assert counts.sum() == pytest.approx(12)


def test_confusions_of_a_free_text_for_a_label_hold_only_the_pairs_that_met():
    labels, first = 60_000, np.arange(0, 60_000, 2)
    met = sparse.csr_matrix((np.ones(30_000, np.int64), (first, first + 1)), (2 * labels, labels))
    counts = label_confusion(beside(2, labels, {2: met}, {2: np.zeros((2, labels), np.int64)}))
    assert counts.shape == (labels, labels)
    assert (counts.nnz, counts.sum()) == (30_000, 30_000)


def crowd(random, skills, items=900, votes=3):
    """Votes of annotators of these skills on three labels."""
    made = []
    for _ in range(items):
        truth = random.choice(3, p=[0.6, 0.3, 0.1])
        chosen = random.permutation(len(skills))[:votes]
        made.append(
            {int(a): int(truth if random.random() < skills[a] else random.integers(3)) for a in chosen}
        )
    return made


def test_in_a_crowd_of_equals_hardly_anybody_is_named():
    random = np.random.default_rng(2)
    named = crowds = 0
    for _ in range(20):
        found = seen(crowd(random, [0.75] * 12), 12, 3)
        gap, bias = agreement_gap(found), label_bias(found)
        named += (-gap.value > quantile_beyond(-gap.value / gap.error) * gap.error).any()
        z = np.abs(bias.value) / bias.error
        named += (z > quantile_beyond(z.ravel())).any()
        crowds += 2
    assert named / crowds <= 0.1  # at limits of nought; those of the policy leave room besides


def test_a_careless_one_is_named_and_nobody_else():
    random = np.random.default_rng(3)
    gap = agreement_gap(seen(crowd(random, [0.8] * 9 + [0.3]), 10, 3))
    beyond = -gap.value - quantile_beyond(-(gap.value + 0.1) / gap.error) * gap.error > 0.1
    assert beyond.tolist() == [False] * 9 + [True]
