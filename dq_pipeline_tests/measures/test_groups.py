"""Alpha within and across groups of annotators comes down to Krippendorff's where it must."""

from __future__ import annotations

import numpy as np
import pytest

from dq_pipeline.measures.alpha import distances, krippendorff_alpha
from dq_pipeline.measures.groups import GroupAgreement

RANDOM = np.random.default_rng(5)
ITEMS = RANDOM.integers(1, 9, 40)


def test_all_annotators_in_one_group_have_krippendorffs_alpha_within():
    vectors = RANDOM.integers(0, 3, (40, 1, 3))
    agreement = GroupAgreement(distances("nominal", np.zeros(3)), vectors, ITEMS)
    alpha = krippendorff_alpha(vectors[:, 0], ITEMS)
    within = agreement.within()
    assert (within.value, within.low, within.high, within.n) == pytest.approx(
        (alpha.value, alpha.low, alpha.high, alpha.n), abs=1e-12
    )
    assert agreement.across().status == "no_overlap"


def test_every_annotator_a_group_of_her_own_has_krippendorffs_alpha_across():
    votes = RANDOM.integers(0, 4, (40, 5))
    vectors = np.stack([votes == label for label in range(3)], axis=2).astype(np.int64)
    agreement = GroupAgreement(distances("nominal", np.zeros(3)), vectors, ITEMS)
    alpha = krippendorff_alpha(vectors.sum(axis=1), ITEMS)
    across = agreement.across()
    assert (across.value, across.low, across.high, across.n) == pytest.approx(
        (alpha.value, alpha.low, alpha.high, alpha.n), abs=1e-12
    )
    assert agreement.within().status == "no_overlap"


def test_the_gap_is_wide_where_groups_read_the_guideline_unlike_each_other():
    vectors = np.array([[[2, 0], [0, 2]], [[0, 2], [2, 0]], [[2, 0], [2, 0]], [[2, 0], [1, 1]]])
    agreement = GroupAgreement(distances("nominal", np.zeros(2)), vectors, np.array([30, 30, 20, 20]))
    within, across, gap = agreement.within(), agreement.across(), agreement.gap()
    assert within.value > 0.7
    assert across.value < 0
    assert gap.value == pytest.approx(within.value - across.value, abs=1e-12)
    assert gap.low > 0.5


def test_the_gap_is_none_where_groups_are_drawn_by_lot():
    truth = RANDOM.integers(0, 2, 600)
    votes = np.where(RANDOM.random((600, 6)) < 0.85, truth[:, None], 1 - truth[:, None])
    vectors = np.stack(
        [
            np.stack([(votes[:, part] == label).sum(axis=1) for label in range(2)], axis=1)
            for part in (slice(0, 3), slice(3, 6))
        ],
        axis=1,
    )
    gap = GroupAgreement(distances("nominal", np.zeros(2)), vectors, np.ones(600, np.int64)).gap()
    assert gap.low < 0 < gap.high
    assert abs(gap.value) < 0.05
