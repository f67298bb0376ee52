"""However a training asset is started, it is not built on data that did not pass: one scenario a test."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import dagster as dg
import pytest

from dq_pipeline import gated
from dq_pipeline.orchestration.gate import decide
from dq_pipeline.orchestration.required import Gate
from dq_pipeline.orchestration.retired import retire
from dq_pipeline.orchestration.waivers import CheckWaiver, waive
from dq_pipeline.spec.errors import InputError
from dq_pipeline_tests.orchestration.conftest import BOTH
from dq_pipeline_tests.orchestration.gate_world import World

TODAY = date(2026, 11, 24)
NUMBERS = itertools.count()
pytestmark = BOTH


@pytest.fixture
def world(instance):
    return World(instance, f"w{next(NUMBERS)}")


def closed(world, *, states, name="model"):
    """The gate told that it was closed, for these states, and nothing was built."""
    told = world.told(name)
    assert told.passed is False, told.description
    decision = decide(world.instance, world.graph(), Gate(world.key(name)))
    assert {reason.state for reason in decision.reasons} == set(states), decision.reasons
    assert all(reason.sentence and reason.remedy for reason in decision.reasons)
    assert world.materialized(name) == 0
    assert world.built == []
    return decision


def test_a_clean_chain_is_built_and_its_gate_says_so(world):
    assert world.run().success
    assert world.told().passed
    assert world.told().description == "Open: 3 checks of 3 versions let it be built."
    assert world.materialized("model") == 1


def test_the_child_alone_in_a_later_run_is_not_built(world):
    world.data = "bad"
    world.run("images", "images:agreement", "raw:arrived")
    world.run("items")
    assert not world.run("model").success
    decision = closed(world, states=["failed"])
    reason = decision.reasons[0]
    assert reason.check == "agreement"
    assert reason.asset == world.key("images")
    assert reason.said == "alpha is .4; the limit is >= .667."
    version = world.instance.get_latest_materialization_event(world.key("images"))
    assert reason.materialized == version.timestamp
    assert reason.run_id == version.run_id
    assert decision.closed_since is not None


def test_a_grandchild_with_the_middle_unselected_is_not_built(world):
    assert world.run("images", "items", "images:agreement", "raw:arrived").success
    world.data = "bad"
    world.run("images", "model")
    assert world.materialized("model") == 1, "the items it reads came from the good images"
    world.run("items")
    assert not world.run("model").success
    assert world.materialized("model") == 1


def test_checks_left_out_of_the_selection_keep_it_closed(world):
    world.run("raw:arrived")
    world.run("images", "items", checks=False)
    assert not world.run("model").success
    closed(world, states=["missing"])


def test_a_failed_check_on_an_external_asset_keeps_it_closed_though_mended_later(world):
    world.raw_is = "bad"
    world.run("raw:arrived")
    world.run("images", "items")
    assert not world.run("model").success
    closed(world, states=["failed"])
    world.raw_is = "good"
    world.run("raw:arrived")
    assert not world.run("model").success, "the images were read from the bad one"
    closed(world, states=["failed"])
    world.run("images", "items")
    assert world.run("model").success


def test_an_external_asset_that_was_never_checked_keeps_it_closed(world):
    world.run("images", "items")
    assert not world.run("model").success
    closed(world, states=["missing"])


def test_a_check_that_raised_keeps_it_closed(world):
    world.run("raw:arrived")
    world.check = "raise"
    world.run("images", "images:agreement")
    world.run("items")
    assert not world.run("model").success
    closed(world, states=["errored"])


def test_a_check_that_passed_and_raised_when_it_was_asked_again_keeps_it_closed(world):
    world.run("raw:arrived")
    world.run("images", "items")
    world.check = "raise"
    world.run("images:agreement")
    assert not world.run("model").success
    closed(world, states=["errored"])


def test_a_check_older_than_the_data_keeps_it_closed(world):
    world.run("raw:arrived")
    world.run("images")
    world.run("images", checks=False)
    world.run("items")
    assert not world.run("model").success
    closed(world, states=["stale"])


def test_an_upstream_mended_after_the_fact_does_not_clear_what_was_made_from_it(world):
    world.run("raw:arrived")
    world.data = "bad"
    world.run("images")
    world.run("items")
    world.data = "good"
    assert world.run("images").success
    assert not world.run("model").success
    closed(world, states=["failed"])
    assert world.run("items").success
    assert world.run("model").success


def test_a_warning_does_not_close_it(world):
    world.data, world.warn = "bad", True
    assert world.run().success
    assert world.told().passed
    decision = decide(world.instance, world.graph(), Gate(world.key("model")))
    assert [one.check.name for one in decision.warned] == ["agreement"]


def test_a_valid_waiver_lets_it_follow_and_is_told(world):
    world.data, world.warn = "bad", True
    world.metadata = CheckWaiver("ana", "second site", date(2999, 1, 1)).metadata
    assert world.run().success
    table = world.told().metadata["waivers"].records
    assert [record.data["waiver"] for record in table] == ["ana, until 2999-01-01: second site"]


def test_an_expired_waiver_closes_it(world):
    world.data, world.warn = "bad", True
    world.metadata = CheckWaiver("ana", "second site", date(2020, 1, 1)).metadata
    world.run("raw:arrived")
    world.run("images", "items")
    assert not world.run("model").success
    closed(world, states=["waiver expired"])


def test_a_waiver_holds_on_its_last_day_and_not_on_the_next(world):
    world.data, world.warn = "bad", True
    world.metadata = CheckWaiver("ana", "second site", TODAY).metadata
    world.run("raw:arrived")
    world.run("images", "items")
    gate, graph = Gate(world.key("model")), world.graph()
    assert decide(world.instance, graph, gate, today=TODAY).open
    assert not decide(world.instance, graph, gate, today=TODAY + timedelta(days=1)).open


def test_a_waiver_whose_date_cannot_be_read_never_opens_it(world):
    world.data, world.warn = "bad", True
    world.metadata = {"waiver_owner": "ana", "waiver_expires": "soon"}
    world.run("raw:arrived")
    world.run("images", "items")
    assert not world.run("model").success
    closed(world, states=["waiver expired"])


def test_a_waiver_reported_on_the_instance_covers_that_version_only(world):
    world.data = "bad"
    world.run("raw:arrived")
    world.run("images")
    world.run("items")
    assert not world.run("model").success
    check = dg.AssetCheckKey(world.key("images"), "agreement")
    waive(world.instance, check, CheckWaiver("ana", "known", date(2999, 1, 1)), today=TODAY)
    assert world.run("model").success
    world.run("images")
    world.run("items")
    assert not world.run("model").success, "the waiver was for another version"
    assert world.materialized("model") == 1


def test_a_check_that_did_not_run_on_the_latest_data_is_not_waived(world):
    world.run("images", checks=False)
    check = dg.AssetCheckKey(world.key("images"), "agreement")
    with pytest.raises(InputError, match="no failed evaluation"):
        waive(world.instance, check, CheckWaiver("ana", "known", date(2999, 1, 1)), today=TODAY)


def test_a_check_that_passes_by_now_is_not_waived_and_stays_passed(world):
    world.data = "bad"
    world.run("raw:arrived")
    world.run("images")
    world.data = "good"
    world.run("images")
    check = dg.AssetCheckKey(world.key("images"), "agreement")
    with pytest.raises(InputError, match="a check that passed when it ran last"):
        waive(world.instance, check, CheckWaiver("ana", "known", date(2999, 1, 1)), today=TODAY)
    world.run("items")
    assert world.run("model").success
    assert decide(world.instance, world.graph(), Gate(world.key("model"))).waived == ()


@pytest.mark.parametrize(
    ("owner", "reason", "expires", "found"),
    [
        ("", "known", date(2999, 1, 1), "no owner"),
        ("ana", " ", date(2999, 1, 1), "no reason"),
        ("ana", "known", TODAY - timedelta(1), "has passed"),
        ("ana", "known", TODAY, "a check that passed when it ran last"),
    ],
)
def test_a_waiver_that_says_too_little_or_matches_nothing_is_an_error(world, owner, reason, expires, found):
    world.run("images")
    check = dg.AssetCheckKey(world.key("images"), "agreement")
    with pytest.raises(InputError, match=found):
        waive(world.instance, check, CheckWaiver(owner, reason, expires), today=TODAY)


def test_a_report_may_run_on_what_a_model_may_not_train_on(world):
    world.data = "bad"
    world.run("raw:arrived")
    world.run("images")
    world.run("items", "items:schema")
    assert not world.run("model").success
    assert world.run("report").success
    closed(world, states=["failed"])


def test_a_required_check_that_nobody_has_closes_it(instance):
    world = World(instance, f"w{next(NUMBERS)}", require=["agreemint"])
    world.run("images", "items")
    assert not world.run("model").success
    decision = decide(instance, world.graph(), Gate(world.key("model"), ("agreemint",)))
    assert [reason.state for reason in decision.reasons] == ["not found"]


def test_an_input_that_was_never_materialized_closes_it(world):
    graph = world.graph()
    decision = decide(world.instance, graph, Gate(world.key("model")))
    assert {reason.state for reason in decision.reasons} >= {"never materialized"}


def test_a_check_that_never_ran_keeps_it_closed_though_others_passed(world):
    world.run("raw:arrived")
    world.run("images", "items", "items:schema", checks=False)
    assert not world.run("model").success
    decision = closed(world, states=["missing"])
    assert [reason.check for reason in decision.reasons] == ["agreement"]
    assert decision.reasons[0].remedy == f"Run the check {world.prefix}/images:agreement."


@pytest.mark.filterwarnings("ignore:Parameter `include_sources`")
def test_automation_waits_for_blocking_checks_and_starts_when_they_passed(world):
    defs = world.definitions()

    def requested(cursor):
        result = dg.evaluate_automation_conditions(defs=defs, instance=world.instance, cursor=cursor)
        return result.get_num_requested(world.key("automatic")), result.cursor

    assert world.run("raw:arrived", "images", "items").success
    _, cursor = requested(None)
    assert world.run("items", checks=False).success
    asked, cursor = requested(cursor)
    assert asked == 0, "the check of the newest items has not run"
    assert world.run("items:schema").success
    asked, _ = requested(cursor)
    assert asked == 1


def test_automation_of_a_gate_that_requires_others_does_not_wait_for_blocking_checks(world):
    graph, waits = world.graph(), "all_deps_blocking_checks_passed"
    assert waits in str(graph.get(world.key("automatic")).automation_condition)
    assert waits not in str(graph.get(world.key("report")).automation_condition)


def test_a_check_in_another_code_location_is_found_and_closes_it(world):
    images = world.key("images")

    @dg.asset_check(asset=images, blocking=True)
    def elsewhere():
        return dg.AssetCheckResult(passed=False, description="from another location")

    world.run("raw:arrived")
    world.run("images", "items")
    assert world.run("model").success, "nobody has asked elsewhere yet"
    other = [dg.AssetSpec(images), elsewhere]
    dg.materialize(
        other,
        selection=dg.AssetSelection.all_asset_checks(),
        instance=world.instance,
        raise_on_error=False,
    )
    assert not world.run("model").success
    decision = decide(world.instance, world.graph(), Gate(world.key("model")))
    assert [(one.check, one.said) for one in decision.reasons] == [("elsewhere", "from another location")]
    retire(world.instance, dg.AssetCheckKey(images, "elsewhere"), "ana", "that location is gone")
    assert world.run("model").success
    assert world.materialized("model") == 2


def test_an_input_built_in_another_code_location_is_judged_by_the_checks_there(world):
    prefix = world.prefix

    @gated
    @dg.asset(key_prefix=prefix, deps=[world.key("items")])
    def far(): ...

    graph = dg.Definitions(assets=[far]).resolve_asset_graph()
    build = lambda: dg.materialize([far], instance=world.instance, raise_on_error=False).success  # noqa: E731 - said thrice
    world.run("raw:arrived")
    world.run("images", "items")
    assert build()
    world.data = "bad"
    world.run("images")
    world.run("items", "items:schema")
    assert not build()
    [reason] = decide(world.instance, graph, Gate(world.key("far"))).reasons
    assert (reason.state, reason.check, reason.asset) == ("failed", "agreement", world.key("images"))
    assert world.materialized("far") == 1


@pytest.mark.parametrize(
    ("owner", "reason", "found"), [("", "gone", "no owner"), ("ana", "gone", "never ran")]
)
def test_what_cannot_be_retired_is_an_error(world, owner, reason, found):
    with pytest.raises(InputError, match=found):
        retire(world.instance, dg.AssetCheckKey(world.key("images"), "nobody"), owner, reason)


def test_a_gate_closed_by_many_tells_the_first_and_counts_the_rest(world):
    world.raw_is = world.data = "bad"
    world.run("raw:arrived")
    world.run("images")
    world.run("items", checks=False)
    assert not world.run("model").success
    told = world.told()
    assert told.description.startswith("Closed. Check ")
    assert "(2 more reasons)" in told.description
    assert len(told.metadata["reasons"].records) == 3
    assert not world.run("model").success
    assert "Closed since" in world.told().description
    assert "closed_since" in world.told().metadata


def test_the_gate_alone_is_asked_and_builds_nothing(world):
    assert world.run("raw:arrived", "images", "items").success
    assert world.run("model:quality_gate").success
    assert world.told().passed
    world.data = "bad"
    world.run("images")
    world.run("items")
    world.run("model:quality_gate")
    assert not world.told().passed
    assert world.materialized("model") == 0
    assert world.built == []


def test_a_job_without_the_gates_check_is_stopped_and_told_all_the_same(world):
    world.data = "bad"
    world.run("raw:arrived", "images")
    world.run("items", "items:schema")
    assert not world.run("model", checks=False).success
    closed(world, states=["failed"])
