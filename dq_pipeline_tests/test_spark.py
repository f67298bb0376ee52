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

from dq_pipeline.audit import audit
from dq_pipeline.consensus import write_consensus
from dq_pipeline.consensus.reached import Reached
from dq_pipeline.consensus.relabel import Relabel
from dq_pipeline.counts import Cells, coding, collect
from dq_pipeline.spec import InputError
from dq_pipeline.tables import Tables
from dq_pipeline_tests import awkward_tables, spark
from dq_pipeline_tests.counts.every_request import ITEMS_ALONE, OF_ITEMS, OF_MANY, REQUESTS
from dq_pipeline_tests.counts.oracles import MANY

# pyspark leaves the sockets open that bring results to the driver.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
CONSENSUS = [Reached("majority"), Reached("dawid_skene"), Relabel("majority", 20, ("src", "age"))]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    if lacking := spark.lacking():
        pytest.skip(lacking)
    with spark.cluster(tmp_path_factory.mktemp("spark")) as session:
        yield session
    gc.collect()  # what pyspark leaves open is closed here, while it is not counted against a test


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The awkward tables; of this seed Dawid-Skene settles in 13 steps."""
    folder = tmp_path_factory.mktemp("tables")
    awkward_tables.write(folder, seed=1, items=20)
    return folder


@pytest.fixture(scope="module")
def both(cluster, folder):
    """The same tables opened on DuckDB and on Spark, so that what one test counted serves the next."""
    assert cluster is not None
    with (
        Tables(awkward_tables.spec_of(folder, "duckdb")[0]) as here,
        Tables(awkward_tables.spec_of(folder, "spark")[0]) as there,
    ):
        yield here, there


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


def differing(requests, here, there):
    ours, theirs = collect(here, requests), collect(there, requests)
    return [one for one in requests if plain(ours[one]) != plain(theirs[one])]


def test_every_count_is_that_of_duckdb_and_so_of_a_plain_loop(both):
    # counts/test_every_count.py holds DuckDB's to plain loops, over these very tables too.
    here, there = both
    assert [table.rows for table in here] == [table.rows for table in there]
    assert differing([*REQUESTS, *CONSENSUS], here, there) == []


def test_profiles_of_many_values_are_those_of_duckdb(both, monkeypatch):
    monkeypatch.setattr(coding, "VALUES", MANY)
    assert differing(OF_MANY, *both) == []


def test_a_sample_of_features_is_of_the_same_items(cluster, folder):
    assert cluster is not None
    with (
        Tables(awkward_tables.spec_of(folder, "duckdb", **ITEMS_ALONE)[0]) as here,
        Tables(awkward_tables.spec_of(folder, "spark", **ITEMS_ALONE)[0]) as there,
    ):
        assert differing(OF_ITEMS, here, there) == []


@pytest.mark.parametrize("method", ["majority", "dawid_skene"])
def test_the_consensus_is_that_of_duckdb(both, method, tmp_path, monkeypatch):
    rows = []
    for tables in both:
        asked = tables.spec.training_set.model_copy(update={"consensus": method})
        monkeypatch.setattr(tables, "spec", tables.spec.model_copy(update={"training_set": asked}))
        write_consensus(tables, tmp_path / "consensus.parquet")
        rows.append(pq.read_table(tmp_path / "consensus.parquet").to_pylist())
    assert len(rows[0]) > 20
    for ours, theirs in zip(*rows, strict=True):
        assert plain(ours) == plain(theirs)


def test_an_audit_is_that_of_duckdb_also_when_a_worker_dies_in_the_middle(cluster, folder, tmp_path):
    assert cluster is not None
    here = audit(*awkward_tables.spec_of(folder, "duckdb"), rows_to=tmp_path)
    before = spark.executors()
    assert len(before) == 2

    def kill():
        time.sleep(3)
        os.kill(before[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    there = audit(*awkward_tables.spec_of(folder, "spark"), rows_to=tmp_path)
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


def test_an_engine_that_is_not_there_is_one_error(tmp_path):
    if spark.lacking():
        pytest.skip(spark.lacking())
    spec, _ = awkward_tables.spec_of(tmp_path, "spark", items={"table": "nowhere.parquet", "id": "id"})
    with pytest.raises(InputError, match=r"nowhere\.parquet"), Tables(spec):
        pass
