"""What a night costs that adds 1 % to a dataset in files of whole items: what is counted now, over a count of all.

    python benchmarks/growing.py --rows 10000000

Each contender is a process of its own, in turn, on the same files; told are CPU seconds of counting alone (contracts and what
the families but consensus ask for, from opening the tables on), imports apart, and memory. `full` keeps nothing; `first` counts
and keeps; `night` is the same with one file more of each table; `late` adds annotations of items of all the files before, one
in a hundred. Each night's numbers are held to those of a full count.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from audit import SPEC, cpu, peak, write_annotations, write_items

FILES = 100
TABLES = ("annotations", "items")
STATES = "states"


def write(folder: Path, rows: int) -> None:
    """The tables of benchmarks/audit.py, cut by item into FILES files and one more of each, held back for the night."""
    import duckdb

    write_annotations(folder / "annotations.parquet", rows)
    write_items(folder / "items.parquet", rows)
    for table in TABLES:
        duckdb.execute(
            f"COPY (SELECT *, hash(item) % {FILES + 1} AS night FROM read_parquet('{folder}/{table}.parquet')) "
            f"TO '{folder}/cut_{table}' (FORMAT parquet, PARTITION_BY (night))"
        )
        (folder / table).mkdir()
        for place, path in enumerate(sorted((folder / f"cut_{table}").glob("*/*.parquet"))):
            night = int(path.parent.name.partition("=")[2])
            to = folder / table if night < FILES else folder
            path.rename(to / f"{'later_' if night == FILES else ''}{table}_{night:03}_{place}.parquet")
        (folder / f"{table}.parquet").unlink()
    spec = SPEC.replace("annotations.parquet", "annotations/*.parquet").replace(
        "items.parquet", "items/*.parquet"
    )
    (folder / "spec.yaml").write_text(f"{spec}checks: {{consensus: false}}\n", encoding="utf-8")


def add_night(folder: Path) -> None:
    """Add the files of the night."""
    for table in TABLES:
        for path in folder.glob(f"later_{table}_*.parquet"):
            shutil.copy(path, folder / table / path.name.replace("later", "night"))


def add_late(folder: Path, rows: int) -> None:
    """Add a file of annotations of items of all the files before."""
    import duckdb

    duckdb.execute(
        f"COPY (SELECT item, 'annotator_late' AS annotator, label FROM read_parquet('{folder}/annotations/*.parquet') "
        f"USING SAMPLE reservoir({rows // 100} ROWS) REPEATABLE (3)) TO '{folder}/annotations/very_late.parquet' (FORMAT parquet)"
    )


def counted(folder: Path, states: Path | None) -> dict[str, Any]:
    """The seconds of counting, and what comes of it."""
    import great_expectations  # noqa: F401 - what an audit imports while the engine counts
    import ibis
    import pandera.ibis
    import pandera.pandas  # noqa: F401
    import scipy.sparse
    import scipy.stats  # noqa: F401

    from dq_pipeline.audit.counted import count, kept_states
    from dq_pipeline.audit.timings import Timings
    from dq_pipeline.contracts import fused, native  # noqa: F401
    from dq_pipeline.contracts.of_tables import contracts_of
    from dq_pipeline.families import families_of
    from dq_pipeline.spec import load_spec
    from dq_pipeline.tables import Tables

    ibis.memtable({"a": [1]}).to_pyarrow()
    spec, source = load_spec(folder / "spec.yaml")
    families = [family for family in families_of(spec, source) if family.silent() is None]
    contracts = [contract for contract in contracts_of(spec) if contract.table in TABLES]
    timings = Timings()
    begun = cpu()
    parts = kept_states(states) if states is not None else None
    with Tables(spec, **({"version_of": parts.version_of} if parts else {})) as tables:
        found = count(tables, contracts, families, None, parts, timings)
    seconds = cpu() - begun
    measures = [row for family in families for row in family.measure(found.counts)]
    numbers = {
        f"{row.family} {row.measure} {row.table} {row.by} {row.key}": [row.estimate.value, row.estimate.n]
        for row in (*found.measures, *measures)
    }
    return {"cpu": round(seconds, 3), "parts": timings.parts, "peak": peak(), "numbers": numbers}


def apart(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The largest difference between the numbers of two counts.

    Raises:
        ValueError: One has a number that the other lacks.
    """
    if one.keys() != other.keys() or any(one[key][1] != other[key][1] for key in one):
        raise ValueError("the counts are not of the same")
    pairs = [(one[key][0], other[key][0]) for key in one]
    if any((first is None) != (second is None) for first, second in pairs):
        raise ValueError("one count defines what the other does not")
    return max(abs(first - second) for first, second in pairs if first is not None)


def run(folder: Path, *kept: str) -> dict[str, Any]:
    """What a process of its own tells."""
    command = [sys.executable, __file__, "--folder", str(folder), *kept]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Run the contenders."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rows", type=int, nargs="+", default=[10_000_000])
    options.add_argument("--folder", type=Path)
    options.add_argument("--kept", action="store_true")
    chosen = options.parse_args()
    if chosen.folder is not None:
        print(json.dumps(counted(chosen.folder, chosen.folder / STATES if chosen.kept else None)))
        return
    for rows in chosen.rows:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            write(folder, rows)
            run(folder)
            told = [("first", run(folder), run(folder, "--kept"))]
            add_night(folder)
            told.append(("night", run(folder), run(folder, "--kept")))
            add_late(folder, rows)
            told.append(("late", run(folder), run(folder, "--kept")))
            for what, full, kept in told:
                line = {
                    "rows": rows,
                    "what": what,
                    "full": full["cpu"],
                    "cpu": kept["cpu"],
                    "share": round(kept["cpu"] / full["cpu"], 4),
                    "apart": apart(full["numbers"], kept["numbers"]),
                    "parts": kept["parts"],
                    "peak_bytes": kept["peak"],
                }
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
