"""Seconds and peak memory of a typical contract over many rows, by each executor.

    python benchmarks/contracts.py --rows 10000000 --executor fused --broken

Each run is a process of its own, so that the peak is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import duckdb


def write_table(path: Path, rows: int, *, broken: bool) -> None:
    """Annotations with text ids; with `broken`, one row in a thousand breaks each rule."""
    every = 1_000 if broken else 2 * rows
    first = 0 if broken else rows
    duckdb.execute(
        f"""
        COPY (
            SELECT CASE WHEN i % {every} = 1 THEN NULL ELSE 'item' || (i // 3) END AS item,
                   'annotator' || CASE WHEN i % {every} = 2 THEN (i - 1) % 3 ELSE i % 3 END AS annotator,
                   CASE WHEN i % {every} = 3 THEN 'cow' ELSE ['cat', 'dog', 'bird'][1 + (hash(i) % 3)::INT] END AS label,
                   CASE WHEN i % {every} = 4 THEN -1.0 ELSE (hash(i) % 1000) / 10.0 END AS seconds
            FROM range({first}, {first + rows}) AS numbers(i)
        ) TO '{path}' (FORMAT parquet)
        """
    )


def main() -> None:
    """Write the table, validate it, print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--executor", choices=["fused", "native"], default="fused")
    parser.add_argument("--broken", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "annotations.parquet"
        write_table(table, chosen.rows, broken=chosen.broken)
        start = time.perf_counter()
        import ibis
        import pandera.pandas as pa

        from dq_pipeline.contracts import validate

        imported = time.perf_counter()
        schema = pa.DataFrameSchema(
            {
                "item": pa.Column(str, pa.Check.str_matches(r"^item\d+$")),
                "annotator": pa.Column(str, pa.Check.str_length(1, 40)),
                "label": pa.Column(str, pa.Check.isin(["cat", "dog", "bird"])),
                "seconds": pa.Column(float, pa.Check.in_range(0, 100)),
            },
            unique=["item", "annotator"],
        )
        opened = ibis.duckdb.connect().read_parquet(table)
        result = validate(schema, opened, ids=["item", "annotator"], executor=chosen.executor)
        judged = time.perf_counter()
        written = result.write_failing_rows(Path(folder) / "failing.csv")
        done = time.perf_counter()
    print(
        json.dumps(
            {
                "rows": chosen.rows,
                "executor": chosen.executor,
                "broken": chosen.broken,
                "failing_rules": len(result.failed),
                "seconds": {
                    "import": round(imported - start, 2),
                    "validate": round(judged - imported, 2),
                    "write_failing_rows": round(done - judged, 2),
                },
                "failing_rows_written": written,
                "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
