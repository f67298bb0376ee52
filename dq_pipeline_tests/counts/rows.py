"""Random small tables of annotations, and the same as a spec's tables on the engine."""

from __future__ import annotations

import csv
import datetime as dt

from hypothesis import strategies as st

from dq_pipeline.spec import spec_from

HEADER = ("item", "annotator", "label", "at", "version", "seconds")
START = dt.datetime.fromisoformat("2024-02-27")
TIMES = st.one_of(
    st.sampled_from(["", "soon"]),
    st.integers(0, 40 * 24).map(lambda hours: (START + dt.timedelta(hours=hours)).isoformat(sep=" ")),
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["i1", "i2", "i3", "13972909329109139892", ""]),
        st.sampled_from(["ana", "Bo", "bo", "né", ""]),
        st.sampled_from(["cat", "dog", "nan", "", "x,y"]),
        TIMES,
        st.sampled_from(["v1", "v2", ""]),
        st.sampled_from(["1", "2.5", "30", "", "quick"]),
    ),
    max_size=40,
)
GOLD = st.lists(
    st.tuples(st.sampled_from(["i1", "i2", "i9", ""]), st.sampled_from(["cat", "dog", ""])), max_size=5
)


def lay_out(folder, rows, gold=(), repeats="first", **more):
    """Write the tables and give their spec."""
    for name, table in {"annotations": [HEADER, *rows], "gold": [("item", "label"), *gold]}.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(table)
    written = {
        "dataset": "pets",
        "annotations": {
            "table": "annotations.csv",
            "item": "item",
            "annotator": "annotator",
            "label": "label",
            "time": "at",
            "guideline": "version",
            "seconds": "seconds",
            "repeats": repeats,
        },
        "gold": {"table": "gold.csv", "item": "item", "label": "label"},
        **more,
    }
    return spec_from(written, base=folder)[0]


def standing(rows, repeats="first"):
    """The votes that count, by plain Python: (item, annotator) to (label, day or None, version or None)."""
    votes = {}
    for item, annotator, label, at, version, _ in rows:
        if item and annotator and label and (repeats == "last" or (item, annotator) not in votes):
            votes[item, annotator] = (label, day(at), version or None)
    return votes


def day(at):
    """The day of a time since 1970, None where there is none."""
    try:
        return (dt.datetime.fromisoformat(at).date() - dt.date(1970, 1, 1)).days
    except ValueError:
        return None
