"""How much of a model's score is the source: a small model scored on a random split and on sources that it never saw."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.measures.estimate import Estimate
from dq_pipeline.measures.source_only import source_only_auc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Score = Callable[[Ints, Ints], float | None]

FOLDS = 5
LEAST = 10
"""Rows with a label, and without it, that a part to be scored needs."""
LABELS = 5
"""Labels that are probed, the most frequent."""
SOURCES = 10
"""Sources that are left out in turn, the largest."""
DIMENSIONS = 64
"""Principal components that wider features are brought down to."""


@dataclass(frozen=True)
class Probe:
    """Scores side by side: areas under the ROC curve of telling a label from the rest, averaged over labels by their rows.

    Attributes:
        random: On rows split at random, by group where groups are known.
        source_only: From the source alone.
        left_out: On each source by a model that learned from the others, averaged by rows.
        shortcut: random - left_out: what the model owes to the source, in units of the score.
    """

    random: Estimate
    source_only: Estimate
    left_out: Estimate
    shortcut: Estimate


def probe(
    features: Floats,
    labels: Sequence[frozenset[str]],
    sources: Sequence[str],
    groups: Sequence[str | None] | None = None,
    seed: int = 7,
) -> Probe:
    """Probe a sample with a logistic regression on standardised features (scikit-learn).

    Where source and label go together, a model can learn the source instead of the label: then it scores well on a random
    split and badly on a source that it never saw (Zech et al. 2018, PLoS Med 15:e1002683).

    Args:
        features: float [N, F]; NaN where there is none.
        labels: The labels of each row.
        sources: The source of each row.
        groups: The group of each row, kept on one side of the random split.
        seed: Of the random split.

    Returns:
        The scores, n the rows; `too_few_units` where no label can be scored both ways.
    """
    n = len(labels)
    names, of_source = np.unique(np.array(sources, dtype=object).astype(str), return_inverse=True)
    scored: list[tuple[float, float, float, int]] = []
    for label in _frequent(labels):
        truth = np.array([label in held for held in labels], dtype=np.int64)
        score = _scorer(features, truth)
        at_random = _at_random(score, truth, groups, seed)
        left_out = _left_out(score, of_source, len(names))
        alone = source_only_auc(
            np.bincount(of_source, minlength=len(names)),
            np.bincount(of_source, truth, len(names)).astype(np.int64),
        ).value
        if at_random is not None and left_out is not None and alone is not None:
            scored.append((at_random, alone, left_out, int(truth.sum())))
    if not scored:
        none = Estimate(None, n=n, status="too_few_units" if n else "empty")
        return Probe(none, none, none, none)
    weight = sum(one[3] for one in scored)
    at_random, alone, left_out = (
        math.fsum(one[place] * one[3] for one in scored) / weight for place in range(3)
    )
    return Probe(
        Estimate(at_random, n=n),
        Estimate(alone, n=n),
        Estimate(left_out, n=n),
        Estimate(at_random - left_out, n=n),
    )


def _frequent(labels: Sequence[frozenset[str]]) -> list[str]:
    counts: dict[str, int] = {}
    for held in labels:
        for label in held:
            counts[label] = counts.get(label, 0) + 1
    return sorted(counts, key=lambda label: (-counts[label], label))[:LABELS]


def _scorer(features: Floats, truth: Ints) -> Score:
    """The score on some rows of a model that learned from others; None where either lacks rows with or without the label."""
    from sklearn.decomposition import PCA
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def score(learn: Ints, judge: Ints) -> float | None:
        if not (_has_both(truth[learn]) and _has_both(truth[judge])):
            return None
        steps: list[Any] = [SimpleImputer(keep_empty_features=True), StandardScaler()]
        if features.shape[1] > DIMENSIONS < len(learn):
            steps.append(PCA(DIMENSIONS, random_state=0))
        model = make_pipeline(*steps, LogisticRegression(max_iter=500))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(features[learn], truth[learn])
        return float(roc_auc_score(truth[judge], model.decision_function(features[judge])))

    return score


def _has_both(truth: Ints) -> bool:
    having = int(truth.sum())
    return min(having, len(truth) - having) >= LEAST


def _at_random(score: Score, truth: Ints, groups: Sequence[str | None] | None, seed: int) -> float | None:
    """The mean score over folds."""
    from sklearn.model_selection import GroupKFold, StratifiedKFold

    if min(int(truth.sum()), len(truth) - int(truth.sum())) < FOLDS * LEAST:
        return None
    if groups is None:
        parts = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(truth, truth)
    else:
        own = np.array(
            [f"own {at}" if group is None else f"group {group}" for at, group in enumerate(groups)]
        )
        parts = GroupKFold(FOLDS, shuffle=True, random_state=seed).split(truth, truth, own)
    found = [score(learn, judge) for learn, judge in parts]
    return _mean([(one, 1) for one in found if one is not None])


def _left_out(score: Score, of_source: Ints, sources: int) -> float | None:
    """The mean score over sources left out in turn, by their rows."""
    sizes = np.bincount(of_source, minlength=sources)
    found = []
    for source in np.argsort(-sizes, kind="stable")[:SOURCES]:
        there = of_source == source
        one = score(np.flatnonzero(~there), np.flatnonzero(there))
        if one is not None:
            found.append((one, int(sizes[source])))
    return _mean(found)


def _mean(scores: list[tuple[float, int]]) -> float | None:
    weight = sum(rows for _, rows in scores)
    return math.fsum(one * rows for one, rows in scores) / weight if weight else None
