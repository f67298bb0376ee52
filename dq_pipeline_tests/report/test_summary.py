"""What a report says, as plain data: the banner, what is first and why, waivers that can be pasted, and a bounded size."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from dq_pipeline.families.verdict import Waived
from dq_pipeline.report import ranked, state, summarise, to_html
from dq_pipeline.report.harm import harm
from dq_pipeline.report.model import Panel, Section, Table
from dq_pipeline.report.panels import _with_safe_ids
from dq_pipeline.spec.model import Waiver
from dq_pipeline_tests.report.world import measures, nights, subject, verdict, verdicts


@pytest.mark.parametrize(
    ("overall", "waived", "says"),
    [
        ("block", True, "BLOCKED"),
        ("warn", True, "WAIVED"),
        ("insufficient", True, "WAIVED"),
        ("insufficient", False, "INSUFFICIENT EVIDENCE"),
        ("warn", False, "WARNED"),
        ("clear", False, "CLEAR"),
    ],
)
def test_the_banner_says_the_worst_that_holds(overall, waived, says):
    told = verdict(
        "a",
        "agreement",
        "block",
        "hhi",
        blocking=False,
        waiver=Waived("ana", "why", "2026-12-31") if waived else None,
    )
    assert state((told,), overall) == says


def test_what_is_held_back_names_the_checks_that_close_the_gate_or_who_waived_them():
    told = summarise(subject())
    assert (
        told.held_back
        == "Held back: every asset gated on annotations, until agreement_krippendorff_alpha passes or is waived."
    )
    let = summarise(subject(verdict="warn", verdicts=verdicts()[1:]))
    assert let.held_back == "Nothing is held back: concentration_largest_share by ana until 2026-12-31."
    assert summarise(subject(verdict="clear", verdicts=())).held_back == "Nothing is held back."


def test_at_most_seven_come_first_and_what_closes_the_gate_leads():
    many = [verdict(f"w{n}", "agreement", "warn", "hhi", value=0.9, bound="<= 0.5") for n in range(9)]
    told = summarise(
        subject(verdicts=(*many, verdict("b", "balance", "block", "hhi", value=0.51, bound="<= 0.5")))
    )
    assert len(told.first) == 7
    assert told.first[0].verdict.check == "b"
    assert [one.verdict.check for one in summarise(subject()).first] == [
        "agreement_krippendorff_alpha", "concentration_largest_share", "balance_cells_label_weather", "annotators_gold_accuracy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "distance"),
    [
        ({"value": 0.5, "bound": ">= 0.8"}, 0.375),
        ({"value": 0.8, "bound": ">= 0.8"}, 0.0),
        ({"value": 0.9, "bound": "<= 0.8"}, 0.5),
        ({"value": 40.0, "bound": "<= 10"}, 0.75),
        ({"value": 0.0, "bound": ">= 30"}, 1.0),
        ({"value": 5_000.0, "bound": "<= 1,250"}, 0.75),
        ({"value": -0.9, "bound": ">= 0.1"}, 1.0),
        ({"value": None, "bound": None}, 1.0),
    ],
)
def test_distance_goes_from_the_limit_to_the_worst_there_can_be(told, distance):
    assert harm(verdict("a", "agreement", "warn", "hhi", **told), subject()).distance == pytest.approx(
        distance
    )


def test_chance_is_half_at_the_limit_and_near_one_far_beyond_it():
    def chance(value):
        one = verdict(
            "a",
            "agreement",
            "warn",
            "krippendorff_alpha",
            value=value,
            low=value - 0.1,
            high=value + 0.1,
            bound=">= 0.8",
        )
        return harm(one, subject()).chance

    assert chance(0.8) == pytest.approx(0.5)
    assert chance(0.7) == pytest.approx(0.975, abs=1e-3)
    assert chance(0.9) == pytest.approx(0.025, abs=1e-3)


def test_reach_is_the_share_of_rows_that_a_number_is_about():
    def reach(**told):
        return harm(
            verdict("a", "balance", "warn", told.pop("measure"), value=0.0, bound=">= 30", **told), subject()
        ).reach

    assert reach(measure="cell_count", by="label,weather", key="mass|fog") == pytest.approx(1 / 9)
    assert reach(measure="gold_accuracy", by="annotator", key="ana") == pytest.approx(1 / 8)
    assert reach(measure="hhi") == 1.0
    failing = verdict("c", "contracts", "block", "failing_rows", value=30.0, n=120, bound="<= 0")
    assert harm(failing, subject()).reach == 0.25


def test_within_a_kind_the_larger_expected_harm_comes_first():
    near = verdict("near", "agreement", "warn", "hhi", value=0.55, bound="<= 0.5")
    far = verdict("far", "balance", "warn", "hhi", value=0.95, bound="<= 0.5")
    assert [one.check for one in ranked(subject(verdicts=(near, far)))] == ["far", "near"]


def test_a_broken_contract_comes_before_a_larger_harm_that_closes_the_gate_as_well():
    rows = verdict("rows", "contracts", "block", "failing_rows", value=1.0, n=1000, bound="<= 0")
    ratio = verdict("ratio", "balance", "block", "hhi", value=1.0, bound="<= 0.5")
    times = verdict("times", "contracts", "warn", "unreadable_times", value=1.0, n=1000, bound="<= 0")
    warned = verdict("warned", "balance", "warn", "hhi", value=1.0, bound="<= 0.5")
    told = subject(verdicts=(ratio, warned, times, rows))
    assert [one.check for one in ranked(told)] == ["rows", "ratio", "warned", "times"]


def test_the_waiver_to_paste_is_one_that_the_spec_takes():
    for card in summarise(subject()).checks:
        (written,) = yaml.safe_load(card.waiver)["waivers"]
        waiver = Waiver.model_validate(written)
        assert waiver.check == card.verdict.check
        assert waiver.data_version == subject().data_version
        assert waiver.expires.isoformat() == "2026-04-08"


def test_owners_are_those_of_the_waiver_the_check_or_the_dataset():
    told = (
        verdict("a", "agreement", "block", "hhi", owner="bo", waiver=Waived("ana", "why", "2026-12-31")),
        verdict("b", "agreement", "block", "hhi", owner="bo"),
        verdict("c", "agreement", "block", "hhi"),
    )
    owners = {one.verdict.check: one.owners for one in summarise(subject(verdicts=told)).checks}
    assert owners == {"a": ("ana",), "b": ("bo",), "c": ("team:imaging",)}


def test_pictures_whose_numbers_are_not_there_are_left_out():
    told = summarise(subject(measures=(), handouts=(), files=(), nights=()))
    assert told.sections == ()


def test_panels_of_breakdowns_without_a_latin_letter_get_ids_of_their_own_and_none_waits_for_ever():
    names = ("\u5929\u6c14", "2", "\u5149\u7ebf", "3")
    panels = tuple(Panel(f"share-{name}", "t", "s", "a", Table((), ())) for name in names)
    (section,) = _with_safe_ids([Section("s", "t", "", "", panels)])
    assert [panel.id for panel in section.panels] == ["share", "share-2", "share-3", "share-3-2"]


def test_the_page_of_a_huge_audit_is_hardly_larger_than_that_of_a_small_one():
    """120 annotators, 60 labels, 300 sources, 1,250 checks and a year of nights."""
    names = {
        key: tuple(f"{key} {n:03}" for n in range(many))
        for key, many in (("label", 60), ("who", 120), ("site", 300), ("sky", 60))
    }
    many = tuple(replace(one, check=f"{one.check}_{n}") for n in range(250) for one in verdicts())
    huge = to_html(
        subject(
            measures=measures(names["label"], names["who"], names["site"], names["sky"]),
            verdicts=many,
            nights=nights(365, many[:40]),
        )
    )
    assert len(huge.encode()) < 2_000_000
    assert huge.count('class="check"') == 200
    assert "1,050 more checks in" in huge
