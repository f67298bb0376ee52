"""Agreement: whether annotators read the guideline alike."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords
from dq_pipeline.reference.papers import (
    CICCHETTI_FEINSTEIN_1990,
    FLEISS_1971,
    GWET_2008,
    KRIPPENDORFF_2004,
    KRIPPENDORFF_2011,
    VACH_GERKE_2023,
    at,
)

FAMILY = FamilyWords(
    "Agreement",
    "Do annotators read the guideline alike?",
    "A model learns what its labels say. Where two annotators give the same item different labels, at least one of them "
    "teaches the model something false, and no later step can tell which.",
)
_PAIRS = "no item has votes of two annotators, or all votes are of one label"

MEASURES = {
    "krippendorff_alpha": Definition(
        "Krippendorff's alpha",
        "Agreement beyond chance, for any number of annotators and missing votes, at the label's level of measurement: 1 is "
        "perfect, 0 is what chance gives, below 0 is systematic disagreement. Items with one vote do not count.",
        "Below .667 nothing can be concluded from the labels; up to .80 only tentatively. A model trained on them is "
        "scored against noise: its measured accuracy is bounded by how far annotators agree.",
        "alpha = 1 - Do / De; Do = sum_ck o_ck d(c,k) / n, De = sum_ck (n_c n_k - [c=k] n_c) d(c,k) / (n (n - 1)); "
        "o_ck = sum_u n_uc (n_uk - [c=k]) / (m_u - 1); d is 0 or 1 for nominal labels, squared difference of mid-ranks for "
        "ordinal, of values for interval ones. Interval: jackknife over items on the atanh scale.",
        _PAIRS,
        (at(KRIPPENDORFF_2011, "sections C and D"), KRIPPENDORFF_2004),
        "Sharpen the guideline where labels are confused, calibrate the annotators on those items, annotate them again.",
    ),
    "gwet_ac1": Definition(
        "Gwet's AC1",
        "Agreement beyond chance where chance is estimated so that one very frequent label does not push the coefficient "
        "down; a companion of alpha, not a replacement. Items with one vote count in the chance part.",
        "High AC1 and percent agreement beside a low alpha point to the prevalence paradox: few rare labels, not careless "
        "annotators.",
        "AC1 = (pa - pe) / (1 - pe); pe = sum_k pi_k (1 - pi_k) / (K - 1), pi_k the mean share of label k",
        "no item has votes of two annotators",
        (GWET_2008, VACH_GERKE_2023),
    ),
    "fleiss_kappa": Definition(
        "Fleiss' kappa",
        "Agreement beyond chance of many annotators, chance from the labels' overall shares; 1 is perfect, 0 is chance.",
        "Told beside alpha because papers and contracts name it.",
        "kappa = (pa - pe) / (1 - pe); pe = sum_k pi_k^2",
        _PAIRS,
        (FLEISS_1971,),
    ),
    "percent_agreement": Definition(
        "Percent agreement",
        "The share of pairs of votes on one item that are the same label. It does not know what chance would give.",
        "Half of all pairs agree on two even labels by coin toss: read it beside alpha only.",
        "pa = mean_u sum_k n_uk (n_uk - 1) / (m_u (m_u - 1)) over items with two votes or more",
        "no item has votes of two annotators",
    ),
    "specific_agreement": Definition(
        "Agreement on one label",
        "When one annotator gives this label, how often another, who labels the same item, gives it too.",
        "It names the label whose meaning annotators do not share: the place to mend the guideline.",
        "2 n_cc / (2 n_cc + discordant_c)",
        "too few votes gave this label",
        (CICCHETTI_FEINSTEIN_1990,),
        "Define this label against the one it is confused with, with examples of both.",
    ),
    "label_confusion": Definition(
        "Labels confused",
        "Of the pairs of votes on one item that differ, the share that are of these two labels.",
        "A few pairs of labels usually hold most of the disagreement: they need a sentence in the guideline.",
        "o_ck / sum_{c<k} o_ck",
        sources=(at(KRIPPENDORFF_2011, "section C, the coincidence matrix"),),
    ),
}
