"""Running behind a gate: it is asked before an asset is built, and again before what was built is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import dagster as dg

from dq_pipeline.orchestration.closed_by import in_lines
from dq_pipeline.orchestration.decision import GATE, GateDecision, Reason
from dq_pipeline.orchestration.gate import Asking, decide
from dq_pipeline.orchestration.held_back import answer_for_closed
from dq_pipeline.orchestration.per_partition import check_events
from dq_pipeline.orchestration.provenance import LEFT_OUT, inputs_read
from dq_pipeline.orchestration.required import location_of
from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dq_pipeline.orchestration.required import Gate

_PASSED: dict[tuple[str, str], dict[dg.AssetKey, list[str]]] = {}
"""For each gated step that is being built, by run and step: the partitions of each input that passed."""

_QUARANTINED: dict[tuple[str, str], list[dg.AssetCheckKey]] = {}
"""The same for the failed checks whose rows must be left out."""


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
        One result of the check for each partition that is built, then the events.

    Raises:
        dagster.Failure: The gate is closed; not to be retried.
    """
    return pass_gates(context, [gate], build)


def pass_gates(
    context: dg.AssetExecutionContext, gates: Sequence[Gate], build: Callable[[], Iterator[Any]]
) -> Iterator[Any]:
    """The same for an op that builds several assets, of which any closed one that is selected closes all.

    The check of an asset that is not selected tells what the gate would do, and nothing is built.
    """
    yield from _told(
        context,
        {
            attempt: attempt.ask()
            for attempt in (_Attempt.of(context, gate) for gate in gates if _only_asked(context, gate))
        },
    )
    if not context.selected_asset_keys:
        return
    attempts = [_Attempt.of(context, gate) for gate in gates if gate.asset in context.selected_asset_keys]
    first = {attempt: attempt.ask() for attempt in attempts}
    if any(not decision.open for decisions in first.values() for decision in decisions):
        yield from _told(context, first)
        _stop_if_closed(context, first)
    key = _step(context)
    _PASSED[key] = _passed_in(first)
    _QUARANTINED[key] = sorted(
        {one.check for decisions in first.values() for decision in decisions for one in decision.quarantined}
    )
    told = False
    try:
        for event in build():
            if not told:
                told = True
                now = {attempt: attempt.ask_again(first[attempt]) for attempt in attempts}
                yield from _told(context, now)
                _stop_if_closed(context, now)
                _tell_what_was_left_out(context, first)
            yield event
    except RejectedError as error:
        closed = {
            attempt: [replace(decision, reasons=(error.reason,)) for decision in decisions]
            for attempt, decisions in first.items()
        }
        if not told:
            yield from _told(context, closed)
        _stop_if_closed(context, closed)
    except Exception:  # whatever the user's code raises goes on, once the gate's answer is recorded
        if not told:
            yield from _told(context, first)
        raise
    finally:
        _PASSED.pop(key, None)
        _QUARANTINED.pop(key, None)


def _only_asked(context: dg.AssetExecutionContext, gate: Gate) -> bool:
    key = dg.AssetCheckKey(gate.asset, GATE)
    return key in context.selected_asset_check_keys and gate.asset not in context.selected_asset_keys


def passed_partitions(
    context: dg.AssetExecutionContext, asset: dg.AssetKey | str | Sequence[str]
) -> list[str]:
    """The partitions of an input that passed: what an asset with `leave_out` may read.

    Args:
        context: The gated asset's context.
        asset: The input's key.

    Returns:
        Partition keys, sorted.

    Raises:
        InputError: The context is not that of a gated asset, or the asset is no partitioned input of it.
    """
    key = _step(context)
    wanted = dg.AssetKey.from_coercible(asset)
    passed = _PASSED.get(key, {})
    if wanted not in passed:
        known = ", ".join(sorted(one.to_user_string() for one in passed)) or "none"
        raise InputError(
            "passed_partitions",
            found=f"{wanted.to_user_string()}, which is no partitioned input of a gated asset that is being built",
            expected=f"one of its inputs with partitions: {known}",
            fix="@dq_pipeline.gated above the asset, and the input in its deps",
        )
    return passed[wanted]


