"""Annotators, gold and consensus: who labels how well, and which label stands."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords
from dq_pipeline.reference.papers import (
    COHEN_1960,
    DAWID_SKENE_1979,
    NORTHCUTT_2021,
    WILSON_1927,
    at,
)

FAMILY = FamilyWords(
    "Annotators",
    "Does each annotator label as the others and the gold do?",
    "One annotator who labels another way moves every item that he or she labelled, and the model learns that habit. "
    "Disagreement alone is no reason to drop anybody: it may be the guideline, or the item.",
)
GOLD = FamilyWords(
    "Gold",
    "Do the labels hold against those known to be right?",
    "Agreement shows that annotators read alike, not that they read rightly. Gold shows that, as far as gold itself is right.",
)
CONSENSUS = FamilyWords(
    "Consensus",
    "Which label stands where annotators differ?",
    "The rule that turns votes into one label is part of the data: ties alone move accuracy by points on real sets.",
)
MEASURES = {
    "leave_one_out_agreement": Definition(
        "Agreement with the others",
        "How often this annotator's vote is that of another annotator on the same item.",
        "An annotator far below the rest reads another guideline, or none.",
        "mean over the annotator's items of the share of the others' votes that are the same label",
        "nobody else labelled this annotator's items",
        (WILSON_1927,),
        "Look at ten of this annotator's disagreements together before deciding anything.",
    ),
    "gold_accuracy": Definition(
        "Accuracy against gold",
        "The share of labels that are the gold label, of those with gold.",
        "What the model is taught wrongly, measured directly; gold errors count against it too.",
        "right / judged, with Wilson's interval",
        "no labelled item has gold",
        (WILSON_1927, NORTHCUTT_2021),
        "Show the annotator the gold items he or she missed, and check those gold labels.",
    ),
    "repeat_agreement": Definition(
        "Agreement with oneself",
        "How often an annotator gives the same item the same label again.",
        "Nobody can agree with others more than with himself: it bounds every other agreement.",
        "same label / repeated items",
        "the annotator labelled no item twice",
        (WILSON_1927,),
    ),
    "cohen_kappa": Definition(
        "Cohen's kappa of two annotators",
        "Agreement of two annotators beyond what their own label shares would give by chance: 1 is perfect, 0 is chance.",
        "Blocks of low values show camps of annotators who read the guideline two ways.",
        "kappa = (po - pe) / (1 - pe); pe = sum_k p1_k p2_k",
        "the two share too few items, or used one label only",
        (COHEN_1960,),
        "Bring the two together over the items on which they differ.",
    ),
    "dawid_skene_prior": Definition(
        "Share of a label by Dawid-Skene",
        "How frequent the label is once each annotator's own error rates are taken into account.",
        "Where it differs from the share of votes, annotators' habits and not the items make the label's frequency.",
        "p_j = sum_i T_ij / I, by EM with each annotator's error rates",
        "there are no votes",
        (at(DAWID_SKENE_1979, "equations 2.3 to 2.5"),),
    ),
}
