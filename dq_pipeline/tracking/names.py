"""Names that MLflow takes, the same every night for the same number."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dq_pipeline.measures.estimate import Measure

LONGEST = 250
"""Characters that MLflow allows in a metric's, a parameter's or a tag's name."""
PARAM_LONGEST = 6_000
TAG_LONGEST = 5_000
"""Characters that every MLflow 3 server takes as a value."""
_STRANGE = re.compile(r"[^\w.\- ]")


def part(text: str) -> str:
    """One part of a name: what MLflow refuses becomes "_", and a digest keeps two such texts apart.

    Examples:
        >>> part("not abusive")
        'not abusive'
        >>> part("a/b") == part("a|b")
        False
    """
    plain = _STRANGE.sub("_", text)
    if plain == text and text.strip() == text and text.strip("."):
        return text
    return f"{plain.strip(' .')[:80]}-{_short_digest(text)}"


def metric_name(measure: Measure) -> str:
    """The name of a measure's metric: table, family, measure, and where it is broken down the dimension and its value.

    Examples:
        >>> from dq_pipeline.measures.estimate import Measure
        >>> metric_name(Measure("agreement", "krippendorff_alpha", "annotations"))
        'annotations/agreement/krippendorff_alpha'
        >>> metric_name(Measure("balance", "cell_count", "items", by="label,weather", key="cat|rain"))
        'items/balance/cell_count/label.weather/cat.rain'
    """
    parts = [part(measure.table), part(measure.family), part(measure.measure)]
    if measure.by is not None:
        parts.append(".".join(part(name) for name in measure.by.split(",")))
        # Several values are joined by dots only when no value holds one.
        values = measure.values
        parts.append(
            ".".join(values)
            if values and all(value and part(value) == value and "." not in value for value in values)
            else part(measure.key or "")
        )
    return shortened("/".join(parts))


def shortened(name: str) -> str:
    """The name, cut to what MLflow allows with a digest of the whole in place of its end."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 17]}-{_short_digest(name)}"


def metrics(measures: Sequence[Measure]) -> Iterator[tuple[str, float]]:
    """Every defined number as a metric; of an overall number also its interval's ends and its n.

    An undefined number gives no metric, so that a chart over the nights shows a gap and no invented value; it stands
    in the attached measures.
    """
    for measure in measures:
        name, estimate = metric_name(measure), measure.estimate
        if estimate.value is None:
            continue
        yield name, float(estimate.value)
        if measure.by is None:
            for suffix, number in (("low", estimate.low), ("high", estimate.high), ("n", estimate.n)):
                if number is not None:
                    yield shortened(f"{name}.{suffix}"), float(number)


def params(policy: Mapping[str, str]) -> dict[str, str]:
    """The policy as MLflow takes it."""
    return {_param_name(name): _cut(str(value), PARAM_LONGEST) for name, value in policy.items()}


def tags(verdict: str, verdicts: Sequence[Mapping[str, Any]], more: Mapping[str, str]) -> dict[str, str]:
    """The dataset's verdict, each check's verdict and the waiver that it passes under, and further tags."""
    told = {f"dq.check.{part(str(one['check']))}": str(one["verdict"]) for one in verdicts}
    waivers = {
        f"dq.waiver.{part(str(one['check']))}": "{owner}, until {expires}: {reason}".format(**one["waiver"])
        for one in verdicts
        if one.get("waiver")
    }
    named = {"dq.verdict": verdict, **told, **waivers, **more}
    return {shortened(name): _cut(str(value), TAG_LONGEST) for name, value in named.items()}


def _param_name(name: str) -> str:
    return shortened("/".join(part(piece) for piece in name.split("/") if piece) or "_")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 4] + " ..."


def _short_digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
