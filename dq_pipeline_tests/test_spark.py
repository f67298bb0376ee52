"""Counts, consensus and audits on a real Spark of two workers are those of DuckDB, also when a worker dies."""

from __future__ import annotations

import dataclasses
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import dagster as dg
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from dq_pipeline.audit import Folders, audit
from dq_pipeline.consensus import write_consensus
from dq_pipeline.consensus.reached import Reached
from dq_pipeline.consensus.relabel import Relabel
from dq_pipeline.contracts.forms import FORMS
from dq_pipeline.counts import Contingency, coding, collect
from dq_pipeline.orchestration.build import build_training_data_quality
from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables, write_parquet
from dq_pipeline.tables.engine import connect
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


def test_annotations_alone_are_counted_as_on_duckdb(both, by_loop):
    assert unlike([Contingency("annotations", ("annotator", "label"))], by_loop, *both) == []


DAY = pa.array(["day"])
ROLES = {"table": "annotations.parquet", "item": "id", "annotator": "who", "label": "label"}
FILES = {
    "names that a pattern or an address would change": {
        "a b/é [1]{2}%20#?.parquet": {"id": ["a"], "light": DAY}
    },
    "folders that make columns": {
        "light=day/at=2026-01-01/a.parquet": {"id": ["a", "b"]},
        "light=a%20b/at=2026-01-02/a.parquet": {"light": ["a b"], "id": ["c"]},
    },
    "folders of CSV files": {"light=03/a.csv": {"id": ["a", "b"]}, "light=4/a.csv": {"id": ["c"]}},
    "a file without rows": {
        "a.parquet": {"id": pa.array([], pa.string()), "light": pa.array([], pa.string())},
        "b.parquet": {"id": ["b"], "light": DAY},
    },
    "columns in another order, of another width, and other capitals": {
        "a.parquet": {"id": pa.array([2**40]), "light": DAY},
        "b.parquet": {"light": pa.nulls(1), "id": pa.array([7], pa.int8())},
        "c.parquet": {"Light": DAY, "ID": [8]},
    },
    "several CSV files": {
        "a.csv": {"id": ["a", "b"], "light": ["d", "e"]},
        "b.csv": {"id": ["c"], "light": ["d"]},
    },
    "text and numbers": {
        "a.parquet": {"id": [1], "light": DAY},
        "b.parquet": {"id": ["007"], "light": DAY},
    },
    "a folder that hides what its file holds": {"light=day/a.parquet": {"id": ["a"], "light": ["night"]}},
    "columns that differ in capitals only": {"a.parquet": {"id": ["a"], "Light": DAY, "light": DAY}},
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_files_make_the_table_that_they_make_on_duckdb(cluster, files, tmp_path):
    assert cluster is not None
    for name, columns in files.items():
        (tmp_path / "items" / name).parent.mkdir(parents=True, exist_ok=True)
        write = csv.write_csv if name.endswith(".csv") else pq.write_table
        write(pa.table(columns), tmp_path / "items" / name)
    items = {"table": f"items/**/*{name[-4:]}", "id": "id", "conditions": ["light"]}
    seen = []
    for backend in ("duckdb", "spark"):
        keys = {"dataset": "d", "items": items, "engine": {"backend": backend}}
        try:
            with Tables(spec_from(keys, base=tmp_path)[0]) as tables:
                table = tables["items"]
                rows = table.expr.mutate(told=table.told_places(table.expr.row)).order_by("row")
                seen.append(rows.to_pyarrow().to_pylist())
                assert [row["told"] for row in seen[-1]] == [table.told_place(row["row"]) for row in seen[-1]]
        except InputError as error:
            seen.append(str(error))
    assert seen[0] == seen[1]


def test_what_is_written_holds_every_time_and_byte_in_any_zone(cluster, tmp_path, monkeypatch):
    assert cluster is not None
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    zoned = pa.timestamp("us", "UTC")
    columns = {
        "zoned": pa.array([0, None], zoned),
        "far": pa.array([-(10**17), 10**18], pa.timestamp("us")),
        "nano": pa.array([10**18, None], pa.timestamp("ns")),
        "listed": pa.array([[0], None], pa.list_(zoned)),
        "day": pa.array([-(10**6), None], pa.int32()).cast(pa.date32()),
        "image": [b"\xff", b"a"],
    }
    pq.write_table(pa.table({"id": ["a", "b"], **columns}), tmp_path / "items.parquet")
    written = []
    for backend in ("duckdb", "spark"):
        keys = {
            "dataset": "d",
            "items": {"table": "items.parquet", "id": "id"},
            "engine": {"backend": backend},
        }
        with Tables(spec_from(keys, base=tmp_path)[0]) as tables:
            rows = tables["items"].raw.order_by("id").select(*columns)
            write_parquet(tables.connection, rows, tmp_path / "written.parquet")
        kinds = [
            ("zoned", pa.timestamp("us")),
            ("far", pa.timestamp("us")),
            ("nano", pa.timestamp("us")),
            ("listed", pa.list_(pa.timestamp("us"))),
            ("day", pa.date32()),
            ("image", pa.binary()),
        ]
        written.append(pq.read_table(tmp_path / "written.parquet").cast(pa.schema(kinds)))
    monkeypatch.undo()
    time.tzset()
    assert written[0].equals(written[1])


def test_patterns_mean_what_they_do_on_duckdb(cluster):
    assert cluster is not None
    texts = ["7\n", "7", "\x0b7", " 7 ", "1.0\n", "1.0", "007", "a\\b", "$", "A"]
    seen = []
    for backend in ("duckdb", "spark"):
        spec = spec_from({"dataset": "d", "engine": {"backend": backend}, "annotations": ROLES}, base=Path())[
            0
        ]
        connection, spill = connect(spec)
        column = ibis.memtable(pa.table({"n": range(len(texts)), "t": texts})).order_by("n")
        asked = {f"form{place}": form(column.t) for place, form in enumerate(FORMS.values())}
        asked |= {"number": column.t.re_search("^(7|1[.]0)$"), "any": column.t.re_search(r"(?i)[$\\]|^a$")}
        seen.append(connection.to_pyarrow(column.select(**asked)).to_pylist())
        connection.disconnect()
        spill.close()
    assert seen[0] == seen[1]


def test_a_file_that_spark_passes_over_is_refused(tmp_path, cluster):
    assert cluster is not None
    (tmp_path / "_items.csv").write_text("id\na\n")
    spec, _ = spec_from(
        {"dataset": "d", "items": {"table": "_items.csv", "id": "id"}, "engine": {"backend": "spark"}},
        base=tmp_path,
    )
    with pytest.raises(InputError, match=r"_items\.csv, which Spark passes over"), Tables(spec):
        pass


AFTER_A_KILL = """
import os, signal, sys
from pathlib import Path
from pyspark import SparkContext
from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables, write_parquet
from dq_pipeline.tables.engine import connect

def rows(master, kill=False):
    brief = {"spark.sql.codegen.wholeStage": False, "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    engine = {"backend": "spark", "master": master, "settings": brief}
    keys = {"dataset": "d", "items": {"table": "items.csv", "id": "id"}, "engine": engine}
    try:
        with Tables(spec_from(keys, base=Path(sys.argv[1]))[0]) as tables:
            if kill:
                os.kill(SparkContext._gateway.proc.pid, signal.SIGKILL)
            print(tables["items"].rows)
    except InputError as error:
        print(error.found)

rows("local[no]")
rows("local[1]", kill=True)
rows("local[1]")
"""


def test_a_spark_that_cannot_start_or_is_killed_is_one_error_and_the_next_audit_starts_another(tmp_path):
    if spark.lacking():
        pytest.skip(spark.lacking())
    (tmp_path / "items.csv").write_text("id\na\n")
    ran = subprocess.run(
        [sys.executable, "-c", AFTER_A_KILL, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ran.stdout.splitlines() == [
        "local[no]: Could not parse Master URL: 'local[no]'",
        "a Spark that ended while it counted",
        "1",
    ]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("nowhere", "no such table in Spark's catalog"),
        ("no.such.table", "no such table in Spark's catalog"),
        ("nowhere.json", "no file at 'nowhere.json'"),
        ("v1.metadata.json", "the metadata file of an Iceberg table beside"),
        ("taken.parquet", "a column 'dq_line', the engine's own name"),
        ("clock.parquet", r"a column of a type that Spark does not read, INT64 \(TIME"),
    ],
)
def test_what_spark_cannot_read_is_said(table, says, cluster, tmp_path):
    assert cluster is not None
    pq.write_table(pa.table({"id": ["a"], "dq_line": [1]}), tmp_path / "taken.parquet")
    pq.write_table(pa.table({"id": ["a"], "at": pa.array([0], pa.time64("us"))}), tmp_path / "clock.parquet")
    spec, _ = awkward_tables.spec_of(tmp_path, "spark", items={"table": table, "id": "id"})
    with pytest.raises(InputError, match=says), Tables(spec, ("items",)):
        pass


def test_an_engine_that_is_not_there_is_one_error(tmp_path):
    if spark.lacking():
        pytest.skip(spark.lacking())
    spec, _ = awkward_tables.spec_of(tmp_path, "spark", items={"table": "nowhere.parquet", "id": "id"})
    with pytest.raises(InputError, match=r"nowhere\.parquet"), Tables(spec):
        pass
