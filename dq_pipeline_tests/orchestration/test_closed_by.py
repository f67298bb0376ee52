"""What closes a gate is told once: one line a check, the version and what to do not repeated."""

import dagster as dg

from dq_pipeline import gated
from dq_pipeline.orchestration.closed_by import in_lines
from dq_pipeline.orchestration.decision import Reason
from dq_pipeline.orchestration.gate import decide
from dq_pipeline.orchestration.gate_command import _in_lines
from dq_pipeline.orchestration.required import gates

ITEMS, VOTES = dg.AssetKey("items"), dg.AssetKey("votes")


def test_the_checks_of_one_version_stand_under_one_head_and_what_to_do_stands_once():
    reasons = [
        Reason("failed", ITEMS, "hhi", None, 7, 0.0, "abcdefghij", 60.0, "HHI is 1."),
        Reason("failed", VOTES, "alpha", None, 8, 0.0, "abcdefghij", 60.0, "Alpha is .2."),
        Reason("failed", ITEMS, "rows", None, 7, 0.0, "abcdefghij", 61.0, "3 of 9 rows have no item."),
        Reason("failed", ITEMS, "hhi", None, 7, 0.0, "abcdefghij", 60.0, "HHI is 1."),
    ]
    assert in_lines(reasons) == [
        (
            "2 checks of items of 1970-01-01 00:00:00 UTC (event 7), each of which failed, found by run abcdefgh at "
            "1970-01-01 00:01:00 UTC:"
        ),
        "  hhi: HHI is 1.",
        "  rows: 3 of 9 rows have no item.",
        (
            "Check alpha of votes of 1970-01-01 00:00:00 UTC (event 8) failed, found by run abcdefgh at "
            "1970-01-01 00:01:00 UTC: Alpha is .2."
        ),
        "-> Mend items, materialize it again with its checks, then what was made from it.",
        "-> Mend votes, materialize it again with its checks, then what was made from it.",
    ]


def test_checks_that_never_ran_are_named_together_in_what_to_do():
    reasons = [Reason("missing", ITEMS, name, storage_id=7, materialized=0.0) for name in ("hhi", "rows")]
    reasons.append(Reason("never materialized", VOTES))
    assert in_lines(reasons) == [
        "2 checks of items of 1970-01-01 00:00:00 UTC (event 7), each of which never ran:",
        "  hhi",
        "  rows",
        "votes was never materialized.",
        "-> Run the checks items:hhi, items:rows.",
        "-> Materialize votes with its checks, after what it is made from.",
    ]


def test_a_run_and_the_command_tell_several_failed_checks_of_an_asset_without_saying_it_twice():
    @dg.asset
    def items(): ...

    def check(name):
        @dg.asset_check(asset=items, name=name, blocking=True)
        def answer():
            return dg.AssetCheckResult(passed=False, description=f"{name} is bad.")

        return answer

    @gated
    @dg.asset(deps=[items])
    def model(): ...

    checks = [check(name) for name in ("first", "second", "third")]
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([items, *checks], instance=instance, raise_on_error=False)
        ended = dg.materialize([items, model], selection=[model], instance=instance, raise_on_error=False)
        graph = dg.Definitions(assets=[items, model], asset_checks=checks).resolve_asset_graph()
        told = _in_lines(decide(instance, graph, gates(graph)[0])).splitlines()
    (failure,) = (event for event in ended.all_events if event.is_step_failure)
    said = failure.step_failure_data.user_failure_data.description.splitlines()
    assert said[0] == "The quality gate of model is closed."
    assert told[0].startswith("model: Closed, since ")
    for lines in (said[1:], [line.removeprefix("  ") for line in told[1:]]):
        assert lines[0].startswith("3 checks of items of ")
        assert lines[1:4] == ["  first: first is bad.", "  second: second is bad.", "  third: third is bad."]
        assert lines[4:] == [
            "-> Mend items, materialize it again with its checks, then what was made from it."
        ]
