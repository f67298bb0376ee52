"""What the agreement family says, on either side of each limit, and that it finds where annotators disagree."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field

import numpy as np
import pytest

from dq_pipeline.audit import audit, verdicts_of
from dq_pipeline.counts import collect
from dq_pipeline.families import families_of
from dq_pipeline.families.agreement import Agreement, AgreementPolicy
from dq_pipeline.families.agreement_words import what_to_do
from dq_pipeline.families.annotators import Annotators
from dq_pipeline.families.check import Bound, Check, Finding
from dq_pipeline.families.verdict import in_words
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.reference import MEASURES
from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.suites.judge import judge
from dq_pipeline.tables import Tables


@dataclass
class Crowd:
    """Items with conditions, and three annotators who are right so often under each."""

    items: int = 600
    sure: dict = field(default_factory=lambda: {"sun": 0.97, "rain": 0.97, "fog": 0.97})
    labels: tuple = ("cat", "dog")
    seed: int = 3

    def write(self, folder, **spec):
        random = np.random.default_rng(self.seed)
        items, votes = [], []
        for number in range(self.items):
            weather = list(self.sure)[number % len(self.sure)]
            items.append((f"i{number}", weather, f"site {number % 4}", f"patient {number // 5}"))
            truth = random.integers(len(self.labels))
            for who, group in (("ana", "north"), ("ben", "north"), ("cyd", "south"), ("dan", "south")):
                given = truth if random.random() < self.sure[weather] else random.integers(len(self.labels))
                month, version = 1 + number % 3, f"v{1 + (number % 3 == 2)}"
                votes.append((f"i{number}", who, self.labels[given], group, f"2024-0{month}-10", version))
        for name, header, rows in (
            ("items", ("id", "weather", "site", "patient"), items),
            ("annotations", ("item", "who", "label", "team", "at", "version"), votes),
        ):
            with (folder / f"{name}.csv").open("w", newline="") as file:
                csv.writer(file).writerows([header, *rows])
        written = {
            "dataset": "pets",
            "items": {"table": "items.csv", "id": "id", "source": "site", "group": "patient", "conditions": ["weather"]},
            "annotations": {
                "table": "annotations.csv", "item": "item", "annotator": "who", "label": "label",
                "annotator_group": "team", "time": "at", "guideline": "version",
            },
        }  # fmt: skip
        return written | spec


def measured(folder, written, kind=Agreement):
    """The spec, the family and its measures."""
    spec, source = spec_from(json.loads(json.dumps(written)), base=folder)
    family = next(one for one in families_of(spec, source) if isinstance(one, kind))
    with Tables(spec) as tables:
        counts = collect(tables, family.requests())
    return spec, family, family.measure(counts)


def told(folder, written):
    """The family's verdicts by check, and its measures."""
    spec, family, measures = measured(folder, written)
    judgement = judge(spec.dataset, measures, family.checks())
    verdicts = {
        finding.check.name: in_words(
            finding, family.remedy(finding, measures), family.sentence(finding, measures)
        )
        for finding in judgement.findings
    }
    return verdicts, measures


def found(measures, measure, by=None, key=None):
    return next(row.estimate for row in measures if (row.measure, row.by, row.key) == (measure, by, key))


@pytest.fixture(scope="module")
def rainy(tmp_path_factory):
    """Annotators who agree but in the rain."""
    folder = tmp_path_factory.mktemp("rainy")
    return told(folder, Crowd(sure={"sun": 0.97, "rain": 0.7, "fog": 0.97}).write(folder))


@pytest.fixture(scope="module")
def alike(tmp_path_factory):
    """Annotators who agree everywhere alike."""
    folder = tmp_path_factory.mktemp("alike")
    return told(folder, Crowd().write(folder))


def test_they_disagree_in_the_rain_and_the_check_says_so(rainy):
    verdicts, measures = rainy
    said = verdicts["agreement_slices_weather"]
    assert (said.verdict, said.by, said.key) == ("warn", "weather", "rain")
    alpha, gap = (
        found(measures, "krippendorff_alpha", "weather", "rain"),
        found(measures, "alpha_gap", "weather", "rain"),
    )
    assert said.sentence.startswith(
        f"Annotators agree less where weather is rain: alpha is {alpha.value:.4g} there and "
    )
    assert (
        f"lower by {gap.value:.4g} ({gap.low:.4g} to {gap.high:.4g}, 200 items); the limit is low end <= 0.05."
        in said.sentence
    )
    assert said.remedy == (
        "Say in the guideline what to do where weather is rain, with examples from there, and have its 200 items annotated again."
    )


