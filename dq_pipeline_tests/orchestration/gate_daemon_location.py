"""The code location of the daemon's scenarios: one chain a scenario, and a schedule that ticks each minute on them."""

from datetime import date

import dagster as dg
from dagster._utils.warnings import disable_dagster_warnings

from dq_pipeline import gated
from dq_pipeline.orchestration.waivers import CheckWaiver
from dq_pipeline_tests.orchestration.gate_world import World

OPEN = ("clean", "warned", "waived", "night_good")
CLOSED = (
    "later",
    "unchecked",
    "external",
    "never",
    "raised",
    "stale",
    "mended",
    "expired",
    "other_version",
    "night_bad",
)
AUTOMATIC = ("auto_good", "auto_bad")
WORLDS = {name: World(None, name) for name in (*OPEN, *CLOSED, *AUTOMATIC)}
for bad in ("warned", "waived", "expired"):
    WORLDS[bad].data, WORLDS[bad].warn = "bad", True
for bad in ("later", "mended", "other_version", "night_bad", "auto_bad"):
    WORLDS[bad].data = "bad"
WORLDS["waived"].metadata = CheckWaiver("ana", "known", date(2999, 1, 1)).metadata
WORLDS["expired"].metadata = CheckWaiver("ana", "known", date(2020, 1, 1)).metadata
WORLDS["external"].raw_is = "bad"
WORLDS["raised"].check = "raise"

DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-03")


@dg.asset(key_prefix="days", partitions_def=DAYS)
def images() -> None: ...


with disable_dagster_warnings():

    @dg.asset_check(asset=images, blocking=True, partitions_def=DAYS)
    def agreement(context):
        return dg.AssetCheckResult(passed=context.op_execution_context.partition_key == "2026-01-01")


@gated
@dg.asset(key_prefix="days", deps=[images], partitions_def=DAYS)
def model() -> None: ...


NIGHTS = ("night_good", "night_bad")
selection = dg.AssetSelection.assets(
    *(WORLDS[name].key("model") for name in (*OPEN, *CLOSED)),
    *(WORLDS[name].key(asset) for name in NIGHTS for asset in ("images", "items")),
) | dg.AssetSelection.checks(*(dg.AssetCheckKey(WORLDS[name].key("raw"), "arrived") for name in NIGHTS))
tick = dg.ScheduleDefinition(
    name="each_minute",
    job=dg.define_asset_job("tick", selection),
    cron_schedule="* * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
automation = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.assets(*(WORLDS[name].key("automatic") for name in AUTOMATIC)),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=5,
)
held = [one for world in WORLDS.values() for one in world.assets]
defs = dg.Definitions(
    assets=[one for one in held if not isinstance(one, dg.AssetChecksDefinition)] + [images, model],
    asset_checks=[one for one in held if isinstance(one, dg.AssetChecksDefinition)] + [agreement],
    schedules=[tick],
    sensors=[automation],
    executor=dg.in_process_executor,
)
