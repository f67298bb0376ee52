"""A proposal as YAML: every line with its reason, and what could be added as comments."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.proposal.propose import Proposal
    from dq_pipeline.proposal.section import Section

_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*[A-Za-z][A-Za-z0-9_./-]*|[A-Za-z_]")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

AFTER = """\
# What to ask of the data; these are the defaults. `dq-pipeline explain` lists every check.
# checks:
#   agreement: {krippendorff_alpha: {block: 0.667, warn: 0.8}}
#   concentration: {largest_share: {warn: 0.5, block: 0.8}}
#   balance: {imbalance_ratio: {warn: 10, block: 100}}

# Where the numbers are tracked; `mlflow: false` turns it off.
# mlflow: {tracking_uri: "sqlite:///mlflow.db"}

# When Dagster runs it.
# nightly: {cron: "0 2 * * *", timezone: UTC}
"""
TRAINING = """\
# Uncomment to have the training set built and audited too.
# training_set: {consensus: majority, split: {validation: 0.1, test: 0.2}}

"""


def as_yaml(proposal: Proposal, folder: Path) -> str:
    """The spec's text, its paths relative to the folder that it will lie in."""
    lines = [
        "# Proposed by `dq-pipeline init`: read each reason, mend what is wrong.",
        f"dataset: {written(proposal.dataset)}",
        "",
    ]
    for name, section in proposal.sections.items():
        lines += [*_section(name, section, folder), ""]
    if proposal.labels is not None:
        scale = proposal.labels
        lines += ["labels:", _line("level", scale.level, scale.why)]
        if scale.values:
            lines.append(_line("values", list(scale.values), "from the least to the most"))
        if scale.separator is not None:
            lines.append(_line("separator", scale.separator, "between an item's labels"))
        lines.append("")
    labelled = proposal.labels is not None
    return "\n".join(lines) + "\n" + (TRAINING if labelled else "") + AFTER


def _section(name: str, section: Section, folder: Path) -> list[str]:
    table = os.path.relpath(section.profile.path.resolve(), folder.resolve())
    lines = [f"{name}:", _line("table", table, f"{section.profile.rows:,} rows looked at")]
    for key, (value, why) in section.keys.items():
        if key == "conditions":
            lines.append(f"  conditions: # {why}")
            lines += [f"    - {written(one)}" for one in value]
        else:
            lines.append(_line(key, value, why))
    return lines + [f"  # {_one_line(also)}" for also in section.also]


def _line(key: str, value: Any, why: str) -> str:
    return f"  {key}: {written(value)} # {_one_line(why)}"


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def written(value: Any) -> str:
    r"""A value in YAML's flow style, quoted wherever a reader of YAML could take it for something else.

    >>> written(["cat", "no", 3, "-1", "a: b"])
    '[cat, "no", 3, "-1", "a: b"]'
    >>> print(written(["café", "🐱", "a\u202eb"]))
    ["café", "🐱", "a\u202eb"]
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else _quoted(value)
    return str(value)


def _quoted(text: str) -> str:
    """Between YAML's double quotes; JSON writes an emoji as two halves, which YAML does not put together again."""
    shown = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escaped(char) for char in shown)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"  # noqa: PLR2004 - what four digits can say
