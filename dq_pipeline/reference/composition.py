"""Balance, concentration and shortcuts: what the dataset holds, and where it comes from."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords
from dq_pipeline.reference.papers import (
    AIROLA_2011,
    BENJAMINI_HOCHBERG_1995,
    BERGSMA_2013,
    DELONG_1988,
    HANLEY_LIPPMAN_1983,
    HILL_1973,
    KAMIRAN_CALDERS_2012,
    KOOPMAN_1984,
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
    "label_share": Definition(
        "Share of a label under a condition",
        "Of the rows with this value of the condition, the part that has this label.",
        "Where a label is ten times as frequent under one condition, a model can tell it by the condition.",
        "rows with both / rows with the condition's value, with Wilson's interval",
        sources=(WILSON_1927,),
    ),
    "target_ratio": Definition(
        "Wanted share over share",
        "How many times rarer a value is than the mix that was asked for: uniform, declared, or production's.",
        "What production brings ten times as often as training will be got wrong ten times as often.",
        "wanted share / share, its interval by Wilson or, against production, by Koopman; none at all counts as one row",
        sources=(WILSON_1927, KOOPMAN_1984, KAMIRAN_CALDERS_2012),
        mends="Collect rows of it, or weigh rows by sampling_weights.csv.",
    ),
    "missing_share": Definition(
        "Share without a value",
        "The part of the rows that has no value of this condition, or a text that stands for none.",
        "A condition that is unknown cannot be balanced, and 'Unknown' is often one kind of item and not any.",
        "rows without a value / rows, with Wilson's interval",
        sources=(WILSON_1927,),
        mends="Find the values out, or declare the text as a value of its own.",
    ),
    "missing_count": Definition(
        "Rows that a text hides",
        "Rows of this condition or source that hold nothing, `(missing)`, or this text that stands for nothing.",
        "Missing values that look like values are counted as one by every tool.",
        "count",
    ),
    "distinct_values": Definition(
        "Different values",
        "How many different values this condition has.",
        "With more than a thousand it is no condition but a number or an id: the rarer values are counted together.",
        "count of different values, missing ones left out",
        mends="Cut it into bins by edges or quantiles, or take it out of the conditions.",
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
    "unknown_share": Definition(
        "Share without a source",
        "The part of the items of which nobody knows where they came from.",
        "What is unknown may all be of one place.",
        "items without a source, or with a text that stands for none / items, with Wilson's interval",
        sources=(WILSON_1927,),
        mends="Find their source out.",
    ),
    "distinct_sources": Definition(
        "Different sources",
        "How many different sources there are.",
        "Beside the effective number it tells how many of them hardly count.",
        "count of different sources, missing ones left out",
    ),
    "rows_without_largest_source": Definition(
        "Rows left without the largest source",
        "How many rows of the label are left when the largest source is taken away.",
        "What is left is what the model can learn of the label apart from that source.",
        "rows of the label - its rows from the largest source of all",
    ),
    "suspected_spellings": Definition(
        "Suspected spellings",
        "How many names of sources are likely others in another spelling.",
        "A source under two names looks like two, and the data less concentrated than it is.",
        "names that differ in case, accents, blanks, punctuation, order of words or a slip of letters, numbers being equal",
        mends="Write each source in one way.",
    ),
    "suspected_spelling": Definition(
        "Items under a suspected spelling",
        "Items of the first name, which is likely the second in another spelling.",
        "They are counted as a source of their own.",
        "count",
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
        "mean over labels, by their rows, of the area under the ROC curve; of each pair of a row with the label and one "
        "without, the score is the label's rate among all other rows of the source",
        "there are too few rows, or only one label or source",
        (ZECH_2018, AIROLA_2011, DELONG_1988),
        "Collect each label from each source; hold whole sources out when validating.",
    ),
    "annotator_only_auc": Definition(
        "AUC of the annotator alone",
        "How well the label can be told from who gave it and nothing else, out of fold: .5 is not at all, 1 is fully.",
        "Where items are assigned to annotators by what they show, agreement means nothing.",
        "as the AUC of the source alone, of annotators",
        "there are too few annotations, or only one label or annotator",
        (AIROLA_2011, DELONG_1988),
        "Assign items to annotators at random.",
    ),
    "annotator_source_auc": Definition(
        "AUC of the source, told by the annotator",
        "How well the source can be told from who annotated the item, out of fold: .5 is not at all, 1 is fully.",
        "Where each source has its own annotators, what differs between sources may be the annotators.",
        "as the AUC of the source alone, of annotators and sources",
        "there are too few annotations, or only one source or annotator",
        (AIROLA_2011, DELONG_1988),
        "Let each annotator see items of every source.",
    ),
    "lift": Definition(
        "Lift of a source",
        "How many times as often rows of this label come from this source as all other rows do.",
        "A label that one source feeds is learned by what else that source has.",
        "(rows of both / rows of the label) / (other rows of the source / rows of other labels), Koopman's interval; told "
        "where more than chance gives, false discoveries below 5 %",
        "no other rows come from the source",
        (KOOPMAN_1984, BENJAMINI_HOCHBERG_1995),
        "Collect other labels from this source, or this label from others.",
    ),
    "rows_to_even": Definition(
        "Rows that even a source out",
        "How many rows of other labels from this source bring the label's share there down to its share elsewhere.",
        "That many rows take the shortcut away.",
        "rows of both x rows of other sources / the label's rows from these - rows of the source",
        "the label comes from no other source",
    ),
    "probe_score": Definition(
        "Score of the probe",
        "How well a small model tells the label: on a random split, on sources that it never saw, from the source alone.",
        "A score that falls on unseen sources was the source's.",
        "area under the ROC curve of a logistic regression on standardised features, mean over labels by their rows",
        "too few rows of a label in every part",
        (ZECH_2018,),
    ),
    "shortcut_size": Definition(
        "Size of the shortcut",
        "What the model's score on a random split owes to the source.",
        "That much of the score is gone at the next source.",
        "probe score on a random split - probe score on sources left out",
        "too few rows of a label in every part",
        (ZECH_2018,),
        "Collect each label from each source; judge models on sources left out.",
    ),
}
