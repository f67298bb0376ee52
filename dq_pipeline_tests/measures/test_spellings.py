"""Suspected spellings: what is likely one name, and what is surely two."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.measures.spellings import suspects

PLAIN = "case, blanks or punctuation"


def found(*names):
    return [
        (one.name, one.other, one.why) for one in suspects({name: 100 - at for at, name in enumerate(names)})
    ]


@pytest.mark.parametrize(
    ("name", "other", "why"),
    [
        ("St. Mary", "st mary", PLAIN),
        ("St. Mary", " ST.MARY ", PLAIN),
        ("Charité", "Charite", PLAIN),
        ("straße 1", "STRASSE 1", PLAIN),
        ("General Hospital", "Hospital, General", "order of words"),
        ("General Hospital", "Genreal Hospital", "letters"),
        ("General Hospital", "Generl Hospital", "letters"),
        ("vendor_alpha", "vendor-alpah", "letters"),
        ("Radiologie Nord", "Radiolgie  nord", "letters"),
        ("Больница", "больница", PLAIN),
    ],
)
def test_a_slip_is_suspected(name, other, why):
    assert found(name, other) == [(name, other, why)]


@pytest.mark.parametrize(
    "names",
    [
        ("site 1", "site 2"),
        ("site_1", "site_11"),
        ("2019 export", "2020 export"),
        ("ward a", "ward b"),
        ("ward north", "ward south"),
        ("east clinic", "west clinic"),
        ("CarbonBot", "E.L.I.Z.A."),
        ("PA", "AP"),
        ("M", "F"),
        ("---", "..."),
        ("Saint John", "Saint Joan"),
    ],
)
def test_names_that_stand_for_themselves_are_not(names):
    assert found(*names) == []


def test_the_name_with_more_rows_is_the_one_that_stands():
    (one,) = suspects({"acme inc": 3, "Acme Inc": 400})
    assert (one.name, one.other) == ("Acme Inc", "acme inc")


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=12), st.integers(1, 9), max_size=8))
def test_any_names_are_compared_and_no_pair_is_named_twice(rows):
    pairs = [frozenset((one.name, one.other)) for one in suspects(rows)]
    assert len(set(pairs)) == len(pairs)
    assert all(len(pair) == 2 for pair in pairs)
