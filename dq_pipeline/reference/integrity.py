"""Integrity: whether every item is there once, with one label, on one side of the split."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords
from dq_pipeline.reference.papers import BARZ_DENZLER_2020, BRODER_1997, KAUFMAN_2012, THEIL_1970, WILSON_1927

FAMILY = FamilyWords(
    "Integrity",
    "Is every item there once, with one label, on one side of the split, and its label not given away?",
    "An item that is in training and in validation makes the score a test of memory; a column that gives the label away makes "
    "it a test of nothing.",
)

MEASURES = {
    "duplicate_share": Definition(
        "Share of repeated items",
        "The part of the items whose content is that of another item before them.",
        "What is there twice weighs twice, and may lie on both sides of the split.",
        "items that repeat another / items, with Wilson's interval",
        sources=(WILSON_1927,),
        mends="Take the repetitions out; duplicates.csv lists each with the first of its kind.",
    ),
    "duplicate_groups": Definition(
        "Contents that are there several times",
        "How many contents two or more items have.",
        "A few contents a thousand times each are a broken export; many twice are a second upload.",
        "contents with two items or more",
    ),
    "contradictory_share": Definition(
        "Share of contradictory items",
        "The part of the items whose content comes with another label elsewhere.",
        "The model is told yes and no of the very same input: the loss on these never falls.",
        "items whose content has two labels or more / items, with Wilson's interval",
        sources=(WILSON_1927,),
        mends="Have these items labelled anew; duplicates.csv lists them with who labelled them.",
    ),
    "contradictory_groups": Definition(
        "Contents with several labels",
        "How many contents have items of different labels.",
        "Each of them is a question to the guideline.",
        "contents with two labels or more",
    ),
    "duplicates_across_split": Definition(
        "Share of items that are on both sides",
        "The part of the items whose content lies on another side of the split too.",
        "Validation then scores memory. In a well-known image benchmark 3 to 10 % of the test images are in training.",
        "items whose content is in two parts or more / items, with Wilson's interval",
        "the split is not known",
        (BARZ_DENZLER_2020, WILSON_1927),
        "Move all items of one content to one side.",
    ),
    "near_duplicate_share": Definition(
        "Share of items with a near duplicate",
        "The part of the compared items that have another all but equal to them: texts by the overlap of their shingles, hashes "
        "by the bits in which they differ, embeddings by their cosine.",
        "A crop or a retweet is the same item to a model.",
        "items with a neighbour beyond the limit / items compared, with Wilson's interval",
        "no text, hash or embedding is named",
        (BRODER_1997, WILSON_1927),
        "Keep near duplicates on one side of the split; near_duplicates.csv lists the pairs.",
    ),
    "groups_across_split": Definition(
        "Share of groups that the split cuts",
        "The part of the groups, such as patients or drives, that have items on two sides of the split or more.",
        "The model recognises the patient, and its score on validation is that of memory.",
        "groups with items in two parts or more / groups, with Wilson's interval",
        "there are no groups",
        (KAUFMAN_2012, WILSON_1927),
        "Split by group: training_set: {split: {by: group}}.",
    ),
    "label_given_away": Definition(
        "How much something tells of the label",
        "How much of the label's uncertainty a column, the order of ids or a word in a text takes away: 0 is nothing, 1 is all.",
        "A column that is known only once the label is known makes training perfect and production useless.",
        "U = (H(label) - H(label | column)) / H(label); of a text (o - e) / (1 - e), o the share that holds its own label, e by chance",
        "there are too few items, or one label only",
        (THEIL_1970, KAUFMAN_2012),
        "Leave the column out of what the model sees.",
    ),
}
