"""A translated pattern accepts in DuckDB exactly the texts that Python's re accepts."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dq_pipeline.contracts.regex import to_re2

ATOMS = ["a", "b", ".", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", "[ab]", "[^a]", r"[\w-]", r"[^\d]", "[]a]", r"\.", "^", "$", "é", "-", r"\n", "(?:a|b)", "(b)", r"[\]a]", "|", r"\t", r"[\s]"]  # fmt: skip
PATTERNS = st.lists(
    st.tuples(st.sampled_from(ATOMS), st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}"])), max_size=5
)
TEXTS = st.text(alphabet="abé-. \n\t٣3_]Ω中\u00a0\x1c", max_size=6)


def accepts(pattern, text):
    return duckdb.execute("select regexp_matches(?, ?)", [text, pattern]).fetchone()[0]


@settings(max_examples=400, deadline=None)
@given(parts=PATTERNS, text=TEXTS, whole_start=st.booleans(), ignore_case=st.booleans())
def test_duckdb_and_python_agree_on_every_text(parts, text, whole_start, ignore_case):
    pattern = "".join(atom + ("" if atom in "^$|" else times) for atom, times in parts)
    try:
        compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except re.error:
        assume(False)
    translated = to_re2(compiled, whole_start=whole_start)
    assert translated is not None
    found = compiled.match(text) if whole_start else compiled.search(text)
    assert accepts(translated, text) is (found is not None)


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)", "(?!a)", "(?<=a)b", "(?P=x)", r"(a)\1", r"\bdog", "(?>a)", "a{,3}", "a*+", "(?i:a)", "[[a]", r"[\W]",
        "a{2000}", "(?x) a", "[a&&b]", r"\u0041", "(", "[",
    ],
)  # fmt: skip
def test_what_re2_lacks_is_not_translated(pattern):
    assert to_re2(pattern, whole_start=True) is None


def test_a_named_group_and_a_compiled_pattern_are_translated():
    assert accepts(to_re2("(?P<x>cat)$", whole_start=True), "cat\n")
    assert accepts(to_re2(re.compile("CAT", re.IGNORECASE), whole_start=False), "a cat")
    assert to_re2(re.compile("a.b", re.DOTALL), whole_start=False) is None
