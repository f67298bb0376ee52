"""CPU seconds and peak memory of agreement over many annotations, beside DuckDB's own grouping by item and other libraries.

    python benchmarks/agreement.py --rows 1000000

Each contender is a process of its own, its imports timed apart. A library that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

CONTENDERS = ("floor", "alpha", "gram", "krippendorff", "statsmodels", "crowdkit")


def write_table(path: Path, rows: int) -> None:
    """Annotations in no order: 3.4 items to 10 of them, 200 annotators, 10 skewed labels, ids as text, some repeats."""
    import duckdb

    duckdb.execute("SELECT setseed(0.5)")
    duckdb.execute(
        f"""
        COPY (
            SELECT 'item-' || lpad(floor(random() * {int(rows * 0.34)})::BIGINT::VARCHAR, 9, '0') AS item,
                   'annotator_' || floor(200 * random())::INT AS annotator,
                   'label_' || least(9, floor(-ln(1 - random()) * 2)::INT) AS label
            FROM range({rows}) ORDER BY random()
        ) TO '{path}' (FORMAT parquet)
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


def floor(path: str) -> object:
    """The least that anything by item costs."""
    import duckdb

    def run() -> object:
        grouped = f"SELECT item, count(*) AS n FROM '{path}' GROUP BY item"
        return duckdb.execute(f"SELECT count(*), max(n) FROM ({grouped})").fetchall()

    return run


def ours(path: str, *, pairs: bool) -> object:
    """Alpha with its interval, or the kappas of all pairs of annotators."""
    # Imported here to be timed with the imports.
    import filelock  # noqa: F401
    import ibis
    import scipy.sparse  # noqa: F401

    from dq_pipeline.counts import Gram, Patterns, collect
    from dq_pipeline.measures.alpha import krippendorff_alpha
    from dq_pipeline.measures.cohen import pairwise_kappa
    from dq_pipeline.spec import spec_from
    from dq_pipeline.tables import Tables

    ibis.memtable({"a": [1]}).to_pyarrow()
    roles = {"item": "item", "annotator": "annotator", "label": "label"}
    spec, _ = spec_from({"dataset": "benchmark", "annotations": {"table": path, **roles}})

    def run() -> object:
        request = Gram() if pairs else Patterns()
        with Tables(spec) as tables:
            state = collect(tables, [request])[request]
        if pairs:
            return float(pairwise_kappa(state.pairs, len(state.labels)).value.mean())
        return krippendorff_alpha(state.vectors, state.items).value

    return run


def library(path: str, name: str) -> object:
    """Alpha by krippendorff, Fleiss' kappa by statsmodels, majority vote by crowd-kit, from the file on."""
    import numpy as np
    import pandas as pd

    if name == "crowdkit":
        from crowdkit.aggregation import MajorityVote

        named = {"item": "task", "annotator": "worker"}
        return lambda: len(MajorityVote().fit_predict(pd.read_parquet(path).rename(columns=named)))
    if name == "krippendorff":
        import krippendorff as measure
    else:
        from statsmodels.stats import inter_rater as measure

    def run() -> object:
        frame = pd.read_parquet(path).drop_duplicates(["item", "annotator"])
        items, labels = frame.item.factorize()[0], frame.label.factorize()[0]
        counts = np.zeros((items.max() + 1, labels.max() + 1), np.int64)
        np.add.at(counts, (items, labels), 1)
        if name == "krippendorff":
            return measure.alpha(value_counts=counts, level_of_measurement="nominal")
        return measure.fleiss_kappa(counts[counts.sum(axis=1) == 3])

    return run


def contend(name: str, path: str) -> None:
    """Run one contender and print a line of JSON."""
    start = cpu()
    run = (
        floor(path)
        if name == "floor"
        else ours(path, pairs=name == "gram")
        if name in {"alpha", "gram"}
        else library(path, name)
    )
    imported = cpu()
    result = run()  # type: ignore[operator] # a function without arguments
    most = peak()
    seconds = {"import": round(imported - start, 2), "run": round(cpu() - imported, 2)}
    print(json.dumps({"contender": name, "cpu_seconds": seconds, "peak_bytes": most, "result": str(result)}))


def main() -> None:
    """Write the table, run the contenders one by one, print each with its ratio to the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--only", choices=CONTENDERS, nargs="+", default=CONTENDERS, help="the floor comes first"
    )
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--table", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.contender:
        contend(chosen.contender, chosen.table)
        return
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "annotations.parquet"
        write_table(table, chosen.rows)
        base = None
        for name in dict.fromkeys(["floor", *chosen.only]):
            command = [sys.executable, __file__, "--contender", name, "--table", str(table)]
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            if ended.returncode:
                print(json.dumps({"contender": name, "skipped": ended.stderr.strip().splitlines()[-1]}))
                continue
            told = json.loads(ended.stdout.splitlines()[-1])
            base = base or max(told["cpu_seconds"]["run"], 0.01)
            print(json.dumps(told | {"times_the_floor": round(told["cpu_seconds"]["run"] / base, 2)}))


if __name__ == "__main__":
    main()
