"""`@gated`: an asset of anybody's that cannot be built on data whose checks did not pass, however it is started."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, overload

import dagster as dg
from dagster._core.definitions.decorators.op_decorator import DecoratedOpFunction
from dagster._core.execution.plan.compute_generator import validate_and_coerce_op_result_to_iterator
from dagster._utils.warnings import disable_dagster_warnings

from dq_pipeline.orchestration.decision import GATE
from dq_pipeline.orchestration.pass_gate import pass_gates
from dq_pipeline.orchestration.required import Gate
from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Around = Callable[[dg.AssetExecutionContext, Iterator[Any]], Iterator[Any]]

WHO = "gated"


@overload
def gated(asset: dg.AssetsDefinition) -> dg.AssetsDefinition: ...


@overload
def gated(
    *,
    require: Sequence[str] = (),
    also: Sequence[dg.AssetKey | str | Sequence[str]] = (),
    leave_out: float = 0.0,
) -> Callable[[dg.AssetsDefinition], dg.AssetsDefinition]: ...


def gated(
    asset: dg.AssetsDefinition | None = None,
    *,
    require: Sequence[str] = (),
    also: Sequence[dg.AssetKey | str | Sequence[str]] = (),
    leave_out: float = 0.0,
) -> Any:
    """Put a gate into an asset: written above `@dg.asset` or `@dg.multi_asset`.

    Before the asset is built, and again before what it built is stored, every blocking check of every ancestor must
    have passed for exactly the versions that are read. The check `quality_gate` on the asset tells the outcome of
    each attempt; a closed gate fails the step, and is not retried. An automation condition of the asset also waits
    for the blocking checks of its inputs, unless `require` asks for others.

    Args:
        asset: The asset; every key of it gets a gate.
        require: Names of checks ("agreement", "images:no_nulls", `*` allowed) or of families that must have passed;
            without any, every blocking check. So a report may run on what a model may not train on.
        also: Keys of assets, of any code location on the instance, that count as read too.
        leave_out: The largest share of an input's partitions, 0 to 1, that may be left out because they did not
            pass. The asset then names its inputs in `deps` and reads those of `passed_partitions`.

    Returns:
        The asset with its gate; or, called with options only, a decorator.

    Raises:
        InputError: It is not an asset that is computed by a function, or an option cannot be met.

    Examples:
        >>> import dagster as dg
        >>> @gated
        ... @dg.asset
        ... def model(): ...
        >>> [check.name for check in model.check_keys]
        ['quality_gate']
    """
    keys = tuple(dg.AssetKey.from_coercible(key) for key in also)
    _refuse_share(leave_out)

    def with_gate(asset: dg.AssetsDefinition) -> dg.AssetsDefinition:
        if not isinstance(asset, dg.AssetsDefinition):
            raise InputError(
                WHO,
                found=f"a {type(asset).__name__}",
                expected="an asset: the line stands above @dg.asset",
                fix="@gated\n            @dg.asset",
            )
        return with_gates(asset, [Gate(key, tuple(require), keys, leave_out) for key in sorted(asset.keys)])

    return with_gate if asset is None else with_gate(asset)


def _refuse_share(leave_out: float) -> None:
    """Raise InputError when it is no share of partitions that may be left out."""
    if not 0 <= leave_out < 1:
        raise InputError(
            WHO,
            found=f"leave_out={leave_out!r}",
            expected="a share of partitions from 0 to below 1",
            fix="leave_out=0.1",
        )


def with_gates(
    asset: dg.AssetsDefinition, gates: Sequence[Gate], around: Around | None = None
) -> dg.AssetsDefinition:
    """An asset definition with its function behind gates, and the checks that tell.

    Args:
        asset: The asset.
        gates: A gate for each of its keys.
        around: What is to see all events of the step, those of a closed gate among them.

    Raises:
        InputError: It is not computed by a function, has a gate already, or an option cannot be met.
    """
    function = _function(asset, gates)
    specs = {spec.get_python_identifier(): spec for spec in (gate_spec(gate, asset) for gate in gates)}
    op = asset.op
    # The gate alone can then be asked, and jobs may leave its check out: it is asked all the same.
    can_subset = asset.can_subset or _can_be_asked_alone(asset)
    attributes = {**asset.get_attributes_dict(), "can_subset": can_subset}
    attributes["node_def"] = dg.OpDefinition.dagster_internal_init(
        compute_fn=DecoratedOpFunction(_guarded(function, gates, asset, around)),
        name=op.name,
        ins=dict(op.ins),
        outs={
            **{
                name: out._replace(is_required=out.is_required and not can_subset)
                for name, out in op.outs.items()
            },
            **{told: dg.Out(dagster_type=None, is_required=not can_subset) for told in specs},
        },
        description=op.description,
        config_schema=op.config_schema,
        required_resource_keys=op.required_resource_keys,
        tags=op.tags,
        version=None,
        retry_policy=op.retry_policy,
        code_version=None,
        pool=op.pool,
    )
    attributes["check_specs_by_output_name"] = {**attributes["check_specs_by_output_name"], **specs}
    attributes["selected_asset_check_keys"] = {*asset.check_keys, *(spec.key for spec in specs.values())}
    attributes["specs"] = [_automated(spec, gates) for spec in asset.specs]
    with disable_dagster_warnings():
        return dg.AssetsDefinition.dagster_internal_init(**attributes)


def _can_be_asked_alone(asset: dg.AssetsDefinition) -> bool:
    """Whether it builds one asset and nothing else, so that its gate can be run without it though it was not so made."""
    return not asset.can_subset and len(asset.keys) == 1 and not asset.check_keys


def gate_spec(gate: Gate, asset: dg.AssetsDefinition | None = None) -> dg.AssetCheckSpec:
    """The check that a gated asset declares; what the gate asks for stands in its metadata.

    Args:
        gate: The gate.
        asset: Its asset, for a check per partition where that has partitions.
    """
    with (
        disable_dagster_warnings()
    ):  # partitions of a check are a preview; dq_pipeline_tests/upstream pins them
        return dg.AssetCheckSpec(
            GATE,
            asset=gate.asset,
            description="Every blocking check passed for the very versions that are read.",
            metadata=gate.metadata,
            partitions_def=asset.specs_by_key[gate.asset].partitions_def if asset else None,
        )


def _automated(spec: dg.AssetSpec, gates: Sequence[Gate]) -> dg.AssetSpec:
    """The spec of a gated asset, whose automation waits for the blocking checks of its inputs."""
    condition = spec.automation_condition
    waits = any(gate.asset == spec.key and not gate.require and not gate.leave_out for gate in gates)
    if condition is None or not waits:
        return spec
    passed = dg.AutomationCondition.all_deps_blocking_checks_passed()
    return spec.replace_attributes(automation_condition=condition & passed)


def _function(asset: dg.AssetsDefinition, gates: Sequence[Gate]) -> Callable[..., Any]:
    """The function under an asset's decorator."""
    named = ", ".join(sorted(key.to_user_string() for key in asset.keys))
    computed = isinstance(asset.node_def, dg.OpDefinition) and isinstance(
        asset.node_def.compute_fn, DecoratedOpFunction
    )
    if not computed:
        raise InputError(
            WHO,
            found=f"{named}, which is not computed by one function",
            expected="an @dg.asset or @dg.multi_asset",
            fix="gate an @dg.asset that depends on it",
        )
    for gate in gates:
        _refuse_share(gate.leave_out)
        if dg.AssetCheckKey(gate.asset, GATE) in asset.check_keys:
            raise InputError(
                WHO,
                found=f"{gate.asset.to_user_string()} with a gate already",
                expected="one gate an asset",
                fix="drop one",
            )
        loaded = sorted(
            name for name in asset.op.ins if not asset.op.input_def_named(name).dagster_type.is_nothing
        )
        if gate.leave_out and loaded:
            raise InputError(
                WHO,
                found=f"leave_out, and {', '.join(loaded)} as an argument, which holds every partition",
                expected="inputs named in deps, and read by the partitions that passed",
                fix="@dg.asset(deps=[...]), and in it dq_pipeline.passed_partitions(context, asset)",
            )
    function: Callable[..., Any] = asset.op.compute_fn.decorated_fn  # type: ignore[union-attr]  # asked above
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise InputError(
            WHO,
            found=f"the async function {function.__name__}",
            expected="a plain function or generator",
            fix=f"def {function.__name__}(...): return asyncio.run(...)",
        )
    return function


