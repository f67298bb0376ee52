"""The doctor: one clean project it passes, and one fault a test that it finds, with its fix."""

import json

import dagster as dg
import pytest
from click.testing import CliRunner

from dq_pipeline import gated
from dq_pipeline.orchestration.code_locations import CodeLocation, Where, code_locations
from dq_pipeline.orchestration.doctor import findings
from dq_pipeline.orchestration.doctor_command import doctor, retire
from dq_pipeline.spec.errors import InputError

TRAINING = """
import dagster as dg
from dq_pipeline import gated

@dg.asset(deps=["raw"])
def images(): ...

@dg.asset_check(asset=images, blocking=True)
def agreement():
    return dg.AssetCheckResult(passed=True)

@dg.asset_check(asset=dg.AssetKey("raw"), blocking=True)
def arrived():
    return dg.AssetCheckResult(passed=True)

@gated
@dg.asset(deps=[images])
def model(): ...

defs = dg.Definitions(assets=[images, model], asset_checks=[agreement, arrived])
"""


def parts():
    """Assets and checks as in TRAINING, by name."""
    held = {}
    exec(TRAINING, held)  # noqa: S102 - the text above
    return held


def location(assets, checks, name="here", **more):
    defs = dg.Definitions(assets=assets, asset_checks=checks, **more)
    return CodeLocation(name, defs.get_repository_def())


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


@pytest.fixture(scope="module")
def training():
    held = parts()
    return [held["images"], held["model"], dg.AssetSpec("raw")], [held["agreement"], held["arrived"]]


EVERYTHING = dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks()


def test_a_project_whose_jobs_run_every_check_has_nothing_wrong(training, instance):
    job = dg.define_asset_job("nightly", EVERYTHING)
    assert findings([location(*training, jobs=[job])], instance) == []
    assert findings([location(*training)], instance) == [], "without jobs people start things by hand"


def test_a_job_that_leaves_out_the_checks_of_what_it_builds_is_found(training):
    job = dg.define_asset_job("quick", dg.AssetSelection.assets("images", "model").without_checks())
    schedule = dg.ScheduleDefinition(name="each_night", job=job, cron_schedule="0 2 * * *")
    [found] = findings([location(*training, schedules=[schedule])], None)
    assert found.what == (
        "Job quick (started by each_night) leaves out images:agreement, raw:arrived: the gate of model stays closed."
    )
    assert found.fix == 'Add to its selection: | dg.AssetSelection.checks_for_assets("images", "raw").'


def test_a_job_of_all_assets_leaves_out_the_checks_of_external_ones(training):
    [found] = findings([location(*training, jobs=[dg.define_asset_job("nightly", "*")])], None)
    assert found.what == "Job nightly leaves out raw:arrived: the gate of model stays closed."


def test_a_schedule_without_a_job_of_its_own_is_named(training):
    schedule = dg.ScheduleDefinition(
        name="hourly", target=dg.AssetSelection.assets("images").without_checks(), cron_schedule="0 * * * *"
    )
    [found] = findings([location(*training, schedules=[schedule])], None)
    assert found.what.startswith("What hourly starts leaves out images:agreement")


def test_checks_that_another_job_runs_are_not_missed(training):
    jobs = [
        dg.define_asset_job(
            "ingest", dg.AssetSelection.assets("images") | dg.AssetSelection.all_asset_checks()
        ),
        dg.define_asset_job("train", dg.AssetSelection.assets("model")),
    ]
    assert findings([location(*training, jobs=jobs)], None) == []


def test_a_gated_asset_that_nothing_checks_is_found(training):
    assets, _ = training
    [found] = findings([location(assets, [])], None)
    assert found.what == "model is gated and nothing checks what it is made from: its gate never opens."
    assert found.fix == "Add a blocking check to one of: images, raw."


