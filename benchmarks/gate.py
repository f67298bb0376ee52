"""What a gate costs: seconds to decide over 25 to 400 ancestors with 10 blocking checks each, on real event logs.

    python benchmarks/gate.py [--postgres postgresql+psycopg2://user@host/database]

Every ancestor is materialized and checked by a real run first; the decision is timed in this process, five times, as
wall and CPU seconds (the least of five), and once more after every check has a history of three evaluations.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
import time

import dagster as dg

from dq_pipeline.orchestration.gate import decide
from dq_pipeline.orchestration.required import Gate

CHECKS, WIDTH = 10, 25
SIZES = (25, 50, 100, 200, 400)


def layer_of(depth: int) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """25 assets that each read two of the layer before, with their checks in one op each."""
    made: list[dg.AssetsDefinition | dg.AssetChecksDefinition] = []
    for place in range(WIDTH):
        above = [f"a{depth - 1}_{(place + step) % WIDTH}" for step in (0, 1)] if depth else []
        name = f"a{depth}_{place}"
        asset = dg.asset(name=name, deps=above)(lambda: None)
        specs = [dg.AssetCheckSpec(f"check_{number}", asset=name, blocking=True) for number in range(CHECKS)]

        @dg.multi_asset_check(name=f"{name}_checks", specs=specs)
        def checks(context):  # noqa: ANN001, ANN202 - Dagster would read text annotations
            for key in context.selected_asset_check_keys:
                yield dg.AssetCheckResult(passed=True, asset_key=key.asset_key, check_name=key.name)

        made += [asset, checks]
    return made


def main() -> None:
    """Print a line of JSON a size."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--postgres", help="a database instead of SQLite")
    options.add_argument("--nights", type=int, default=1, help="runs before the decision")
    options.add_argument("--most", type=int, default=max(SIZES), help="the largest number of ancestors")
    chosen = options.parse_args()
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    storage = {"storage": {"postgres": {"postgres_url": chosen.postgres}}} if chosen.postgres else {}
    sizes = [size for size in SIZES if size <= chosen.most]
    depths = max(sizes) // WIDTH
    definitions = [one for depth in range(depths) for one in layer_of(depth)]
    gated = [
        dg.asset(name=f"model_{size}", deps=[f"a{size // WIDTH - 1}_{place}" for place in range(WIDTH)])(
            lambda: None
        )
        for size in sizes
    ]
    graph = dg.Definitions(
        assets=[one for one in [*definitions, *gated] if not isinstance(one, dg.AssetChecksDefinition)],
        asset_checks=[one for one in definitions if isinstance(one, dg.AssetChecksDefinition)],
    ).resolve_asset_graph()
    with (
        tempfile.TemporaryDirectory() as folder,
        dg.DagsterInstance.local_temp(
            folder, overrides={"telemetry": {"enabled": False}, **storage}
        ) as instance,
    ):
        for _ in range(chosen.nights):
            dg.materialize(definitions, instance=instance)
        for size in sizes:
            gate = Gate(dg.AssetKey(f"model_{size}"))
            walls, seconds = [], []
            for _ in range(5):
                wall, cpu = time.perf_counter(), time.process_time()
                decision = decide(instance, graph, gate)
                walls.append(time.perf_counter() - wall)
                seconds.append(time.process_time() - cpu)
            assert decision.open, decision.sentence
            assert (decision.versions, decision.checks) == (size, size * CHECKS)
            spent = {"wall": round(min(walls), 3), "cpu": round(min(seconds), 3)}
            print(json.dumps({"ancestors": size, "checks": size * CHECKS, **spent}), flush=True)


if __name__ == "__main__":
    main()
