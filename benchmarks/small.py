"""The benchmarks of a few seconds: fails where a ratio is far from what it was, such as a scan that became two.

    python benchmarks/small.py

Ratios of CPU seconds in one run, ours to DuckDB's least, so that another or a busy machine changes them little; the limits
leave room for what varies.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROWS = "1000000"
LIMITS = {
    ("agreement.py", "--only", "floor", "alpha", "gram"): {"alpha": 8.0, "gram": 18.0},
    ("composition.py", "--peers", "bare", "ours"): {"ours": 40.0},
}
"""The most times the floor, by what is run."""


def main() -> None:
    """Run them, print a line each, and exit 1 when one is beyond its limit."""
    beyond = 0
    for command, limits in LIMITS.items():
        script = str(Path(__file__).with_name(command[0]))
        asked = [sys.executable, script, "--rows", ROWS, *command[1:]]
        lines = subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        for told in (json.loads(line) for line in lines):
            name = told.get("contender") or told["peer"]
            if name in limits:
                ratio = told.get("times_the_floor", told.get("ratio"))
                beyond += ratio > limits[name]
                print(f"{name:8} {ratio:6.2f} times the floor; the limit is {limits[name]:g}")
    sys.exit(1 if beyond else 0)


if __name__ == "__main__":
    main()
