"""The checks of a dataset's tables, run by Dagster on a real instance: what they say, and what they stop."""

import json
from datetime import date, timedelta

import dagster as dg
import pyarrow.parquet as pq
import pytest

from dq_pipeline import build_training_data_quality
from dq_pipeline.orchestration.snapshot import SNAPSHOT
from dq_pipeline_tests.orchestration.dataset_world import DatasetWorld, evaluations, failures


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def clean(instance, tmp_path_factory):
    """A clean delivery after its night."""
    world = DatasetWorld(instance, tmp_path_factory.mktemp("clean"))
    world.result = world.nightly()
    return world


@pytest.fixture(scope="module")
def spoilt(instance, tmp_path_factory):
    """A delivery with defects after its night, one check waived."""
    tomorrow = (date.today() + timedelta(days=1)).isoformat()  # noqa: DTZ011 - a waiver's day
    world = DatasetWorld(
        instance,
        tmp_path_factory.mktemp("spoilt"),
        defects=("orphans", "one_source", "doubled_items"),
        waivers=[
            {
                "check": "concentration_largest_share",
                "owner": "ana",
                "reason": "second site in May",
                "expires": tomorrow,
            }
        ],
    )
    world.result = world.nightly()
    return world


def test_each_table_is_materialized_with_rows_columns_and_the_version_of_its_content(clean):
    made = {
        event.asset_key.path[-1]: event.step_materialization_data.materialization
        for event in clean.result.all_events
        if event.event_type_value == "ASSET_MATERIALIZATION"
    }
    assert made["items"].metadata["dagster/row_count"].value == 600
    assert made["annotations"].metadata["dagster/row_count"].value == 1_800
    columns = {
        column.name: column for column in made["items"].metadata["dagster/column_schema"].schema.columns
    }
    assert list(columns)[:5] == ["scene_id", "fleet", "drive_id", "weather", "light"]
    assert columns["fleet"].description == "who or what the item came from"
    assert columns["weather"].description == "condition weather"
    versions = made["items"].metadata[SNAPSHOT].value
    assert set(versions) == {"items", "annotations", "gold", "production"}
    for table in versions:
        assert made[table].metadata[SNAPSHOT].value == versions
        assert made[table].tags["dagster/data_version"] == versions[table]


def test_every_check_of_a_clean_delivery_answers_and_passes(clean):
    assert clean.result.success
    answered = evaluations(clean.result)
    graph = clean.definitions().resolve_asset_graph()
    assert {f"{key.asset_key.path[-1]}:{key.name}" for key in graph.asset_check_keys} == answered.keys()
    assert {name: one.description for name, one in answered.items() if not one.passed} == {}


def test_the_numbers_are_observed_for_the_plots(clean):
    seen = {
        event.asset_key.path[-1]: event.event_specific_data.asset_observation.metadata
        for event in clean.result.all_events
        if event.event_type_value == "ASSET_OBSERVATION"
    }
    alpha = evaluations(clean.result)["annotations:agreement_krippendorff_alpha"].metadata["value"].value
    assert seen["annotations"]["krippendorff_alpha"].value == alpha
    assert seen["annotations"]["checks_blocking"].value == 0
    assert 0 < seen["items"]["hhi"].value < 0.25
    assert "krippendorff_alpha" not in seen["items"]


def test_a_blocked_check_fails_its_step_with_which_check_why_and_what_to_do(spoilt):
    assert not spoilt.result.success
    said = failures(spoilt.result)
    assert said[f"{spoilt.name}_items_checks"].splitlines() == [
        f"{spoilt.name}/training_set is held back: 1 check of {spoilt.name}/items failed.",
        "- contract_items: 10 of 605 rows share their item with another row.",
        said[f"{spoilt.name}_items_checks"].splitlines()[2],
    ]
    assert said[f"{spoilt.name}_items_checks"].splitlines()[2].startswith("  -> Mend the rows")
    assert "contract_annotations_have_items: 12 of 1,800" in said[f"{spoilt.name}_annotations_checks"]


def test_the_checks_of_what_is_held_back_say_that_they_were_not_run_and_why(spoilt):
    graph = spoilt.definitions().resolve_asset_graph()
    checks = [key for key in graph.asset_check_keys if key.asset_key == spoilt.key("training_set")]
    found = spoilt.instance.event_log_storage.get_latest_asset_check_execution_by_key(checks)
    assert {key.name for key in found} == {
        "contract_training_set",
        "contract_training_set_groups",
        "quality_gate",
    }
    for record in found.values():
        said = record.evaluation
        assert (record.run_id, said.passed) == (spoilt.result.run_id, False)
        assert said.description == (
            f"Not run: {spoilt.name}/training_set is held back, as 1 check of {spoilt.name}/annotations and "
            f"1 check of {spoilt.name}/items failed. contract_annotations_have_items: 12 of 1,800 annotations are of "
            "4 items that the items table does not have."
        )
        assert said.metadata["what_to_do"].value.startswith("Add these items")
        assert [row.data["check"] for row in said.metadata["held_back_by"].records] == [
            "contract_annotations_have_items",
            "contract_items",
        ]


