"""Whether two texts are one label: as they stand, or on a numeric scale as numbers."""

from __future__ import annotations

import re

from dq_pipeline.families.agreement import NUMBER


def same_label(label: str | None, gold: str | None, *, numeric: bool) -> bool:
    """Whether a label is gold's.

    >>> same_label("1", "1.0", numeric=True), same_label("1", "1.0", numeric=False), same_label("a", "A", numeric=True)
    (True, False, False)
    """
    if label == gold:
        return True
    if not numeric or label is None or gold is None:
        return False
    if not (re.fullmatch(NUMBER, label) and re.fullmatch(NUMBER, gold)):
        return False
    return float(label) == float(gold)
