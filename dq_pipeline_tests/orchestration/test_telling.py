"""A run tells its whole once, however it ends: one page, one line in the history, one plan of what to collect."""

import csv
import json

import dagster as dg
import pyarrow.parquet as pq
import pytest

from dq_pipeline import build_training_data_quality
from dq_pipeline.families import FAMILIES
from dq_pipeline.orchestration import table_checks
from dq_pipeline.report import history
from dq_pipeline_tests.orchestration import night_location
from dq_pipeline_tests.orchestration.dataset_world import DatasetWorld, evaluations, failures

FEW_CHECKS = {
    "checks": {
        family.name: False
        for family in FAMILIES
        if family.name not in {"agreement", "concentration", "edge_cases"}
    },
    "edge_cases": [{"name": "rain", "where": "weather = 'rain'", "train": 5_000, "due": "2999-01-01"}],
}
"""Enough to block each table, and to plan."""
ONCE = (1, 1, True)
"""Lines in the history, plans that were materialized, and whether the page is there."""


@pytest.fixture
def world(instance, tmp_path):
    return DatasetWorld(instance, tmp_path, **FEW_CHECKS)


def told(world, result):
    """How often a run told of itself."""
    lines = (world.output / history.FILE).read_text().splitlines()
    plans = world.instance.fetch_materializations(world.key("collection_plan"), limit=100).records
    return (
        [json.loads(line)["run"] for line in lines].count(result.run_id),
        [record.run_id for record in plans].count(result.run_id),
        (world.output / "runs" / result.run_id / "report.html").is_file(),
    )


def judged(world, result):
    """The tables whose verdicts a run's folder holds, and those of its line in the history."""
    folder = world.output / "runs" / result.run_id
    verdicts = json.loads((folder / "verdicts.json").read_text())["checks"]
    (night,) = [night for night in history.read(world.output) if night.run == result.run_id]
    assert night.checks == {one["check"]: one["verdict"] for one in verdicts}
    return {one["table"] for one in verdicts}


def test_a_clean_night_tells_once_of_everything(world):
    night = world.nightly()
    assert night.success
    assert told(world, night) == ONCE
    assert judged(world, night) == {"items", "annotations", "training_set"}
    assert (world.output / "latest").resolve().name == night.run_id
    plan = world.instance.get_latest_materialization_event(world.key("collection_plan")).asset_materialization
    written = json.loads((world.output / "latest" / "collect.json").read_text())
    assert plan.metadata["rows_to_collect"].value == written["rows"] > 0
    pages = {one.metadata["report"].path for one in evaluations(night).values() if "report" in one.metadata}
    assert pages == {str(world.output / "runs" / night.run_id / "report.html")}

    # The same as in the terminal.
    built = json.loads((world.output / "latest" / "training_set.json").read_text())
    rows = pq.read_table(built["training_set"]["path"])
    assert rows.num_rows == built["training_set"]["rows"] == built["consensus"]["items"] == 600
    consensus = world.instance.get_latest_materialization_event(world.key("consensus")).asset_materialization
    assert built["consensus"]["data_version"] == consensus.tags["dagster/data_version"]

    some = world.run("items:contract_items", "collection_plan:no_gaps_in_items")
    assert evaluations(some).keys() == {"items:contract_items", "collection_plan:no_gaps_in_items"}
    assert told(world, some) == ONCE
    assert judged(world, some) == {"items"}
    alone = world.run("training_set")
    assert told(world, alone) == (1, 0, True)
    assert judged(world, alone) == {"training_set"}


@pytest.mark.parametrize(
    ("defects", "blocked"),
    [
        (["vague_guideline"], {"annotations"}),
        (["one_source"], {"items"}),
        (["vague_guideline", "one_source"], {"items", "annotations"}),
    ],
)
def test_a_night_that_is_blocked_tells_once_of_all_tables(world, defects, blocked):
    world.plant(*defects)
    night = world.nightly()
    assert failures(night).keys() == {f"{world.name}_{table}_checks" for table in blocked}
    assert told(world, night) == ONCE
    assert judged(world, night) == {"items", "annotations"}


def test_a_night_that_the_training_sets_own_checks_block_tells_once(world):
    file = world.folder / "annotations.csv"
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    label = world.spec["annotations"]["label"]
    labels = sorted({row[label] for row in rows})[:3]
    rows.sort(key=lambda row: row[world.spec["annotations"]["item"]])
    with file.open("w", newline="") as lines:  # three votes an item, each another label: every item is tied
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows({**row, label: labels[place % 3]} for place, row in enumerate(rows))
    world.spec["checks"] = {**world.spec["checks"], "agreement": False}
    night = world.nightly()
    assert not evaluations(night)["training_set:contract_training_set"].passed
    assert told(world, night) == ONCE
    assert "training_set" in judged(world, night)


def test_a_night_whose_gate_an_earlier_run_closed_tells_of_its_tables(world):
    @dg.asset(key=["raw", world.name])
    def images(): ...

    @dg.asset_check(asset=images, blocking=True)
    def looked_at():
        return dg.AssetCheckResult(passed=False)

    assert not dg.materialize([images, looked_at], instance=world.instance, raise_on_error=False).success
    data = build_training_data_quality(world.spec, base=world.folder, upstream={"items": [images.key]})
    both = dg.Definitions.merge(data, dg.Definitions(assets=[images], asset_checks=[looked_at]))
    night = world.nightly(both)
    assert "The quality gate" in failures(night)[f"{world.name}__training_set"]
    assert told(world, night) == ONCE
    assert judged(world, night) == {"items", "annotations"}


