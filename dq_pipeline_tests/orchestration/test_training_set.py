"""The training set in real runs: built of what passed, held back else, and the last good one stays in place."""

import os
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dq_pipeline import build_training_data_quality, gated
from dq_pipeline.families import FAMILIES
from dq_pipeline.orchestration.gate import Asking, decide, held_back_above
from dq_pipeline.orchestration.gate_command import told_above
from dq_pipeline.orchestration.required import gates
from dq_pipeline_tests.orchestration.dataset_world import DatasetWorld, evaluations, failures

FEW_CHECKS = {"checks": {family.name: False for family in FAMILIES}}
"""Contracts only: they are enough to block, and quick."""


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def world(instance, tmp_path_factory):
    """A clean delivery after its night."""
    made = DatasetWorld(instance, tmp_path_factory.mktemp("scenes"))
    made.first = made.nightly()
    assert made.first.success
    return made


def made_by(result, asset):
    """The materialization of an asset that a run made."""
    found = [
        event.step_materialization_data.materialization
        for event in result.all_events
        if event.event_type_value == "ASSET_MATERIALIZATION" and event.asset_key.path[-1] == asset
    ]
    return found[0] if found else None


def test_a_clean_delivery_becomes_a_training_set(world):
    file = world.output / "training_set.parquet"
    rows = pq.read_table(file).to_pylist()
    assert len(rows) == 600
    assert {row["split"] for row in rows} == {"train", "validation", "test"}
    sides = {}
    for row in rows:
        sides.setdefault(row["drive_id"], set()).add(row["split"])
    assert all(len(found) == 1 for found in sides.values())
    made = made_by(world.first, "training_set")
    assert made.metadata["dagster/row_count"].value == 600
    assert sum(made.metadata[side].value for side in ("train", "validation", "test")) == 600
    lineage = made.metadata["dagster/column_lineage"].value.deps_by_column
    assert lineage["label"] == [dg.TableColumnDep(world.key("consensus"), "label")]
    assert lineage["weather"] == [dg.TableColumnDep(world.key("items"), "weather")]
    assert [column.name for column in made.metadata["dagster/column_schema"].value.columns] == list(rows[0])
    assert lineage.keys() == rows[0].keys()


def test_a_consensus_says_what_it_came_to(world):
    made = made_by(world.first, "consensus")
    assert made.metadata["dagster/row_count"].value == 600
    assert made.metadata["votes"].value == 1_800
    assert made.metadata["method"].value == "majority"


def test_its_own_checks_and_the_gate_are_answered_in_its_own_step(world):
    answered = evaluations(world.first)
    assert answered["training_set:quality_gate"].passed
    assert answered["training_set:contract_training_set"].passed


