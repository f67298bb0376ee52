"""Every kind of count, asked of the awkward tables."""

from __future__ import annotations

from dq_pipeline.counts import (
    Activity,
    Comparisons,
    ContentSample,
    Contingency,
    DomainFeatureSample,
    DomainSample,
    Duplicates,
    EdgeCaseCounts,
    FeatureSample,
    GoldConfusion,
    GoldVotes,
    Gram,
    GroupedItems,
    GroupedPatterns,
    LabelLeaks,
    Newest,
    Part,
    Patterns,
    Profiles,
    Repeats,
    Representation,
    Seconds,
    Sessions,
    SlicedPatterns,
    SpeedOnGold,
    SplitGroups,
)

REQUESTS = [
    Activity(),
    Comparisons("peers"),
    Comparisons("gold", 30),
    ContentSample("said", 5),
    Contingency("items", ()),
    Contingency("items", ("light", "age", "size", "time")),
    Contingency("items", ("source", "split")),
    Contingency("production", ("label", "time")),
    Contingency("annotations", ("annotator", "label", "split")),
    DomainFeatureSample(Part("items"), Part("production"), ("age", "size")),
    DomainSample(Part("items"), Part("production"), ("light", "age")),
    Duplicates(("said", "src")),
    EdgeCaseCounts(True),
    EdgeCaseCounts(False),
    GoldConfusion(),
    GoldVotes(),
    Gram(),
    GroupedItems(Patterns()),
    GroupedPatterns(Patterns()),
    LabelLeaks(),
    Newest("items"),
    Newest("annotations"),
    Patterns(),
    Patterns(("cat", "dog"), "ordinal"),
    Repeats(),
    Representation(Part("items"), Part("production"), ("light", "age", "size"), 2, 0.02, 3),
    Seconds(),
    Sessions(),
    SlicedPatterns(Patterns(), ("light",)),
    SlicedPatterns(Patterns(), ("guideline", "age")),
    SpeedOnGold(),
    SplitGroups(),
]
"""Of tables with every role."""
OF_MANY = [Profiles("annotations", "annotator", "label")]
"""Those that are counted only where there are more values than are listed."""
OF_ITEMS = [FeatureSample(("age", "big"), 10, 7)]
"""Those of items that have a label of their own, and of nothing else."""
ITEMS_ALONE = {
    "items": {"table": "items.parquet", "id": "id", "source": "src", "label": "light", "group": "grp"},
    **dict.fromkeys(("annotations", "gold", "production", "calibration", "edge_cases")),
}
"""What a spec of these items says otherwise."""
