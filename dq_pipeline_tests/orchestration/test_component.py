"""The component: from a defs.yaml or Python to definitions, or to one error with file, line and fix."""

import json
import subprocess
import sys

import dagster as dg
import pytest
from dagster.components.core.component_tree import ComponentTreeException
from dagster.components.testing import create_defs_folder_sandbox

from dq_pipeline import TrainingDataQuality, build_training_data_quality
from dq_pipeline.spec import InputError
from dq_pipeline.spec.load import load_spec

pytestmark = [
    pytest.mark.filterwarnings("ignore::dagster.BetaWarning"),
    pytest.mark.filterwarnings("ignore::dagster.PreviewWarning"),
    pytest.mark.filterwarnings("ignore:`parse_obj_as` is deprecated"),  # Dagster's reader of defs.yaml
]

SPEC = {
    "dataset": "pets",
    "items": {"table": "items.csv", "id": "id", "source": "shelter", "conditions": ["size"]},
    "annotations": {"table": "votes.csv", "item": "id", "annotator": "who", "label": "label"},
    "gold": {"table": "gold.csv", "item": "id", "label": "label"},
}


@pytest.fixture
def scaffolded():
    """A project in which `dg scaffold defs` made the component; yields the sandbox and the component's folder."""
    with create_defs_folder_sandbox() as sandbox:
        yield sandbox, sandbox.scaffold_component(component_cls=TrainingDataQuality, defs_path="pets")


def failure(sandbox, folder):
    """The error under Dagster's own when the component is loaded."""
    with pytest.raises(ComponentTreeException) as raised, sandbox.load_component_and_build_defs(folder):
        pass
    return raised.value.__cause__


def test_what_dg_scaffolds_loads_as_it_is(scaffolded):
    sandbox, folder = scaffolded
    assert sorted(path.name for path in folder.iterdir()) == ["annotations.csv", "defs.yaml", "items.csv"]
    with sandbox.load_component_and_build_defs(folder) as (component, definitions):
        assert isinstance(component, TrainingDataQuality)
        graph = definitions.resolve_asset_graph()
        assert {"pets/items", "pets/annotations"} <= {
            key.to_user_string() for key in graph.get_all_asset_keys()
        }


def test_what_dg_scaffolds_in_python_loads_as_it_is():
    with create_defs_folder_sandbox() as sandbox:
        folder = sandbox.scaffold_component(
            component_cls=TrainingDataQuality, defs_path="pets", scaffold_format="python"
        )
        with sandbox.build_all_defs() as definitions:
            assert definitions.resolve_job_def("pets_nightly")
        written, _ = load_spec(folder / "spec.yaml")
        assert written.dataset == "pets"


def test_a_bad_attribute_names_file_line_and_fix(scaffolded):
    sandbox, folder = scaffolded
    file = folder / "defs.yaml"
    file.write_text(file.read_text().replace("krippendorff_alpha", "kripendorff_alpha"))
    error = failure(sandbox, folder)
    assert isinstance(error, InputError)
    assert error.who == f"{file}, line 10, checks.agreement.kripendorff_alpha"
    assert error.fix == "write 'krippendorff_alpha' instead of 'kripendorff_alpha'"


def test_a_spec_of_its_own_file_is_named_in_its_errors(scaffolded):
    sandbox, folder = scaffolded
    (folder / "defs.yaml").write_text(
        "type: dq_pipeline.TrainingDataQuality\nattributes:\n  spec: mine.yaml\n"
    )
    (folder / "mine.yaml").write_text(
        "dataset: pets\nitems: {table: items.csv, id: item_id}\nnightly: {cron: daily}\n"
    )
    error = failure(sandbox, folder)
    assert isinstance(error, InputError)
    assert error.who == f"{folder / 'mine.yaml'}, line 3, nightly.cron"


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ("{spec: gone.yaml}", "no such file"),
        ("{spec: spec.yaml, dataset: pets}", "`spec: spec.yaml` and keys of a spec beside it (dataset)"),
        ("{spec: [1]}", "[1]"),
        (
            "{dataset: pets, items: {table: t.csv, id: id}, upstream: {gold: [raw]}}",
            "'gold', which is no table of the spec",
        ),
        ("{dataset: pets, items: {table: t.csv, id: id}, owners: [ana]}", "'ana'"),
        ("{dataset: pets, dataset: cats}", "key 'dataset' again, first on line 3"),
    ],
)
def test_attributes_that_cannot_be_used_are_refused(scaffolded, attributes, found):
    sandbox, folder = scaffolded
    (folder / "defs.yaml").write_text(f"type: dq_pipeline.TrainingDataQuality\nattributes:\n  {attributes}\n")
    error = failure(sandbox, folder)
    assert isinstance(error, InputError)
    assert error.found == found
    assert error.fix


def test_attributes_are_read_as_a_spec_is_and_templates_are_filled_in(scaffolded, monkeypatch):
    sandbox, folder = scaffolded
    monkeypatch.setenv("PETS_URI", "http://mlflow:5000")
    (folder / "defs.yaml").write_text(
        "type: dq_pipeline.TrainingDataQuality\nattributes:\n  dataset: pets\n  items: {table: t.csv, id: id, label: l}\n"
        "  labels: {values: [yes, no, 010]}\n  mlflow: {tracking_uri: '{{ env.PETS_URI }}'}\n  output: out\n"
    )
    with sandbox.load_component_and_build_defs(folder) as (component, _):
        written, _ = component.read(folder)
        assert written.labels.values == ("yes", "no", "010")
        assert written.mlflow.tracking_uri == "http://mlflow:5000"
        assert written.base == folder.resolve()
        assert component.output == "out"


