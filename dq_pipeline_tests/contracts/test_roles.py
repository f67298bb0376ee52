"""The schemas of the roles, on tables with one planted defect each."""

from __future__ import annotations

import ibis
import pytest

from dq_pipeline.contracts import roles, validate
from dq_pipeline.contracts.references import unmatched_items


def table(**columns):
    return ibis.memtable(columns, schema=dict.fromkeys(columns, "string"))


def broken(schema, data, ids=("item",)):
    return {(r.rule, r.column): (r.failing, r.ids) for r in validate(schema, data, ids=ids).failed}


def test_items_named_twice_or_not_at_all_are_found():
    data = table(item=["a", "b", "b", None])
    assert broken(roles.items_schema(), data) == {
        ("not_null", "item"): (1, ((None,),)),
        ("unique", "item"): (2, (("b",), ("b",))),
    }


def test_an_item_with_an_undeclared_label_is_found_only_when_items_are_labelled():
    data = table(item=["a", "b"], label=["cat", "horse"])
    assert broken(roles.items_schema(label_values=["cat", "dog"]), data) == {}
    found = broken(roles.items_schema(label_values=["cat", "dog"], labelled=True), data)
    assert found == {("isin", "label"): (1, (("b",),))}


@pytest.mark.parametrize("executor", ["native", "fused"])
def test_each_of_an_items_several_labels_is_a_declared_one(executor):
    labels = ["cat", "cat|d.g", " d.g | cat ", "cat|horse", "cat|", "dog", "c|at", None]
    data = table(item=list("abcdefgh"), label=labels)
    for schema in (
        roles.items_schema(label_values=["cat", "d.g"], labelled=True, separator="|"),
        roles.gold_schema(label_values=["cat", "d.g"], separator="|"),
    ):
        failed = {r.rule: r for r in validate(schema, data, ids=("item",), executor=executor).failed}
        assert failed["holds_declared_labels"].ids == (("d",), ("e",), ("f",), ("g",))
        assert failed["not_null"].ids == (("h",),)


def test_annotations_lacking_item_annotator_or_label_are_found():
    data = table(item=[None, "a", "a", "a"], annotator=["x", None, "y", "z"], label=["1", "1", None, "2"])
    found = broken(roles.annotations_schema(label_values=["1"]), data, ids=("item", "annotator"))
    assert found == {
        ("not_null", "item"): (1, ((None, "x"),)),
        ("not_null", "annotator"): (1, (("a", None),)),
        ("not_null", "label"): (1, (("a", "y"),)),
        ("isin", "label"): (1, (("a", "z"),)),
    }


@pytest.mark.parametrize(("policy", "failing"), [("error", 2), ("first", None), ("last", None)])
def test_repeats_fail_only_under_the_policy_error(policy, failing):
    data = table(item=["a", "a", "b"], annotator=["x", "x", "x"], label=["1", "2", "1"])
    found = broken(roles.annotations_schema(repeats=policy), data)
    assert found.get(("unique", "item,annotator"), (None,))[0] == failing


def test_gold_twice_and_a_training_row_of_no_split_are_found():
    gold = table(item=["a", "a"], label=["1", "1"])
    assert broken(roles.gold_schema(), gold) == {("unique", "item"): (2, (("a",), ("a",)))}
    made = table(item=["a", "b"], label=["1", "1"], split=["train", "dev"])
    assert broken(roles.training_set_schema(), made) == {("isin", "split"): (1, (("b",),))}


def test_annotations_of_no_item_are_counted_by_item_and_by_row():
    annotations = table(item=["a", "x", "x", "y", None])
    found = unmatched_items(annotations, table(item=["a", "b", None]), limit=1)
    assert (found.checked, found.unmatched, found.matched, found.rows, found.ids) == (3, 2, 1, 3, ("x",))
    assert sorted(found.failing.to_pyarrow()["item"].to_pylist()) == ["x", "y"]


def test_gold_that_joins_every_item_has_nothing_unmatched():
    found = unmatched_items(table(item=["a"]), table(item=["a", "a", "b"]))
    assert (found.checked, found.unmatched, found.rows, found.ids) == (1, 0, 0, ())


def test_an_empty_table_breaks_nothing():
    data = table(item=[], annotator=[], label=[])
    assert broken(roles.annotations_schema(label_values=["1"], repeats="error"), data) == {}
    assert unmatched_items(data, data).checked == 0