def test_dimensions_that_have_nothing_to_do_with_it_stay_clear(rainy):
    verdicts, _ = rainy
    assert verdicts["agreement_slices_source"].verdict == "clear"
    assert verdicts["agreement_group_gap"].verdict == "clear"
    # Rain comes in January and February only here, and with it the month and the guideline differ.
    assert verdicts["agreement_slices_time"].key in {"2024-02", None}


def test_where_they_agree_alike_every_slice_is_clear_and_tells_its_farthest(alike):
    verdicts, measures = alike
    sliced = {name: one for name, one in verdicts.items() if name.startswith("agreement_slices")}
    assert set(sliced) == {
        f"agreement_slices_{dim}" for dim in ("weather", "source", "guideline", "annotator_group", "time")
    }
    assert {one.verdict for one in sliced.values()} == {"clear"}
    assert sliced["agreement_slices_weather"].sentence.startswith(
        "Annotators agree alike in every weather: most of all they differ where "
    )
    keys = {(row.by, row.key) for row in measures if row.measure == "gwet_ac1" and row.by}
    assert {
        ("time", "2024-02"),
        ("guideline", "v2"),
        ("annotator_group", "south"),
        ("weather", "fog"),
    } <= keys


def test_every_coefficient_is_told_with_its_n_and_interval(alike):
    _, measures = alike
    assert {row.measure for row in measures} <= MEASURES.keys()
    overall = {row.measure: row.estimate for row in measures if row.by is None}
    assert set(overall) == {
        "krippendorff_alpha", "gwet_ac1", "fleiss_kappa", "fleiss_kappa_pairable", "brennan_prediger", "percent_agreement",
        "conger_kappa", "light_kappa", "least_items", "within_group_alpha", "across_group_alpha", "group_gap",
    }  # fmt: skip
    for name, estimate in overall.items():
        assert estimate.status == "ok", name
        assert estimate.n == (6 if name == "light_kappa" else 600), name
        if name != "least_items":
            assert estimate.low <= estimate.value <= estimate.high, name


def test_groups_that_read_the_guideline_unlike_each_other_are_told(tmp_path):
    written = Crowd(items=200, sure={"sun": 0.99}).write(tmp_path)
    rows = (tmp_path / "annotations.csv").read_text().splitlines()
    swapped = [
        line.replace(",cat,", ",dog,") if ",south," in line and hash_of(line) else line for line in rows
    ]
    (tmp_path / "annotations.csv").write_text("\n".join(swapped) + "\n")
    verdicts, measures = told(tmp_path, written)
    said = verdicts["agreement_group_gap"]
    assert said.verdict == "warn"
    within, across = found(measures, "within_group_alpha"), found(measures, "across_group_alpha")
    assert f"alpha is {within.value:.4g}, across them {across.value:.4g}" in said.sentence
    assert "Calibrate the groups together on 50 items" in said.remedy


def hash_of(line):
    """Whether the southern team takes this cat for a dog: half of them, the same for both of its annotators."""
    return int(line[1 : line.index(",")]) % 2 == 0


@pytest.mark.parametrize(
    ("change", "verdict"), [(0, "clear"), (1, "warn")], ids=["at the limit", "just below it"]
)
def test_alpha_is_judged_inclusively_at_its_limit(tmp_path, change, verdict):
    written = Crowd(items=120, sure={"sun": 0.9}).write(tmp_path)
    del (
        written["items"],
        written["annotations"]["time"],
        written["annotations"]["guideline"],
        written["annotations"]["annotator_group"],
    )
    _, measures = told(tmp_path, written)
    alpha = found(measures, "krippendorff_alpha").value
    limit = float(np.nextafter(alpha, 2)) if change else alpha
    floor = {"warn": limit, "block": 0.1}
    verdicts, _ = told(tmp_path, written | {"checks": {"agreement": {"krippendorff_alpha": floor}}})
    assert verdicts["agreement_krippendorff_alpha"].verdict == verdict


