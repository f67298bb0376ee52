"""Percent agreement and the coefficients that correct it for chance, from the pattern histogram.

(pa - pe) / (1 - pe): pa is the mean over items with two votes or more of the (weighted) share of their pairs that agree, pe
what chance gives. Items with one vote have no pairs; whether they count in pe differs, and each function says so.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.measures.coefficient import JACKKNIFE, Coefficient, pairable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dq_pipeline.measures.estimate import Estimate
    from dq_pipeline.measures.resampling import IntervalMethod

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def percent_agreement(vectors: Ints, items: Ints, how: IntervalMethod = JACKKNIFE) -> Estimate:
    """The mean share of agreeing pairs of votes over items with two votes or more; n is those items."""
    return PercentAgreement().estimate(vectors, items, how)


def gwet_ac1(vectors: Ints, items: Ints, how: IntervalMethod = JACKKNIFE) -> Estimate:
    """Gwet's AC1; items with one vote count towards chance agreement (Gwet 2008, Br J Math Stat Psychol 61, eq. 5-8)."""
    return Gwet(np.eye(vectors.shape[1])).estimate(vectors, items, how)


def gwet_ac2(vectors: Ints, items: Ints, weights: Floats, how: IntervalMethod = JACKKNIFE) -> Estimate:
    """Gwet's AC2: AC1 with partial agreement by weights, float [K, K] (Gwet 2014, chapter 5)."""
    return Gwet(weights).estimate(vectors, items, how)


def fleiss_kappa(vectors: Ints, items: Ints, how: IntervalMethod = JACKKNIFE) -> Estimate:
    """Fleiss' kappa for any number of votes an item; items with one vote count towards chance (Gwet 2014, chapter 2)."""
    return Fleiss(np.eye(vectors.shape[1])).estimate(vectors, items, how)


def fleiss_kappa_pairable(vectors: Ints, items: Ints, how: IntervalMethod = JACKKNIFE) -> Estimate:
    """Fleiss' kappa over items with two votes or more alone, as Fleiss (1971) had them; others count nowhere."""
    return FleissOfPairable(np.eye(vectors.shape[1])).estimate(vectors, items, how)


def brennan_prediger(
    vectors: Ints, items: Ints, weights: Floats | None = None, how: IntervalMethod = JACKKNIFE
) -> Estimate:
    """Brennan and Prediger's kappa: chance is one label as likely as another, declared ones that never occur too.

    Bennett's S for two annotators, Randolph's free-marginal kappa for many (Brennan & Prediger 1981).
    """
    labels = vectors.shape[1]
    return BrennanPrediger(np.eye(labels) if weights is None else weights).estimate(vectors, items, how)


def specific_agreement(vectors: Ints, items: Ints, label: int, how: IntervalMethod = JACKKNIFE) -> Estimate:
    """2 n_cc / (2 n_cc + discordant_c): of the pairs that name the label once, the share that name it twice.

    The n is the votes for the label on items with two votes or more. Status `empty` when there is none.
    """
    return Specific(label).estimate(vectors, items, how)


def binarised(vectors: Ints, items: Ints, label: int) -> tuple[Ints, Ints]:
    """The histogram of one label against all others, [P, 2], for the agreement on that label.

    Alpha of it is Krippendorff's for one label (2004, section 11.4), Fleiss' kappa of it Fleiss' for one label (1971).
    """
    own = vectors[:, label]
    return np.column_stack([own, vectors.sum(axis=1) - own]), items


class PercentAgreement(Coefficient):
    """Terms: the share of agreeing pairs, and one for an item that has pairs."""

    lowest = 0.0

    def width(self, labels: int) -> int:  # noqa: ARG002 - however many there are
        """Two."""
        return 2

    def terms(self, vectors: Ints) -> Floats:
        """Of items without pairs zero."""
        return np.column_stack([_agreeing(vectors, None), pairable(vectors)])

    def value(self, sums: Any) -> Any:
        """The mean share."""
        return sums[..., 0] / sums[..., 1]


