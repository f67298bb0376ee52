"""What Dagster does where the gate leans on it: pointers, partitions of checks, selections, Postgres drivers."""

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable

DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-03")
RANGE = {
    "dagster/asset_partition_range_start": "2026-01-01",
    "dagster/asset_partition_range_end": "2026-01-02",
}


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("dagster"))
    with dg.DagsterInstance.local_temp(folder, overrides={"telemetry": {"enabled": False}}) as found:
        yield found


def test_a_materialization_says_which_event_of_its_input_it_read(instance):
    @dg.asset
    def images(): ...

    @dg.asset(deps=[images])
    def items(): ...

    dg.materialize([images, items], instance=instance)
    [read] = instance.fetch_materializations(images.key, limit=1).records
    [made] = instance.fetch_materializations(items.key, limit=1).records
    tags = made.asset_materialization.tags
    assert tags["dagster/input_event_pointer/images"] == str(read.storage_id)


@pytest.mark.filterwarnings("ignore:Parameter `backfill_policy`", "ignore:Class `BackfillPolicy`")
def test_one_result_for_many_partitions_is_written_to_none_of_them(instance):
    """Why per_partition.check_events yields an evaluation for each."""
    with pytest.warns(dg.PreviewWarning, match="partitions_def on an AssetCheckSpec"):
        spec = dg.AssetCheckSpec("seen", asset="daily", partitions_def=DAYS)

    @dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
    def daily() -> None: ...

    @dg.multi_asset_check(specs=[spec])
    def seen():
        yield dg.AssetCheckResult(passed=True, check_name="seen", asset_key="daily")

    dg.materialize([daily, seen], instance=instance, tags=RANGE)
    history = instance.event_log_storage.get_asset_check_execution_history(spec.key, limit=9)
    assert {(one.partition, one.status.value) for one in history} == {
        (None, "SUCCEEDED"),
        ("2026-01-01", "PLANNED"),
        ("2026-01-02", "PLANNED"),
    }


def test_a_check_that_raises_leaves_a_plan_without_an_answer(instance):
    @dg.asset
    def broken(): ...

    @dg.asset_check(asset=broken)
    def raises():
        raise ValueError("no answer")

    dg.materialize([broken, raises], instance=instance, raise_on_error=False)
    [one] = instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(broken.key, "raises"), limit=9
    )
    assert one.status.value == "PLANNED"


def test_the_columns_that_are_read_in_sql_are_there():
    assert {
        "id",
        "asset_key",
        "check_name",
        "partition",
        "run_id",
        "execution_status",
        "evaluation_event",
        "evaluation_event_storage_id",
        "materialization_event_storage_id",
    } <= set(AssetCheckExecutionsTable.c.keys())


def test_sqlalchemy_takes_psycopg_3_for_a_plain_postgres_address_since_2_1():
    since = tuple(int(part) for part in sa.__version__.split(".")[:2]) >= (2, 1)
    driver = sa.make_url("postgresql://localhost/db").get_dialect().driver
    assert driver == ("psycopg" if since else "psycopg2")
