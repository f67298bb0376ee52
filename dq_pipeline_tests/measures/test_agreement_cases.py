"""Every published value of agreement, from rows of annotations in a file through the engine to the measure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

from dq_pipeline.counts import Gram, GramMatrix, PatternHistogram, Patterns, collect
from dq_pipeline.measures.alpha import Nominal, krippendorff_alpha
from dq_pipeline.measures.chance_corrected import (
    BrennanPrediger,
    Fleiss,
    Gwet,
    PercentAgreement,
    binarised,
    brennan_prediger,
    fleiss_kappa,
    fleiss_kappa_pairable,
    gwet_ac1,
    gwet_ac2,
    percent_agreement,
)
from dq_pipeline.measures.cohen import Cohen, lights_kappa, pairwise_kappa
from dq_pipeline.measures.conger import conger_kappa
from dq_pipeline.measures.least_items import least_items
from dq_pipeline.measures.resampling import standard_error
from dq_pipeline.measures.weights import agreement_weights
from dq_pipeline.spec import InputError
from dq_pipeline_tests.counts.annotated import opened

CASES = {
    case["id"]: case for case in json.loads(Path(__file__).with_name("agreement_cases.json").read_text())
}


def rows_of(case):
    """Rows (item, annotator, label) of a case; where only counts are published, annotators are any."""
    if case.get("units_x_raters"):
        units = case["units_x_raters"]
    elif case["kind"] == "counts":
        labels = case["categories"]
        units = [
            [label for label, n in zip(labels, counts, strict=True) for _ in range(n)]
            for counts in case["contingency_table"]
        ]
    else:
        labels, table = case["categories"], case["contingency_table"]
        units = [
            [first, second]
            for row, first in enumerate(labels)
            for column, second in enumerate(labels)
            for _ in range(table[row][column])
        ]
    return [
        (f"item {unit}", f"annotator {who}", str(label))
        for unit, votes in enumerate(units)
        for who, label in enumerate(votes)
        if label is not None
    ]


@dataclass(frozen=True)
class Counted:
    """A case's states, and each statistic by its name."""

    case: dict
    histogram: PatternHistogram
    gram: GramMatrix

    @cached_property
    def of_items(self):
        return self.histogram.vectors, self.histogram.items

    @property
    def ranks(self):
        return np.arange(len(self.histogram.labels), dtype=float)

    @property
    def confusion(self):
        return self.gram.confusion(0, 1)

    def error(self, coefficient, *, sample=True):
        units = coefficient.of_items(*self.of_items)
        return standard_error(units.influence(coefficient.value, units.sums()), units.counts, sample=sample)

    def cohen(self, weighting="identity"):
        identity = np.eye(len(self.ranks))
        return Cohen(identity if weighting == "identity" else agreement_weights(self.ranks, weighting))

    def cohen_error(self, weighting="identity"):
        kappa = self.cohen(weighting)
        units = kappa.cells(self.confusion)
        return standard_error(units.influence(kappa.value, units.sums()), units.counts, sample=False)

    def shares(self):
        """Of two annotators' labels, how often each gives each."""
        return self.confusion.sum(axis=1) / self.confusion.sum(), self.confusion.sum(
            axis=0
        ) / self.confusion.sum()

    def kappa_max(self):
        """The highest that kappa may be with these shares (Cohen 1960)."""
        chance = self.cohen().chance(self.confusion)
        return (np.minimum(*self.shares()).sum() - chance) / (1 - chance)

    def cohen_error_at_zero(self):
        """Fleiss, Cohen & Everitt 1969, eq. 14."""
        (first, second), chance = self.shares(), self.cohen().chance(self.confusion)
        spread = chance + chance**2 - (first * second * (first + second)).sum()
        return np.sqrt(spread / self.confusion.sum()) / (1 - chance)

    def fleiss_error_at_zero(self):
        """Of items with m votes each (Fleiss, Nee & Landis 1979, eq. 8)."""
        vectors, items = self.of_items
        (m,) = set(vectors.sum(axis=1).tolist())
        p = items @ vectors / (items.sum() * m)
        spread = (p * (1 - p)).sum()
        squares = spread**2 - (p * (1 - p) * (1 - 2 * p)).sum()
        return np.sqrt(2 * squares / (items.sum() * m * (m - 1))) / spread

    def alpha(self, level):
        numbers = (
            [float(label) for label in self.histogram.labels] if level in {"interval", "ratio"} else None
        )
        return krippendorff_alpha(*self.of_items, level, None if numbers is None else np.array(numbers)).value

    def disagreement(self):
        nominal = Nominal()
        return nominal.disagreement(nominal.of_items(*self.of_items).sums())

    def chance(self, coefficient):
        sums = coefficient.of_items(*self.of_items).sums()
        return float(coefficient.chance(sums[3:] / sums[2]))

    def of_label(self, label):
        return binarised(*self.of_items, self.histogram.labels.index(label))

    def conger(self):
        gram = self.gram
        return conger_kappa(self.of_items, gram.votes, gram.alone, gram.pairs, gram.agreeing)

    def statistic(self, name):
        """The statistic that a case calls by this name."""
        identity = np.eye(len(self.histogram.labels))
        quadratic = agreement_weights(self.ranks, "quadratic")
        if "_category_" in name:
            kind, _, label = name.partition("_category_")
            measure = krippendorff_alpha if kind == "alpha" else fleiss_kappa
            return measure(*self.of_label(label)).value
        if name.startswith("alpha_") and name.removeprefix("alpha_") in {
            "nominal",
            "ordinal",
            "interval",
            "ratio",
        }:
            return self.alpha(name.removeprefix("alpha_"))
        pairwise = pairwise_kappa(self.gram.pairs, len(self.gram.labels))
        return {
            "alpha_nominal_irrCAC": lambda: self.alpha("nominal"),
            "alpha_nominal_Do": lambda: self.disagreement()[0],
            "alpha_nominal_De": lambda: self.disagreement()[1],
            "n_ratings": lambda: float(self.gram.votes.sum()),
            "percent_agreement": lambda: percent_agreement(*self.of_items).value,
            "percent_agreement_gwet": lambda: percent_agreement(*self.of_items).value,
            "percent_agreement_se": lambda: self.error(PercentAgreement(), sample=False),
            "fleiss": lambda: fleiss_kappa_pairable(*self.of_items).value,
            "fleiss_gwet": lambda: fleiss_kappa(*self.of_items).value,
            "fleiss_gwet_se": lambda: self.error(Fleiss(identity)),
            "fleiss_pe": lambda: self.chance(Fleiss(identity)),
            "fleiss_z": lambda: fleiss_kappa(*self.of_items).value / self.fleiss_error_at_zero(),
            "scott": lambda: fleiss_kappa(*self.of_items).value,
            "scott_pe": lambda: self.chance(Fleiss(identity)),
            "gwet_ac1": lambda: gwet_ac1(*self.of_items).value,
            "gwet_ac1_pe": lambda: self.chance(Gwet(identity)),
            "gwet_ac1_se": lambda: self.error(Gwet(identity)),
            "gwet_ac1_table_se": lambda: self.error(Gwet(identity), sample=False),
            "gwet_ac2_quadratic": lambda: gwet_ac2(*self.of_items, quadratic).value,
            "gwet_ac2_quadratic_pe": lambda: self.chance(Gwet(quadratic)),
            "brennan_prediger": lambda: brennan_prediger(*self.of_items).value,
            "bennett_s": lambda: brennan_prediger(*self.of_items).value,
            "randolph": lambda: brennan_prediger(*self.of_items).value,
            "brennan_prediger_se": lambda: self.error(BrennanPrediger(identity)),
            "conger": lambda: self.conger()[0].value,
            "hubert_conger": lambda: self.conger()[0].value,
            "conger_se": lambda: self.conger()[1],
            "light": lambda: lights_kappa(pairwise).value,
            "cohen": lambda: pairwise.estimate(0).value,
            "cohen_pair_0_1": lambda: self.cohen().estimate(self.confusion).value,
            "cohen_pe": lambda: self.cohen().chance(self.confusion),
            "cohen_se": self.cohen_error,
            "cohen_se0": self.cohen_error_at_zero,
            "cohen_linear": lambda: self.cohen("linear").estimate(self.confusion).value,
            "cohen_linear_rank": lambda: self.cohen("linear").estimate(self.confusion).value,
            "cohen_linear_se": lambda: self.cohen_error("linear"),
            "cohen_quadratic_rank": lambda: self.cohen("quadratic").estimate(self.confusion).value,
            "kappa_max": self.kappa_max,
        }[name]()