def _guarded(
    function: Callable[..., Any], gates: Sequence[Gate], asset: dg.AssetsDefinition, around: Around | None
) -> Callable[..., Iterator[Any]]:
    """The asset's function behind its gates; what it returns is taken as Dagster takes it without them."""
    outputs = asset.op.output_defs
    only = next(iter(asset.check_keys)) if len(asset.check_keys) == 1 else None

    @functools.wraps(function)
    def behind_the_gate(*args: Any, **kwargs: Any) -> Iterator[Any]:
        context = dg.AssetExecutionContext.get()

        def build() -> Iterator[Any]:
            made = _named(function(*args, **kwargs), only)
            seen = set()
            for event in validate_and_coerce_op_result_to_iterator(made, context, outputs):
                seen |= {output.name for output in outputs if _is_of(event, output, len(asset.keys))}
                yield _named(event, only)
            yield from _missing(outputs if _can_be_asked_alone(asset) else (), seen)

        events = pass_gates(context, gates, build)
        yield from around(context, events) if around else events

    return behind_the_gate


def _named(made: Any, only: dg.AssetCheckKey | None) -> Any:
    """What a function returned or yielded, its check results naming the asset's only own check: that was no need."""
    if only is None:
        return made
    if isinstance(made, dg.AssetCheckResult) and made.check_name is None:
        return made._replace(asset_key=only.asset_key, check_name=only.name)
    if isinstance(made, dg.MaterializeResult) and made.check_results:
        return made._replace(check_results=[_named(one, only) for one in made.check_results])
    return tuple(_named(one, only) for one in made) if type(made) is tuple else made


def _is_of(event: Any, output: dg.OutputDefinition, keys: int) -> bool:
    """Whether an event is the value of an output."""
    if isinstance(event, dg.Output):
        return bool(event.output_name == output.name)
    return isinstance(event, dg.MaterializeResult) and keys == 1


def _missing(outputs: Sequence[dg.OutputDefinition], seen: set[str]) -> Iterator[dg.Output[None]]:
    """What Dagster does for outputs that it requires: the gate's own op requires none, so that it can be asked alone."""
    for output in outputs:
        if output.is_required and output.name not in seen:
            if not output.dagster_type.is_nothing:
                raise dg.DagsterInvariantViolationError(f"no output {output.name!r} was yielded or returned")
            yield dg.Output(None, output.name)