@dataclass(frozen=True)
class _Corrected(Coefficient):
    """Terms: the weighted share of agreeing pairs, one for an item with pairs, one with votes, and its labels' shares.

    Attributes:
        weights: float [K, K], how much two labels agree, from 0 to 1 on the diagonal.
    """

    weights: Floats

    def width(self, labels: int) -> int:
        """A term a label, and three."""
        return labels + 3

    def terms(self, vectors: Ints) -> Floats:
        """Of items without votes zero."""
        m = vectors.sum(axis=1)
        shares = vectors / np.maximum(m, 1)[:, None]
        identity = bool((self.weights == np.eye(len(self.weights))).all())
        agreeing = _agreeing(vectors, None if identity else self.weights)
        return np.column_stack([agreeing, pairable(vectors), m > 0, shares])

    def value(self, sums: Any) -> Any:
        """(pa - pe) / (1 - pe)."""
        agreed = sums[..., 0] / sums[..., 1]
        chance = self.chance(sums[..., 3:] / sums[..., 2, None])
        left = 1 - chance
        return (agreed - chance) / np.where(np.real(left) <= ROUNDING, np.nan, left)

    @abstractmethod
    def chance(self, shares: Any) -> Any:
        """Pe [...] by the labels' mean shares [..., K]."""


class Gwet(_Corrected):
    """AC1 and AC2: pe = sum(W) sum_k pi_k (1 - pi_k) / (K (K - 1))."""

    singles = True

    def chance(self, shares: Any) -> Any:
        """Certain with one label, so that the coefficient is undefined."""
        labels = shares.shape[-1]
        if labels == 1:
            return np.ones(shares.shape[:-1])
        uneven = (shares * (1 - shares)).sum(axis=-1)
        return self.weights.sum() * uneven / (labels * (labels - 1))


class Fleiss(_Corrected):
    """Fleiss' kappa: pe = pi' W pi."""

    singles = True

    def chance(self, shares: Any) -> Any:
        """Two votes at random agree."""
        return ((shares @ self.weights) * shares).sum(axis=-1)


class FleissOfPairable(Fleiss):
    """Fleiss' kappa of items with two votes or more alone."""

    singles = False

    def terms(self, vectors: Ints) -> Floats:
        """Of items with one vote zero, too."""
        return super().terms(np.where(pairable(vectors)[:, None], vectors, 0))


class BrennanPrediger(_Corrected):
    """S: pe = sum(W) / K^2."""

    def chance(self, shares: Any) -> Any:
        """The same, whatever the shares."""
        return np.full(shares.shape[:-1], self.weights.sum() / shares.shape[-1] ** 2)


@dataclass(frozen=True)
class Specific(Coefficient):
    """Terms: the ordered pairs of votes that both give the label, and those whose first vote does.

    Attributes:
        label: Its place.
    """

    label: int
    lowest = 0.0
    nothing = "empty"

    def width(self, labels: int) -> int:  # noqa: ARG002 - however many there are
        """Two."""
        return 2

    def terms(self, vectors: Ints) -> Floats:
        """Pairs of an item."""
        own, m = vectors[:, self.label].astype(np.float64), vectors.sum(axis=1)
        return np.column_stack([own * (own - 1), own * (m - 1)])

    def value(self, sums: Any) -> Any:
        """The share of the second that are of the first."""
        return sums[..., 0] / sums[..., 1]

    def units(self, vectors: Ints, items: Ints) -> int:
        """Votes for the label on items with two votes or more."""
        several = pairable(vectors)
        return int(items[several] @ vectors[several, self.label])


ROUNDING = 1e-14
"""What is left of 1 - pe when chance is certain."""


def _agreeing(vectors: Ints, weights: Floats | None) -> Floats:
    """The (weighted) share of the pairs of each kind of item that agree, float [P]; 0 without pairs."""
    m = vectors.sum(axis=1)
    v = vectors.astype(np.float64)
    pairs = np.maximum(m * (m - 1), 1)
    agreeing: Floats
    if weights is None:
        agreeing = (v * (v - 1)).sum(axis=1)
    else:
        agreeing = ((v @ weights) * v).sum(axis=1) - v @ np.diag(weights)
    share: Floats = agreeing / pairs
    return share
