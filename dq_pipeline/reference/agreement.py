"""Agreement: whether annotators read the guideline alike."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords
from dq_pipeline.reference.papers import (
    BENJAMINI_HOCHBERG_1995,
    BENJAMINI_YEKUTIELI_2005,
    BLOCH_KRAEMER_1989,
    BRENNAN_PREDIGER_1981,
    CICCHETTI_FEINSTEIN_1990,
    CONGER_1980,
    FLEISS_1971,
    GWET_2008,
    GWET_2014,
    KRIPPENDORFF_2004,
    KRIPPENDORFF_2011,
    LIGHT_1971,
    VACH_GERKE_2023,
    ZOU_2007,
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
    "fleiss_kappa_pairable": Definition(
        "Fleiss' kappa of items with two votes",
        "Fleiss' kappa in which items with one vote count nowhere, as Fleiss had it; with as many votes on every item both "
        "are the same.",
        "Software differs in this and so do published numbers: it shows whether single votes matter here.",
        "kappa = (pa - pe) / (1 - pe); pe = sum_k pi_k^2, pi_k over items with two votes or more",
        _PAIRS,
        (FLEISS_1971,),
    ),
    "gwet_ac2": Definition(
        "Gwet's AC2",
        "AC1 with partial agreement: the nearer two labels lie on the scale the more two such votes agree, by quadratic weights.",
        "On an ordered scale a miss by one step is less of a disagreement than a miss by four.",
        "AC2 = (pa - pe) / (1 - pe); pa weighs pairs of labels by 1 - ((x_c - x_k) / range)^2, pe = sum(W) sum_k pi_k "
        "(1 - pi_k) / (K (K - 1))",
        "no item has votes of two annotators",
        (at(GWET_2014, "chapter 5"),),
    ),
    "brennan_prediger": Definition(
        "Brennan and Prediger's kappa",
        "Agreement beyond chance where chance is that every label is as likely as another: Bennett's S, Randolph's "
        "free-marginal kappa. It depends on how many labels are declared.",
        "Told beside alpha: far above it where one label is most of the data.",
        "kappa = (pa - 1 / K) / (1 - 1 / K)",
        _PAIRS,
        (BRENNAN_PREDIGER_1981,),
    ),
    "conger_kappa": Definition(
        "Conger's kappa",
        "Agreement beyond chance of many annotators, chance from the habits of each: Cohen's kappa for more than two.",
        "Higher than Fleiss' where annotators differ in how often they give a label, and so agree less by chance.",
        "kappa = (pa - pe) / (1 - pe); pe = sum_k sum_{g != h} p_gk p_hk / (r (r - 1)), p_gk annotator g's share of label k",
        _PAIRS,
        (CONGER_1980, at(GWET_2014, "section 5.4")),
    ),
    "light_kappa": Definition(
        "Light's kappa",
        "The mean of Cohen's kappa over all pairs of annotators who share an item; n is the pairs.",
        "Told beside alpha because papers name it; it weighs two annotators with three items as much as two with a thousand.",
        "mean of kappa_gh over pairs g, h; interval: jackknife over annotators",
        "no two annotators share an item, or each two gave one and the same label only",
        (LIGHT_1971,),
    ),
    "least_items": Definition(
        "Items to annotate twice",
        "How many items with two votes or more it takes to tell, at 5 % one-sided, that alpha reaches the threshold that "
        "blocks; n is how many there are.",
        "With fewer a high alpha may be luck.",
        "N = 2 z^2 ((1 + a) (3 - a) / (4 (1 - a) p (1 - p)) - a), p the share of the rarest label",
        "fewer than two labels occur",
        (BLOCH_KRAEMER_1989,),
        "Have as many more items annotated by two annotators.",
    ),
    "alpha_gap": Definition(
        "Alpha elsewhere less alpha in the slice",
        "How much lower alpha is in one slice than in all the others of its dimension; below 0 it is higher. Intervals are "
        "as wide as looking at so many slices makes them.",
        "Labels that are noise in the rain make a model that fails in the rain, and the mean over all weather hides it.",
        "alpha(others) - alpha(slice); one-sided p on the atanh scale, Benjamini-Hochberg over all slices, intervals at the "
        "level that is left",
        "the slice or the others have too few items with two votes, or one label only",
        (BENJAMINI_HOCHBERG_1995, BENJAMINI_YEKUTIELI_2005, ZOU_2007),
        "Say in the guideline what to do in that slice, with examples from there, and have its items annotated again.",
    ),
    "within_group_alpha": Definition(
        "Alpha within groups of annotators",
        "Krippendorff's alpha of pairs of votes whose annotators belong to one group: vendor, site, training.",
        "High within groups and low across them is two guidelines, not many careless annotators.",
        "each vote against the others of its group on the item, weighing one",
        "no item has two votes of one group",
        (KRIPPENDORFF_2004,),
    ),
    "across_group_alpha": Definition(
        "Alpha across groups of annotators",
        "The same of pairs of votes whose annotators belong to two groups; n is the items with votes of both.",
        "A model trained on the labels of one group is scored against those of another.",
        "each vote against those of other groups on the item, weighing one",
        "no item has votes of two groups",
        (KRIPPENDORFF_2004,),
    ),
    "group_gap": Definition(
        "Alpha within groups less alpha across them",
        "How much less annotators of different groups agree than those of one group.",
        "Above 0 the groups read the guideline unlike each other, and who labelled an item decides its label.",
        "alpha within - alpha across; interval: jackknife over items",
        "alpha within groups or across them is undefined",
        (KRIPPENDORFF_2004,),
        "Calibrate the groups together on items that they label differently.",
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
