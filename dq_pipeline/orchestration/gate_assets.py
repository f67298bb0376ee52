"""Gates on assets by key: those of any component, file or library that a code location holds."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence  # noqa: TC003 - read by pydantic when the class is made
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._record import replace
from pydantic import ValidationError

from dq_pipeline.orchestration.gated import with_gates
from dq_pipeline.orchestration.required import Gate
from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

WHO = "gate_assets"


class GatedAsset(dg.Model, dg.Resolvable):
    """A gate on an asset by its key, as YAML has it: `{asset: models/risk, require: [agreement]}`.

    Attributes:
        asset: Key of the asset, parts joined by "/".
        require: Checks or families that must have passed; without any, every blocking check.
        also: Keys of assets, of any code location, that count as read too.
        leave_out: Largest share of an input's partitions, from 0 to below 1, that may be left out.
    """

    asset: str
    require: Sequence[str] = ()
    also: Sequence[str] = ()
    leave_out: float = 0.0

    @property
    def gate(self) -> Gate:
        """The gate that it means."""
        also = tuple(dg.AssetKey.from_user_string(key) for key in self.also)
        return Gate(dg.AssetKey.from_user_string(self.asset), tuple(self.require), also, self.leave_out)


def gate_assets(
    definitions: dg.Definitions, gates: Sequence[str | Mapping[str, Any] | GatedAsset]
) -> dg.Definitions:
    """Put gates into assets of a code location by their keys, whoever defines them.

    Args:
        definitions: The code location's, such as `dg.load_from_defs_folder(...)` returns.
        gates: Keys of assets ("models/risk"), or what `GatedAsset` holds: `{"asset": ..., "require": [...]}`.

    Returns:
        The same definitions, with these assets behind their gates.

    Raises:
        InputError: A key that is not there or twice, or an asset that cannot be gated.

    Examples:
        >>> import dagster as dg
        >>> @dg.asset
        ... def model(): ...
        >>> defs = gate_assets(dg.Definitions(assets=[model]), ["model"])
        >>> [check.name for check in defs.resolve_asset_graph().asset_check_keys]
        ['quality_gate']
    """
    asked = [_gate(one) for one in gates]
    twice = [key for key, times in Counter(gate.asset for gate in asked).items() if times > 1]
    if twice:
        raise InputError(
            WHO,
            found=f"{twice[0].to_user_string()} twice",
            expected="one gate an asset",
            fix="put what both require into one",
        )
    left = {gate.asset: gate for gate in asked}
    assets: list[Any] = []
    for one in definitions.assets or ():
        if isinstance(one, dg.AssetsDefinition) and one.is_executable:
            here = [left.pop(key) for key in sorted(one.keys) if key in left]
            assets.append(with_gates(one, here) if here else one)
        else:
            assets.append(one)
    if left:
        _refuse(definitions, next(iter(left)))
    return replace(definitions, assets=assets)


def _gate(one: str | Mapping[str, Any] | GatedAsset) -> Gate:
    try:
        return GatedAsset.model_validate({"asset": one} if isinstance(one, str) else one).gate
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            WHO,
            found=f"{one!r}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}",
            expected="an asset's key, or {asset, require, also, leave_out}",
            fix='{"asset": "model", "require": ["agreement"]}',
        ) from None


def _refuse(definitions: dg.Definitions, key: dg.AssetKey) -> None:
    """Say why an asset cannot be gated here."""
    graph = definitions.resolve_asset_graph()
    name = key.to_user_string()
    if graph.has(key):
        raise InputError(
            WHO,
            found=f"{name}, which this code location does not build",
            expected="an asset that it builds: a gate stops the step that builds it",
            fix="call gate_assets in the code location that builds it; checks of this one count there too",
        )
    built = sorted(one.to_user_string() for one in graph.materializable_asset_keys)
    close = difflib.get_close_matches(name, built, n=1)
    raise InputError(
        WHO,
        found=f"{name}, which is not there",
        expected=f"one of: {', '.join(built) or 'none'}",
        fix=close[0] if close else "its key, parts joined by '/'",
    )
