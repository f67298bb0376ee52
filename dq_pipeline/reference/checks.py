"""The names of all checks, and the measure that each judges."""

from __future__ import annotations

_AS_MEASURE: dict[str, tuple[str, ...]] = {
    "agreement": ("krippendorff_alpha", "group_gap"),
    "annotators": (
        "agreement_gap", "label_bias", "kappa_with_peers", "constant_excess", "repeat_agreement_at_most",
        "gold_accuracy_at_most", "unjudged_share", "assignment", "users_of_label", "disagreements",
    ),
    "balance": ("imbalance_ratio", "missing_share", "distinct_values"),
    "concentration": ("largest_share", "hhi", "unknown_share", "suspected_spellings"),
    "consensus": ("tied_share", "gold_accuracy", "votes_per_annotator", "annotator_parts"),
    "coverage": (
        "representation_ratio", "validation_production_ratio", "validation_training_ratio", "uncovered_mass",
        "production_age",
    ),
    "gold": ("accuracy_of_label",),
    "integrity": (
        "duplicate_share", "contradictory_share", "duplicates_across_split", "near_duplicate_share",
        "groups_across_split", "label_given_away",
    ),
    "shortcuts": ("source_only_auc", "shortcut_size"),
}  # fmt: skip
"""Family -> the measures whose check is called after both."""

NAMES: dict[str, str] = {
    "contract_items": "failing_rows",
    "contract_annotations": "failing_rows",
    "contract_gold": "failing_rows",
    "contract_training_set": "failing_rows",
    "contract_items_times": "unreadable_times",
    "contract_annotations_times": "unreadable_times",
    "contract_production_times": "unreadable_times",
    "contract_repeats": "repeated_pairs",
    "contract_annotations_have_items": "annotations_without_item",
    "contract_gold_joins": "gold_without_labels",
    "contract_training_set_groups": "groups_on_both_sides",
    **{f"{family}_{measure}": measure for family, named in _AS_MEASURE.items() for measure in named},
    "balance_imbalance_ratio_condition": "imbalance_ratio",
    "calibration_overdue": "days_overdue",
    "calibration_uncalibrated": "uncalibrated_share",
    "calibration_guideline": "old_guideline_share",
    "concentration_largest_share_by_label": "largest_share",
    "drift_agreement": "agreement_drift",
    "drift_agreement_of_all": "agreement_drift",
    "drift_gold": "gold_drift",
    "drift_gold_of_all": "gold_drift",
    "gold_accuracy": "gold_accuracy",
    "gold_suspect": "suspect_gold",
    "shortcuts_cramers_v_source_label": "cramers_v",
    "shortcuts_cramers_v_annotator_label": "cramers_v",
    "shortcuts_cramers_v_annotator_source": "cramers_v",
    "shortcuts_source_only_auc_by_label": "source_only_auc",
}
"""Name of a check -> the measure that it judges."""

STARTS: dict[str, str] = {
    "agreement_slices": "alpha_gap",
    "balance_cells": "cell_count",
    "balance_target_ratio": "target_ratio",
    "edge_case": "edge_case_count",
}
"""How the names of checks start that end in a name of the user's own, and the measure that they judge."""
