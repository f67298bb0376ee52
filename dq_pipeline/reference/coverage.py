"""Coverage of production and edge cases: what the model will meet and has not seen."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords
from dq_pipeline.reference.papers import (
    ASUDEH_2019,
    ENDRES_SCHINDELIN_2003,
    HANLEY_MCNEIL_1982,
    KOOPMAN_1984,
    LANUS_2021,
    SIDDIQI_2006,
    WILSON_1927,
)

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
        "share in production / share in training, with Koopman's interval",
        "training has no row of the cell",
        (KOOPMAN_1984, ASUDEH_2019),
        "Collect rows of that cell until its share is that of production.",
    ),
    "validation_production_ratio": Definition(
        "Representation ratio of validation",
        "How many times as frequent a cell is in production as in the validation data.",
        "A score on validation says little of what production asks where this is far from 1.",
        "share in production / share in validation, with Koopman's interval",
        "validation has no row of the cell",
        (KOOPMAN_1984, ASUDEH_2019),
        "Put rows of that cell into validation.",
    ),
    "validation_training_ratio": Definition(
        "Representation ratio of training in validation",
        "How many times as frequent a cell is in the training data as in the validation data.",
        "What was trained on and is not validated can be wrong unseen.",
        "share in training / share in validation, with Koopman's interval",
        "validation has no row of the cell",
        (KOOPMAN_1984, ASUDEH_2019),
        "Draw the validation rows again, or add rows of that cell.",
    ),
    **{
        f"{part}unseen_share": Definition(
            f"Share of what {words} has not seen at all",
            f"The share of the other sample in a cell that {words} has not one row of.",
            "There the model can only guess, and no ratio can say how badly.",
            "share of the cell in the other sample, with Wilson's interval",
            "there is no other sample",
            (WILSON_1927, ASUDEH_2019),
            "Collect rows of that cell.",
        )
        for part, words in (
            ("", "training"),
            ("validation_production_", "validation"),
            ("validation_training_", "validation"),
        )
    },
    **{
        f"{split}_count": Definition(
            f"Rows of {split} in a cell",
            f"How many rows of {split} have this combination of conditions.",
            "Below about 30 rows nothing can be said of the model there.",
            "sum over rows in the cell",
        )
        for split in ("training", "validation", "production")
    },
    "production_share": Definition(
        "Share of production",
        "How often production meets a cell or an edge case.",
        "A scenario that production meets daily is no edge case.",
        "rows / rows of production, with Wilson's interval",
        "there is no production sample",
        (WILSON_1927,),
    ),
    "production_age": Definition(
        "Age of the production sample",
        "Days from the newest row of production to today.",
        "A sample of last year tells of last year's traffic.",
        "today - newest time",
        "no row has a time",
        mends="Draw a new sample.",
    ),
    "psi": Definition(
        "Population stability index",
        "How far the shares of one condition in production are from those in training, over all its values; told, not judged.",
        "A five-fold gap on a condition with 2 % of the traffic leaves it below every rule of thumb: do not gate on it.",
        "sum (q - p) ln(q / p)",
        "one of the samples is empty",
        (SIDDIQI_2006,),
    ),
    "jensen_shannon": Definition(
        "Jensen-Shannon distance",
        "How far the shares of one condition in production are from those in training: 0 is alike, 1 is nothing in common; told, "
        "not judged.",
        "Like every average over values it does not see a gap in a rare one.",
        "root of the mean of the Kullback-Leibler divergences from (p + q) / 2, in bits",
        "one of the samples is empty",
        (ENDRES_SCHINDELIN_2003,),
    ),
    "domain_auc": Definition(
        "How well production is told from training",
        "The area under the ROC curve of a classifier that parts production from the training data, by the conditions or by the "
        "items' features: .5 is not at all, 1 is always; told, not judged.",
        "What it tells apart by, the model was not shown. It is deaf to what is rare, and a high area may rest on something that "
        "does the model no harm.",
        "area under the ROC curve of a logistic regression, out of fold, with Hanley & McNeil's interval",
        "a sample has fewer rows than there are folds",
        (HANLEY_MCNEIL_1982,),
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
