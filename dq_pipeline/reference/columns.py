"""Numbers of the handouts that are no measures: columns of the relabel queue, `relabel.csv`."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition

COLUMNS = {
    "worth": Definition(
        "How likely the label of record is wrong",
        "A column of relabel.csv, 0 to 1: the order of the queue, the items that are most likely wrong first.",
        "An hour of labelling mends most where it starts at the top.",
        "the weight of the votes that speak against the label of record / that of all, an annotator's weight being agreement "
        "with the others; of suspect gold the consensus' confidence",
        "no item is worth a look",
        mends="Have the items labelled again from the top, by somebody who did not label them before.",
    ),
    "confidence": Definition(
        "How sure the consensus is of a label",
        "A column of relabel.csv, 0 to 1: what speaks for the likeliest label of the item.",
        "Where it is low the item or the guideline leaves room for another label, whoever is asked.",
        "the label's share of the item's votes; by Dawid-Skene its posterior",
        "no item is worth a look",
    ),
}
"""Name of a column to what it tells."""
