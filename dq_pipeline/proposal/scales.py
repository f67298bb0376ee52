"""Values that say by themselves what they are: steps of a known scale, and what one says of an item."""

from __future__ import annotations

SCALES: tuple[tuple[str, ...], ...] = (
    ("very low", "low", "medium", "high", "very high"),
    ("none", "minimal", "mild", "moderate", "severe", "extreme"),
    ("slight", "serious", "fatal"),
    ("minor", "major", "critical"),
    ("very poor", "poor", "fair", "good", "very good", "excellent"),
    ("very bad", "bad", "ok", "good", "very good"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("very negative", "negative", "neutral", "positive", "very positive"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("no", "maybe", "yes"),
)
"""Words that stand in an order, from the least to the most."""
VERDICTS: tuple[frozenset[str], ...] = (
    frozenset(["positive", "negative", "neutral", "mixed"]),
    frozenset(["normal", "abnormal"]),
    frozenset(["benign", "malignant", "premalignant"]),
    frozenset(["healthy", "diseased", "sick", "unhealthy"]),
    frozenset(["pass", "fail"]),
    frozenset(["defective", "defect", "intact", "no defect"]),
    frozenset(["spam", "ham"]),
    frozenset(["real", "fake"]),
    frozenset(["relevant", "irrelevant", "not relevant"]),
    frozenset(["toxic", "non toxic", "not toxic"]),
    frozenset(["no finding", "finding"]),
)
"""What is said of an item and not of its circumstances, in whatever column it stands."""


def in_order(values: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values in the order of a known scale; None where they are on none.

    >>> in_order(("Fatal injury", "Slight Injury", "Serious Injury"))
    ('Slight Injury', 'Serious Injury', 'Fatal injury')
    >>> in_order(("cat", "dog")) is None
    True
    """
    for scale in SCALES:
        places = {value: _step(value, scale) for value in values}
        known = [place for place in places.values() if place is not None]
        if len(known) == len(values) == len(set(known)) and len(values) > 2:  # noqa: PLR2004 - two have no middle
            return tuple(sorted(values, key=lambda value: places[value] or 0))
    return None


def are_verdicts(values: tuple[str, ...]) -> bool:
    """Whether values are what one says of an item: two or more of one set, and no others.

    >>> are_verdicts(("Normal", "abnormal")), are_verdicts(("No_Finding", "x")), are_verdicts(())
    (True, False, False)
    """
    said = {_plain(value) for value in values}
    return len(said) > 1 and any(said <= known for known in VERDICTS)


def _plain(value: str) -> str:
    return " ".join(value.lower().replace("_", " ").replace("-", " ").split())


def _step(value: str, scale: tuple[str, ...]) -> int | None:
    """The step that a value names: the longest that stands in it as whole words."""
    said = f" {_plain(value)} "
    steps = [step for step in scale if f" {step} " in said]
    return scale.index(max(steps, key=len)) if steps else None
