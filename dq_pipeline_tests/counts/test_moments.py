"""Moments give what patterns give, and what a plain loop gives, with thousands of labels too."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dq_pipeline.counts import NAMES, Moments, Patterns, SlicedMoments, SlicedPatterns
from dq_pipeline.counts import moments as counting
from dq_pipeline.counts.on_scale import on_scale
from dq_pipeline.measures.alpha import alpha_at
from dq_pipeline.measures.chance_corrected import BrennanPrediger, Fleiss, Gwet, PercentAgreement
from dq_pipeline.measures.from_moments import FromMoments
from dq_pipeline.measures.jackknife import on_atanh
from dq_pipeline.measures.resampling import standard_error
from dq_pipeline_tests.counts.annotated import counted, opened, standing

LEVELS = ("nominal", "ordinal", "interval", "ratio")


def rated(labels, items=60, seed=3):
    """Ratings such as 3.75 of items that differ, by two to five annotators, some items by one."""
    random = np.random.default_rng(seed)
    scale = [f"{1 + place / 100:g}" for place in range(labels)]
    rows = []
    for item in range(items):
        centre = random.integers(labels)
        for who in range(int(random.choice([1, 2, 3, 5]))):
            place = int(np.clip(round(random.normal(centre, labels / 8)), 0, labels - 1))
            rows.append((f"item {item}", f"annotator {who}", scale[place]))
    return rows, tuple(scale)


def measured(state):
    return FromMoments(NAMES, state.sums, state.products, state.shared, state.shares, state.level)


def looped_alpha(rows, level, scale):
    """Alpha by a plain loop over the pairs of votes of each item."""
    units = [
        [scale.index(label) for label in of_item.values()]
        for of_item in standing(rows).values()
        if len(of_item) > 1
    ]
    values = [vote for unit in units for vote in unit]
    n = len(values)
    marginals = [values.count(label) for label in range(len(scale))]
    ranks = [sum(marginals[:label]) + marginals[label] / 2 for label in range(len(scale))]
    numbers = [float(label) for label in scale]
    distance = {
        "nominal": lambda c, k: float(c != k),
        "ordinal": lambda c, k: (ranks[c] - ranks[k]) ** 2,
        "interval": lambda c, k: (numbers[c] - numbers[k]) ** 2,
        "ratio": lambda c, k: ((numbers[c] - numbers[k]) / (numbers[c] + numbers[k])) ** 2,
    }[level]
    observed = math.fsum(
        distance(first, second) / (len(unit) - 1) for unit in units for first in unit for second in unit
    )
    expected = math.fsum(distance(first, second) for first in values for second in values)
    return 1 - (n - 1) * observed / expected


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_over_thousands_of_ratings_is_that_of_a_plain_loop(level):
    rows, scale = rated(3000)
    state = counted(rows, Patterns(scale, level))
    assert isinstance(state, Moments)
    alpha = measured(state).krippendorff_alpha()
    assert alpha.value == pytest.approx(looped_alpha(rows, level, scale), abs=1e-12)
    assert alpha.n == sum(len(of_item) > 1 for of_item in standing(rows).values())


@pytest.mark.parametrize("level", LEVELS)
def test_values_and_linearised_intervals_are_those_of_the_patterns(level):
    rows, scale = rated(40)
    patterns = counted(rows, Patterns(scale, level))
    with opened(rows) as tables:
        moments = measured(counting.count_moments(tables, on_scale(scale, level, scale), level))
    of_items = (patterns.vectors, patterns.items)
    identity = np.eye(len(scale))
    for found, coefficient in (
        (
            moments.krippendorff_alpha(),
            alpha_at(level, *of_items, np.array([float(label) for label in scale])),
        ),
        (moments.percent_agreement(), PercentAgreement()),
        (moments.gwet_ac1(), Gwet(identity)),
        (moments.fleiss_kappa(), Fleiss(identity)),
        (moments.brennan_prediger(), BrennanPrediger(identity)),
    ):
        expected = coefficient.estimate(*of_items)
        assert (found.value, found.n) == (pytest.approx(expected.value, abs=1e-12), expected.n)
        units = coefficient.of_items(*of_items)
        error = standard_error(units.influence(coefficient.value, units.sums()), units.counts)
        assert (found.low, found.high) == pytest.approx(on_atanh(expected.value, error), abs=1e-9)


def test_specific_agreement_of_a_label_is_the_share_of_its_pairs_that_name_it_twice():
    rows, scale = rated(40)
    patterns = counted(rows, Patterns(scale))
    with opened(rows) as tables:
        moments = counting.count_moments(tables, on_scale(scale, "nominal"), "nominal")
    own, m = patterns.vectors, patterns.vectors.sum(axis=1, keepdims=True)
    assert moments.same.tolist() == (patterns.items @ (own * (own - 1))).tolist()
    assert moments.named.tolist() == (patterns.items @ (own * (m - 1))).tolist()


@pytest.mark.parametrize("level", LEVELS)
def test_slices_of_hundreds_of_ratings_have_the_alpha_of_a_plain_loop(level):
    rows, scale = rated(300)
    cut = [(*row, f"v{len(row[0]) % 2}" if row[1] < "annotator 2" else None) for row in rows]
    request = SlicedPatterns(Patterns(scale, level), ("guideline",))
    columns = ("item", "annotator", "label", "guideline")
    state = counted(cut, request, columns=columns)
    assert isinstance(state, SlicedMoments)
    assert set(state.keys) == {(None,), ("v0",), ("v1",)}
    for (guideline,), part in zip(state.keys, state.parts, strict=True):
        own = [row[:3] for row in cut if row[3] == guideline]
        alpha = measured(part).krippendorff_alpha()
        if alpha.status == "ok":
            assert alpha.value == pytest.approx(looped_alpha(own, level, scale), abs=1e-12)
        assert alpha.n == sum(len(of_item) > 1 for of_item in standing(own).values())


@pytest.mark.parametrize("labels", [30, 400])
def test_a_number_is_one_label_however_it_is_spelled(labels):
    rows, _ = rated(labels)
    spelled = [
        (item, who, f"{label}0" if "." in label and place % 2 else label)
        for place, (item, who, label) in enumerate(rows)
    ]
    assert len({label for *_, label in spelled}) > len({label for *_, label in rows})
    for level in ("interval", "ratio"):
        plain, mixed = (counted(each, Patterns((), level)) for each in (rows, spelled))
        assert len(mixed.labels) == len(plain.labels)
        assert [float(label) for label in mixed.labels] == [float(label) for label in plain.labels]
        if isinstance(plain, Moments):
            assert mixed.sums == pytest.approx(plain.sums)
        else:
            assert mixed.vectors.tolist() == plain.vectors.tolist()


def test_items_in_many_blocks_add_up(monkeypatch):
    rows, scale = rated(300)
    whole = counted(rows, Patterns(scale, "ordinal"))
    monkeypatch.setattr("dq_pipeline.tables.ballots.ITEMS", 7)
    blocks = counted(rows, Patterns(scale, "ordinal"))
    assert blocks.sums == pytest.approx(whole.sums, rel=1e-12)
    assert blocks.products == pytest.approx(whole.products, rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([], "empty"),
        ([("i", "ana", "1"), ("j", "ben", "2")], "no_overlap"),
        ([("i", "ana", "1"), ("i", "ben", "1")], "no_variation"),
        ([("i", "ana", "high"), ("i", "ben", "low")], "empty"),
    ],
)
@pytest.mark.parametrize("level", ["interval", "ratio", "ordinal"])
def test_what_is_undefined_has_its_status(rows, status, level):
    scale = tuple(str(place) for place in range(1, 400))
    alpha = measured(counted(rows, Patterns(scale, level))).krippendorff_alpha()
    assert (alpha.value, alpha.status) == (None, status)
