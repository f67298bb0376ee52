"""Users' words are harmless to look at."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.report import text


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain", "plain"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("two\nlines\ttab\r", r"two\nlines\ttab\r"),
        ("\u202eabc\u202c", r"\u202eabc\u202c"),
        ("\u2066a\u2069\u200e\u200f\u061c", r"\u2066a\u2069\u200e\u200f\u061c"),
        ("\x9b2J", r"\x9b2J"),
        ("\ud800", r"\ud800"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("line\u2028par\u2029", r"line\u2028par\u2029"),
        ("שלום é 😀 👩\u200d👧 🏴\U000e0067\U000e007f", "שלום é 😀 👩\u200d👧 🏴\U000e0067\U000e007f"),
    ],
)
def test_what_acts_is_written_out_and_what_is_seen_stays(given_text, shown):
    assert text.visible(given_text) == shown


@settings(deadline=None)
@given(st.text())
def test_no_control_character_or_bidirectional_mark_is_left(words):
    for shown in (text.visible(words), text.name(words), text.sentence(words)):
        kinds = {unicodedata.category(mark) for mark in shown}
        assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
        assert not {unicodedata.bidirectional(mark) for mark in shown} & {
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        }


def test_a_kept_character_stays():
    assert text.visible("a\nb\x07", keep="\n") == "a\nb\\x07"


@pytest.mark.parametrize("length", [text.NAME, text.NAME + 1, 10_000])
def test_a_name_is_cut_beyond_its_limit_only_and_tells_its_length(length):
    shown = text.name("x" * length)
    assert (shown == "x" * length) == (length <= text.NAME)
    assert length <= text.NAME or f"({length:,} characters)" in shown
    assert len(shown) <= text.NAME + len(" (10,000 characters)")


def test_an_endless_sentence_keeps_its_start_and_its_end():
    shown = text.sentence("It is " + "word " * 2_000 + "at last.")
    assert shown.startswith("It is word")
    assert shown.endswith("at last.")
    assert len(shown) < text.SENTENCE + 10
