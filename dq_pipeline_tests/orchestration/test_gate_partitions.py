"""Gates by partition: a bad day closes that day, backfills in one run or many, and models that read many days."""

from __future__ import annotations

import warnings

import dagster as dg
import pytest

from dq_pipeline import gated, passed_partitions
from dq_pipeline.orchestration.gate import Asking, decide
from dq_pipeline.orchestration.per_partition import check_events
from dq_pipeline.orchestration.required import Gate, gates
from dq_pipeline.spec.errors import InputError
from dq_pipeline_tests.orchestration.conftest import BOTH

pytestmark = [
    BOTH,
    pytest.mark.filterwarnings("ignore:Parameter `backfill_policy`", "ignore:Class `BackfillPolicy`"),
]
DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-05")
FIRST, SECOND, THIRD, FOURTH = DAYS.get_partition_keys()
ONE_RUN = dg.BackfillPolicy.single_run()


class Days:
    """images by day -> model by day (gated) and yearly (gated, reads every day), under a prefix of its own."""

    def __init__(self, instance, prefix, leave_out=0.0):
        self.instance, self.prefix = instance, prefix
        self.bad, self.read = set(), []
        world = self

        @dg.asset(key_prefix=prefix, partitions_def=DAYS, backfill_policy=ONE_RUN)
        def images() -> None: ...

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            spec = dg.AssetCheckSpec("agreement", asset=images.key, blocking=True, partitions_def=DAYS)

        @dg.multi_asset_check(specs=[spec], name=f"{prefix}_agreement")
        def agreement(context):
            results = {
                day: dg.AssetCheckResult(
                    asset_key=images.key, check_name="agreement", passed=day not in world.bad
                )
                for day in context.op_execution_context.partition_keys
            }
            yield from check_events(context, results)

        @gated
        @dg.asset(key_prefix=prefix, deps=[images], partitions_def=DAYS, backfill_policy=ONE_RUN)
        def model() -> None: ...

        @gated(leave_out=leave_out)
        @dg.asset(key_prefix=prefix, deps=[images])
        def yearly(context) -> None:
            world.read.append(passed_partitions(context, images.key))

        @gated
        @dg.asset(key_prefix=prefix, deps=[yearly])
        def served() -> None: ...

        self.assets = [images, agreement, model, yearly, served]
        self.graph = dg.Definitions(
            assets=[images, model, yearly, served], asset_checks=[agreement]
        ).resolve_asset_graph()

    def key(self, name):
        return dg.AssetKey([self.prefix, name])

    def run(self, name, day=None, last=None):
        """Build one asset with its checks: for a day, for a range of days in one run, or without partitions."""
        tags = {"dagster/asset_partition_range_start": day, "dagster/asset_partition_range_end": last}
        return dg.materialize(
            self.assets,
            selection=dg.AssetSelection.assets(self.key(name)),
            instance=self.instance,
            partition_key=None if last else day,
            tags=tags if last else None,
            raise_on_error=False,
        )

    def days(self, name):
        records = self.instance.fetch_materializations(self.key(name), limit=100).records
        return sorted({record.partition_key for record in records})

    def decision(self, name, day=None):
        [gate] = [one for one in gates(self.graph) if one.asset == self.key(name)]
        return decide(self.instance, self.graph, gate, Asking(partition=day))


@pytest.fixture
def days(instance, request):
    return Days(instance, request.node.originalname.removeprefix("test_")[:40])


def test_one_bad_day_closes_that_day(days):
    days.bad = {SECOND}
    for day in (FIRST, SECOND):
        days.run("images", day)
    assert days.run("model", FIRST).success
    assert not days.run("model", SECOND).success
    assert days.days("model") == [FIRST]
    assert days.decision("model", FIRST).open
    [reason] = days.decision("model", SECOND).reasons
    assert (reason.state, reason.partition, reason.check) == ("failed", SECOND, "agreement")
    assert f"images [{SECOND}]" in reason.sentence