def test_what_is_not_settled_warns_and_says_how_many_items_it_takes(tmp_path):
    written = Crowd(items=110, sure={"sun": 0.9}, labels=("cat", "dog", "dog", "dog", "dog", "dog")).write(
        tmp_path
    )
    del written["items"]
    _, measures = told(tmp_path, written)
    alpha, least = found(measures, "krippendorff_alpha"), found(measures, "least_items")
    floor = {"block": round(alpha.value - 0.01, 4), "warn": round(alpha.value - 0.005, 4)}
    verdicts, measures = told(tmp_path, written | {"checks": {"agreement": {"krippendorff_alpha": floor}}})
    said, least = verdicts["agreement_krippendorff_alpha"], found(measures, "least_items")
    assert (said.verdict, said.bound) == ("warn", f"low end >= {floor['block']:.4g}")
    assert f"it takes {int(least.value):,} to tell" in said.remedy


def test_a_block_that_softens_to_a_warning_says_why(tmp_path):
    floor = {"agreement": {"krippendorff_alpha": {"block": 0.99, "warn": 0.995}}}
    verdicts, measures = told(tmp_path, Crowd(items=300).write(tmp_path, checks=floor))
    said = verdicts["agreement_krippendorff_alpha"]
    assert (said.verdict, said.bound) == ("warn", ">= 0.99")
    ac1 = found(measures, "gwet_ac1").value
    assert f"It warns and does not block, as AC1 is {ac1:.4g} (>= 0.8)" in said.sentence


def test_disagreement_that_is_data_limits_nothing_unless_asked(tmp_path):
    crowd = Crowd(items=400, sure={"sun": 0.6, "rain": 0.2})
    written = crowd.write(tmp_path, labels={"paradigm": "descriptive"})
    verdicts, _ = told(tmp_path, written)
    assert {one.verdict for one in verdicts.values()} == {"clear"}
    assert "disagreement is data and nothing limits it" in verdicts["agreement_krippendorff_alpha"].sentence
    asked = {"agreement": {"krippendorff_alpha": {"block": 0.667}, "slice_gap": {"block": 0.05}}}
    verdicts, _ = told(tmp_path, written | {"checks": asked})
    assert verdicts["agreement_krippendorff_alpha"].verdict == "warn"
    assert verdicts["agreement_slices_weather"].verdict == "warn"
    assert not any(one.blocking for one in verdicts.values())


def test_too_few_items_are_insufficient_and_the_remedy_says_how_many(tmp_path):
    verdicts, _ = told(tmp_path, Crowd(items=60).write(tmp_path))
    said = verdicts["agreement_krippendorff_alpha"]
    assert (said.verdict, said.remedy) == (
        "insufficient",
        "Have 40 more items annotated by at least two annotators.",
    )
    assert verdicts["agreement_slices_weather"].verdict == "insufficient"
    assert (
        "Have 100 items in each of two or more slices of weather"
        in verdicts["agreement_slices_weather"].remedy
    )


@pytest.mark.parametrize(
    "how", [{"method": "bootstrap", "replicates": 400}, {"resample": "group"}, {"method": "linear"}]
)
def test_intervals_are_made_as_the_policy_says(tmp_path, how):
    written = Crowd(items=200, sure={"sun": 0.9}).write(tmp_path)
    _, usual = told(tmp_path, written)
    _, other = told(tmp_path, written | {"checks": {"agreement": {"interval": how}}})
    first, second = found(usual, "krippendorff_alpha"), found(other, "krippendorff_alpha")
    assert first.value == second.value
    assert (first.low, first.high) != (second.low, second.high)
    assert (first.low, first.high) == pytest.approx((second.low, second.high), abs=0.05)
    _, again = told(tmp_path, written | {"checks": {"agreement": {"interval": how}}})
    assert found(again, "krippendorff_alpha") == second


