"""What can be gated and how: one asset, several of one function, any asset by its key, a folder of components."""

import textwrap

import dagster as dg
import pytest
from dagster.components.testing import create_defs_folder_sandbox

from dq_pipeline import gate_assets, gated
from dq_pipeline.orchestration.required import gates
from dq_pipeline.spec.errors import InputError

DAGSTERS_OWN = pytest.mark.filterwarnings(
    "ignore:`parse_obj_as` is deprecated",
    "ignore::dagster_shared.utils.warnings.PreviewWarning",
    "ignore::dagster_shared.utils.warnings.BetaWarning",
)


@dg.asset
def images():
    return "bad"


@dg.asset_check(asset=images, blocking=True)
def agreement():
    return dg.AssetCheckResult(passed=False)


@dg.asset(deps=[images], code_version="7", tags={"team": "vision"}, owners=["team:vision"])
def model():
    return 1


@dg.multi_asset(specs=[dg.AssetSpec("train", deps=[images]), dg.AssetSpec("held_out")], can_subset=True)
def split(context):
    for key in sorted(context.selected_asset_keys):
        yield dg.MaterializeResult(asset_key=key)


@dg.multi_asset(outs={"first": dg.AssetOut(), "second": dg.AssetOut()}, deps=[images])
def pair():
    return 1, 2


def definitions(**more):
    return dg.Definitions(
        assets=[images, model, split, pair, dg.AssetSpec("raw")], asset_checks=[agreement], **more
    )


def run(instance, defs, *names):
    """Materialize by key, in one run, with the checks of what is selected."""
    graph = defs.resolve_asset_graph()
    assets = [*{id(one): one for one in graph.assets_defs}.values()]
    selection = dg.AssetSelection.assets(*names)
    return dg.materialize(assets, selection=selection, instance=instance, raise_on_error=False)


@pytest.fixture
def bad(instance):
    """An instance on which images are bad, and known to be."""
    run(instance, definitions(), "images")
    return instance


def test_a_gate_by_key_keeps_everything_else_of_the_asset(bad):
    defs = gate_assets(definitions(), ["model"])
    spec = defs.resolve_asset_graph().get(dg.AssetKey("model"))
    assert (spec.code_version, dict(spec.tags), list(spec.owners)) == (
        "7",
        {"team": "vision"},
        ["team:vision"],
    )
    assert not run(bad, defs, "model").success
    assert run(bad, definitions(), "model").success, "without the gate it is built"


def test_jobs_and_schedules_run_the_gated_asset(bad):
    job = dg.define_asset_job("training", dg.AssetSelection.assets("model"))
    defs = gate_assets(definitions(jobs=[job]), ["model"])
    ended = defs.resolve_job_def("training").execute_in_process(instance=bad, raise_on_error=False)
    assert not ended.success


def test_a_gate_on_one_key_of_several_closes_only_when_it_is_selected(bad):
    defs = gate_assets(definitions(), ["train"])
    assert [gate.asset.to_user_string() for gate in gates(defs.resolve_asset_graph())] == ["train"]
    assert run(bad, defs, "held_out").success
    assert not run(bad, defs, "train", "held_out").success
    assert len(bad.fetch_materializations(dg.AssetKey("held_out"), limit=9).records) == 1
    assert not bad.fetch_materializations(dg.AssetKey("train"), limit=1).records


def test_several_returned_values_go_to_their_keys(instance):
    @dg.asset
    def images(): ...

    @dg.asset_check(asset=images, blocking=True)
    def agreement():
        return dg.AssetCheckResult(passed=True)

    @gated
    @dg.multi_asset(outs={"one": dg.AssetOut(), "two": dg.AssetOut()}, deps=[images])
    def both():
        return 1, 2

    ended = dg.materialize([images, agreement, both], instance=instance)
    assert [ended.output_for_node("both", name) for name in ("one", "two")] == [1, 2]
    told = {one.asset_key.to_user_string(): one.passed for one in ended.get_asset_check_evaluations()}
    assert told == {"images": True, "one": True, "two": True}


