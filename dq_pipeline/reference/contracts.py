"""Contracts: what a row must be before anything is computed from it."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords

FAMILY = FamilyWords(
    "Contracts",
    "Is every row what the spec says it is?",
    "A number computed from broken rows is a broken number that looks like any other.",
)
OWN_SUITE = FamilyWords(
    "Own suite",
    "Do your own expectations hold?",
    "You wrote them because something went wrong before.",
)

APART = {
    "quality_gate": FamilyWords(
        "The gate",
        "Did every blocking check pass for the very versions that this asset is to be built from?",
        "A model trained on data that failed looks like any other model. `dq-pipeline gate ASSET` says which check closes it, "
        "`dq-pipeline waive` lets one pass until a day; docs/gate.md says what it asks.",
    ),
    "no_gaps_in": FamilyWords(
        "The collection plan",
        "Does the table hold every row that the collection plan asks for?",
        "A gap that nobody collects stays a gap: `collect.csv` says how many rows of which kind close it, and docs/coverage.md "
        "how they are reckoned. It warns only.",
    ),
    "quotas_met": FamilyWords(
        "The registry of edge cases",
        "Does every edge case have its quota?",
        "Each was written down because it was missed once. The check `edge_case_NAME` judges each; this one sums them up, and "
        "warns only.",
    ),
    "schema": FamilyWords(
        "Your own Pandera schema",
        "Does every value of the column, or the table as a whole (`schema`), keep your schema's rules?",
        "You wrote them; `build_schema_checks` asks them, and docs/contracts.md says who judges.",
    ),
    "expect": FamilyWords(
        "Your own Great Expectations suite",
        "Does your expectation hold?",
        "You wrote it; `build_expectation_checks` asks it, and docs/contracts.md says how severities block.",
    ),
}
"""Checks of no family: how their names start, and what they ask."""

MEASURES = {
    "failing_rows": Definition(
        "Failing rows",
        "How many rows break a rule of the table's contract: an id missing or twice, a label that is not declared, text "
        "where a number is due.",
        "Such rows are left out or miscounted by every number below.",
        "rows for which the rule does not hold",
        "the rule could not be asked of this table",
        mends="Mend the rows where they are made, and export again.",
    ),
    "unreadable_times": Definition(
        "Times that cannot be read",
        "How many rows hold a text in the time column that is no time, such as 31/12/2025; empty ones are missing, and do "
        "not count.",
        "Drift, calibration and months pass them over, and the rest looks like all there is.",
        "rows with a text there that is no ISO 8601 date or time",
        mends="Export times as timestamps, or as 2026-01-31T09:30:00Z.",
    ),
    "future_times": Definition(
        "Times in the future",
        "How many rows hold a time that has not come yet, by a day or more: times without a zone may be ahead of UTC.",
        "Drift, calibration and the age of production go by the newest row, and a wrong clock makes it this one.",
        "rows with a time more than a day after the audit",
        mends="Look at the clock, the time zone, and the order of day and month.",
    ),
    "repeated_pairs": Definition(
        "Items labelled twice by one annotator",
        "How many pairs of item and annotator have more than one label; the policy says which stands.",
        "Two votes of one person are not two opinions: counted as such they inflate agreement.",
        "pairs of item and annotator with two rows or more",
    ),
    "differing_repeats": Definition(
        "Repeats that differ",
        "Of those pairs, how many have different labels.",
        "An annotator who contradicts himself tells how clear the guideline is.",
        "pairs of item and annotator with two labels or more",
    ),
    "annotations_without_item": Definition(
        "Annotations without an item",
        "Annotations whose item is not in the items table.",
        "They count in agreement and in no condition or source: the tables are of different days.",
        "annotations whose item id joins nothing",
        mends="Export both tables at the same moment.",
    ),
    "groups_on_both_sides": Definition(
        "Groups on both sides of the split",
        "Groups, such as patients or drives, that have items in more than one of train, validation and test.",
        "The model recognises the patient, and its score on validation is that of memory.",
        "groups with items in two parts or more",
        mends="Split by group: training_set: {split: {by: group}}.",
    ),
    "empty_sides": Definition(
        "Empty sides of the split",
        "Of train, validation and test, those that the spec gives a share of the items and that hold none.",
        "A few groups are cut whole, so that a small share may get none: no model can be chosen, or judged, by nothing.",
        "sides with a share above 0 and no item",
        mends="Change the seed or the share under training_set: {split: ...}, or cut by item.",
    ),
    "gold_without_labels": Definition(
        "Gold without labels",
        "Gold items that nobody labelled.",
        "In one well-known benchmark 1,184 of 1,517 gold keys match nothing, and accuracy was computed on the rest.",
        "gold items whose id joins nothing",
        mends="Compare how both tables write ids.",
    ),
}
