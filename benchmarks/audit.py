"""What a whole audit costs, from the open files to the report: CPU seconds, their stages, peak memory, size of the report.

    python benchmarks/audit.py --rows 1000000 10000000
    python benchmarks/audit.py --rows 100000000 --memory-limit 1GB

Annotations of 200 annotators in 10 labels, over a third as many items with a source, a split and four conditions; every
family at its defaults, and all but consensus and its relabel queue. Held against DuckDB's own grouping by item in the same run, each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ITEM_COLUMNS = ("source", "split", "weather", "light", "road", "camera")
SPEC = """\
dataset: benchmark
annotations: {table: annotations.parquet, item: item, annotator: annotator, label: label}
items:
  table: items.parquet
  id: item
  source: source
  split: split
  conditions: [weather, light, road, camera]
mlflow: false
"""


def write_annotations(path: Path, rows: int) -> None:
    """Annotations in no order: 3.4 items to 10 of them, 200 annotators, 10 skewed labels, right four times in five."""
    import duckdb

    duckdb.execute("SELECT setseed(0.5)")
    duckdb.execute(
        f"""
        COPY (
            SELECT 'item-' || lpad(i::VARCHAR, 9, '0') AS item, 'annotator_' || floor(200 * random())::INT AS annotator,
                   'label_' || least(9, floor(-ln(1 - CASE WHEN random() < 0.8 THEN (hash(i) % 100003) / 100003.0
                       ELSE random() END) * 2)::INT) AS label
            FROM (SELECT floor(random() * {int(rows * 0.34)})::BIGINT AS i FROM range({rows})) ORDER BY random()
        ) TO '{path}' (FORMAT parquet)
        """
    )


def write_items(path: Path, annotations: int) -> None:
    """An item for each that annotations speak of, columns of 2 to 50 values of unequal size."""
    import duckdb

    values = {"source": 50, "split": 2, "weather": 6, "light": 3, "road": 8, "camera": 4}
    named = {
        column: f"'{column}_' || floor({most} * pow((hash(i * 16 + {place}) % 100003) / 100003.0, 1.3))::INT"
        for place, (column, most) in enumerate(values.items())
    }
    named["split"] = "CASE WHEN hash(i * 16 + 1) % 10 < 8 THEN 'train' ELSE 'validation' END"
    columns = ", ".join(f"{named[column]} AS {column}" for column in ITEM_COLUMNS)
    duckdb.execute(
        f"""
        COPY (SELECT 'item-' || lpad(i::VARCHAR, 9, '0') AS item, {columns} FROM range({int(annotations * 0.34)}) AS r(i))
        TO '{path}' (FORMAT parquet)
        """
    )


def cpu() -> float:
    """Seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak() -> int:
    """The most memory this process has held, in bytes: Linux' own count starts anew with the program, `getrusage` does not."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def floor(folder: Path) -> dict[str, object]:
    """The least that anything by item costs."""
    import duckdb

    before = cpu()
    grouped = f"SELECT item, count(*) AS n FROM '{folder / 'annotations.parquet'}' GROUP BY item"
    duckdb.execute(f"SELECT count(*), max(n) FROM ({grouped})").fetchall()
    return {"cpu": cpu() - before}


def whole(folder: Path, memory_limit: str | None, *, consensus: bool) -> dict[str, object]:
    """The audit and its files, then its report."""
    import great_expectations  # noqa: F401 - what the audit imports while the engine counts
    import ibis
    import matplotlib.figure  # noqa: F401
    import pandas as pd  # noqa: F401
    import scipy.stats  # noqa: F401

    from dq_pipeline.audit import Folders, audit, ready, report_audit, write
    from dq_pipeline.spec import load_spec

    ibis.memtable({"a": [1]}).to_pyarrow()
    more = f"engine: {{memory_limit: {memory_limit}}}\n" if memory_limit else ""
    more += "" if consensus else "checks: {consensus: false}\n"
    (folder / "spec.yaml").write_text(SPEC + more)
    spec, source = load_spec(folder / "spec.yaml")
    out = folder / "out"
    before, start = cpu(), time.perf_counter()
    with ready(out):
        found = audit(spec, source, folders=Folders(out))
        write(found, out)
        audited = cpu()
        report_audit(found, out, run="benchmark")
    told = {"cpu": audited - before, "report_cpu": round(cpu() - audited, 2)}
    told |= {"seconds": round(time.perf_counter() - start, 2), "measures": len(found.measures)}
    return {**told, "stages": found.timings.as_dict()["seconds"]}


def main() -> None:
    """Write the tables, run floor and audit in turn, print a line of JSON each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--memory-limit")
    parser.add_argument("--one", choices=["floor", "without_consensus", "audit"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        told = (
            floor(chosen.folder)
            if chosen.one == "floor"
            else whole(chosen.folder, chosen.memory_limit, consensus=chosen.one == "audit")
        )
        most = peak()
        print(json.dumps({**told, "peak_bytes": most}))
        return
    for rows in chosen.rows:
        with tempfile.TemporaryDirectory() as folder:
            write_annotations(Path(folder) / "annotations.parquet", rows)
            write_items(Path(folder) / "items.parquet", rows)
            limit = ["--memory-limit", chosen.memory_limit] if chosen.memory_limit else []
            base = 0.0
            # The floor twice, the first to warm the page cache.
            for name in ("floor", "floor", "without_consensus", "audit"):
                command = [sys.executable, __file__, "--one", name, "--folder", folder, *limit]
                ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                told = json.loads(ended.stdout.splitlines()[-1])
                if name == "floor":
                    base = told["cpu"]
                    continue
                ratio = round(told["cpu"] / base, 2)
                line = {"rows": rows, "what": name, "floor": round(base, 3), "ratio": ratio, **told}
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