def test_two_annotators_have_cohens_kappa_plain_and_weighted(tmp_path):
    # SAS/STAT's example of kappa for a table of three by three
    table = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
    pairs = [(c, k) for c, row in enumerate(table) for k, n in enumerate(row) for _ in range(n)]
    rows = [
        (f"i{place}", who, label)
        for place, pair in enumerate(pairs)
        for who, label in zip("ab", pair, strict=True)
    ]
    with (tmp_path / "annotations.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("item", "who", "label"), *rows])
    written = {
        "dataset": "pets",
        "annotations": {"table": "annotations.csv", "item": "item", "annotator": "who", "label": "label"},
        "labels": {"level": "ordinal", "values": ["0", "1", "2"]},
        "checks": {"annotators": {"least_overlap": 10}},
    }
    of_two, of_pairs = measured(tmp_path, written)[2], measured(tmp_path, written, Annotators)[2]
    for measure, value in (("cohen_kappa", 0.4842), ("cohen_kappa_linear", 0.4701)):
        whole, pair = found(of_two, measure), found(of_pairs, measure, "annotator,annotator", "a|b")
        assert (whole.value, whole.n) == (pytest.approx(value, abs=5e-5), 19)
        assert (whole.low, whole.high) == pytest.approx((pair.low, pair.high), abs=1e-9)
        assert (pair.value, pair.n) == (pytest.approx(whole.value), 19)
    assert found(of_two, "cohen_kappa_quadratic").value == pytest.approx(
        found(of_pairs, "cohen_kappa_quadratic", "annotator,annotator", "a|b").value
    )
    _, _, linear = measured(tmp_path, written | {"checks": {"agreement": {"interval": {"method": "linear"}}}})
    assert found(linear, "cohen_kappa").low != found(of_two, "cohen_kappa").low


def test_slices_are_those_asked_for_and_may_be_crossed(tmp_path):
    written = Crowd(items=600).write(tmp_path)
    verdicts, measures = told(
        tmp_path, written | {"checks": {"agreement": {"slices": [["weather", "annotator_group"]]}}}
    )
    assert [name for name in verdicts if "slices" in name] == ["agreement_slices_weather_annotator_group"]
    assert found(measures, "krippendorff_alpha", "weather,annotator_group", "rain|north").n == 200
    verdicts, _ = told(tmp_path, written | {"checks": {"agreement": {"slices": False}}})
    assert not [name for name in verdicts if "slices" in name]


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"slices": ["wether"]}, "unknown dimension 'wether'"),
        ({"slices": [["weather", "weather"]]}, "once each"),
        ({"slices": 3}, "weather, light"),
        ({"interval": {"resample": "group"}}, "items.group names no column"),
        ({"interval": {"method": "wald"}}, "method"),
        ({"slice_gap": {"warn": 3}}, "a number from 0 to 2"),
    ],
)
def test_a_policy_that_cannot_be_met_is_refused(tmp_path, policy, says):
    written = Crowd(items=5).write(tmp_path, checks={"agreement": policy})
    del written["items"]["group"]
    with pytest.raises(InputError, match=says):
        told(tmp_path, written)


def test_ratings_with_thousands_of_values_are_judged(tmp_path):
    random = np.random.default_rng(8)
    rows = [("item", "who", "label")]
    for number in range(300):
        truth = random.uniform(1, 5)
        rows += [(f"i{number}", who, f"{truth + random.normal(0, 0.2):.3f}") for who in "abc"]
    with (tmp_path / "annotations.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    written = {
        "dataset": "pets",
        "annotations": {"table": "annotations.csv", "item": "item", "annotator": "who", "label": "label"},
        "labels": {"level": "interval"},
    }
    verdicts, measures = told(tmp_path, written)
    alpha = found(measures, "krippendorff_alpha")
    assert alpha.low < 0.97 < alpha.high
    assert verdicts["agreement_krippendorff_alpha"].verdict == "clear"


def test_the_whole_audit_tells_it_too(tmp_path):
    spec, source = spec_from(
        Crowd(sure={"sun": 0.97, "rain": 0.7, "fog": 0.97}).write(tmp_path), base=tmp_path
    )
    told = verdicts_of(audit(spec, source))
    assert any(
        check["check"] == "agreement_slices_weather" and check["key"] == "rain" for check in told["checks"]
    )


@pytest.mark.parametrize(
    ("limit", "said"), [(0.667, "it takes 300 to tell that alpha is above 0.667"), (0.8, None)]
)
def test_the_items_that_are_lacking_are_those_for_the_limit_that_they_were_reckoned_for(limit, said):
    bound = Bound("warn", "krippendorff_alpha", at_least=limit, column="low")
    alpha = Measure("agreement", "krippendorff_alpha", "annotations", Estimate(0.75, 0.6, 0.84, 120))
    least = Measure("agreement", "least_items", "annotations", Estimate(300.0, n=120))
    check = Check(
        "agreement_krippendorff_alpha", "agreement", "annotations", "krippendorff_alpha", "Alpha", "items"
    )
    remedy = what_to_do(Finding(check, "warn", alpha, bound), [alpha, least], AgreementPolicy())
    assert (said is not None and said in remedy) or (said is None and "it takes" not in remedy)
    assert ("Have 180 more items annotated twice" in remedy) is (said is not None)