def test_a_gate_that_requires_what_nobody_has_is_found():
    held = parts()

    @gated(require=["agreemint", "agree*"])
    @dg.asset(deps=[held["images"]])
    def report(): ...

    [found] = findings([location([held["images"], report], [held["agreement"]])], None)
    assert "requires agreemint, which no check of its ancestors is" in found.what
    assert found.fix == "Correct require; the checks are: images:agreement."


def test_a_check_of_another_location_counts_and_an_unknown_asset_is_found(instance):
    held = parts()

    @gated(also=["elsewhere/images", "nowhere"])
    @dg.asset(deps=[held["images"]])
    def far(): ...

    other = dg.asset(key=["elsewhere", "images"])(lambda: None)
    dg.materialize([other], instance=instance)
    here = location([far, dg.AssetSpec("images")], [], name="a")
    there = location([held["images"]], [held["agreement"]], name="b")
    [found] = findings([here, there], instance)
    assert "also asks for nowhere" in found.what


def test_a_blocking_check_without_partitions_on_an_asset_that_has_them_is_found():
    days = dg.DailyPartitionsDefinition("2026-01-01")

    @dg.asset(partitions_def=days)
    def images(): ...

    @dg.asset_check(asset=images, blocking=True)
    def agreement(): ...

    [found] = findings([location([images], [agreement])], None)
    assert found.what.startswith("Check images:agreement knows no partitions")


def test_a_check_that_no_location_defines_any_more_is_found_until_it_is_retired(
    training, instance, monkeypatch
):
    @dg.asset_check(asset=dg.AssetKey("images"), blocking=True)
    def old():
        return dg.AssetCheckResult(passed=True)

    held = parts()
    dg.materialize([held["images"], old], instance=instance)
    [found] = findings([location(*training)], instance)
    assert found.what.startswith("Check images:old is on record and no code location here defines it")
    assert found.fix.startswith("dq-pipeline retire images:old")
    monkeypatch.setenv("DAGSTER_HOME", instance.root_directory)
    monkeypatch.setattr(dg.DagsterInstance, "get", staticmethod(lambda: Borrowed(instance)))
    ended = CliRunner().invoke(retire, ["images:old", "--owner", "ana", "--reason", "renamed"])
    assert ended.output == "images:old is retired by ana: gates stop asking for it.\n"
    assert findings([location(*training)], instance) == []


class Borrowed:
    """An open instance that a command may use and must not close."""

    def __init__(self, instance):
        self.instance = instance

    def __enter__(self):
        return self.instance

    def __exit__(self, *_): ...


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        (
            {"run_retries": {"enabled": True, "max_retries": 2}},
            "run_retries runs a failed check again, 2 times (jobs without the tag: nightly of here).",
        ),
        ({"telemetry": {"enabled": True}}, "Dagster's telemetry is on."),
        ({"run_retries": {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}}, None),
        ({"run_retries": {"enabled": True, "max_retries": 0}}, None),
    ],
)
def test_settings_that_work_against_gates_are_found(training, settings, what):
    jobs = [
        dg.define_asset_job("nightly", EVERYTHING),
        dg.define_asset_job("tagged", EVERYTHING, tags={"dagster/retry_on_asset_or_op_failure": "false"}),
    ]
    overrides = {"telemetry": {"enabled": False}, **settings}
    with dg.DagsterInstance.local_temp(overrides=overrides) as own:
        found = findings([location(*training, jobs=jobs)], own)
    assert [one.what for one in found] == ([what] if what else [])
    assert all(one.fix.startswith("dagster.yaml: ") for one in found)


def test_where_nothing_of_ours_is_defined_or_loaded_it_says_that_nothing_was_looked_at():
    @dg.asset
    def lonely(): ...

    (found,) = findings([location([lonely], [])], None)
    assert (found.where, found.what) == (
        "here",
        "Nothing was looked at: there is no dataset, check or gate of dq_pipeline.",
    )
    gone, found = findings([CodeLocation("theirs", None, "it runs elsewhere")], None)
    assert gone.what.startswith("was not looked at")
    assert (found.where, found.what) == (
        "theirs",
        "Nothing was looked at: no code location could be loaded.",
    )


