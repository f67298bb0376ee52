"""The single registry of what every measure, check and family means; the report, `explain` and the reference read it."""

from dq_pipeline.reference.columns import COLUMNS
from dq_pipeline.reference.contracts import APART
from dq_pipeline.reference.definition import Definition, FamilyWords, Source
from dq_pipeline.reference.look_up import closest, family_of, measure_of, words_of
from dq_pipeline.reference.registry import DEFINITIONS, FAMILIES, MEASURES

__all__ = [
    "APART",
    "COLUMNS",
    "DEFINITIONS",
    "FAMILIES",
    "MEASURES",
    "Definition",
    "FamilyWords",
    "Source",
    "closest",
    "family_of",
    "measure_of",
    "words_of",
]