def test_a_backfill_in_one_run_is_judged_by_day_and_says_which_to_leave_out(days):
    days.bad = {THIRD}
    assert not days.run("images", FIRST, FOURTH).success, "the bad day blocks in the run"
    failed = days.run("model", FIRST, FOURTH)
    assert not failed.success
    assert days.days("model") == []
    message = failed.failure_data_for_node(f"{days.prefix}__model").user_failure_data.description
    assert f"start it without {THIRD}" in message
    told = {
        record.partition: record.evaluation.passed
        for record in days.instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(days.key("model"), "quality_gate"), limit=20
        )
        if record.evaluation is not None
    }
    assert told == {FIRST: True, SECOND: True, THIRD: False, FOURTH: True}
    assert days.run("model", FIRST, SECOND).success
    assert days.run("model", FOURTH).success
    assert days.days("model") == [FIRST, SECOND, FOURTH]


def test_a_check_behind_several_closed_days_of_a_run_is_answered_once_with_what_closes_each(days):
    @dg.asset_check(asset=days.key("model"))
    def score() -> dg.AssetCheckResult: ...

    days.bad = {FIRST, THIRD}
    days.run("images", FIRST, FOURTH)
    result = dg.materialize(
        [*days.assets, score],
        selection=dg.AssetSelection.assets(days.key("model")),
        instance=days.instance,
        tags={"dagster/asset_partition_range_start": FIRST, "dagster/asset_partition_range_end": FOURTH},
        raise_on_error=False,
    )
    told = [
        record.dagster_event.asset_check_evaluation_data
        for record in days.instance.all_logs(result.run_id, dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    ]
    (answer,) = [one for one in told if one.check_name == "score"]
    assert len(answer.metadata["held_back_by"].records) == 2


def test_a_day_checked_again_in_a_run_of_many_opens_again(days):
    days.bad = {SECOND}
    days.run("images", FIRST, THIRD)
    assert not days.decision("model", SECOND).open
    days.bad = set()
    assert days.run("images", SECOND).success
    assert days.run("model", SECOND).success
    days.bad = {SECOND}
    days.run("images", FIRST, THIRD)
    assert not days.decision("model", SECOND).open
    assert days.decision("model", FIRST).open


def test_a_model_that_reads_every_day_is_closed_by_one_bad_day(days):
    days.bad = {SECOND}
    days.run("images", FIRST, FOURTH)
    assert not days.run("yearly").success
    assert days.read == []
    [reason] = days.decision("yearly").reasons
    assert reason.partition == SECOND


def test_a_model_may_leave_out_as_many_bad_days_as_its_policy_says(instance):
    days = Days(instance, "quarter", leave_out=0.25)
    days.bad = {SECOND}
    days.run("images", FIRST, FOURTH)
    assert days.run("yearly").success
    assert days.read == [[FIRST, THIRD, FOURTH]]
    decision = days.decision("yearly")
    assert decision.left_out == {days.key("images"): (SECOND,)}
    assert decision.sentence.endswith("Without 1 partitions of quarter/images that did not pass.")
    assert days.run("served").success, "what was left out is not inside"
    days.bad = {SECOND, THIRD}
    days.run("images", FIRST, FOURTH)
    assert not days.run("yearly").success
    assert "2 of 4 did not pass, and at most 0.25" in days.decision("yearly").reasons[0].sentence
    assert days.read == [[FIRST, THIRD, FOURTH]]
    assert days.run("served").success, "the last good one stays"


def test_a_day_that_was_never_built_counts_as_bad(instance):
    days = Days(instance, "unbuilt", leave_out=0.25)
    days.run("images", FIRST, THIRD)
    assert days.run("yearly").success
    assert days.read == [[FIRST, SECOND, THIRD]]


def test_partitions_are_told_to_a_gated_asset_only(instance):
    @dg.asset
    def plain(context) -> None:
        passed_partitions(context, "images")

    with pytest.raises(InputError, match="no partitioned input of a gated asset"):
        dg.materialize([plain], instance=instance)


def test_the_gate_of_an_unpartitioned_asset_has_no_partitions(days):
    specs = {key: days.graph.get_check_spec(key) for key in days.graph.asset_check_keys}
    assert specs[dg.AssetCheckKey(days.key("model"), "quality_gate")].partitions_def == DAYS
    assert specs[dg.AssetCheckKey(days.key("yearly"), "quality_gate")].partitions_def is None
    assert Gate(days.key("yearly")) in gates(days.graph)