class RejectedError(Exception):
    """What builds an asset found that the gate must close after all.

    Args:
        reason: Why.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.sentence)
        self.reason = reason


def quarantined_checks(context: dg.AssetExecutionContext) -> list[dg.AssetCheckKey]:
    """The checks that failed and whose rows the asset that is being built must be made without."""
    return _QUARANTINED.get(_step(context), [])


def _step(context: dg.AssetExecutionContext) -> tuple[str, str]:
    return context.run.run_id, context.op_execution_context.get_step_execution_context().step.key


@dataclass(frozen=True, eq=False)
class _Attempt:
    """One gate in one running step, for each partition that is built."""

    context: dg.AssetExecutionContext
    gate: Gate
    partitions: tuple[str | None, ...]
    location: str | None

    @staticmethod
    def of(context: dg.AssetExecutionContext, gate: Gate) -> _Attempt:
        partitioned = context.assets_def.specs_by_key[gate.asset].partitions_def is not None
        keys = tuple(context.partition_keys) if partitioned else (None,)
        return _Attempt(context, gate, keys, location_of(context.instance, context.run.run_id))

    def ask(self, *, latest: bool = False) -> list[GateDecision]:
        """What the gate says for each partition, of the inputs as the step has them or of the latest."""
        graph = self.context.job_def.asset_layer.asset_graph.source_asset_graph
        inputs = {} if latest else inputs_read(self.context, self.gate.asset)
        return [
            decide(
                self.context.instance,
                graph,
                self.gate,
                Asking(partition, inputs, self.context.run.run_id, self.location),
            )
            for partition in self.partitions
        ]

    def ask_again(self, first: Sequence[GateDecision]) -> list[GateDecision]:
        """What it says now; closed where an input changed while the asset was being built."""
        return [_moved(before, now) for before, now in zip(first, self.ask(latest=True), strict=True)]


def _moved(first: GateDecision, now: GateDecision) -> GateDecision:
    changed = sorted(
        {key for (key, part), version in now.inputs.items() if first.inputs.get((key, part)) != version}
        | {key for key, parts in now.left_out.items() if set(parts) - set(first.left_out.get(key, ()))}
    )
    if not now.open or not changed:
        return now if not now.open else first
    return replace(now, reasons=tuple(Reason("replaced", asset) for asset in changed))


def _passed_in(decided: dict[_Attempt, list[GateDecision]]) -> dict[dg.AssetKey, list[str]]:
    passed: dict[dg.AssetKey, set[str]] = {}
    for decisions in decided.values():
        for decision in decisions:
            for asset, partition in decision.inputs:
                if partition is not None and partition not in decision.left_out.get(asset, ()):
                    passed.setdefault(asset, set()).add(partition)
    return {asset: sorted(partitions) for asset, partitions in passed.items()}


def _told(context: dg.AssetExecutionContext, decided: dict[_Attempt, list[GateDecision]]) -> Iterator[Any]:
    """The check `quality_gate` of each gated asset."""
    for attempt, decisions in decided.items():
        results = dict(zip(attempt.partitions, (one.check_result for one in decisions), strict=True))
        yield from check_events(context, results)


def _tell_what_was_left_out(
    context: dg.AssetExecutionContext, decided: dict[_Attempt, list[GateDecision]]
) -> None:
    """Write it on the materialization, so that gates further down do not take it for read."""
    for attempt, decisions in decided.items():
        for decision in decisions:
            if decision.left_out:
                written = {key.to_user_string(): list(parts) for key, parts in decision.left_out.items()}
                context.add_asset_metadata(
                    {LEFT_OUT: dg.MetadataValue.json(written)}, attempt.gate.asset, decision.partition
                )


def _stop_if_closed(context: dg.AssetExecutionContext, decided: dict[_Attempt, list[GateDecision]]) -> None:
    closed = [decision for decisions in decided.values() for decision in decisions if not decision.open]
    if not closed:
        return
    because: dict[dg.AssetKey, list[Reason]] = {}
    for decision in closed:
        because.setdefault(decision.asset, []).extend(decision.reasons)
    for asset, causes in because.items():
        answer_for_closed(context, asset, causes)
    names = ", ".join(dict.fromkeys(decision.asset.to_user_string() for decision in closed))
    reasons = in_lines(one for decision in closed for one in decision.reasons)
    every = sum(len(attempt.partitions) for attempt in decided)
    others = every - len(closed)
    parts = sorted({decision.partition for decision in closed if decision.partition is not None})
    aside = (
        f"\nThe other {others} partitions of this run are open: start it without {', '.join(parts)}."
        if others and parts
        else ""
    )
    raise dg.Failure(
        description=f"The quality gate of {names} is closed.\n" + "\n".join(reasons) + aside,
        allow_retries=False,
    )
