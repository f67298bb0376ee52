"""The columns of a consensus, whichever way it was reached; the law of consensus.parquet."""

from __future__ import annotations

COLUMNS = {
    "item": "string",
    "label": "string",
    "confidence": "float64",
    "entropy": "float64",
    "votes": "int32",
    "tied": "boolean",
    "soft_label": "array<struct<label: string, probability: float64>>",
}
"""Ibis types of the columns, in order; rows are sorted by item, so that equal votes give equal bytes.

- item: its id.
- label: what the votes come to; null when the method abstains from a tie.
- confidence: the probability of the likeliest label: its share of the votes, or its posterior.
- entropy: of the soft label, in nats: 0 where all agree, ln K where K labels are equally likely.
- votes: how many count.
- tied: whether two labels are equally likely.
- soft_label: labels with a probability above 0, likeliest first; the probabilities sum to 1.
"""
