"""From a spec to Dagster's definitions: the one function behind the component and for Python."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from dq_pipeline.spec import InputError, Spec, SpecSource, load_spec, spec_from

Key = str | Sequence[str] | dg.AssetKey
"""An asset's key as users write it: "raw/images", its parts, or Dagster's own."""


def build_training_data_quality(
    spec: str | Path | Mapping[str, Any] | Spec,
    *,
    base: str | Path = ".",
    output: str | Path | None = None,
    upstream: Mapping[str, Sequence[Key]] | None = None,
    downstream: Sequence[Key] = (),
    spark_session: str | None = None,
) -> dg.Definitions:
    """Build the assets, checks, gate, nightly job and schedule of one dataset.

    Args:
        spec: The path of a spec's file, its keys as a mapping, or a `Spec`.
        base: The folder that the paths of a mapping start from; those of a file start from its own folder.
        output: The folder of everything that is left behind, relative to the spec; by default
            `.dq_pipeline/<dataset>` beside it.
        upstream: For a table of the spec, the assets of your own that write it: `{"items": ["raw/images"]}`.
        downstream: Assets of your own that follow in the nightly run, such as the model: `["models/scenes"]`.
        spark_session: The key of a resource of your own to count with, where the spec says `backend: spark`: a Spark
            session, or whatever has one as `spark_session`.

    Returns:
        Definitions to serve as they are, or to merge with your own: `dg.Definitions.merge(mine, theirs)`.

    Raises:
        InputError: The spec cannot be used, with its file, line and key.
    """
    if isinstance(spec, Spec):
        written, source = spec, SpecSource("spec", {})
    elif isinstance(spec, Mapping):
        written, source = spec_from(spec, base=base)
    else:
        written, source = load_spec(spec)
    return definitions_of(
        written,
        source,
        output=output,
        upstream=upstream,
        downstream=downstream,
        spark_session=spark_session,
    )


def definitions_of(
    spec: Spec,
    source: SpecSource,
    *,
    output: str | Path | None = None,
    upstream: Mapping[str, Sequence[Key]] | None = None,
    downstream: Sequence[Key] = (),
    spark_session: str | None = None,
) -> dg.Definitions:
    """The definitions of a spec that was read and checked.

    Raises:
        InputError: A policy or an option that cannot be used.
    """
    from dq_pipeline.orchestration.collecting import reported
    from dq_pipeline.orchestration.consensus_asset import consensus_asset
    from dq_pipeline.orchestration.dataset import TRAINING_SET, Dataset
    from dq_pipeline.orchestration.nightly import nightly
    from dq_pipeline.orchestration.raw_tables import raw_tables
    from dq_pipeline.orchestration.table_checks import table_checks
    from dq_pipeline.orchestration.training_set_asset import training_set_asset

    where = spec.base / Path(output or Path(".dq_pipeline") / spec.dataset).expanduser()
    if spark_session is not None and spec.engine.backend != "spark":
        raise InputError(
            source.where(("spark_session",)),
            found=f"`spark_session: {spark_session}` beside `backend: {spec.engine.backend}`",
            expected="`engine: {backend: spark}`",
            fix="write that, or take `spark_session` out",
        )
    dataset = Dataset(spec, source, where, _upstream(spec, source, upstream or {}), spark_session)
    raw = raw_tables(dataset)
    assets = [raw]
    if dataset.annotated:
        assets.append(consensus_asset(dataset))
    if dataset.trainable:
        assets.append(training_set_asset(dataset))
    keys = sorted(key for asset in assets for key in asset.keys)
    lost = dataset.checks.keys() - {key.path[-1] for key in keys}
    if lost:
        raise ValueError(f"checks of {', '.join(sorted(lost))}, which is no asset")
    checks = [table_checks(dataset, name) for name in sorted(dataset.checks) if name != TRAINING_SET]
    told = reported(dataset)
    schedule = nightly(dataset, keys, [_key(key) for key in downstream], [spec.key for spec in told])
    return dg.Definitions(assets=[*assets, *told], asset_checks=checks, schedules=[schedule])


def _key(given: Key) -> dg.AssetKey:
    return (
        dg.AssetKey.from_user_string(given) if isinstance(given, str) else dg.AssetKey.from_coercible(given)
    )


def _upstream(
    spec: Spec, source: SpecSource, given: Mapping[str, Sequence[Key]]
) -> dict[str, list[dg.AssetKey]]:
    from dq_pipeline.orchestration.dataset import TABLES

    known = [table for table in TABLES if getattr(spec, table) is not None]
    for table in given:
        if table not in known:
            raise InputError(
                source.where(("upstream", table)),
                found=f"{table!r}, which is no table of the spec",
                expected=f"one of {', '.join(known)}",
                fix=f"write `upstream: {{{known[0]}: [raw/images]}}`",
            )
    return {
        table: [_key(key) for key in ([keys] if isinstance(keys, str) else keys)]
        for table, keys in given.items()
    }