def test_a_night_tells_of_its_tables_where_the_consensus_cannot_be_made(world):
    (world.output / "consensus.parquet").mkdir(parents=True)
    night = world.nightly()
    assert failures(night).keys() == {f"{world.name}__consensus"}
    assert told(world, night) == ONCE
    assert judged(world, night) == {"items", "annotations"}


def test_a_night_tells_of_its_tables_where_a_check_of_ones_own_holds_the_training_set_back(world):
    @dg.asset_check(asset=world.key("consensus"), blocking=True)
    def looked_at():
        return dg.AssetCheckResult(passed=passes)

    both = dg.Definitions.merge(world.definitions(), dg.Definitions(asset_checks=[looked_at]))
    passes = False
    blocked = world.nightly(both)
    assert not blocked.success
    assert told(world, blocked) == ONCE
    assert judged(world, blocked) == {"items", "annotations"}
    passes = True
    night = world.nightly(both)
    assert night.success
    assert judged(world, night) == {"items", "annotations", "training_set"}


def test_a_night_with_an_audit_that_raises_tells_of_the_others(world, monkeypatch):
    audit = table_checks.audit

    def failing(*given, assets, **options):
        if assets == ("annotations",):
            raise OSError("No space left on device")
        return audit(*given, assets=assets, **options)

    monkeypatch.setattr(table_checks, "audit", failing)
    night = world.nightly()
    assert not evaluations(night)["annotations:contract_annotations"].passed
    assert told(world, night) == ONCE
    assert judged(world, night) == {"items"}


def test_items_alone_have_no_training_set_to_wait_for(instance, tmp_path):
    with (tmp_path / "items.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "site"), *((f"i{n}", f"s{n % 5}") for n in range(100))])
    items = {"table": "items.csv", "id": "id", "source": "site"}
    spec = {"dataset": "items_alone", "items": items, "mlflow": False}
    job = build_training_data_quality(spec, base=tmp_path).resolve_job_def("items_alone_nightly")
    result = job.execute_in_process(instance=instance)
    output = tmp_path / ".dq_pipeline" / "items_alone"
    assert [night.run for night in history.read(output)] == [result.run_id]
    assert (output / "latest" / "report.html").is_file()


@pytest.mark.parametrize(
    ("late", "defects", "killed"),
    [
        ("items", ["one_source"], ""),
        ("annotations", ["one_source"], ""),
        ("annotations", [], "items"),
    ],
    ids=["the later blocks", "the first blocks", "the first is killed"],
)
def test_of_steps_side_by_side_the_last_one_tells(instance, tmp_path, monkeypatch, late, defects, killed):
    nightly = {"cron": "0 2 * * *", "processes": 2}
    world = DatasetWorld(instance, tmp_path, defects=defects, **FEW_CHECKS, nightly=nightly)
    (tmp_path / night_location.SPEC).write_text(json.dumps(world.spec))
    monkeypatch.setattr(
        table_checks, "answers", table_checks.answers
    )  # which the location changes in this process too
    job = dg.build_reconstructable_job(
        night_location.__name__, night_location.nightly.__name__, (str(tmp_path), late, killed)
    )
    with dg.execute_job(job, instance, raise_on_error=False) as night:
        assert not night.success
    plans = 0 if killed else 1  # of the annotations alone no rows are asked for
    assert told(world, night) == (1, plans, True)
    assert judged(world, night) == {"items", "annotations"} - {killed}
    assert not list(world.output.rglob(".unfinished-*"))


def test_a_night_executed_again_from_its_failure_tells_of_all_its_tables(world, monkeypatch):
    monkeypatch.setattr(table_checks, "audit", table_checks.audit)
    world.plant("doubled_items")
    waiver = {"check": "contract_items", "owner": "ana", "reason": "known", "expires": "2999-01-01"}
    world.spec["waivers"] = [waiver]
    (world.folder / night_location.SPEC).write_text(json.dumps(world.spec))
    (world.folder / "fails").touch()
    made = (night_location.__name__, night_location.failing_once.__name__, (str(world.folder),))
    job = dg.build_reconstructable_job(*made)
    with dg.execute_job(job, world.instance, raise_on_error=False) as first:
        assert failures(first).keys() == {f"{world.name}_annotations_checks"}
        assert judged(world, first) == {"items"}

    def again():
        options = dg.ReexecutionOptions.from_failure(first.run_id, world.instance)
        return dg.execute_job(job, world.instance, reexecution_options=options, raise_on_error=False)

    (world.folder / "fails").unlink()
    with again() as second:
        steps = {event.step_key for event in second.all_events if event.step_key}
        assert f"{world.name}_items_checks" not in steps
        assert told(world, second) == ONCE
        assert judged(world, second) == {"items", "annotations", "training_set"}
    ours, theirs = (world.output / "runs" / run.run_id / "failing_items.csv" for run in (second, first))
    assert ours.read_text() == theirs.read_text()

    # What was materialized anew since is another night's.
    world.plant()
    assert world.nightly().success
    with again() as third:
        assert "items" not in judged(world, third)
