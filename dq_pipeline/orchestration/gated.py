"""`@gated`: an asset of anybody's that cannot be built on data whose checks did not pass, however it is started."""

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, overload

import dagster as dg
from dagster._core.definitions.decorators.op_decorator import DecoratedOpFunction

from dq_pipeline.orchestration.decision import GATE, GateDecision, Reason
from dq_pipeline.orchestration.gate import ALSO, REQUIRE, Gate, decide
from dq_pipeline.spec.errors import InputError


@overload
def gated(asset: dg.AssetsDefinition) -> dg.AssetsDefinition: ...


@overload
def gated(
    *, require: Sequence[str] = (), also: Sequence[dg.AssetKey | str | Sequence[str]] = ()
) -> Callable[[dg.AssetsDefinition], dg.AssetsDefinition]: ...


def gated(
    asset: dg.AssetsDefinition | None = None,
    *,
    require: Sequence[str] = (),
    also: Sequence[dg.AssetKey | str | Sequence[str]] = (),
) -> Any:
    """Put a gate into an asset: written above `@dg.asset`.

    Before the asset is built, and again before what it built is stored, every blocking check of every ancestor must
    have passed for exactly the versions that are read. The check `quality_gate` on the asset tells the outcome of
    each attempt; a closed gate fails the step, and is not retried.

    Args:
        asset: The asset, with one key.
        require: Names of checks ("agreement", "images:no_nulls", `*` allowed) or of families that must have passed;
            without any, every blocking check. So a report may run on what a model may not train on.
        also: Keys of assets, of any code location on the instance, that count as read too.

    Returns:
        The asset with its gate; or, called with options only, a decorator.

    Raises:
        InputError: It is not an asset with one key that is computed by a function.

    Examples:
        >>> import dagster as dg
        >>> @gated
        ... @dg.asset
        ... def model(): ...
        >>> [check.name for check in model.check_keys]
        ['quality_gate']
    """
    keys = tuple(dg.AssetKey.from_coercible(key) for key in also)

    def with_gate(asset: dg.AssetsDefinition) -> dg.AssetsDefinition:
        function = _function(asset)
        return _rebuilt(asset, function, Gate(asset.key, tuple(require), keys))

    return with_gate if asset is None else with_gate(asset)


def _rebuilt(asset: dg.AssetsDefinition, function: Callable[..., Any], gate: Gate) -> dg.AssetsDefinition:
    """The asset with its function behind the gate, and the check that tells."""
    op = asset.op
    spec = gate_spec(gate)
    told = spec.get_python_identifier()
    attributes = asset.get_attributes_dict()
    attributes["node_def"] = dg.OpDefinition.dagster_internal_init(
        compute_fn=DecoratedOpFunction(_guarded(function, gate)),
        name=op.name,
        ins=dict(op.ins),
        outs={**op.outs, told: dg.Out(dagster_type=None)},
        description=op.description,
        config_schema=op.config_schema,
        required_resource_keys=op.required_resource_keys,
        tags=op.tags,
        version=None,
        retry_policy=op.retry_policy,
        code_version=asset.get_asset_spec().code_version,
        pool=op.pool,
    )
    attributes["check_specs_by_output_name"] = {**attributes["check_specs_by_output_name"], told: spec}
    attributes["selected_asset_check_keys"] = {*asset.check_keys, spec.key}
    return dg.AssetsDefinition.dagster_internal_init(**attributes)


def gate_spec(gate: Gate) -> dg.AssetCheckSpec:
    """The check that a gated asset declares; what the gate asks for stands in its metadata."""
    return dg.AssetCheckSpec(
        GATE,
        asset=gate.asset,
        description="Every blocking check passed for the very versions that are read.",
        metadata={
            REQUIRE: list(gate.require),
            ALSO: [key.to_user_string() for key in gate.also],
        },
    )


