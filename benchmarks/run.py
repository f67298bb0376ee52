"""Run the benchmarks and write their tables into docs/benchmarks.md, its prose left as it is.

    python benchmarks/run.py                          # everything, at 10 million rows: takes an hour
    python benchmarks/run.py --only nightly imports
    python benchmarks/run.py --rows 20000 --document /tmp/benchmarks.md

A table stands between `<!-- benchmark: name -->` and `<!-- end -->`, under the command that made it. What a script left out, for
want of a library, is left out of its table. The document is written when a benchmark is done, so that one that fails costs no
other.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "docs" / "benchmarks.md"
Told = dict[str, Any]
WORDS = {
    "floor": "the floor",
    "alpha": "alpha with its interval, from Parquet",
    "gram": "all pairs of annotators and labels (Gram matrix), with their kappas",
    "krippendorff": "krippendorff, alpha without an interval",
    "statsmodels": "statsmodels, Fleiss' kappa",
    "crowdkit": "crowd-kit, majority vote alone",
    "bare": "a scan and hash of the columns of items",
    "bare_whole": "a scan and hash of production, split and checksum too",
    "ours": "balance, concentration, shortcuts",
    "coverage": "coverage against a sample of production of a tenth as many rows",
    "edge_cases": "ten edge cases",
    "integrity": "integrity: duplicates, leaks",
    "whole": "all of these",
    "pandas": "pandas by hand",
    "ydata": "ydata-profiling",
    "evidently": "Evidently",
    "dawid_skene": "Dawid-Skene",
    "majority": "majority",
    "crowdkit_dawid_skene": "Dawid-Skene, crowd-kit",
    "crowdkit_majority": "majority, crowd-kit",
    "empty": "as many empty steps, and one import of Great Expectations",
    "checks": "the same with our assets and checks, answered at once",
    "nightly": "the nightly job",
    "package": "`import dq_pipeline`, over the interpreter",
    "component": "the component, over `import dagster`",
    "registry": "what `dg` asks of the package, over `import dagster`",
}
"""What a contender is called in the document; others by their own name."""


@dataclass(frozen=True)
class Table:
    """One table of the document.

    Attributes:
        script: The script.
        options: Its options; `{rows}` is the rows asked for and `{tenth}` a tenth of them.
        heading: The names of the columns.
        cells: What a line of JSON is in the table; None for one that is not.
    """

    script: str
    options: str
    heading: tuple[str, ...]
    cells: Callable[[Told], Sequence[str] | None]

    def command(self, rows: int) -> list[str]:
        """The script with its options."""
        return [self.script, *shlex.split(self.options.format(rows=rows, tenth=max(rows // 10, 1)))]


def figures(value: float) -> str:
    """A number to two figures, a large one whole."""
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def gigabytes(value: float) -> str:
    """Bytes as people write them."""
    return f"{value / 1e9:.2f} GB"


def of_agreement(told: Told) -> Sequence[str] | None:
    """A contender of agreement.py."""
    cpu, ratio = told["cpu_seconds"]["run"], told["times_the_floor"]
    return figures(cpu), figures(ratio), gigabytes(told["peak_bytes"])


def of_composition(told: Told) -> Sequence[str] | None:
    """A peer of composition.py."""
    return f"{told['rows']:,}", figures(told["ratio"]), gigabytes(told["peak_bytes"])


def of_consensus(told: Told) -> Sequence[str] | None:
    """A contender of consensus.py; its comparisons have none."""
    return (figures(told["seconds"]), f"{told['peak_mib']:,} MiB") if "contender" in told else None


def of_audit(told: Told) -> Sequence[str] | None:
    """A size of audit.py."""
    what = "all families" if told["what"] == "audit" else "all but consensus"
    spent = f"{figures(told['cpu'])} s"
    return (
        f"{told['rows']:,}",
        what,
        f"{figures(told['floor'])} s",
        spent,
        figures(told["ratio"]),
        gigabytes(told["peak_bytes"]),
    )


def of_growing(told: Told) -> Sequence[str] | None:
    """A night of growing.py."""
    what = {
        "first": "first time",
        "night": "a night of 1 % more",
        "late": "1 % late annotations, of all files",
    }
    spent = f"{figures(told['full'])} s", f"{figures(told['cpu'])} s", f"{100 * told['share']:.0f} %"
    return f"{told['rows']:,}", what[told["what"]], *spent, f"{told['apart']:g}"


def of_contracts(told: Told) -> Sequence[str] | None:
    """A run of contracts.py."""
    what = f"{told['executor']}, {told['failing_rules']} rules fail"
    return what, figures(told["seconds"]["validate"]), gigabytes(told["peak_bytes"])


def of_gate(told: Told) -> Sequence[str] | None:
    """A size of gate.py."""
    return f"{told['ancestors']:,}", f"{told['checks']:,}", figures(told["cpu"])


def of_nightly(told: Told) -> Sequence[str] | None:
    """A contender of nightly.py."""
    return figures(told["cpu"]), f"{told['ratio']:.2f}"


def of_imports(told: Told) -> Sequence[str] | None:
    """A contender of imports.py that is held against another."""
    return (f"{told['cpu_over']:.3f}",) if "cpu_over" in told else None


OF_AGREEMENT = ("what", "CPU s", "to the floor", "peak memory")
TABLES: dict[str, Sequence[Table]] = {
    "agreement": [Table("agreement.py", "--rows {rows}", OF_AGREEMENT, of_agreement)],
    "agreement of a tenth": [Table("agreement.py", "--rows {tenth}", OF_AGREEMENT, of_agreement)],
    "consensus": [
        Table("consensus.py", "--votes {tenth} --steps 20", ("what", "s", "peak memory"), of_consensus)
    ],
    "composition": [
        Table(
            "composition.py",
            "--rows {rows}",
            ("what", "items", "to the bare scan-and-hash", "peak memory"),
            of_composition,
        )
    ],
    "audit": [
        Table(
            "audit.py",
            "--rows {tenth} {rows}",
            ("annotations", "what", "the floor", "the audit", "to the floor", "peak memory"),
            of_audit,
        )
    ],
    "growing": [
        Table(
            "growing.py",
            "--rows {rows}",
            ("annotations", "what", "counted whole", "with what is kept", "share", "numbers apart"),
            of_growing,
        )
    ],
    "contracts": [
        Table("contracts.py", f"--rows {{rows}} {more}".strip(), ("what", "s", "peak memory"), of_contracts)
        for more in ("", "--broken", "--executor native")
    ],
    "gate": [Table("gate.py", "", ("ancestors", "checks", "CPU s"), of_gate)],
    "nightly": [Table("nightly.py", "", ("what", "CPU s", "to empty steps"), of_nightly)],
    "imports": [Table("imports.py", "", ("what", "CPU s"), of_imports)],
}
"""The tables of the document; those of several commands are one table."""


def measured(tables: Sequence[Table], rows: int) -> str:
    """The commands and the table of what they told, as Markdown."""
    body = []
    for table in tables:
        command = table.command(rows)
        print("running", *command, file=sys.stderr, flush=True)
        ended = subprocess.run(
            [sys.executable, HERE / command[0], *command[1:]], stdout=subprocess.PIPE, text=True, check=True
        )
        for told in map(json.loads, ended.stdout.splitlines()):
            cells = None if "skipped" in told else table.cells(told)
            name = told.get("contender") or told.get("peer")
            if cells is not None:
                body.append([*([WORDS.get(name, name)] if name else []), *cells])
    heading = tables[0].heading
    commands = [f"    .venv/bin/python benchmarks/{' '.join(table.command(rows))}" for table in tables]
    lines = ["| " + " | ".join(line) + " |" for line in (heading, *body)]
    return "\n".join([*commands, "", lines[0], "|" + "---|" * len(heading), *lines[1:]])


def replaced(document: str, name: str, table: str) -> str:
    """The document with one of its tables anew.

    Raises:
        ValueError: It has no place for it.
    """
    place = re.compile(rf"(<!-- benchmark: {re.escape(name)} -->\n).*?(\n<!-- end -->)", re.DOTALL)
    if len(place.findall(document)) != 1:
        raise ValueError(f"one `<!-- benchmark: {name} -->` with its `<!-- end -->` is needed")
    return place.sub(lambda found: f"{found[1]}\n{table}\n{found[2]}", document)


def main() -> None:
    """Run what is asked for and write the document after each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--only", choices=TABLES, nargs="+", default=list(TABLES))
    parser.add_argument("--document", type=Path, default=DOCUMENT)
    chosen = parser.parse_args()
    for name in chosen.only:
        replaced(chosen.document.read_text(encoding="utf-8"), name, "")  # before hours are spent
    for name in chosen.only:
        table = measured(TABLES[name], chosen.rows)
        written = replaced(chosen.document.read_text(encoding="utf-8"), name, table)
        chosen.document.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
