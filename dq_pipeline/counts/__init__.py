"""Bounded counts aggregated by the engine: the only thing that leaves it."""

from dq_pipeline.counts.activity import Activity, Days
from dq_pipeline.counts.cells import Cells, Tail
from dq_pipeline.counts.collect import Counts, Request, collect, count_whole
from dq_pipeline.counts.comparisons import Agreements, Comparisons
from dq_pipeline.counts.content import Contents, ContentSample
from dq_pipeline.counts.contingency import Contingency
from dq_pipeline.counts.domain_features import DomainFeatures, DomainFeatureSample
from dq_pipeline.counts.domain_sample import Domains, DomainSample
from dq_pipeline.counts.duplicates import DuplicateCounts, Duplicates
from dq_pipeline.counts.edge_cases import ALL, EdgeCaseCounts, EdgeCaseRows
from dq_pipeline.counts.feature_sample import FeatureSample, Sampled
from dq_pipeline.counts.gold import GoldConfusion, GoldItems, GoldVotes
from dq_pipeline.counts.gram import Gram, GramMatrix
from dq_pipeline.counts.grouped_patterns import GroupedHistogram, GroupedPatterns
from dq_pipeline.counts.item_groups import GroupedItems, ItemGroups
from dq_pipeline.counts.joint_cells import Part
from dq_pipeline.counts.leaks import LabelLeaks, LeakCounts
from dq_pipeline.counts.moments import NAMES, Moments
from dq_pipeline.counts.newest import Newest
from dq_pipeline.counts.patterns import PatternHistogram, Patterns
from dq_pipeline.counts.profiles import Profile, Profiles
from dq_pipeline.counts.repeats import Repeated, Repeats
from dq_pipeline.counts.representation import Compared, Representation
from dq_pipeline.counts.seconds import Fifths, Seconds, SpeedOnGold, Spent
from dq_pipeline.counts.sessions import Held, Sessions
from dq_pipeline.counts.slices import SlicedHistogram, SlicedMoments, SlicedPatterns
from dq_pipeline.counts.split_groups import GroupCounts, SplitGroups

__all__ = [
    "ALL",
    "NAMES",
    "Activity",
    "Agreements",
    "Cells",
    "Compared",
    "Comparisons",
    "ContentSample",
    "Contents",
    "Contingency",
    "Counts",
    "Days",
    "DomainFeatureSample",
    "DomainFeatures",
    "DomainSample",
    "Domains",
    "DuplicateCounts",
    "Duplicates",
    "EdgeCaseCounts",
    "EdgeCaseRows",
    "FeatureSample",
    "Fifths",
    "GoldConfusion",
    "GoldItems",
    "GoldVotes",
    "Gram",
    "GramMatrix",
    "GroupCounts",
    "GroupedHistogram",
    "GroupedItems",
    "GroupedPatterns",
    "Held",
    "ItemGroups",
    "LabelLeaks",
    "LeakCounts",
    "Moments",
    "Newest",
    "Part",
    "PatternHistogram",
    "Patterns",
    "Profile",
    "Profiles",
    "Repeated",
    "Repeats",
    "Representation",
    "Request",
    "Sampled",
    "Seconds",
    "Sessions",
    "SlicedHistogram",
    "SlicedMoments",
    "SlicedPatterns",
    "SpeedOnGold",
    "Spent",
    "SplitGroups",
    "Tail",
    "collect",
    "count_whole",
]
