"""Coverage of production and edge cases: what the model will meet and has not seen."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords
from dq_pipeline.reference.papers import ASUDEH_2019, LANUS_2021

COVERAGE = FamilyWords(
    "Coverage",
    "Has the model seen what production will show it?",
    "A gap of five times on a condition with 2 % of the traffic moves no drift score and no average, and is where the model "
    "fails.",
)
EDGE_CASES = FamilyWords(
    "Edge cases",
    "Are the scenarios that must work there in number?",
    "A scenario that somebody was hurt by once is named, has an owner and a quota, and is counted every night.",
)

MEASURES = {
    "representation_ratio": Definition(
        "Representation ratio",
        "How many times as frequent a cell is in production as in the training data: 1 is alike, 5 is five times too rare.",
        "The model meets there what it was hardly shown.",
        "share in production / share in training",
        "the cell never occurs",
        (ASUDEH_2019,),
        "Collect rows of that cell until its share is that of production.",
    ),
    "uncovered_mass": Definition(
        "Uncovered production",
        "The share of production that lies in cells with fewer training rows than the least that lets one say anything.",
        "This part of the traffic is answered by extrapolation.",
        "sum of production shares over cells with fewer than the minimum of training rows",
        "there is no production sample",
        (LANUS_2021, ASUDEH_2019),
        "Collect the cells with the largest production share first.",
    ),
    "edge_case_count": Definition(
        "Rows of an edge case",
        "How many rows of the training or validation data fall under the named scenario.",
        "Below its quota the scenario is neither learned nor tested.",
        "rows for which the predicate holds",
        mends="Collect the rows that are missing; the owner knows why the scenario is on the list.",
    ),
}
