"""The composition of many items: ours beside DuckDB's bare scan-and-hash, pandas by hand and a profiler.

    python benchmarks/composition.py --rows 1000000
    python benchmarks/composition.py --rows 10000000 --peers bare ours
    python benchmarks/composition.py --rows 1000000 --peers coverage edge_cases integrity whole

Items have a text id, a source of 50 values, 10 labels and 6 conditions of 8 values, all crossed in pairs. Each run is a
process of its own: CPU seconds without imports, peak memory with them, and the ratio to the bare scan of the same file.
`whole` is every family that speaks of what the items hold: with a sample of production of a tenth of their rows, ten edge
cases, a split, and a checksum as the items' content. Its parts are measured alone too.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CONDITIONS = tuple(f"condition_{place}" for place in range(6))
DIMS = ("source", "label", *CONDITIONS)
PAIRS = tuple(combinations(DIMS, 2))
FAMILIES = ("balance", "concentration", "shortcuts")
MORE = ("coverage", "edge_cases", "integrity")
MOST = {"ydata": 100_000, "evidently": 100_000}
"""Rows that a profiler is given at most."""


def write_items(path: Path, rows: int) -> None:
    """Items in Parquet; values of two columns are independent, sources of unequal size."""
    import duckdb

    conditions = ", ".join(
        f"'{name}_' || (hash(i * 16 + {place + 2}) % 8) AS {name}" for place, name in enumerate(CONDITIONS)
    )
    duckdb.execute(
        f"""
        COPY (
            SELECT 'item-' || lpad(i::VARCHAR, 10, '0') AS id,
                   'hospital_' || floor(50 * pow((hash(i * 16) % 100003) / 100003.0, 1.5))::INT AS source,
                   'label_' || (hash(i * 16 + 1) % 10) AS label, {conditions},
                   ['train', 'train', 'train', 'validation'][1 + (hash(i * 16 + 9) % 4)::INT] AS split,
                   md5((i - i % 1000 // 999)::VARCHAR) AS checksum
            FROM range({rows}) AS numbers(i)
        ) TO '{path}' (FORMAT parquet)
        """
    )


def write_production(path: Path, rows: int) -> None:
    """The conditions of production, the first of them of another mix."""
    import duckdb

    conditions = ", ".join(
        f"'{name}_' || {'least' if not place else 'greatest'}(hash(i * 16 + {place + 900}) % 8, "
        f"hash(i * 16 + {place + 900 if place else 800}) % 8) AS {name}"
        for place, name in enumerate(CONDITIONS)
    )
    duckdb.execute(
        f"COPY (SELECT {conditions} FROM range({rows}) AS numbers(i)) TO '{path}' (FORMAT parquet)"
    )


def bare(path: Path) -> Callable[[], int]:
    """DuckDB reads and hashes the same columns."""
    import duckdb

    hashed = ", ".join(f"bit_xor(hash({column}))" for column in ("id", *DIMS))
    return lambda: len(duckdb.execute(f"SELECT {hashed} FROM '{path}'").fetchall())


def bare_whole(path: Path) -> Callable[[], int]:
    """DuckDB reads and hashes what the whole audit reads, production with it."""
    import duckdb

    columns = ("id", *DIMS, "split", "checksum")
    items, there = (
        f"SELECT {', '.join(f'bit_xor(hash({name}))' for name in names)} FROM '{table}'"
        for names, table in ((columns, path), (CONDITIONS, production_of(path)))
    )
    return lambda: sum(len(duckdb.execute(query).fetchall()) for query in (items, there))


def production_of(path: Path) -> Path:
    """Where the sample of production lies that goes with items."""
    return path.with_name(f"production_{path.name}")


def ours(path: Path) -> Callable[[], int]:
    """The counts and measures of balance (all pairs), concentration and shortcuts."""
    return families_over(path, FAMILIES)


def families_over(path: Path, names: tuple[str, ...]) -> Callable[[], int]:
    """The counts and measures of some families."""
    import ibis
    import pandas as pd  # noqa: F401 - Ibis imports it at its first result
    import pyarrow as pa  # noqa: F401
    import scipy.stats  # noqa: F401

    from dq_pipeline.counts import collect
    from dq_pipeline.families import families_of
    from dq_pipeline.spec import spec_from
    from dq_pipeline.tables import Tables

    roles = {"id": "id", "source": "source", "label": "label", "conditions": list(CONDITIONS)}
    crossed = [list(pair) for pair in PAIRS if "source" not in pair]
    more = set(names) & set(MORE)
    cases = [
        {
            "name": f"case_{n}",
            "where": f"condition_0 = 'condition_0_{n % 8}' and condition_{1 + n % 5} <> 'x'",
        }
        for n in range(10)
    ]
    written = {
        "dataset": "items",
        "items": {
            "table": path.name,
            **roles,
            **({"split": "split", "content": ["checksum"]} if more else {}),
        },
        "checks": {"balance": {"cells": crossed}},
        **({"production": {"table": production_of(path).name}, "edge_cases": cases} if more else {}),
    }
    spec, source = spec_from(written, base=path.parent)
    ibis.duckdb.connect().disconnect()
    families = [family for family in families_of(spec, source) if family.name in names]

    missing = set(names) - {family.name for family in families if family.silent() is None}
    if missing:
        raise ValueError(f"silent: {', '.join(sorted(missing))}")

    def run() -> int:
        with Tables(spec) as tables:
            counts = collect(tables, [request for family in families for request in family.requests()])
        return sum(len(family.measure(counts)) for family in families)

    return run


def by_hand(path: Path) -> Callable[[], int]:
    """What a user would write in pandas."""
    import pandas as pd

    def run() -> int:
        items = pd.read_parquet(path)
        shares = sum(len(items[dim].value_counts(normalize=True)) for dim in DIMS)
        return shares + sum(pd.crosstab(items[one], items[other]).size for one, other in PAIRS)

    return run


def ydata(path: Path) -> Callable[[], int]:
    """ydata-profiling, its minimal report."""
    import pandas as pd
    from ydata_profiling import ProfileReport

    return lambda: len(ProfileReport(pd.read_parquet(path), minimal=True, progress_bar=False).to_json())


def evidently(path: Path) -> Callable[[], int]:
    """Evidently's data summary."""
    import pandas as pd
    from evidently import Report
    from evidently.presets import DataSummaryPreset

    return lambda: len(Report([DataSummaryPreset()]).run(pd.read_parquet(path), None).json())


WHOLE = {name: partial(families_over, names=(name,)) for name in MORE}
PEERS = {
    "bare": bare,
    "ours": ours,
    "bare_whole": bare_whole,
    **WHOLE,
    "whole": partial(families_over, names=(*FAMILIES, *MORE)),
    "pandas": by_hand,
    "ydata": ydata,
    "evidently": evidently,
}
FLOORS = dict.fromkeys(("bare_whole", "whole", *WHOLE), "bare_whole")
"""What each is held against; the bare scan of the items where nothing is said."""
NEEDS = {"ydata": "ydata_profiling", "evidently": "evidently"}


def measure(name: str, path: Path) -> None:
    """Run one in this process and print what it cost."""
    warnings.simplefilter("ignore")
    run = PEERS[name](path)
    start, cpu = time.perf_counter(), time.process_time()
    numbers = run()
    cost = {
        "cpu": round(time.process_time() - cpu, 3),
        "seconds": round(time.perf_counter() - start, 3),
        "numbers": numbers,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(cost))


def main() -> None:
    """Write the items, run each in a process of its own, print a line each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the profilers")
    parser.add_argument("--one", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        measure(chosen.one, chosen.path)
        return
    with tempfile.TemporaryDirectory() as folder:
        bases: dict[tuple[str, int], float] = {}
        for name in dict.fromkeys(["bare", *chosen.peers]):
            if (
                name in NEEDS
                and chosen.python == sys.executable
                and not importlib.util.find_spec(NEEDS[name])
            ):
                print(json.dumps({"peer": name, "skipped": f"no {NEEDS[name]}"}))
                continue
            rows = min(chosen.rows, MOST.get(name, chosen.rows))
            path = Path(folder) / f"items_{rows}.parquet"
            if not path.exists():
                write_items(path, rows)
                write_production(production_of(path), max(rows // 10, 1))
            floor = FLOORS.get(name, "bare"), rows
            if floor not in bases:
                # Twice, the first to warm the page cache.
                bases[floor] = [one(sys.executable, floor[0], path)["cpu"] for _ in range(2)][-1]
            cost = one(chosen.python if name in NEEDS else sys.executable, name, path)
            print(
                json.dumps(
                    {"peer": name, "rows": rows, **cost, "ratio": round(cost["cpu"] / bases[floor], 2)}
                ),
                flush=True,
            )


def one(python: str, name: str, path: Path) -> dict[str, float]:
    """What one costs, in a process of its own."""
    command = [python, __file__, "--one", name, "--path", str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
