"""What to collect and the edge cases as assets: reported by the checks' step, also on a night that blocks."""

import csv
import json
from pathlib import Path

import dagster as dg
import pytest

from dq_pipeline_tests.orchestration.dataset_world import DatasetWorld, evaluations, failures

CASES = [
    {
        "name": "fog_rain",
        "where": "weather in ('fog', 'rain')",
        "train": 5_000,
        "validation": 0,
        "owner": "team:roads",
        "reason": "missed in March",
        "due": "2020-01-31",
    },
    {"name": "anything", "where": "weather is not null", "train": 1, "validation": 1},
    {"name": "tomorrow", "where": "weather = 'rain'", "train": 4_000, "validation": 0, "due": "2999-01-01"},
]


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """A night on which an overdue edge case blocks, and one after the registry asks for what is there."""
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as instance:
        world = DatasetWorld(instance, tmp_path_factory.mktemp("roads"), edge_cases=CASES)
        world.first = world.nightly()
        world.spec["edge_cases"] = [{**case, "train": 1, "validation": 0} for case in CASES]
        world.second = world.nightly()
        yield world


def reported(world, result, asset):
    """The metadata of an asset's materialization in a run."""
    records = world.instance.fetch_materializations(world.key(asset), limit=100).records
    made = [record.asset_materialization for record in records if record.run_id == result.run_id]
    return made[0]


def test_the_plan_is_reported_although_the_night_is_blocked_with_the_reason_of_each_line(nights):
    assert "edge_case_fog_rain" in failures(nights.first)[f"{nights.name}_items_checks"]
    assert (nights.first.success, nights.second.success) == (False, True)
    assert nights.materialized("training_set") == 1
    told = reported(nights, nights.first, "collection_plan").metadata
    lines = list(csv.DictReader(Path(told["collect_csv"].path).read_text(encoding="utf-8").splitlines()))
    plan = json.loads(Path(told["collect_json"].path).read_text(encoding="utf-8"))
    assert told["dagster/row_count"].value == len(lines) == len(plan["lines"]) > 0
    assert told["rows_to_collect"].value == plan["rows"] == sum(int(line["rows"]) for line in lines)
    assert any("edge case fog_rain: missed in March" in line["reason"] for line in lines)
    shown = [record.data for record in told["lines"].records]
    assert [row["rows"] for row in shown] == [line["rows"] for line in plan["lines"][: len(shown)]]
    assert all(row["reasons"] for row in shown)


def test_the_registry_has_owner_reason_day_and_shortage_of_each_edge_case(nights):
    told = reported(nights, nights.first, "edge_cases").metadata
    rows = {(row.data["edge_case"], row.data["part"]): row.data for row in told["registry"].records}
    measured = json.loads((nights.output / "runs" / nights.first.run_id / "collect.json").read_text())
    wet = rows["fog_rain", "train"]
    assert (wet["owner"], wet["reason"], wet["due"]) == ("team:roads", "missed in March", "2020-01-31")
    assert (wet["standing"], wet["short_by"]) == ("overdue", 5_000 - wet["rows"])
    assert rows["anything", "train"]["standing"] == "met"
    assert rows["tomorrow", "train"]["standing"] == "short"
    assert told["edge_cases_short"].value == 2
    assert told["edge_cases_overdue"].value == 1
    assert told["rows_short"].value == wet["short_by"] + rows["tomorrow", "train"]["short_by"]
    assert told["fog_rain_train"].value == wet["rows"] > 0
    assert measured["rows"] >= wet["short_by"]


def test_the_checks_on_them_warn_until_nothing_is_lacking(nights):
    before, after = evaluations(nights.first), evaluations(nights.second)
    for name in ("collection_plan:no_gaps_in_items", "edge_cases:quotas_met"):
        assert (before[name].passed, before[name].severity) == (False, dg.AssetCheckSeverity.WARN)
    assert before["edge_cases:quotas_met"].description.startswith(
        "2 of 3 edge cases are short; most of all fog_rain, with "
    )
    assert after["edge_cases:quotas_met"].passed
    assert after["edge_cases:quotas_met"].metadata["rows_short"].value == 0


def test_each_night_is_one_point_of_the_plot_and_has_its_version(nights):
    assert nights.materialized("edge_cases") == 2
    first, second = (reported(nights, night, "edge_cases") for night in (nights.first, nights.second))
    assert first.tags["dagster/data_version"] != second.tags["dagster/data_version"]
    assert second.metadata["rows_short"].value == 0 < first.metadata["rows_short"].value


def test_the_model_does_not_wait_for_the_plan(nights):
    graph = nights.definitions().resolve_asset_graph()
    plan = nights.key("collection_plan")
    assert graph.get(plan).parent_keys == {nights.key("items"), nights.key("annotations")}
    assert not graph.get(plan).child_keys
    assert plan not in graph.materializable_asset_keys
