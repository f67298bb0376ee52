"""Near duplicates: what comparing every pair would find, without comparing every pair."""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.measures.near_duplicates import SHINGLE, near_by_angle, near_by_bits, near_by_text


def places(found):
    return {(one, other) for one, other, _ in found.pairs}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2**16 - 1), min_size=2, max_size=40), st.integers(0, 6))
def test_hashes_are_paired_as_by_comparing_all(hashes, bits):
    found = near_by_bits([f"{one:04X}" for one in hashes], bits)
    expected = {
        (i, j): 1 - (a ^ b).bit_count() / 16
        for (i, a), (j, b) in combinations(enumerate(hashes), 2)
        if (a ^ b).bit_count() <= bits
    }
    assert {(i, j): likeness for i, j, likeness in found.pairs} == expected
    assert found.near == len({place for pair in expected for place in pair})


def test_what_is_no_hash_of_the_common_length_is_left_out():
    found = near_by_bits(["00ff", "0x00fe", "nothing", "00", "", "00FF"], 1)
    assert places(found) == {(0, 1), (0, 5), (1, 5)}
    assert (found.compared, found.unreadable) == (3, 3)
    assert near_by_bits([], 4).compared == near_by_bits(["00"], 4).near == 0
    assert places(near_by_bits(["f0f", "f0e", "0f0"], 1)) == {(0, 1)}


def test_many_equal_bands_are_compared_in_blocks():
    hashes = [f"00000000{n:08x}" for n in range(3000)]
    found = near_by_bits(hashes, 1)
    assert found.near == 3000
    assert len(found.pairs) == 1000


def test_embeddings_are_paired_as_by_comparing_all():
    draw = np.random.default_rng(2)
    vectors = draw.normal(size=(1500, 3))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    near = np.triu(unit @ unit.T >= 0.9999, 1)
    found = near_by_angle([*vectors.tolist()], 0.9999)
    assert found.near == (near | near.T).any(axis=1).sum()
    assert places(found) == set(zip(*map(np.ndarray.tolist, np.nonzero(near)), strict=True))


def test_embeddings_may_be_texts_and_those_that_are_none_are_left_out():
    found = near_by_angle(
        ["[1, 0]", [2.0, 0.0], [0.0, 1.0], "[1, 2, 3]", "no", [0.0, 0.0], [float("nan"), 1.0]], 0.99
    )
    assert places(found) == {(0, 1)}
    assert (found.compared, found.unreadable) == (3, 4)


def jaccard(one, other):
    pieces = [{t[i : i + SHINGLE] for i in range(max(len(t) - SHINGLE + 1, 1))} for t in (one, other)]
    return len(pieces[0] & pieces[1]) / len(pieces[0] | pieces[1])


def test_texts_are_paired_as_by_comparing_all():
    draw = np.random.default_rng(7)
    words = [f"w{n}" for n in range(300)]
    texts = [" ".join(draw.choice(words, 25)) for _ in range(120)]
    for place in range(40):
        said = texts[place].split()
        said[: 1 + place % 6] = draw.choice(words, 1 + place % 6)
        texts.append(" ".join(said))
    expected = {(i, j) for (i, a), (j, b) in combinations(enumerate(texts), 2) if jaccard(a, b) >= 0.7}
    found = near_by_text(texts, 0.7)
    assert len(expected) > 20
    assert places(found) <= expected
    assert len(places(found)) >= 0.95 * len(expected)


def test_case_and_blanks_make_no_text_another():
    found = near_by_text(["The cat sat\n on the mat", "the  CAT sat on the mat", "a dog", ""], 1.0)
    assert found.pairs == ((0, 1, 1.0),)


def test_without_the_library_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasketch", None)
    with pytest.raises(ModuleNotFoundError):
        near_by_text(["a", "b"], 0.8)
