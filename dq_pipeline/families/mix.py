"""The mix that the values of a dimension ought to have: even, declared, or production's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BeforeValidator, WithJsonSchema

from dq_pipeline.measures.representation import share_ratios
from dq_pipeline.measures.shares import target_ratio
from dq_pipeline.spec.labels import label_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq_pipeline.measures.estimate import Estimate

LEAST_OF_PRODUCTION = 0.005
"""A value's share of production below which its ratio is not judged: a handful of rows decides it."""


def _is_a_mix(value: Any) -> Any:
    if isinstance(value, dict):
        shares = [float(share) for share in value.values() if isinstance(share, int | float)]
        if len(shares) < len(value) or not all(share >= 0 for share in shares):
            raise ValueError("a share of 0 or more for each value")
        if not math.isclose(math.fsum(shares), 1, abs_tol=1e-6):
            raise ValueError(f"shares that add up to 1 (found {math.fsum(shares):g})")
        return {label_text(name): share for name, share in zip(value, shares, strict=True)}
    if value not in {"uniform", "production"}:
        raise ValueError("uniform, production, or a share for each value")
    return value


Mix = Annotated[
    str | dict[str, float],
    BeforeValidator(_is_a_mix),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["uniform", "production"]},
                {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
            ]
        }
    ),
]
"""What a dimension's values ought to share: evenly ("uniform"), as production has them, or as declared."""


def wanted_shares(
    mix: Mix, counts: Mapping[str, int], production: Mapping[str, int] | None = None
) -> dict[str, float]:
    """The share that each value ought to have; a declared mix, and production's, may name values that do not occur.

    Args:
        mix: The mix.
        counts: Value -> its rows.
        production: Value -> its rows in production, where the mix is production's.
    """
    if isinstance(mix, dict):
        return {value: mix.get(value, 0.0) for value in dict.fromkeys([*counts, *mix])}
    if mix == "production" and production is not None:
        total = max(sum(production.values()), 1)
        return {value: production.get(value, 0) / total for value in dict.fromkeys([*counts, *production])}
    return dict.fromkeys(counts, 1 / max(len(counts), 1))


def ratios_to(
    mix: Mix, counts: Mapping[str, int], production: Mapping[str, int] | None = None
) -> dict[str, Estimate]:
    """How many times rarer each value is than it ought to be; values of which none are wanted are left out.

    Args:
        mix: The mix.
        counts: Value -> its rows.
        production: Value -> its rows in production, where the mix is production's.
    """
    total = sum(counts.values())
    if mix == "production" and production is not None:
        target_rows = sum(production.values())
        judged = [
            value for value, rows in production.items() if rows and rows >= LEAST_OF_PRODUCTION * target_rows
        ]
        target = np.array([production[value] for value in judged], dtype=np.int64)
        own = np.array([counts.get(value, 0) for value in judged], dtype=np.int64)
        found = share_ratios(target, target_rows, np.maximum(own, 1), total)
        return dict(zip(judged, found, strict=True))
    wanted = wanted_shares(mix, counts)
    return {
        value: target_ratio(counts.get(value, 0), total, share)
        for value, share in wanted.items()
        if share > 0
    }


def rows_to_reach(wanted: float, ratio: float, count: int, total: int) -> int:
    """The rows of a value to collect until its share is at least `wanted / ratio`.

    >>> rows_to_reach(0.5, 1.0, 100, 1000)  # (100 + 800) / (1000 + 800)
    800
    """
    least = wanted / ratio
    return max(math.ceil((least * total - count) / (1 - least) - 1e-9), 0) if least < 1 else 0