@pytest.fixture(scope="module")
def counted():
    """Each case's states, counted once."""
    kept = {}

    def of(name):
        if name not in kept:
            case = CASES[name]
            labels = tuple(map(str, case["categories"]))
            with opened(rows_of(case)) as tables:
                states = collect(tables, [Patterns(labels), Gram(labels)])
            kept[name] = Counted(case, states[Patterns(labels)], states[Gram(labels)])
        return kept[name]

    return of


VALUES = [
    pytest.param(case["id"], fact, id=f"{case['id']}: {fact['stat']} = {fact['value']}")
    for case in CASES.values()
    if case["kind"] in {"raw", "counts", "table"}
    for fact in case["expected"]
]


@pytest.mark.parametrize(("name", "fact"), VALUES)
def test_a_published_value_is_met_from_annotation_rows(counted, name, fact):
    found = counted(name).statistic(fact["stat"])
    assert found == pytest.approx(fact["value"], abs=fact["tol"])
    if fact.get("reference_value") is not None:
        assert found == pytest.approx(fact["reference_value"], abs=1e-9)


def test_all_the_values_of_the_reference_are_asserted():
    assert len(VALUES) == 139


@pytest.mark.parametrize(
    "fact", CASES["bloch_kraemer_min_units"]["expected"], ids=lambda fact: str(fact["value"])
)
def test_the_least_items_are_those_of_bloch_and_kraemer(fact):
    assert least_items(fact["args"]["alpha_min"], fact["args"]["p_c"]) == fact["value"]