def test_what_an_asset_returns_is_taken_as_without_a_gate(instance):
    @dg.asset
    def images(): ...

    @dg.asset_check(asset=images, blocking=True)
    def agreement():
        return dg.AssetCheckResult(passed=True)

    @gated
    @dg.asset(deps=[images])
    def told() -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata={"rows": 3})

    @gated
    @dg.asset(deps=[images])
    def nothing() -> None: ...

    @gated
    @dg.asset(deps=[images], check_specs=[dg.AssetCheckSpec("own", asset="checked")])
    def checked():
        yield dg.Output(1)
        yield dg.AssetCheckResult(passed=True)

    @gated
    @dg.asset(deps=[images], check_specs=[dg.AssetCheckSpec("with_it", asset="both")])
    def both():
        return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])

    class Sized(dg.Config):
        size: int = 5

    @gated
    @dg.asset(deps=[images], retry_policy=dg.RetryPolicy(max_retries=1))
    def sized(context, config: Sized):
        if context.retry_number == 0:
            raise dg.RetryRequested(max_retries=1)
        return config.size

    ended = dg.materialize([images, agreement, told, nothing, checked, both, sized], instance=instance)
    [made] = ended.asset_materializations_for_node("told")
    assert made.metadata["rows"].value == 3
    assert ended.output_for_node("sized") == 5
    assert {one.check_name for one in ended.get_asset_check_evaluations()} == {
        "agreement",
        "quality_gate",
        "own",
        "with_it",
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["modle"], "modle, which is not there"),
        (["raw"], "raw, which this code location does not build"),
        (["model", {"asset": "model"}], "model twice"),
        ([{"asset": "model", "requires": ["agreement"]}], "requires: Extra inputs"),
        ([{"asset": "model", "leave_out": 1}], "leave_out"),
        ([{"require": ["agreement"]}], "asset: Field required"),
    ],
)
def test_a_gate_that_cannot_be_put_is_one_clear_error(asked, found):
    with pytest.raises(InputError, match=found) as caught:
        gate_assets(definitions(), asked)
    assert caught.value.fix


def test_what_is_no_computed_asset_cannot_be_gated():
    @dg.graph_asset
    def composed():
        return dg.op(name="one")(lambda: 1)()

    with pytest.raises(InputError, match="not computed by one function"):
        gated(composed)
    with pytest.raises(InputError, match="a function"):
        gated(lambda: None)
    with pytest.raises(InputError, match="with a gate already"):
        gated(gated(model))

    async def slow(): ...

    with pytest.raises(InputError, match="async function slow"):
        gated(dg.asset(slow))


def test_leaving_out_needs_inputs_that_are_not_loaded_whole():
    def model(images): ...

    with pytest.raises(InputError, match="images as an argument"):
        gated(leave_out=0.1)(dg.asset(model))
    with pytest.raises(InputError, match="a share of partitions"):
        gated(leave_out=1.0)


PYTHON = """
import dagster as dg

@dg.asset
def images(): ...

@dg.asset_check(asset=images, blocking=True)
def agreement():
    return dg.AssetCheckResult(passed=False)

@dg.asset(deps=[images])
def {name}(): ...
"""


@DAGSTERS_OWN
def test_a_folder_gates_the_assets_of_the_components_in_it(instance):
    with create_defs_folder_sandbox() as sandbox:
        folder = sandbox.defs_folder_path
        written = """
            type: dq_pipeline.GatedFolder
            attributes:
              gates:
                - {asset: model}
                - {asset: report, require: [schema]}
            """
        (folder / "defs.yaml").write_text(textwrap.dedent(written))
        (folder / "training.py").write_text(PYTHON.format(name="model"))
        inner = folder / "reports" / "monthly"
        inner.mkdir(parents=True)
        (inner / "defs.py").write_text(
            "import dagster as dg\n\n@dg.asset(deps=['images'])\ndef report(): ...\n"
        )
        (folder / "reports" / "defs.yaml").write_text(
            "type: dagster.DefsFolderComponent\n"
            "post_processing: {assets: [{target: '*', attributes: {tags: {kept: 'yes'}}}]}\n"
        )
        with sandbox.build_all_defs() as defs:
            graph = defs.resolve_asset_graph()
            found = {gate.asset.to_user_string(): gate.require for gate in gates(graph)}
            assert found == {"model": (), "report": ("schema",)}
            assert graph.get(dg.AssetKey("report")).tags == {"kept": "yes"}
            assert not run(instance, defs, "images", "model").success
            assert not run(instance, defs, "model").success


@DAGSTERS_OWN
def test_a_folder_that_gates_what_is_not_there_says_so():
    with create_defs_folder_sandbox() as sandbox:
        folder = sandbox.defs_folder_path
        (folder / "defs.yaml").write_text(
            "type: dq_pipeline.GatedFolder\nattributes: {gates: [{asset: modle}]}\n"
        )
        (folder / "training.py").write_text(PYTHON.format(name="model"))
        with (
            pytest.raises(Exception, match="Error while building definitions") as caught,
            sandbox.build_all_defs(),
        ):
            pass
    cause = caught.value
    while cause is not None and not isinstance(cause, InputError):
        cause = cause.__cause__
    assert isinstance(cause, InputError)
    assert "modle, which is not there" in str(cause)
    assert cause.fix == "model"
