"""What no coefficient may change with, and how each changes with the rest: from rows of annotations through the engine."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from scipy import sparse

from dq_pipeline.counts import Gram, Patterns, collect
from dq_pipeline.measures.alpha import krippendorff_alpha
from dq_pipeline.measures.chance_corrected import (
    brennan_prediger,
    fleiss_kappa,
    fleiss_kappa_pairable,
    gwet_ac1,
    gwet_ac2,
    percent_agreement,
    specific_agreement,
)
from dq_pipeline.measures.cohen import lights_kappa, pairwise_kappa
from dq_pipeline.measures.conger import conger_kappa
from dq_pipeline.measures.resampling import IntervalMethod
from dq_pipeline.measures.weights import agreement_weights
from dq_pipeline_tests.counts.annotated import opened, summed

SCALE = ("1", "2", "4", "7")
LEVELS = ("nominal", "ordinal", "interval", "ratio")
ITEMS = st.lists(
    st.dictionaries(st.sampled_from(["ana", "ben", "cyd", "dan"]), st.sampled_from(SCALE), max_size=4),
    min_size=1,
    max_size=12,
)
few = settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)


def rows_of(items, name="item"):
    return [
        (f"{name} {place}", who, label) for place, votes in enumerate(items) for who, label in votes.items()
    ]


def counted(rows, scale=SCALE):
    """The pattern histogram and the Gram matrix of these rows."""
    with opened(rows) as tables:
        states = collect(tables, [Patterns(scale), Gram(scale)])
    return states[Patterns(scale)], states[Gram(scale)]


def coefficients(state):
    """Each coefficient by its name; those of a label and of two annotators by theirs too."""
    histogram, gram = state
    of_items = (histogram.vectors, histogram.items)
    numbers = np.array([float(label) for label in histogram.labels])
    ranks = np.arange(len(numbers), dtype=float)
    found = {
        f"alpha {level}": krippendorff_alpha(
            *of_items, level, numbers if level in {"interval", "ratio"} else None
        )
        for level in LEVELS
    }
    found |= {
        "percent": percent_agreement(*of_items),
        "fleiss and scott": fleiss_kappa(*of_items),
        "fleiss of pairable": fleiss_kappa_pairable(*of_items),
        "brennan-prediger": brennan_prediger(*of_items),
        "ac1": gwet_ac1(*of_items),
        "ac2": gwet_ac2(*of_items, agreement_weights(ranks, "quadratic")),
        "conger": conger_kappa(of_items, gram.votes, gram.alone, gram.pairs, gram.agreeing)[0],
    }
    for place, label in enumerate(histogram.labels):
        found[f"specific|{label}"] = specific_agreement(*of_items, place)
    for name, weights in (
        ("cohen", None),
        ("cohen linear", agreement_weights(ranks, "linear")),
        ("cohen quadratic", agreement_weights(ranks, "quadratic")),
    ):
        kappas = pairwise_kappa(gram.pairs, len(gram.labels), weights)
        for place, pair in enumerate(zip(kappas.first, kappas.second, strict=True)):
            found[f"{name}|{'+'.join(sorted(gram.annotators[who] for who in pair))}"] = kappas.estimate(place)
        if weights is None:
            found["light"] = lights_kappa(kappas)
    return found


def alike(found, wanted, names=None):
    """Whether value, interval, n and status are the same."""
    assert found.keys() == wanted.keys()
    for name in names or wanted:
        one, other = found[name], wanted[name]
        assert (name, one.n, one.status) == (name, other.n, other.status)
        for end in ("value", "low", "high"):
            assert (name, end, getattr(one, end)) == (name, end, pytest.approx(getattr(other, end), abs=1e-7))


def test_a_kappa_that_no_item_changes_has_its_interval_whatever_the_annotators_are_called():
    # Found by the property below: by one order of names the same zeros differed in their last bit.
    items = [{"ben": "4", "cyd": "1", "ana": "1", "dan": "1"}] * 2 + [
        {"ben": "4", "cyd": "4", "ana": "1", "dan": "1"}
    ]
    for who in (("ana", "ben", "cyd", "dan"), ("cyd", "ana", "dan", "ben")):
        name = dict(zip(("ana", "ben", "cyd", "dan"), who, strict=True))
        found = coefficients(
            counted(rows_of([{name[one]: label for one, label in votes.items()} for votes in items]))
        )
        zero = found["cohen quadratic|" + "+".join(sorted((name["ben"], name["cyd"])))]
        assert (zero.low, zero.high) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_a_number_that_rests_on_one_item_has_no_interval():
    items = [{"ana": "1", "ben": "1"}] * 149 + [{"ana": "1", "ben": "2"}]
    found = coefficients(counted(rows_of(items), ("1", "2")))
    for name in ("alpha nominal", "cohen|ana+ben"):
        assert (found[name].value, found[name].status) == (pytest.approx(0.0, abs=1e-12), "ok")
        assert (found[name].low, found[name].high) == (None, None)


@pytest.mark.parametrize("method", ["jackknife", "linear"])
def test_items_with_one_vote_change_nothing_of_what_they_do_not_count_in(method):
    pairs = np.array([[2, 0, 1], [0, 3, 0], [1, 0, 2], [2, 0, 0], [1, 1, 1]])
    many = np.array([7, 9, 4, 12, 3])
    with_singles = np.vstack([pairs, np.eye(3, dtype=np.int64)]), np.append(many, [200, 50, 10])
    how, numbers = IntervalMethod(method), np.array([1.0, 2.0, 4.0])
    estimates = {
        **{level: partial(krippendorff_alpha, level=level, values=numbers, how=how) for level in LEVELS},
        "percent": partial(percent_agreement, how=how),
        "fleiss of pairable": partial(fleiss_kappa_pairable, how=how),
        "brennan-prediger": partial(brennan_prediger, how=how),
        "specific": partial(specific_agreement, label=1, how=how),
    }
    for name, estimate in estimates.items():
        one, other = estimate(pairs, many), estimate(*with_singles)
        assert (name, other.value, other.n) == (name, pytest.approx(one.value, abs=1e-13), one.n)
        assert (name, other.low, other.high) == (name, *(pytest.approx(end, abs=1e-12) for end in (one.low, one.high)))  # fmt: skip
    counted_in = [made(*with_singles, how=how).value for made in (fleiss_kappa, gwet_ac1)]
    assert counted_in != pytest.approx([made(pairs, many, how=how).value for made in (fleiss_kappa, gwet_ac1)], abs=1e-3)  # fmt: skip


def test_groups_without_a_pair_change_no_interval_of_alpha():
    vectors = np.array([[2, 0], [1, 1], [0, 2], [1, 0]])
    of_pairs = sparse.csr_matrix(np.array([[3, 1, 0, 0], [1, 0, 2, 1], [0, 1, 1, 0]]))
    and_singles = sparse.vstack([of_pairs, sparse.csr_matrix(np.array([[0, 0, 0, 1]]))]).tocsr()
    how = IntervalMethod(resample="group")
    few = krippendorff_alpha(vectors, np.array([4, 2, 3, 1]), how=how, groups=(of_pairs, np.array([4, 5, 6])))
    many = krippendorff_alpha(
        vectors, np.array([4, 2, 3, 101]), how=how, groups=(and_singles, np.array([4, 5, 6, 100]))
    )
    assert (few.low, few.high) == (pytest.approx(many.low, abs=1e-12), pytest.approx(many.high, abs=1e-12))


def distinct(items):
    """The coefficients that only ask whether labels are the same."""
    ordered = ("alpha ordinal", "alpha interval", "alpha ratio", "ac2", "cohen linear", "cohen quadratic")
    return [name for name in items if name.partition("|")[0] not in ordered]


@few
@given(items=ITEMS, data=st.data())
def test_the_order_of_rows_and_the_names_of_items_change_nothing(items, data):
    rows = rows_of(items)
    shuffled = data.draw(st.permutations([(item[::-1], who, label) for item, who, label in rows]))
    alike(coefficients(counted(shuffled)), coefficients(counted(rows)))


@few
@given(items=ITEMS, renamed=st.permutations(["ana", "ben", "cyd", "dan"]))
@example(
    items=[
        {"ana": "2", "cyd": "2"},
        {"dan": "2", "ben": "1", "cyd": "2", "ana": "2"},
        {"ana": "7", "dan": "7"},
        {"dan": "4", "ana": "1", "ben": "7", "cyd": "7"},
        {"ana": "1", "ben": "2", "dan": "1", "cyd": "4"},
    ],
    renamed=["dan", "cyd", "ben", "ana"],
)
def test_annotators_by_other_names_change_nothing_but_the_names_of_pairs(items, renamed):
    name = dict(zip(["ana", "ben", "cyd", "dan"], renamed, strict=True))
    others = [{name[who]: label for who, label in votes.items()} for votes in items]
    wanted = {}
    for key, estimate in coefficients(counted(rows_of(items))).items():
        kind, bar, pair = key.partition("|")
        both = "+".join(sorted(name[who] for who in pair.split("+"))) if kind.startswith("cohen") else pair
        wanted[f"{kind}{bar}{both}"] = estimate
    alike(coefficients(counted(rows_of(others))), wanted)


@few
@given(items=ITEMS, renamed=st.permutations(SCALE))
def test_labels_that_change_places_change_nothing_that_has_no_order(items, renamed):
    name = dict(zip(SCALE, renamed, strict=True))
    others = [{who: name[label] for who, label in votes.items()} for votes in items]
    found, whole = (coefficients(counted(rows_of(some))) for some in (others, items))
    wanted = {
        f"specific|{name[key.removeprefix('specific|')]}" if key.startswith("specific") else key: estimate
        for key, estimate in whole.items()
    }
    alike(found, wanted, distinct(wanted))


@few
@given(items=ITEMS)
def test_a_scale_turned_round_moved_or_stretched_is_the_same_scale_to_the_levels_that_say_so(items):
    whole = coefficients(counted(rows_of(items)))
    ordered = ["alpha ordinal", "ac2", *(name for name in whole if name.startswith("cohen "))]
    for changed, same in (
        ({label: str(10 - int(label)) for label in SCALE}, [*ordered, "alpha interval"]),
        ({label: str(2 * int(label) + 1) for label in SCALE}, [*ordered, "alpha interval"]),
        ({label: str(3 * int(label)) for label in SCALE}, [*ordered, "alpha interval", "alpha ratio"]),
    ):
        others = [{who: changed[label] for who, label in votes.items()} for votes in items]
        scale = tuple(sorted(changed.values(), key=int))
        found = coefficients(counted(rows_of(others), scale))
        alike({name: found[name] for name in same}, {name: whole[name] for name in same})


@few
@given(items=ITEMS, data=st.data())
def test_states_of_a_table_split_by_item_add_up_to_the_same_coefficients(items, data):
    rows = rows_of(items)
    side = {item: data.draw(st.booleans()) for item in dict.fromkeys(row[0] for row in rows)}
    parts = [counted([row for row in rows if side[row[0]] == part]) for part in (False, True)]
    both = (Patterns(SCALE), Gram(SCALE))
    merged = [summed(request, *states) for request, *states in zip(both, *parts, strict=True)]
    alike(coefficients(merged), coefficients(counted(rows)))


@few
@given(items=ITEMS)
def test_every_item_twice_leaves_the_values_and_doubles_n(items):
    once = coefficients(counted(rows_of(items)))
    twice = coefficients(counted(rows_of(items) + rows_of(items, "other")))
    n = sum(len(votes) for votes in items if len(votes) > 1)
    assert twice.keys() == once.keys()
    for name, estimate in once.items():
        found, value = twice[name], estimate.value
        # Alpha takes from chance that a vote is compared with itself: of 2 n votes there is half as much to take.
        if name.startswith("alpha") and value is not None:
            value = 1 - (1 - value) * (2 * n - 1) / (2 * n - 2)
        assert (name, found.value) == (name, pytest.approx(value, abs=1e-9))
        assert (name, found.status) == (name, estimate.status)
        # Light's kappa is the mean over pairs of annotators, who are the same.
        assert (name, found.n) == (name, estimate.n * (1 if name == "light" else 2))


def test_every_item_twice_narrows_the_intervals_by_the_square_root_of_two():
    random = np.random.default_rng(3)
    items = []
    for true in random.integers(0, 4, 80):
        votes = np.clip(true + random.choice([0, 0, 0, 1, -1, 2], 4), 0, 3)
        items.append(
            {who: SCALE[vote] for who, vote in zip(["ana", "ben", "cyd", "dan"], votes, strict=True)}
        )
    once = coefficients(counted(rows_of(items)))
    twice = coefficients(counted(rows_of(items) + rows_of(items, "other")))
    for name, estimate in once.items():
        one, two = (math.atanh(found.high) - math.atanh(found.low) for found in (estimate, twice[name]))
        expected = 1.0 if name == "light" else math.sqrt(2)
        assert (name, one / two) == (name, pytest.approx(expected, rel=0.04))