@pytest.mark.parametrize(
    ("rows", "alpha"), [((1, 2), 1.0), ((1, 2, 4), 0.8687782805), ((0, 1, 2, 4), 0.7989417989)]
)
def test_subsets_of_the_quadrilogy_have_their_published_alpha(rows, alpha):
    case = CASES["quadrilogy_counts"]
    some = case | {"contingency_table": [case["contingency_table"][row] for row in rows]}
    with opened(rows_of(some)) as tables:
        state = collect(tables, [Patterns()])[Patterns()]
    assert krippendorff_alpha(state.vectors, state.items).value == pytest.approx(alpha, abs=1e-9)


EDGES = {edge["name"]: edge for edge in CASES["edge_cases"]["expected"]}


def estimates(rows, declared=(), **spec):
    """Each coefficient of these rows by its name."""
    with opened(rows, **spec) as tables:
        states = collect(tables, [Patterns(declared), Gram(declared)])
    histogram, gram = states[Patterns(declared)], states[Gram(declared)]
    of_items = (histogram.vectors, histogram.items)
    return {
        "alpha": krippendorff_alpha(*of_items),
        "percent": percent_agreement(*of_items),
        "fleiss": fleiss_kappa(*of_items),
        "fleiss of pairable": fleiss_kappa_pairable(*of_items),
        "ac1": gwet_ac1(*of_items),
        "conger": conger_kappa(of_items, gram.votes, gram.alone, gram.pairs, gram.agreeing)[0],
        "light": lights_kappa(pairwise_kappa(gram.pairs, len(gram.labels))),
    }


def rows_of_units(units):
    return rows_of({"units_x_raters": units})


def statuses(found):
    assert all((estimate.value is None) == (estimate.status != "ok") for estimate in found.values())
    return {name: estimate.status for name, estimate in found.items()}


