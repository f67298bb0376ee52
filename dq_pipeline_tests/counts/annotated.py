"""Tables of annotations written to a file and opened as a user's are, and the votes that count by plain Python."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from dq_pipeline.counts import collect
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables

ITEMS = ["i1", "i2", "i3", "", "13972909329109139892", "93723560864298497951", "é", "e\u0301", "a\nb"]
WHO = ["ana", "ben", "", "Ben", "ÿ", "nan", " ana", "x,y", "😀"]
LABELS = ["a", "b", "", "nan", "NULL", "A", "ß", "1"]


def rows_of(labels=LABELS, most=40):
    """Random annotations with nulls, repeats, empty texts, the text nan and odd letters."""
    return st.lists(
        st.tuples(
            st.sampled_from([*ITEMS, None]), st.sampled_from([*WHO, None]), st.sampled_from([*labels, None])
        ),
        max_size=most,
    )


@contextmanager
def opened(rows, columns=("item", "annotator", "label"), more=None, **spec):
    """The tables of a spec whose annotations are these rows, in a Parquet file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "annotations.parquet"
        arrays = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(columns))]
        pq.write_table(pa.table(arrays, names=list(columns)), path)
        written = {"dataset": "pets", "annotations": {"table": path.name, **{c: c for c in columns}}}
        written["annotations"] |= more or {}
        with Tables(spec_from(json.loads(json.dumps(written | spec)), base=folder)[0]) as tables:
            yield tables


def counted(rows, request, **how):
    """The state of one request over these rows."""
    with opened(rows, **how) as tables:
        return collect(tables, [request])[request]


def summed(request, *states):
    """The state of tables of nominal labels that share no item, from those of each."""
    spec, _ = spec_from({"dataset": "pets", "items": {"table": "items.parquet", "id": "item"}})
    return request.added(spec, [(1, state) for state in states])


def standing(rows, repeats="first"):
    """{item: {annotator: label}} of the votes that count, by plain Python."""
    votes = {}
    for item, who, label, *_ in rows if repeats == "first" else reversed(rows):
        if None not in (item, who, label):
            votes.setdefault(item, {}).setdefault(who, label)
    return votes
