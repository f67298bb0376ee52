"""Dawid-Skene and majority vote of many annotations, against crowd-kit at equal steps.

    pip install -e ".[bench]" && python benchmarks/consensus.py --votes 1000000 --steps 20

Skewed and shuffled votes with text ids: 3.4 items to ten annotations, 200 annotators, 10 labels. Each contender is a process
of its own, so that its peak of memory is its own; imports are timed apart; seconds are of the processor. crowd-kit's rule of
when to stop is not monotone, so both take the same number of steps, without smoothing and with crowd-kit's floor.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

CONTENDERS = ("dawid_skene", "crowdkit_dawid_skene", "majority", "crowdkit_majority")
LABELS = 10
ANNOTATORS = 200


def write_votes(path: Path, votes: int) -> None:
    """Votes of annotators of whom few do most, right in 55 to 95 % of them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(1)
    each = random.choice([1, 2, 3, 4, 5], votes * 2 // 5, p=[0.12, 0.22, 0.28, 0.22, 0.16])
    item = np.repeat(np.arange(len(each)), each)
    skew = 1 / (np.arange(ANNOTATORS) + 5.0)
    annotator = random.choice(ANNOTATORS, len(item), p=skew / skew.sum())
    once = np.unique(item * ANNOTATORS + annotator, return_index=True)[1][:votes]
    item, annotator = item[once], annotator[once]
    shares = np.array([0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.04, 0.03, 0.02, 0.02])
    true = random.choice(LABELS, len(each), p=shares)
    right = random.random(len(item)) < random.uniform(0.55, 0.95, ANNOTATORS)[annotator]
    label = np.where(right, true[item], random.choice(LABELS, len(item), p=shares))
    order = random.permutation(len(item))
    columns = {"item": ("item-", item), "annotator": ("annotator-", annotator), "label": ("label-", label)}
    pq.write_table(
        pa.table(
            {name: np.char.add(start, values[order].astype(str)) for name, (start, values) in columns.items()}
        ),
        path,
        row_group_size=122_880,
    )


def ours(table: Path, steps: int, into: Path, *, majority: bool) -> tuple[float, int]:
    """Seconds from the file to the posteriors, or to the file of majority labels, and the peak of memory, in MiB."""
    # Imported here to be timed with the imports.
    import duckdb  # noqa: F401
    import ibis  # noqa: F401
    import pyarrow as pa  # noqa: F401
    import scipy.sparse  # noqa: F401

    from dq_pipeline.consensus import write_consensus
    from dq_pipeline.consensus.dawid_skene import fit, posteriors
    from dq_pipeline.consensus.run import encoded
    from dq_pipeline.spec import spec_from
    from dq_pipeline.tables import Tables

    roles = {"item": "item", "annotator": "annotator", "label": "label"}
    spec, _ = spec_from({"dataset": "benchmark", "annotations": {"table": str(table), **roles}})
    start = time.process_time()
    with Tables(spec) as tables:
        if majority:
            write_consensus(tables, into)
            return time.process_time() - start, peak()
        votes = encoded(tables, "dawid_skene")
        model = fit(votes, smoothing=0, tolerance=-1, most_steps=steps, floor=1e-10)
        with into.open("wb") as file:
            for block in posteriors(votes, model, floor=1e-10):
                file.write(np.ascontiguousarray(block).data)
        told = time.process_time() - start, peak()
        ids = tables["annotations"].expr.select("row", "item").order_by("row").to_pyarrow()["item"].to_numpy()
        order = np.argsort(ids[tables.ballots.rows[:]])
        np.fromfile(into).reshape(-1, len(votes.labels))[order].tofile(into)
        return told


def crowdkit(table: Path, steps: int, into: Path, *, majority: bool) -> tuple[float, int]:
    """The same by crowd-kit, the table read by pandas."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene, MajorityVote

    start = time.process_time()
    votes = pd.read_parquet(table).rename(columns={"item": "task", "annotator": "worker"})
    if majority:
        MajorityVote().fit_predict(votes).to_frame("label").to_parquet(into)
        return time.process_time() - start, peak()
    probabilities = DawidSkene(n_iter=steps, tol=-1e18).fit(votes).probas_
    told = time.process_time() - start, peak()
    ordered = probabilities.sort_index().sort_index(axis=1).to_numpy()
    into.write_bytes(np.ascontiguousarray(ordered).data)
    return told


def run(contender: str, table: Path, steps: int, into: Path) -> None:
    """One contender in this process, told in one line of JSON."""
    before = time.process_time()
    library = "crowdkit.aggregation" if contender.startswith("crowdkit") else "dq_pipeline.consensus"
    import_module(library)
    imported = time.process_time() - before
    race = crowdkit if contender.startswith("crowdkit") else ours
    seconds, most = race(table, steps, into, majority=contender.endswith("majority"))
    told = {
        "contender": contender,
        "seconds": round(seconds, 2),
        "import": round(imported, 2),
        "peak_mib": most,
    }
    print(json.dumps(told))


def peak() -> int:
    """The most memory this process has held, in MiB: Linux' own count starts anew with the program, `getrusage` does not."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main() -> None:
    """Race all contenders, or run one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--only", choices=CONTENDERS, nargs="*", default=CONTENDERS)
    parser.add_argument("--run", nargs=3, metavar=("CONTENDER", "TABLE", "INTO"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.run:
        run(asked.run[0], Path(asked.run[1]), asked.steps, Path(asked.run[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "votes.parquet"
        write_votes(table, asked.votes)
        told = {}
        for contender in asked.only:
            command = [sys.executable, __file__, "--steps", str(asked.steps), "--run", contender, str(table), f"{folder}/{contender}"]  # fmt: skip
            if contender.startswith("crowdkit") and not find_spec("crowdkit"):
                print(json.dumps({"contender": contender, "skipped": "no crowdkit"}))
                continue
            line = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
            told[contender] = json.loads(line)
            print(line, flush=True)
        for name in ("dawid_skene", "majority"):
            if {name, f"crowdkit_{name}"} <= told.keys():
                times = told[f"crowdkit_{name}"]["seconds"] / told[name]["seconds"]
                print(json.dumps({"method": name, "times_as_fast": round(times, 1)}))
        if {"dawid_skene", "crowdkit_dawid_skene"} <= told.keys():
            one, other = (np.fromfile(f"{folder}/{start}dawid_skene") for start in ("", "crowdkit_"))
            most = float(np.abs(one - other).max())
            print(json.dumps({"posteriors_differ_by": most, "items": len(one) // LABELS}))


if __name__ == "__main__":
    main()