def test_one_label_leaves_every_corrected_coefficient_undefined_and_percent_agreement_whole():
    found = estimates(rows_of_units(EDGES["single category (3 raters x 4 units all 1)"]["data"]))
    assert statuses(found) == dict.fromkeys(found, "no_variation") | {"percent": "ok"}
    assert (found["percent"].value, found["percent"].low, found["percent"].high) == (1.0, 1.0, 1.0)


def test_one_vote_an_item_leaves_everything_undefined():
    found = estimates(rows_of_units(EDGES["one rater per unit"]["data"]))
    assert statuses(found) == dict.fromkeys(found, "no_overlap")


def test_a_missing_vote_is_no_label():
    edge = EDGES["missing rating, numeric"]
    found = estimates(rows_of_units(edge["data"]))
    assert found["alpha"].value == pytest.approx(edge["expected"]["alpha_nominal"], abs=1e-12)
    assert found["fleiss"].value == pytest.approx(edge["expected"]["fleiss_gwet"], abs=1e-12)


def test_no_votes_at_all_are_empty():
    found = estimates(rows_of_units(EDGES["all missing"]["data"]))
    assert statuses(found) == dict.fromkeys(found, "empty") | {"light": "no_overlap"}


def test_one_item_has_an_alpha_and_no_interval():
    edge = EDGES["one unit, disagree"]
    found = estimates(rows_of_units(edge["data"]))["alpha"]
    assert (found.value, found.low, found.high, found.n) == (
        pytest.approx(edge["expected"]["alpha_nominal"]),
        None,
        None,
        1,
    )


def test_a_label_on_a_single_vote_only_counts_for_chance_but_not_for_alpha():
    name = "pairable units all in one category, other category only as singleton"
    found = estimates(rows_of_units(EDGES[name]["data"]))
    assert found["alpha"].status == "no_variation"
    ac1, fleiss = found["ac1"], found["fleiss"]
    assert (ac1.value, ac1.low, ac1.high) == (1.0, 1.0, 1.0)
    # Without the one vote for the other label there is no Fleiss' kappa: no interval rests on a single item.
    assert (fleiss.value, fleiss.low, fleiss.high) == (1.0, None, None)


@pytest.mark.parametrize(("repeats", "alpha"), [("first", 0.4444444444444444), ("last", 0.4444444444444444)])
def test_two_votes_of_one_annotator_are_no_pair(repeats, alpha):
    rows = [tuple(row) for row in EDGES["same annotator labels an item twice"]["long"]]
    found = estimates(rows, more={"repeats": repeats})
    assert found["alpha"].value == pytest.approx(alpha, abs=1e-12)


def test_the_text_nan_is_a_label_and_a_null_is_none():
    rows = [("i", "a", "nan"), ("i", "b", "x"), ("j", "a", "nan"), ("j", "b", "nan"), ("j", "c", None)]
    same = [(item, who, "y" if label == "nan" else label) for item, who, label in rows]
    assert estimates(rows) == estimates(same)
    assert estimates(rows)["alpha"].n == 2


def test_an_ordinal_scale_of_texts_needs_its_order():
    rows = [("i", "a", "low"), ("i", "b", "high")]
    with (
        pytest.raises(InputError, match="from the least to the most"),
        opened(rows, labels={"level": "ordinal"}),
    ):
        pass


def test_declared_order_and_not_the_alphabet_ranks_labels():
    units = [["low", "mid"], ["mid", "high"], ["high", "high"], ["low", "low"], ["low", "high"]]
    with opened(rows_of_units(units)) as tables:
        declared = Patterns(("low", "mid", "high"))
        state = collect(tables, [declared])[declared]
    ordered = krippendorff_alpha(state.vectors, state.items, "ordinal").value
    numbers = [[{"low": 1, "mid": 2, "high": 3}[label] for label in unit] for unit in units]
    with opened(rows_of_units(numbers)) as tables:
        state = collect(tables, [Patterns()])[Patterns()]
    assert ordered == krippendorff_alpha(state.vectors, state.items, "ordinal").value
