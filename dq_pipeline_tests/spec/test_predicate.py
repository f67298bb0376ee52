"""A predicate says what a row alone can answer, and whatever else it says is refused with what to write."""

from __future__ import annotations

from datetime import datetime

import pytest

from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.spec.errors import RefusedError
from dq_pipeline.spec.predicate import (
    Comparison,
    Either,
    Every,
    IsNull,
    Like,
    Not,
    OneOf,
    columns_of,
    fixed_values,
    parse_predicate,
)

A = Comparison("a", "=", 1)

SAID = [
    ("a = 1", A),
    ("a == 1", A),
    ("(a = 1)", A),
    ("a = 1 -- whatever", A),
    ("1 = a", A),
    ("10 > a", Comparison("a", "<", 10)),
    ("10 <= a", Comparison("a", ">=", 10)),
    ("a <> -2.5", Comparison("a", "!=", -2.5)),
    ("a = 13972909329109139892", Comparison("a", "=", 13972909329109139892)),
    ("a = 'it''s'", Comparison("a", "=", "it's")),
    ('"a b" = 1', Comparison("a b", "=", 1)),
    ("a = true", Comparison("a", "=", value=True)),
    ("a is true", Every((Not(IsNull("a")), Comparison("a", "=", value=True)))),
    ("a between 1 and 2", Every((Comparison("a", ">=", 1), Comparison("a", "<=", 2)))),
    ("a in ('x', 2, -3)", OneOf("a", ("x", 2, -3))),
    ("a not in ('x')", Not(OneOf("a", ("x",)))),
    ("a like 'x%'", Like("a", "x%")),
    ("a ilike 'x%'", Like("a", "x%", fold=True)),
    ("a not like 'x%'", Not(Like("a", "x%"))),
    ("not a not ilike 'x%'", Not(Not(Like("a", "x%", fold=True)))),
    ("a is null", IsNull("a")),
    ("a is not null", Not(IsNull("a"))),
    ("not a = 1 and b = 2", Every((Not(A), Comparison("b", "=", 2)))),
    ("a = 1 or b = 2 and c = 3", Either((A, Every((Comparison("b", "=", 2), Comparison("c", "=", 3)))))),
    ("a >= DATE '2024-05-31'", Comparison("a", ">=", datetime(2024, 5, 31))),  # noqa: DTZ001 - as it was written
    ("a < TIMESTAMP '2024-05-31 12:00'", Comparison("a", "<", datetime(2024, 5, 31, 12))),  # noqa: DTZ001
]

REFUSED = [
    ("", "nothing", "light = 'night'"),
    ("  ", "nothing", "light = 'night'"),
    ("a", "a alone", "a = true"),
    ("true", "TRUE", "compare a column"),
    ("1 = 1", "1 where a column stands", "compare a column"),
    ("a = b", "a column compared with a column", "single quotes: 'b'"),
    ('a = "AP"', '"AP" in double quotes', "single quotes: 'AP'"),
    ("t.a = 1", "a column of a table with a name", "write a"),
    ("a = null", "never true", "IS NULL"),
    ("a + 1 = 2", "a + 1", "compute"),
    ("a = 1 + 1", "1 + 1", "compute"),
    ("a::int = 1", "CAST", "compute"),
    ("a[1] = 1", "a[", "compute"),
    ("lower(a) = 'x'", "a function, LOWER(a)", "compute"),
    ("random() < 0.1", "a function", "compute"),
    ("case when a = 1 then 1 end = 1", "CASE", "compute"),
    ("read_csv('/etc/passwd') = 1", "a function, READ_CSV", "compute"),
    ("read_text('/etc/passwd') = 'x'", "a function, READ_TEXT", "compute"),
    ("a in (select b from 'x.csv')", "a subquery in IN", "list the values"),
    ("a in ()", "IN without a list", "list the values"),
    ("(select 1) = 1", "a subquery", "compute"),
    ("exists(select 1 from read_csv('x'))", "a subquery", "compute"),
    ("a > any(select 1)", "a subquery", "compute"),
    ("a = $1", "$1", "compute"),
    ("a = ?", "?", "compute"),
    ("a similar to 'x'", "SIMILAR", "compute"),
    ("a regexp 'x'", "a function", "compute"),
    ("a like 'x!%' escape '!'", "ESCAPE", "compute"),
    ("a like b", "a column compared with a column", "single quotes"),
    ("a like 1", "LIKE without a text", "single quotes"),
    ("a is distinct from 1", "DISTINCT", "compute"),
    ("a = 'x' || 'y'", "||", "compute"),
    ("a = 'x' collate nocase", "COLLATE", "compute"),
    ("a = interval '1 day'", "INTERVAL", "compute"),
    ("a >= DATE '2024-13-31'", "no date", "DATE '2024-05-31'"),
    ("a = 1e999", "past every number", "1e308"),
    ("a; drop table items", "'drop' where it cannot stand", "AND and OR"),
    ("a = 1; a = 2", "several statements", "compute"),
    ("a between symmetric 2 and 1", "BETWEEN 2 AND 1", "compute"),
    ("a like any ('x%')", "a subquery", "compute"),
    ("a = 1) or (1 = 1", "where it cannot stand", "AND and OR"),
    ("a = 1 union select 1", "where it cannot stand", "AND and OR"),
    ("a = 1 and", "where it cannot stand", "AND and OR"),
    ("a = 'x", "no SQL condition", "AND and OR"),
    ("a xor b", "where it cannot stand", "AND and OR"),
    ("(" * 300 + "a = 1" + ")" * 300, "nested too deeply", "fewer brackets"),
    ("a in (" + ", ".join(["'long'"] * 1000) + ")", "characters", "IN lists"),
]


@pytest.mark.parametrize(("text", "predicate"), SAID, ids=[text for text, _ in SAID])
def test_what_a_row_can_answer_is_read(text, predicate):
    assert parse_predicate(text) == predicate


@pytest.mark.parametrize(("text", "found", "fix"), REFUSED, ids=[text[:40] for text, _, _ in REFUSED])
def test_anything_else_is_refused_with_the_reason_and_what_to_write(text, found, fix):
    with pytest.raises(RefusedError) as refused:
        parse_predicate(text)
    assert found in refused.value.found
    assert fix in refused.value.fix


def test_a_spec_with_such_a_predicate_is_refused_with_its_key():
    case = {"name": "night", "where": "light = night"}
    written = {"dataset": "d", "items": {"table": "t.csv", "id": "id"}, "edge_cases": [case]}
    with pytest.raises(InputError) as refused:
        spec_from(written)
    assert refused.value.who == "spec, edge_cases.0.where"
    assert refused.value.fix == "compare with a value; text stands in single quotes: 'night'"


def test_a_long_chain_is_no_deep_nest():
    predicate = parse_predicate(" or ".join(f"a = {place}" for place in range(300)))
    assert len(predicate.parts) == 300


def test_the_columns_and_the_fixed_values_of_a_predicate_are_told():
    predicate = parse_predicate(
        "light = 'night' and (age < 10 or not wet = true) and (lanes = 2 and light = 'night')"
    )
    assert columns_of(predicate) == ("light", "age", "wet", "lanes")
    assert fixed_values(predicate) == {"light": "night", "lanes": "2"}
    assert fixed_values(parse_predicate("light = 'night' or age < 10")) == {}