def test_the_own_checks_of_an_asset_whose_gate_is_closed_say_so(instance, tmp_path):
    world = DatasetWorld(instance, tmp_path, defects=("one_source", "doubled_items"), items=60)
    world.nightly()
    check = dg.AssetCheckKey(world.key("training_set"), "contract_training_set")
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])[check]
    assert "failed. contract_items: " in record.evaluation.description
    result = world.run("training_set")
    assert not result.success
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])[check]
    assert record.run_id == result.run_id
    closed = f"the quality gate of {world.name}/training_set is closed. "
    assert record.evaluation.description.startswith(
        f"Not run: {world.name}/training_set is held back, as {closed}"
    )
    assert evaluations(result)["training_set:quality_gate"].description.startswith("Closed")


def test_a_failed_check_carries_its_number_its_worst_rows_and_its_file(spoilt):
    found = evaluations(spoilt.result)["annotations:contract_annotations_have_items"]
    assert (found.passed, found.severity, found.blocking) == (False, dg.AssetCheckSeverity.ERROR, True)
    assert found.description.startswith("12 of 1,800 annotations are of 4 items")
    assert found.metadata["value"].value == 12
    assert found.metadata["what_to_do"].value.startswith("Add these items")
    rows = [record.data for record in found.metadata["worst_rows"].records]
    assert {row["item"] for row in rows} == {f"scene9000{number}" for number in range(4)}
    file = found.metadata["annotations_without_item_csv"].path
    assert file.startswith(str(spoilt.output / "runs" / spoilt.result.run_id))


def test_a_waived_block_stays_failed_as_a_warning_with_its_waiver(spoilt):
    found = evaluations(spoilt.result)["items:concentration_largest_share"]
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert found.metadata["verdict"].value == "block"
    assert found.metadata["waiver_owner"].value == "ana"
    assert found.metadata["waiver_reason"].value == "second site in May"
    shares = [record.data for record in found.metadata["worst_rows"].records]
    assert shares[0]["of"] == "amber"
    assert shares[0]["value"] > 0.8


def test_a_warning_is_a_failed_check_that_does_not_block(spoilt):
    found = evaluations(spoilt.result)["items:concentration_hhi"]
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_the_events_of_a_night_are_small(spoilt):
    for found in evaluations(spoilt.result).values():
        numbers = [
            one
            for one in found.metadata.values()
            if isinstance(one, (dg.IntMetadataValue, dg.FloatMetadataValue))
        ]
        assert len(numbers) <= 8
        tables = [one for one in found.metadata.values() if isinstance(one, dg.TableMetadataValue)]
        assert all(len(table.records) <= 20 for table in tables)


def test_the_checks_of_one_run_leave_one_audit(spoilt):
    folder = spoilt.output / "latest"
    assert folder.resolve() == spoilt.output / "runs" / spoilt.result.run_id
    told = json.loads((folder / "verdicts.json").read_text())
    assert told["verdict"] == "block"
    of_the_run = {"training_set:quality_gate"} | {
        f"collection_plan:no_gaps_in_{one}" for one in ("items", "annotations")
    }
    assert {f"{one['table']}:{one['check']}" for one in told["checks"]} >= evaluations(
        spoilt.result
    ).keys() - of_the_run
    measures = pq.read_table(folder / "measures.parquet").to_pylist()
    assert {"items", "annotations"} <= {row["table"] for row in measures}
    names = [(row["family"], row["measure"], row["table"], row["by"], row["key"]) for row in measures]
    assert len(names) == len(set(names))
    suite = json.loads((folder / "suite.json").read_text())
    judged = {one["meta"]["dq_pipeline"].get("check") for one in suite["expectations"]} - {None}
    assert {"agreement_krippendorff_alpha", "concentration_hhi"} <= judged


def test_a_check_runs_alone_and_answers_for_itself_only(clean):
    result = clean.run("items:concentration_hhi")
    assert result.success
    assert evaluations(result).keys() == {"items:concentration_hhi"}


@pytest.fixture(scope="module")
def materialized_once(instance, tmp_path_factory):
    world = DatasetWorld(instance, tmp_path_factory.mktemp("materialized"))
    assert world.run("items", "annotations", "gold", "production").success
    world.keep()
    return world


@pytest.fixture
def replaced(materialized_once):
    """A clean delivery whose tables were materialized, for a test to change afterwards."""
    yield materialized_once
    materialized_once.restore()


