"""A proposal as YAML: every line with its reason, and what could be added as comments."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.written import written

if TYPE_CHECKING:
    from pathlib import Path

    from dq_pipeline.proposal.propose import Proposal
    from dq_pipeline.proposal.section import Section

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
        if scale.separator is not None and "annotations" in proposal.sections:
            lines.append(
                f"  # what stands between {scale.separator!r} is one label here: agreement asks for all of them"
            )
        elif scale.separator is not None:
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
