"""Counts, consensus and audits on a real Spark of two workers are those of DuckDB, also when a worker dies."""

from __future__ import annotations

import dataclasses
import gc
import os
import signal
import threading
import time

import dagster as dg
import numpy as np
import pyarrow.parquet as pq
import pytest

from dq_pipeline.audit import Folders, audit
from dq_pipeline.consensus import write_consensus
from dq_pipeline.consensus.reached import Reached
from dq_pipeline.consensus.relabel import Relabel
from dq_pipeline.counts import coding, collect
from dq_pipeline.orchestration.build import build_training_data_quality
from dq_pipeline.spec import InputError
from dq_pipeline.tables import Tables
from dq_pipeline_tests import awkward_tables, spark
from dq_pipeline_tests.counts.every_request import ITEMS_ALONE, OF_ITEMS, OF_MANY, REQUESTS
from dq_pipeline_tests.counts.oracles import MANY, ORACLES
from dq_pipeline_tests.counts.plain_tables import PlainTables

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
def by_loop(folder):
    """The same as plain Python reads them."""
    return PlainTables({path.stem: pq.read_table(path) for path in folder.glob("*.parquet")})


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
    if dataclasses.is_dataclass(state):
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


def unlike(requests, by_loop, *both):
    """The requests whose states on DuckDB, on Spark and by a plain loop are not all one."""
    counted = [collect(tables, requests) for tables in both]
    found = []
    for request in requests:
        loop, told = ORACLES[type(request)]
        ours, theirs = (told(states[request]) for states in counted)
        if not ours == theirs == loop(by_loop, request):
            found.append(request)
    return found


def test_every_count_is_that_of_duckdb_and_of_a_plain_loop(both, by_loop):
    here, there = both
    assert [table.rows for table in here] == [table.rows for table in there]
    assert unlike(REQUESTS, by_loop, here, there) == []


def test_profiles_of_many_values_are_those_of_duckdb_and_of_a_plain_loop(both, by_loop, monkeypatch):
    monkeypatch.setattr(coding, "VALUES", MANY)
    assert unlike(OF_MANY, by_loop, *both) == []


def test_a_sample_of_features_is_of_the_same_items(cluster, folder, by_loop):
    assert cluster is not None
    with (
        Tables(awkward_tables.spec_of(folder, "duckdb", **ITEMS_ALONE)[0]) as here,
        Tables(awkward_tables.spec_of(folder, "spark", **ITEMS_ALONE)[0]) as there,
    ):
        assert unlike(OF_ITEMS, by_loop, here, there) == []


def test_what_consensus_comes_to_is_that_of_duckdb(both):
    ours, theirs = (collect(tables, CONSENSUS) for tables in both)
    assert [one for one in CONSENSUS if plain(ours[one]) != plain(theirs[one])] == []


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
    items = {
        "table": "items.parquet",
        "id": "id",
        "source": "src",
        "conditions": ["light"],
        "content": ["said"],
    }
    few = {"items": items, **dict.fromkeys(("production", "calibration", "edge_cases"))}
    here = audit(*awkward_tables.spec_of(folder, "duckdb", **few), folders=Folders(tmp_path))
    before = spark.executors()
    assert len(before) == 2

    def kill():
        time.sleep(3)
        os.kill(before[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    there = audit(*awkward_tables.spec_of(folder, "spark", **few), folders=Folders(tmp_path))
    killer.join()
    assert before[0] not in spark.executors()
    estimates = [
        {(row.family, row.measure, row.table, row.by, row.key): row.estimate for row in one.measures}
        for one in (here, there)
    ]
    assert estimates[0].keys() == estimates[1].keys()
    for key, ours in estimates[0].items():
        theirs = estimates[1][key]
        assert (ours.n, ours.status) == (theirs.n, theirs.status), key
        for end in ("value", "low", "high"):
            one, other = getattr(ours, end), getattr(theirs, end)
            assert one == other or other == pytest.approx(one, rel=1e-9), key
    assert [(one.check, one.verdict) for one in here.verdicts] == [
        (one.check, one.verdict) for one in there.verdicts
    ]


class Theirs:
    """A team's own resource with a session, as dagster-pyspark's is."""

    def __init__(self, session):
        self._session, self.asked = session, 0

    @property
    def spark_session(self):
        self.asked += 1
        return self._session


def test_dagsters_steps_count_in_the_session_of_a_resource(cluster, folder, tmp_path):
    theirs = Theirs(cluster)
    roles = {"table": "annotations.parquet", "item": "id", "annotator": "who", "label": "label"}
    written = {"dataset": "awkward", "annotations": roles, "engine": {"backend": "spark"}}
    defs = build_training_data_quality(written, base=folder, output=tmp_path, spark_session="spark")
    assets = [one for one in defs.assets if one.key.path[-1] in {"annotations", "consensus"}]
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize(assets, resources={"spark": theirs}, instance=instance)
    assert run.success
    assert theirs.asked == len(assets) == 2
    with Tables(
        awkward_tables.spec_of(folder, items=None, gold=None, production=None, edge_cases=None)[0]
    ) as here:
        ours = write_consensus(here, tmp_path / "ours.parquet")
    made = run.asset_materializations_for_node("awkward__consensus")[0]
    assert made.metadata["dagster/row_count"].value == ours.items
    assert (
        pq.read_table(tmp_path / "consensus.parquet")["label"].to_pylist()
        == pq.read_table(tmp_path / "ours.parquet")["label"].to_pylist()
    )


def test_a_resource_for_another_engine_is_refused(folder):
    written = {"dataset": "d", "annotations": {"table": "a.csv", "item": "i", "annotator": "a", "label": "l"}}
    with pytest.raises(InputError, match=r"`spark_session: spark` beside `backend: duckdb`"):
        build_training_data_quality(written, base=folder, spark_session="spark")


def test_an_engine_that_is_not_there_is_one_error(tmp_path):
    if spark.lacking():
        pytest.skip(spark.lacking())
    spec, _ = awkward_tables.spec_of(tmp_path, "spark", items={"table": "nowhere.parquet", "id": "id"})
    with pytest.raises(InputError, match=r"nowhere\.parquet"), Tables(spec):
        pass