def test_mlflows_telemetry_is_found(training, monkeypatch):
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY")
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    [found] = findings([location(*training)], None)
    assert found.fix == "export MLFLOW_DISABLE_TELEMETRY=true"


def test_a_driver_that_cannot_store_events_is_found(training, postgres_address):
    plain = postgres_address.replace("postgresql://", "postgresql+psycopg://")
    overrides = {"telemetry": {"enabled": False}, "storage": {"postgres": {"postgres_url": plain}}}
    with dg.DagsterInstance.local_temp(overrides=overrides) as own:
        [found] = findings([location(*training)], own)
    assert "through psycopg," in found.what


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a workspace.yaml of two locations, one of them in another environment."""
    (tmp_path / "training.py").write_text(TRAINING)
    (tmp_path / "workspace.yaml").write_text(
        "load_from:\n"
        "  - python_file: {relative_path: training.py, location_name: training}\n"
        "  - python_module: {module_name: theirs, executable_path: /opt/theirs/bin/python}\n"
        "  - grpc_server: {host: localhost, port: 4266, location_name: server}\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return tmp_path


def test_the_command_finds_the_workspace_and_says_one_line_a_finding(project):
    ended = CliRunner().invoke(doctor, [])
    assert ended.exit_code == 1
    lines = ended.stdout.splitlines()
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    assert lines == [
        "theirs: was not looked at: it runs in /opt/theirs/bin/python. -> Run dq-pipeline doctor there for theirs.",
        "server: was not looked at: it runs on a server of its own. -> Run dq-pipeline doctor there for server.",
    ]
    assert "DAGSTER_HOME is not set" in ended.stderr
    (project / "workspace.yaml").unlink()
    ended = CliRunner().invoke(doctor, ["-f", "training.py"])
    assert (ended.exit_code, ended.stdout) == (0, "Nothing is wrong.\n")
    ended = CliRunner().invoke(doctor, ["-f", "training.py", "--json"])
    assert json.loads(ended.stdout) == []


def test_the_project_of_the_folder_is_found(project, monkeypatch):
    (project / "workspace.yaml").unlink()
    monkeypatch.syspath_prepend(str(project))
    (project / "pyproject.toml").write_text(
        '[tool.dagster]\nmodule_name = "training"\ncode_location_name = "t"\n'
    )
    [found] = code_locations(Where())
    assert found.name == "t"
    assert dg.AssetKey("model") in found.graph.get_all_asset_keys()


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (Where(), "nor a workspace.yaml"),
        (Where(module="a", file="b"), "a and b"),
        (Where(workspace="none.yaml"), "no file none.yaml"),
        (Where(module="no_such_module"), "no_such_module"),
        (Where(file="broken.py"), "ZeroDivisionError"),
        (Where(file="empty.py"), "empty.py"),
        (Where(workspace="wrong.yaml"), "wrong.yaml"),
    ],
)
def test_what_cannot_be_loaded_is_one_clear_error(project, where, found):
    (project / "workspace.yaml").unlink()
    (project / "broken.py").write_text("1 / 0\n")
    (project / "empty.py").write_text("")
    (project / "wrong.yaml").write_text("load_from: 7\n")
    with pytest.raises(InputError) as caught:
        code_locations(where)
    assert found in str(caught.value)


def test_a_lone_definitions_py_is_named_where_no_option_says_where_the_definitions_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"-m my_project\.definitions"):
        code_locations(Where())
    (tmp_path / "definitions.py").write_text(TRAINING, encoding="utf-8")
    with pytest.raises(InputError, match=r"neither -m, -f or -w[\s\S]*-f definitions\.py"):
        code_locations(Where())
    [found] = code_locations(Where(file="definitions.py"))
    assert dg.AssetKey("model") in found.graph.get_all_asset_keys()
