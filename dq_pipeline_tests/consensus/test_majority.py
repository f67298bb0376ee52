"""Majority: the engine against a plain loop, and what becomes of ties."""

from __future__ import annotations

from collections import Counter
from math import fsum, log

import ibis
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.consensus import write_consensus
from dq_pipeline.consensus.layout import COLUMNS
from dq_pipeline.consensus.majority import majority
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables

VOTES = st.lists(
    st.tuples(st.sampled_from("pqrst"), st.sampled_from(["b", "a", "c", "=1", "nan"])), max_size=60
)
DECLARED = ("c", "a", "b")


def engine(votes, **asked):
    table = ibis.memtable(
        {"item": [item for item, _ in votes], "label": [label for _, label in votes]},
        schema={"item": "string", "label": "string"},
    )
    return {row["item"]: row for row in majority(table, **asked).to_pyarrow().to_pylist()}


def loop(votes, declared, ties):
    """The same in plain Python."""
    order = [*declared, *sorted({label for _, label in votes} - set(declared))]
    rows = {}
    for item in {item for item, _ in votes}:
        counts = Counter(label for voted, label in votes if voted == item)
        ranked = sorted(counts, key=lambda label: (-counts[label], order.index(label)))
        top = [label for label in ranked if counts[label] == counts[ranked[0]]]
        n = counts.total()
        chosen = {
            "abstain": top[0] if len(top) == 1 else None,
            "first_declared": top[0],
            "last_declared": top[-1],
        }
        rows[item] = {
            "item": item,
            "label": chosen[ties],
            "confidence": counts[ranked[0]] / n,
            "entropy": pytest.approx(-fsum(c / n * log(c / n) for c in counts.values()), abs=1e-12),
            "votes": n,
            "tied": len(top) > 1,
            "soft_label": [{"label": label, "probability": counts[label] / n} for label in ranked],
        }
    return rows


@settings(deadline=None, max_examples=20)
@given(
    votes=VOTES,
    declared=st.sampled_from([(), DECLARED]),
    ties=st.sampled_from(["abstain", "first_declared", "last_declared"]),
)
def test_the_engine_counts_as_a_loop_does(votes, declared, ties):
    assert engine(votes, declared=declared, ties=ties) == loop(votes, declared, ties)


@settings(deadline=None, max_examples=20)
@given(votes=VOTES, data=st.data())
def test_the_order_of_votes_says_nothing(votes, data):
    assert engine(data.draw(st.permutations(votes))) == engine(votes)


def written(folder, rows, **spec):
    (folder / "votes.csv").write_text("item,annotator,label\n" + rows)
    asked, _ = spec_from(
        {
            "dataset": "d",
            "annotations": {"table": "votes.csv", "item": "item", "annotator": "annotator", "label": "label"},
            **spec,
        },
        base=folder,
    )
    with Tables(asked) as tables:
        summary = write_consensus(tables, folder / "consensus.parquet")
    return summary, pq.read_table(folder / "consensus.parquet")


ROWS = "b,1,cat\nb,2,dog\na,1,cat\na,2,cat\na,2,dog\na,3,\n,3,cat\nc,1,dog\n"


def test_a_file_holds_the_layout_sorted_by_item_and_its_summary(tmp_path):
    summary, table = written(tmp_path, ROWS)
    assert table.column_names == list(COLUMNS)
    assert [str(kind) for kind in table.schema.types[:6]] == [
        "string",
        "string",
        "double",
        "double",
        "int32",
        "bool",
    ]
    assert table["item"].to_pylist() == ["a", "b", "c"]
    assert table["label"].to_pylist() == ["cat", None, "dog"]
    assert (summary.items, summary.votes, summary.tied, summary.abstained) == (3, 5, 1, 1)
    assert summary.by_label == {"cat": 1, "dog": 1}
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".parquet"] == ["consensus.parquet"]


def test_equal_votes_in_another_order_give_equal_bytes(tmp_path):
    first, _ = written(tmp_path, ROWS)
    again, _ = written(tmp_path, "".join(reversed(ROWS.splitlines(keepends=True))), annotations={
        "table": "votes.csv", "item": "item", "annotator": "annotator", "label": "label", "repeats": "last",
    })  # fmt: skip
    assert first.data_version == again.data_version


def test_repeats_count_once_unless_all_are_asked_for(tmp_path):
    once, _ = written(tmp_path, ROWS)
    every, table = written(tmp_path, ROWS, training_set={"repeats": "all"})
    assert (once.votes, every.votes) == (5, 6)
    assert table["confidence"].to_pylist()[0] == 2 / 3


def test_no_votes_make_an_empty_consensus(tmp_path):
    summary, table = written(tmp_path, "a,1,\n")
    assert (summary.items, table.num_rows, table.column_names) == (0, 0, list(COLUMNS))
