"""Balance, concentration and shortcuts: what the dataset holds, and where it comes from."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords
from dq_pipeline.reference.papers import (
    BERGSMA_2013,
    HANLEY_LIPPMAN_1983,
    HANLEY_MCNEIL_1982,
    HILL_1973,
    PIELOU_1966,
    RHOADES_1993,
    WILSON_1927,
    ZECH_2018,
)

BALANCE = FamilyWords(
    "Balance",
    "Is every label, under every condition, there often enough to be learned?",
    "A model learns what it sees often. What is rare costs it almost nothing to get wrong, and the score does not show it.",
)
CONCENTRATION = FamilyWords(
    "Sources",
    "Does one source decide what the model learns?",
    "Where most items come from one hospital, vendor or site, the model learns that place: its scanner, its crop, its "
    "habits. It then fails at the next one, while validation on the same mix looks fine.",
)
SHORTCUTS = FamilyWords(
    "Shortcuts",
    "Can the label be told from where the item came from?",
    "When sick patients come from one hospital and healthy ones from another, a model that learns the hospital scores well "
    "and knows nothing of the disease.",
)
_GRID = "sum over rows in the cell; declared values that never occur count 0"

MEASURES = {
    "share": Definition(
        "Share",
        "The part of the rows that has this value; declared values that never occur have 0.",
        "What is rare here is rare in every batch that the model sees.",
        "count / rows, with Wilson's interval",
        sources=(WILSON_1927,),
    ),
    "imbalance_ratio": Definition(
        "Imbalance ratio",
        "How many times the most frequent value is as frequent as the rarest one; 1 is even.",
        "Beyond 10 the rare label is mostly ignored without weights; beyond 100 there is hardly anything to learn it from.",
        "n_max / n_min; where the rarest never occurs, n_max / 1",
        "there are no rows, or only one value",
        mends="Collect the rarest label, or weight it in training.",
    ),
    "normalised_entropy": Definition(
        "Evenness",
        "How even the values are spread: 1 when all are as frequent, 0 when one has everything.",
        "It sums the whole spread up, where the imbalance ratio looks at its two ends.",
        "H / ln K, H = - sum p ln p over the K declared values",
        "there are no rows, or only one value",
        (PIELOU_1966,),
    ),
    "cell_count": Definition(
        "Rows in a cell",
        "How many rows have this combination of values.",
        "Below about 30 rows nothing can be said of the model there; nothing seen in n rows still allows a rate up to 3 / n.",
        _GRID,
        sources=(HANLEY_LIPPMAN_1983,),
        mends="Collect rows of that very combination; more rows of each value alone do not help.",
    ),
    "largest_share": Definition(
        "Share of the largest source",
        "The part of the items that the largest source gives.",
        "Above .8 the model is a model of that source.",
        "max_i s_i, with Wilson's interval",
        sources=(WILSON_1927,),
        mends="Collect from other sources, or train on fewer items of the largest.",
    ),
    "hhi": Definition(
        "Herfindahl-Hirschman index",
        "How concentrated the sources are: 1 when one gives everything, 1 / K when K are even. Two even sources have .5.",
        "It sees the second and third source too, where the largest share sees only the first.",
        "sum_i s_i^2",
        sources=(RHOADES_1993,),
        mends="Collect from more sources, more evenly.",
    ),
    "effective_sources": Definition(
        "Effective number of sources",
        "How many equally large sources would be as concentrated.",
        "Eleven sources of which one gives nine tenths are 1.23 sources.",
        "1 / HHI",
        sources=(HILL_1973,),
    ),
    "cramers_v": Definition(
        "Cramer's V",
        "How strongly two columns go together: 0 is not at all, 1 is fully; corrected for the bias of small tables.",
        "A source that goes with a label is a shortcut: the model can learn the one in place of the other.",
        "sqrt(phi2+ / min(k+ - 1, r+ - 1)); phi2+ = max(0, chi2 / n - (k - 1)(r - 1) / (n - 1)), "
        "k+ = k - (k - 1)^2 / (n - 1)",
        "there are too few rows, or only one value",
        (BERGSMA_2013,),
        "Collect each label from each source.",
    ),
    "source_only_auc": Definition(
        "AUC of the source alone",
        "How well the label can be told from the source and nothing else, out of fold: .5 is not at all, 1 is fully.",
        "Zech et al. reached .861 by sorting X-rays by hospital, without looking at a lung.",
        "mean over labels of the area under the ROC curve, the score being the label's rate of the source in other folds",
        "there are too few rows, or only one label or source",
        (ZECH_2018, HANLEY_MCNEIL_1982),
        "Collect each label from each source; hold whole sources out when validating.",
    ),
}
