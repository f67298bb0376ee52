"""Drift and calibration: whether annotators still label as they did, and by the guideline in force."""

from __future__ import annotations

from dq_pipeline.reference.definition import Definition, FamilyWords
from dq_pipeline.reference.papers import HAWKINS_1987, MANTEL_HAENSZEL_1959, PAGE_1954, WILSON_1927, at

DRIFT = FamilyWords(
    "Drift",
    "Has somebody begun to label otherwise than before?",
    "Annotators tire, are replaced, or learn a habit: labels of March and of June then mean different things under one name, "
    "and no average over the year shows it.",
)
CALIBRATION = FamilyWords(
    "Calibration",
    "Were annotators calibrated when they labelled, and did they work by the guideline in force?",
    "A guideline that changed and was not practised is read as everybody likes. Labels by the old one contradict those by the "
    "new one, and the model is taught both.",
)
_AGAINST = {"agreement": "with the others", "gold": "with gold"}


def _of(word: str, what: str) -> dict[str, Definition]:
    """The measures of one chart."""
    return {
        f"{word}_drift": Definition(
            f"Fall in agreement {what}, in windows",
            f"Once in so many windows chance alone makes a fall in agreement {what} like this one, in a crowd in which nobody "
            "drifts: a small number is a real fall.",
            "A slow fall never crosses a threshold on any one day; added up it does.",
            "average run length of Page's cumulative sum S = max(0, S - z - 1/2) at today's S, divided by the annotators charted",
            "an annotator has too few votes before and since",
            (at(PAGE_1954, "section 3"), HAWKINS_1987),
            "Look together at labels given since the fall began, and give those again.",
        ),
        f"{word}_drift_sum": Definition(
            f"Cumulative sum of falls {what}",
            "How much the windows since the fall began lie below those before, in standard errors, added up.",
            "It is what the number of windows above is read from.",
            "S = max(0, S - z - 1/2), z the window against all windows before it at the same mix of labels",
            "there are too few votes",
            (PAGE_1954, MANTEL_HAENSZEL_1959),
        ),
        f"{word}_drift_start": Definition(
            f"Start of the fall {what}",
            "The first day of the window in which the cumulative sum last rose from 0, in days since 1970.",
            "Labels from that day on are to be looked at again.",
            "first day of the first window after the last S = 0",
            "there are too few votes",
            (PAGE_1954,),
        ),
        f"{word}_before": Definition(
            f"Agreement {what} before",
            f"The share of votes that agree {what} on the same items before a fall began, or before a calibration session.",
            "What annotators could do then.",
            "agreeing / votes, with Wilson's interval",
            "there are no votes before",
            (WILSON_1927,),
        ),
        f"{word}_since": Definition(
            f"Agreement {what} since",
            f"The share of votes that agree {what} since the fall began.",
            "What the annotator does now.",
            "agreeing / votes, with Wilson's interval",
            "there are no votes since",
            (WILSON_1927,),
        ),
        f"{word}_change": Definition(
            f"Change in agreement {what}",
            f"How far agreement {what} is from before a fall, or before a calibration session, at the same mix of labels; of one "
            "annotator less the change of everybody else. -0.1 is ten points down.",
            "Harder items fall for everybody, and are nobody's drift.",
            "weighted difference of the shares by the reference's label, less that of the others",
            "there are too few votes",
            (MANTEL_HAENSZEL_1959,),
        ),
        f"{word}_in_window": Definition(
            f"Agreement {what} in a window",
            f"The share of everybody's votes that agree {what} in one window of time.",
            "A step down on one day is a changed guideline, tool or batch; a slope is drift.",
            "agreeing / votes, with Wilson's interval",
            "the window has no votes that can be compared",
            (WILSON_1927,),
        ),
    }


MEASURES = {
    **_of("agreement", _AGAINST["agreement"]),
    **_of("gold", _AGAINST["gold"]),
    "days_overdue": Definition(
        "Days overdue",
        "By how many days a date is past: the end of an annotator's calibration, or the day an edge case is due; below 0 there "
        "is time left.",
        "What is overdue is what everybody meant to do.",
        "day of judgement - day due",
        "no day is set",
        mends="Hold the calibration session, or collect the rows.",
    ),
    "calibrated_until": Definition(
        "Calibrated until",
        "The last day that an annotator's latest session counts for, in days since 1970.",
        "Labels given after it rest on no common reading of the guideline.",
        "session + how long it counts, or the day that a newer guideline came into force",
        "the annotator was never calibrated",
    ),
    "annotations_since": Definition(
        "Annotations since calibration ran out",
        "How many labels an annotator gave after his or her calibration ended.",
        "These are the labels to look at again.",
        "annotations after the last day that counts",
    ),
    "ever_calibrated": Definition(
        "Ever calibrated",
        "1 where an annotator took part in a session, 0 where not.",
        "Somebody who never was calibrated reads the guideline alone.",
        "1 or 0",
    ),
    "uncalibrated_share": Definition(
        "Share given without a calibration",
        "The part of the annotations that were given on a day on which no session counted for their annotator.",
        "So much of the data rests on nobody's common reading.",
        "annotations on uncalibrated days / annotations, with Wilson's interval",
        sources=(WILSON_1927,),
        mends="Calibrate before the next batch; look again at a sample of these.",
    ),
    "old_guideline_share": Definition(
        "Share by an old guideline",
        "The part of the annotations that were given by an older version of the guideline than the one in force that day.",
        "Two versions in one dataset teach the model two definitions under one label.",
        "annotations by an older version / annotations whose version is known, with Wilson's interval",
        "no annotation names its version",
        (WILSON_1927,),
        "Have these annotated again by the guideline in force.",
    ),
    "unknown_guideline_share": Definition(
        "Share by an unknown guideline",
        "The part of the annotations whose guideline version is missing or not among those declared.",
        "What they were labelled by cannot be told.",
        "annotations without a known version / annotations, with Wilson's interval",
        sources=(WILSON_1927,),
    ),
    "undated_share": Definition(
        "Share without a date",
        "The part of the annotations whose time is missing or cannot be read.",
        "They count in no window and for no calibration.",
        "annotations without a time / annotations, with Wilson's interval",
        sources=(WILSON_1927,),
    ),
    "as_of": Definition(
        "Day of judgement",
        "The day that calibration is judged by, in days since 1970: that of the newest annotation unless the ledger says another.",
        "Overdue is a question of the day that is asked on.",
        "newest annotation, today, or the date declared",
        "no annotation has a time",
    ),
    "sessions_without_annotations": Definition(
        "Sessions of strangers",
        "Sessions of somebody who gave no annotation at all.",
        "Usually a name that is spelt another way in the ledger than in the annotations.",
        "sessions of a name that labels nothing",
        mends="Compare how both tables write names.",
    ),
    "agreement_after": Definition(
        "Agreement after a session",
        "The share of votes that agree with the others on the same items, between this session and the next.",
        "What the session has mended.",
        "agreeing / votes, with Wilson's interval",
        "there are too few votes",
        (WILSON_1927,),
    ),
}
