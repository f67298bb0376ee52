"""Counts, consensus and audits on a real Spark of two workers are those of DuckDB, also when a worker dies."""

from __future__ import annotations

import dataclasses
import gc
import os
import signal
import threading
import time

import numpy as np
import pyarrow.parquet as pq
import pytest

from dq_pipeline import counts
from dq_pipeline.audit import audit
from dq_pipeline.consensus import write_consensus
from dq_pipeline.consensus.reached import Reached
from dq_pipeline.consensus.relabel import Relabel
from dq_pipeline.counts import (
    Activity,
    Cells,
    Comparisons,
    ContentSample,
    Contingency,
    DomainSample,
    Duplicates,
    EdgeCaseCounts,
    FeatureSample,
    GoldConfusion,
    GoldVotes,
    Gram,
    GroupedItems,
    GroupedPatterns,
    LabelLeaks,
    Newest,
    Part,
    Patterns,
    Profiles,
    Repeats,
    Representation,
    Seconds,
    Sessions,
    SlicedPatterns,
    SpeedOnGold,
    SplitGroups,
    collect,
)
from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables
from dq_pipeline_tests import awkward_tables, spark

# pyspark leaves the sockets open that bring results to the driver.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
REQUESTS = [
    Activity(),
    Comparisons("peers"),
    Comparisons("gold", 30),
    ContentSample("said", 5),
    Contingency("items", ()),
    Contingency("items", ("light", "age", "size", "time")),
    Contingency("items", ("source", "split")),
    Contingency("production", ("label", "time")),
    Contingency("annotations", ("annotator", "label", "split")),
    DomainSample(Part("items"), Part("production"), ("light", "age")),
    Duplicates(("said", "src")),
    EdgeCaseCounts(True),
    EdgeCaseCounts(False),
    GoldConfusion(),
    GoldVotes(),
    Gram(),
    GroupedItems(Patterns()),
    GroupedPatterns(Patterns()),
    LabelLeaks(),
    Newest("items"),
    Newest("annotations"),
    Patterns(),
    Patterns(("cat", "dog"), "ordinal"),
    Profiles("annotations", "annotator", "label"),
    Reached("majority"),
    Reached("dawid_skene"),
    Relabel("majority", 20, ("src", "age")),
    Repeats(),
    Representation(Part("items"), Part("production"), ("light", "age", "size"), 2, 0.02, 3),
    Seconds(),
    Sessions(),
    SlicedPatterns(Patterns(), ("light",)),
    SlicedPatterns(Patterns(), ("guideline", "age")),
    SpeedOnGold(),
    SplitGroups(),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    if lacking := spark.lacking():
        pytest.skip(lacking)
    with spark.cluster(tmp_path_factory.mktemp("spark")) as session:
        yield session
    gc.collect()  # what pyspark leaves open is closed here, while it is not counted against a test


@pytest.fixture
def specs(tmp_path):
    """The same awkward dataset for DuckDB and for Spark."""
    written = awkward_tables.write(tmp_path, seed=1, items=30)

    def of(backend, **more):
        keys = {**written, **more, "engine": {"backend": backend}}
        return spec_from({key: value for key, value in keys.items() if value is not None}, base=tmp_path)

    return of


def plain(state):
    """A state as values that compare; of what is a set of rows, the rows in an order of their own."""
    if hasattr(state, "toarray"):
        state = state.toarray()
    if isinstance(state, np.ndarray):
        state = state.tolist()
    if isinstance(state, Cells):
        state = (sorted(zip(map(repr, state.keys), state.counts.tolist(), strict=True)), state.tails)
    elif dataclasses.is_dataclass(state):
        state = _rows_sorted(
            {one.name: getattr(state, one.name) for one in dataclasses.fields(state) if one.compare}
        )
    if isinstance(state, dict):
        return {str(key): plain(one) for key, one in state.items()}
    if isinstance(state, list | tuple):
        return [plain(one) for one in state]
    return repr(round(state, 12)) if isinstance(state, float) else state


def _rows_sorted(fields):
    """Fields of which several arrays of one length are the columns of a table: an engine promises no order of its rows."""
    fields = {name: one.toarray() if hasattr(one, "toarray") else one for name, one in fields.items()}
    arrays = [one for one in fields.values() if isinstance(one, np.ndarray) and one.ndim]
    if len(arrays) < 2 or len({len(one) for one in arrays}) > 1:
        return fields
    columns = {
        name: one
        for name, one in fields.items()
        if isinstance(one, np.ndarray | tuple) and np.ndim(one) and len(one) == len(arrays[0])
    }
    rows = sorted(zip(*([repr(row) for row in plain(one)] for one in columns.values()), strict=True))
    return {name: one for name, one in fields.items() if name not in columns} | {"rows": rows}


def test_every_kind_of_count_is_asked_for_here():
    kinds = {name for name in counts.__all__ if hasattr(getattr(counts, name), "count_all")} - {"Request"}
    assert kinds == {type(one).__name__ for one in REQUESTS} - {"Reached", "Relabel"} | {"FeatureSample"}


def test_every_count_is_that_of_duckdb(cluster, specs):
    assert cluster is not None
    with Tables(specs("duckdb")[0]) as here, Tables(specs("spark")[0]) as there:
        assert [table.rows for table in here] == [table.rows for table in there]
        ours, theirs = collect(here, REQUESTS), collect(there, REQUESTS)
    assert [one for one in REQUESTS if plain(ours[one]) != plain(theirs[one])] == []


def test_a_sample_of_features_is_of_the_same_items(cluster, specs):
    assert cluster is not None
    items = {"table": "items.parquet", "id": "id", "source": "src", "label": "light", "group": "grp"}
    alone = {
        "items": items,
        **dict.fromkeys(("annotations", "gold", "production", "calibration", "edge_cases")),
    }
    request = FeatureSample(("age", "big"), 20, 7)
    with Tables(specs("duckdb", **alone)[0]) as here, Tables(specs("spark", **alone)[0]) as there:
        ours, theirs = collect(here, [request])[request], collect(there, [request])[request]
    assert len(ours.labels) == 20
    assert (ours.labels, ours.sources, ours.groups) == (theirs.labels, theirs.sources, theirs.groups)
    np.testing.assert_array_equal(ours.features, theirs.features)


@pytest.mark.parametrize("method", ["majority", "dawid_skene"])
def test_the_consensus_is_that_of_duckdb(cluster, specs, method, tmp_path):
    assert cluster is not None
    rows = {}
    for backend in ("duckdb", "spark"):
        with Tables(specs(backend, training_set={"consensus": method})[0]) as tables:
            write_consensus(tables, tmp_path / f"{backend}.parquet")
        rows[backend] = pq.read_table(tmp_path / f"{backend}.parquet").to_pylist()
    assert len(rows["spark"]) > 30
    for ours, theirs in zip(rows["duckdb"], rows["spark"], strict=True):
        assert plain(ours) == plain(theirs)


def test_an_audit_is_that_of_duckdb_also_when_a_worker_dies_in_the_middle(cluster, specs, tmp_path):
    assert cluster is not None
    here = audit(*specs("duckdb"), rows_to=tmp_path)
    before = spark.executors()
    assert len(before) == 2

    def kill():
        time.sleep(3)
        os.kill(before[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    there = audit(*specs("spark"), rows_to=tmp_path)
    killer.join()
    assert before[0] not in spark.executors()
    estimates = [
        {(row.family, row.measure, row.table, row.by, row.key): row.estimate for row in one.measures}
        for one in (here, there)
    ]
    assert estimates[0].keys() == estimates[1].keys()
    of_the_clock = {"production_age"}
    for key, ours in estimates[0].items():
        if key[1] in of_the_clock:
            continue
        theirs = estimates[1][key]
        assert (ours.n, ours.status) == (theirs.n, theirs.status), key
        for end in ("value", "low", "high"):
            one, other = getattr(ours, end), getattr(theirs, end)
            assert one == other or other == pytest.approx(one, rel=1e-9), key
    assert [(one.check, one.verdict) for one in here.verdicts] == [
        (one.check, one.verdict) for one in there.verdicts
    ]


def test_an_engine_that_is_not_there_is_one_error(specs):
    if spark.lacking():
        pytest.skip(spark.lacking())
    spec, _ = specs("spark", items={"table": "nowhere.parquet", "id": "id"})
    with pytest.raises(InputError, match=r"nowhere\.parquet"), Tables(spec):
        pass
