"""What importing costs: the package over the bare interpreter, and the module that Dagster loads over `import dagster`.

    python benchmarks/imports.py

Each contender is a process of its own, in turn; told is the least of several in CPU seconds and wall seconds, from start to
end of the process. `registry` is what `dg` does with the module that the entry point group dagster_dg_cli.registry_modules
names: it asks for everything in it. The targets are 0.1 s for the package and 0.3 s for `component` and `registry`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time

CONTENDERS = {
    "bare": ("pass", None),
    "package": ("import dq_pipeline", "bare"),
    "dagster": ("import dagster", None),
    "component": ("import dagster; from dq_pipeline import TrainingDataQuality", "dagster"),
    "registry": ("import dagster, dq_pipeline; [getattr(dq_pipeline, name) for name in dir(dq_pipeline)]", "dagster"),
}  # fmt: skip
"""What each runs, and what it is held against."""


def spent(code: str) -> tuple[float, float]:
    """CPU and wall seconds of a process that runs some code."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, code
    return used.ru_utime + used.ru_stime, time.perf_counter() - start


def main() -> None:
    """Print a line of JSON a contender."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=7, help="processes of each contender")
    chosen = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTENDERS}
    for _ in range(chosen.times + 1):
        for name, (code, _) in CONTENDERS.items():
            found[name].append(spent(code))
    # The first of each wrote bytecode and warmed the page cache.
    least = {name: [min(column) for column in zip(*runs[1:], strict=True)] for name, runs in found.items()}
    for name, (_, base) in CONTENDERS.items():
        cpu, wall = least[name]
        over = {"over": base, "cpu_over": round(cpu - least[base][0], 3)} if base else {}
        print(json.dumps({"contender": name, "cpu": round(cpu, 3), "wall": round(wall, 3), **over}))


if __name__ == "__main__":
    main()