def _function(asset: dg.AssetsDefinition) -> Callable[..., Any]:
    """The function under one asset's decorator."""
    who = "gated"
    if not isinstance(asset, dg.AssetsDefinition):
        raise InputError(
            who,
            found=f"a {type(asset).__name__}",
            expected="an asset: the line stands above @dg.asset",
            fix="@gated\n            @dg.asset",
        )
    computed = isinstance(asset.node_def, dg.OpDefinition) and isinstance(
        asset.node_def.compute_fn, DecoratedOpFunction
    )
    if len(asset.keys) != 1 or not computed:
        raise InputError(
            who,
            found=f"an asset definition with the keys {', '.join(sorted(key.to_user_string() for key in asset.keys))}",
            expected="one key, computed by a function",
            fix="gate an @dg.asset that depends on them",
        )
    if dg.AssetCheckKey(asset.key, GATE) in asset.check_keys:
        raise InputError(
            who,
            found=f"{asset.key.to_user_string()} with a gate already",
            expected="one gate an asset",
            fix="drop one",
        )
    function = asset.op.compute_fn.decorated_fn  # type: ignore[union-attr]  # asked just above
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise InputError(
            who,
            found=f"the async function {function.__name__}",
            expected="a plain function or generator",
            fix=f"def {function.__name__}(...): return asyncio.run(...)",
        )
    return function


def _guarded(function: Callable[..., Any], gate: Gate) -> Callable[..., Iterator[Any]]:
    """The asset's function behind its gate."""

    @functools.wraps(function)
    def behind_the_gate(*args: Any, **kwargs: Any) -> Iterator[Any]:
        context = dg.AssetExecutionContext.get()
        yield from pass_gate(context, gate, lambda: _events(function(*args, **kwargs), context))

    return behind_the_gate


def _events(made: Any, context: dg.AssetExecutionContext) -> Iterator[Any]:
    """What an asset's function returned or yields, as Dagster's events."""
    if inspect.isgenerator(made):
        yield from made
    elif isinstance(made, (dg.MaterializeResult, dg.Output)):
        yield made
    else:
        yield dg.Output(made, output_name=context.op_execution_context.op_def.output_defs[0].name)


def pass_gate(
    context: dg.AssetExecutionContext, gate: Gate, build: Callable[[], Iterator[Any]]
) -> Iterator[Any]:
    """Yield what `build` yields if the gate is open, before, and still when the first of it is there to store.

    For an op that declares the check `quality_gate` itself; `gated` does it for an asset.

    Args:
        context: The running asset's context.
        gate: The gated asset and what it asks.
        build: What builds the asset: an iterator of Dagster's events.

    Yields:
        One result of the check, then the events.

    Raises:
        dagster.Failure: The gate is closed; not to be retried.
    """

    def ask(inputs: dict[dg.AssetKey, int | None] | None) -> GateDecision:
        step = context.op_execution_context._step_execution_context  # noqa: SLF001 - the only holder of what was read
        graph = context.job_def.asset_layer.asset_graph.source_asset_graph
        read = {
            parent: info.storage_id
            for parent in graph.get(gate.asset).parent_keys
            if (info := step.maybe_fetch_and_get_input_asset_version_info(parent)) is not None
        }
        return decide(
            context.instance,
            graph,
            gate,
            partition=context.partition_key if context.has_partition_key else None,
            inputs=read if inputs is None else inputs,
            run_id=context.run.run_id,
        )

    first = ask(None)
    if not first.open:
        yield first.check_result
        _stop_if_closed(first)
    told = False
    try:
        for event in build():
            if not told:
                told = True
                now = ask({})
                moved = _moved(first, now)
                yield (moved or first).check_result
                _stop_if_closed(moved)
            yield event
    except Exception:
        if not told:
            yield first.check_result
        raise


def _moved(first: GateDecision, now: GateDecision) -> GateDecision | None:
    """The closed decision when an input changed while the asset was being built, else None."""
    if not now.open:
        return now
    if now.inputs == first.inputs:
        return None
    changed = sorted(
        key
        for (key, partition), version in now.inputs.items()
        if first.inputs.get((key, partition)) != version
    )
    return replace(now, reasons=tuple(Reason("replaced", asset) for asset in changed))


def _stop_if_closed(decision: GateDecision | None) -> None:
    if decision is None or decision.open:
        return
    reasons = "\n".join(f"- {one.sentence} {one.remedy}" for one in decision.reasons)
    raise dg.Failure(
        description=f"The quality gate of {decision.asset.to_user_string()} is closed.\n{reasons}",
        allow_retries=False,
    )