def test_a_file_replaced_since_it_was_materialized_is_not_judged(replaced):
    replaced.plant("orphans")
    result = replaced.run("annotations:contract_annotations", "annotations:contract_repeats")
    assert not result.success
    answered = evaluations(result)
    assert answered.keys() == {"annotations:contract_annotations", "annotations:contract_repeats"}
    for found in answered.values():
        assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert "The table annotations changed since it was materialized" in found.description
        assert f"Materialize {replaced.name}/annotations again with the checks." in found.description


def test_a_file_that_is_gone_fails_every_check_in_words(replaced):
    (replaced.folder / "gold.csv").unlink()
    result = replaced.run("annotations:contract_annotations", "items:contract_items")
    answered = evaluations(result)
    assert len(answered) == 2
    for found in answered.values():
        assert not found.passed
        assert "no file at 'gold.csv'" in found.description
        assert "traceback" not in found.metadata
        assert found.metadata["what_to_do"].value


def test_a_check_of_what_was_never_materialized_fails(tmp_path):
    (tmp_path / "home").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "home")) as instance:
        world = DatasetWorld(instance, tmp_path / "data", items=30)
        found = evaluations(world.run("items:contract_items"))["items:contract_items"]
    assert not found.passed
    assert "was never materialized" in found.description


def test_an_audit_that_cannot_be_made_fails_every_check_and_says_why(replaced):
    replaced.spec["engine"] = {"temp_directory": str(replaced.folder / "gone" / "further")}
    result = replaced.run("items:contract_items", "items:concentration_hhi")
    answered = evaluations(result)
    assert answered.keys() == {"items:contract_items", "items:concentration_hhi"}
    for found in answered.values():
        assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert "expected a folder to write to" in " ".join(found.description.split())


def test_verdicts_are_told_where_the_audit_cannot_be_kept(replaced):
    (replaced.output / ".lock").mkdir(parents=True)
    found = evaluations(replaced.run("items:contract_items"))["items:contract_items"]
    assert found.passed
    assert found.metadata["outputs"].value.startswith("The audit could not be kept in")


def test_without_a_folder_for_failing_rows_nothing_passes(replaced):
    (replaced.folder / ".dq_pipeline").write_text("a file is in the way")
    found = evaluations(replaced.run("items:contract_items"))["items:contract_items"]
    assert not found.passed
    assert "NotADirectoryError" in found.metadata["traceback"].value


def test_a_table_that_cannot_be_read_fails_the_tables_in_words(instance, tmp_path):
    world = DatasetWorld(instance, tmp_path)
    (tmp_path / "annotations.csv").write_bytes(b"")
    result = world.nightly()
    assert not result.success
    assert "annotations.csv is empty (0 bytes)" in failures(result)[f"{world.name}_tables"]
    assert "fix:" in failures(result)[f"{world.name}_tables"]
    checks = sorted(world.definitions().resolve_asset_graph().asset_check_keys)
    answered = instance.event_log_storage.get_latest_asset_check_execution_by_key(checks)
    assert answered.keys() == set(checks)
    for check, record in answered.items():
        held = f"Not run: {check.asset_key.to_user_string()} is held back, as a table cannot be read. "
        assert record.evaluation.description.startswith(f"{held}{world.name}, annotations: annotations.csv: ")
        assert "is empty (0 bytes)" in record.evaluation.description
        assert record.evaluation.metadata["what_to_do"].value == "export it again"


def test_a_table_of_calibration_sessions_is_read_beside_the_tables_and_is_no_asset_itself(instance, tmp_path):
    (tmp_path / "votes.csv").write_text("item,who,label,at\n1,ana,x,2026-03-02\n1,ben,x,2026-03-02\n")
    (tmp_path / "sessions.csv").write_text("who,day\nana,2026-03-01\nben,2026-03-01\n")
    votes = {"table": "votes.csv", "item": "item", "annotator": "who", "label": "label", "time": "at"}
    sessions = {"table": "sessions.csv", "annotator": "who", "when": "day"}
    spec = {"dataset": "calibrated", "annotations": votes, "calibration": sessions, "mlflow": False}
    key = dg.AssetKey(["calibrated", "annotations"])
    job = dg.define_asset_job("tables", dg.AssetSelection.assets(key).without_checks())
    built = dg.Definitions.merge(build_training_data_quality(spec, base=tmp_path), dg.Definitions(jobs=[job]))
    ended = built.resolve_job_def("tables").execute_in_process(instance=instance)
    (made,) = ended.asset_materializations_for_node("calibrated_tables")
    assert made.metadata[SNAPSHOT].value.keys() == {"annotations", "calibration"}