def test_the_second_component_of_one_file_has_its_own_lines(scaffolded):
    sandbox, folder = scaffolded
    one = "type: dq_pipeline.TrainingDataQuality\nattributes:\n  dataset: {}\n  items: {{table: t.csv, id: id{}}}\n"
    (folder / "defs.yaml").write_text(one.format("one", "") + "---\n" + one.format("two", ", oops: 1"))
    error = failure(sandbox, folder)
    assert error.who == f"{folder / 'defs.yaml'}, line 9, items.oops"


def test_assets_checks_job_and_schedule_of_a_spec():
    definitions = build_training_data_quality(
        {**SPEC, "nightly": {"cron": "30 1 * * *", "timezone": "Europe/Paris"}}
    )
    graph = definitions.resolve_asset_graph()
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} >= {
        "pets/items",
        "pets/annotations",
        "pets/gold",
    }
    checks = {key.to_user_string(): graph.get_check_spec(key).blocking for key in graph.asset_check_keys}
    assert checks["pets/items:contract_items"]
    assert checks["pets/annotations:agreement_krippendorff_alpha"]
    assert not checks["pets/items:concentration_hhi"], "it warns by default"
    schedule = definitions.resolve_schedule_def("pets_nightly_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 1 * * *", "Europe/Paris")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    job = definitions.resolve_job_def("pets_nightly")
    assert job.asset_layer.asset_graph.asset_check_keys == graph.asset_check_keys
    assert job.asset_layer.executable_asset_keys == graph.materializable_asset_keys
    assert job.tags["dagster/retry_on_asset_or_op_failure"] == "false"
    assert job.executor_def.name == "in_process"


def test_labelled_items_have_no_annotations_and_no_consensus():
    definitions = build_training_data_quality(
        {"dataset": "pets", "items": {"table": "items.csv", "id": "id", "label": "label"}}
    )
    keys = {key.to_user_string() for key in definitions.resolve_asset_graph().get_all_asset_keys()}
    assert "pets/items" in keys
    assert not keys & {"pets/annotations", "pets/consensus", "pets/gold"}


def test_a_table_that_a_query_gives_says_so():
    where = {"database": "postgresql://ana@host/readings", "query": "SELECT * FROM readings"}
    roles = {"item": "image_id", "annotator": "reader_id", "label": "finding"}
    definitions = build_training_data_quality({"dataset": "d", "annotations": {**where, **roles}})
    spec = definitions.resolve_asset_graph().get(dg.AssetKey(["d", "annotations"]))
    assert spec.description.endswith("Read from a query of postgresql://***@host/readings.")


def test_the_users_own_assets_stand_upstream():
    definitions = build_training_data_quality(SPEC, upstream={"items": ["raw/images"], "gold": "experts"})
    graph = definitions.resolve_asset_graph()
    assert graph.get(dg.AssetKey(["pets", "items"])).parent_keys == {dg.AssetKey(["raw", "images"])}
    assert graph.get(dg.AssetKey(["pets", "gold"])).parent_keys == {dg.AssetKey("experts")}


def test_the_checks_that_a_user_puts_on_an_asset_run_every_night():
    @dg.asset_check(asset=dg.AssetKey(["pets", "items"]))
    def mine():
        return dg.AssetCheckResult(passed=True)

    definitions = dg.Definitions.merge(build_training_data_quality(SPEC), dg.Definitions(asset_checks=[mine]))
    job = definitions.resolve_job_def("pets_nightly")
    assert (
        dg.AssetCheckKey(dg.AssetKey(["pets", "items"]), "mine")
        in job.asset_layer.asset_graph.asset_check_keys
    )


def test_the_schema_that_dg_checks_yaml_with_takes_what_a_spec_takes():
    jsonschema = pytest.importorskip("jsonschema")
    schema = TrainingDataQuality.get_model_cls().model_json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"spec": "spec.yaml", "output": "out", "upstream": {"items": ["raw/images"]}})
    assert validator.is_valid({**SPEC, "labels": {"values": [1, False, "cat", 2.5]}})
    assert not validator.is_valid({"items": SPEC["items"]}), "no dataset"
    assert not validator.is_valid({**SPEC, "oops": 1})
    assert json.dumps(schema)


def test_the_component_costs_next_to_nothing_over_dagster():
    code = (
        "import dagster, sys, time; before = set(sys.modules); start = time.process_time();"
        "import dq_pipeline.orchestration.component; spent = time.process_time() - start;"
        "heavy = {'numpy', 'pandas', 'ibis', 'duckdb', 'pandera', 'mlflow', 'great_expectations', 'scipy', 'sqlalchemy'};"
        "print(spent, *(heavy & (set(sys.modules) - before)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    spent, *heavy = ended.stdout.split()
    assert not heavy
    assert float(spent) < 0.3