def test_equal_tables_give_an_equal_version_and_the_lineage_tells_the_story(world):
    again = world.run("training_set")
    assert again.success
    versions = [made_by(one, "training_set").tags["dagster/data_version"] for one in (world.first, again)]
    assert versions[0] == versions[1]
    graph = world.definitions().resolve_asset_graph()
    parents = {
        key.path[-1]: {parent.path[-1] for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
    }
    assert parents["consensus"] == {"annotations", "gold"}
    assert parents["training_set"] == {"items", "production", "consensus"}


def test_a_spoilt_delivery_is_held_back_and_the_last_good_set_stays(instance, tmp_path):
    world = DatasetWorld(instance, tmp_path)
    assert world.nightly().success
    file = world.output / "training_set.parquet"
    good, count = file.read_bytes(), world.materialized("training_set")
    world.plant("vague_guideline")
    result = world.nightly()
    assert not result.success
    said = failures(result)[f"{world.name}_annotations_checks"]
    assert said.startswith(
        f"{world.name}/training_set is held back: 1 check of {world.name}/annotations failed.\n- agreement_"
    )
    assert "-> Sharpen the guideline" in said
    assert made_by(result, "training_set") is None
    assert made_by(result, "consensus") is None
    # The button in the UI, on the same data, meets the gate.
    alone = world.run("consensus", "training_set")
    assert not alone.success
    gate = evaluations(alone)["training_set:quality_gate"]
    assert not gate.passed
    assert "Check agreement_krippendorff_alpha" in gate.description
    assert file.read_bytes() == good
    assert world.materialized("training_set") == count
    world.plant()
    assert world.nightly().success
    assert world.materialized("training_set") == count + 1


@pytest.fixture(scope="module")
def judged_once(instance, tmp_path_factory):
    world = DatasetWorld(instance, tmp_path_factory.mktemp("judged"))
    checks = [
        f"{key.asset_key.path[-1]}:{key.name}"
        for key in world.definitions().resolve_asset_graph().asset_check_keys
    ]
    apart = [name for name in checks if not name.startswith("training_set:")]
    assert world.run("items", "annotations", "gold", "production", "consensus", *apart).success
    world.keep()
    return world


@pytest.fixture
def judged(judged_once):
    """A delivery whose tables and consensus stand and have passed, its training set not yet built."""
    yield judged_once
    judged_once.restore()


def test_a_file_replaced_after_its_checks_is_not_trained_on(judged):
    file = judged.folder / "items.parquet"
    table = pq.read_table(file)
    pq.write_table(table.slice(1), file)
    result = judged.run("training_set")
    assert not result.success
    said = failures(result)[f"{judged.name}__training_set"]
    assert said.startswith("The table items changed since it was materialized: version ")
    assert not (judged.output / "training_set.parquet").exists()
    pq.write_table(table, file)
    assert judged.run("training_set").success


def test_a_consensus_replaced_since_it_was_made_is_not_trained_on(judged):
    file = judged.output / "consensus.parquet"
    table = pq.read_table(file)
    flipped = table.set_column(1, "label", pa.array(["vehicle"] * len(table)))
    pq.write_table(flipped, file)
    result = judged.run("training_set")
    assert (
        "The consensus changed since it was materialized" in failures(result)[f"{judged.name}__training_set"]
    )
    file.unlink()
    result = judged.run("training_set")
    assert "its file is gone" in failures(result)[f"{judged.name}__training_set"]
    assert not (judged.output / "training_set.parquet").exists()


def test_annotations_replaced_since_their_checks_make_no_consensus(judged):
    judged.plant("careless_annotator")
    result = judged.run("consensus")
    assert not result.success
    assert "The table annotations changed" in failures(result)[f"{judged.name}__consensus"]


def test_a_training_set_that_fails_its_own_checks_is_never_in_place(judged):
    judged.spec["items"] = {**judged.spec["items"], "split": "light"}  # day and night are no sides of a split
    # A split of one's own is one more question about the items, which the gate would wait for.
    judged.spec["checks"] = {**judged.spec.get("checks", {}), "integrity": False}
    result = judged.run("training_set")
    assert not result.success
    found = evaluations(result)
    assert found["training_set:quality_gate"].passed
    assert not found["training_set:contract_training_set"].passed
    assert found["training_set:contract_training_set"].description == "The training set is empty."
    assert made_by(result, "training_set") is None
    assert [path.name for path in judged.output.iterdir() if "training_set" in path.name] == []


def test_labelled_items_need_no_annotations(instance, tmp_path):
    (tmp_path / "items.csv").write_text(
        "id,label,site\n" + "".join(f"i{n},{'cat' if n % 2 else 'dog'},s{n % 5}\n" for n in range(200))
    )
    spec = {
        "dataset": "labelled_pets",
        "items": {"table": "items.csv", "id": "id", "label": "label", "source": "site"},
        "mlflow": False,
    }
    job = build_training_data_quality(spec, base=tmp_path).resolve_job_def("labelled_pets_nightly")
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    assert result.success
    rows = pq.read_table(tmp_path / ".dq_pipeline" / "labelled_pets" / "training_set.parquet").to_pylist()
    assert {row["label"] for row in rows} == {"cat", "dog"}
    lineage = made_by(result, "training_set").metadata["dagster/column_lineage"].value.deps_by_column
    assert lineage["label"] == [dg.TableColumnDep(dg.AssetKey(["labelled_pets", "items"]), "label")]


CONVABUSE = {
    "dataset": "convabuse",
    "items": {"table": "items.csv.gz", "id": "item_id", "source": "source", "group": "conv_id"},
    "annotations": {
        "table": "annotations.csv.gz",
        "item": "item_id",
        "annotator": "annotator_id",
        "label": "severity",
    },
    "labels": {"level": "ordinal", "values": [-3, -2, -1, 0, 1]},
    "mlflow": False,
}


@pytest.mark.skipif("DQ_REAL_DATA" not in os.environ, reason="DQ_REAL_DATA names no folder")
def test_real_annotations_are_held_back_at_667_and_let_through_at_6(instance, tmp_path):
    def nightly(block):
        spec = {**CONVABUSE, "checks": {"agreement": {"krippendorff_alpha": {"block": block, "warn": 0.8}}}}
        definitions = build_training_data_quality(
            spec, base=Path(os.environ["DQ_REAL_DATA"]) / "convabuse", output=tmp_path
        )
        job = definitions.resolve_job_def("convabuse_nightly")
        return job.execute_in_process(instance=instance, raise_on_error=False)

    closed = nightly(0.667)
    assert not closed.success
    assert "alpha (ordinal) is 0.6598" in failures(closed)["convabuse_annotations_checks"]
    assert not (tmp_path / "training_set.parquet").exists()
    assert evaluations(closed)["annotations:contract_repeats"].description.startswith("345 pairs")
    opened = nightly(0.6)
    assert opened.success
    assert evaluations(opened)["training_set:quality_gate"].passed
    assert pq.read_metadata(tmp_path / "training_set.parquet").num_rows > 3_000


def test_the_gate_of_a_model_names_the_failed_checks_behind_a_training_set_that_is_held_back(tmp_path):
    @gated
    @dg.asset(key=["ours", "model"], deps=[["scenes", "training_set"]])
    def model(): ...

    (tmp_path / "home").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "home")) as instance:
        scenes = DatasetWorld(
            instance, tmp_path / "scenes", items=200, defects=("orphans", "doubled_items"), **FEW_CHECKS
        )
        assert not scenes.nightly().success
        graph = dg.Definitions.merge(
            scenes.definitions(), dg.Definitions(assets=[model])
        ).resolve_asset_graph()
        (gate,) = (one for one in gates(graph) if one.asset == model.key)
        first = decide(instance, graph, gate)
        assert [(one.asset.path[-1], one.check, one.state) for one in first.reasons] == [
            ("training_set", None, "never materialized"),
            ("consensus", None, "never materialized"),
            ("annotations", "contract_annotations_have_items", "failed"),
            ("items", "contract_items", "failed"),
        ]

        scenes.plant()
        assert scenes.nightly().success
        assert held_back_above(instance, graph, model.key, Asking()) == []
        scenes.plant("orphans")
        assert not scenes.nightly().success
        assert decide(instance, graph, gate).open, "what lies there is good, and older"
        (above,) = held_back_above(instance, graph, model.key, Asking())
        assert {one.check for one in above.reasons} == {"contract_annotations_have_items"}
        told = "\n".join(told_above(decide(instance, graph, gate), [above]))
        assert "newer data, so that what lies in scenes/training_set is from before" in told
        assert "12 of 600 annotations are of 4 items that the items table does not have." in told
