"""Waivers of a spec: who lets which failed check pass, for which data and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dq_pipeline.families.verdict import CheckVerdict, Waived, overall, waived
from dq_pipeline.spec.model import Waiver
from dq_pipeline.tracking import names

TODAY = date(2026, 11, 25)
FAILED = CheckVerdict(
    "alpha", "agreement", "annotations", "block", True, "Alpha is .4.", "Calibrate 3 people."
)


def waiver(check="alpha", expires=TODAY, data_version=None):
    return Waiver(check=check, owner="ana", reason="second site", expires=expires, data_version=data_version)


@pytest.mark.parametrize("name", ["alpha", "agreement"])
def test_a_waiver_of_the_check_or_its_family_lets_it_pass_on_its_last_day(name):
    said = waived(FAILED, [waiver(name)], TODAY, "v1")
    assert (said.verdict, said.blocking) == ("block", False)
    assert said.waiver == Waived("ana", "second site", "2026-11-25")
    assert overall([said]) == "warn"


def test_an_expired_waiver_blocks_and_is_told():
    said = waived(FAILED, [waiver(expires=TODAY - timedelta(days=1))], TODAY, "v1")
    assert said.blocking
    assert said.waiver is None
    assert said.remedy == "The waiver of ana expired on 2026-11-24. Calibrate 3 people."


def test_a_waiver_of_another_data_version_blocks_and_is_told():
    assert not waived(FAILED, [waiver(data_version="v1")], TODAY, "v1").blocking
    said = waived(FAILED, [waiver(data_version="v0")], TODAY, "v1")
    assert said.blocking
    assert said.remedy == "The waiver of ana is for the data version v0; this is v1. Calibrate 3 people."


def test_one_waiver_that_holds_is_enough():
    old = waiver(expires=TODAY - timedelta(days=9))
    assert not waived(FAILED, [old, waiver(data_version="v0"), waiver()], TODAY, "v1").blocking


def test_a_waiver_changes_nothing_else():
    clear = CheckVerdict("alpha", "agreement", "annotations", "clear", False, "Alpha is .9.", "")
    assert waived(clear, [waiver()], TODAY, "v1") == clear
    assert waived(FAILED, [waiver("other")], TODAY, "v1") == FAILED


def test_mlflow_is_told_who_waived_what_until_when():
    said = waived(FAILED, [waiver()], TODAY, "v1")
    told = names.tags("warn", [said.as_dict(), FAILED.as_dict()], {})
    assert told["dq.waiver.alpha"] == "ana, until 2026-11-25: second site"


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ((), "insufficient"),
        (("clear", "insufficient"), "insufficient"),
        (("insufficient", "warn", "clear"), "warn"),
        (("clear", "clear"), "clear"),
    ],
)
def test_the_datasets_verdict_is_the_worst_and_a_warning_is_worse_than_too_little_data(verdicts, told):
    assert overall([replace(FAILED, verdict=one, blocking=False) for one in verdicts]) == told
