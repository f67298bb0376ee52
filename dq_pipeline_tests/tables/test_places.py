"""A table is the same table wherever it lies: files, an object store, a database, a lake."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HUGE = "18446744073709551629"
ROWS = pa.table(
    {
        "item": [HUGE, "b", "b", "ä"],
        "annotator": ["x", "x", "y", "x"],
        "label": ["cat", "dog", "nan", ""],
        "at": pa.array([4, 1, 2, 3], pa.timestamp("us")),
    }
)
ROLES = {"item": "item", "annotator": "annotator", "label": "label", "time": "at"}


def opened(where: dict[str, Any], base: Path) -> tuple[list[dict[str, Any]], str]:
    """The votes and the data version of annotations that lie somewhere."""
    spec, _ = spec_from({"dataset": "d", "annotations": {**ROLES, **where}}, base=base)
    with Tables(spec) as tables:
        return sorted(
            tables.votes.select("item", "annotator", "label").to_pyarrow().to_pylist(),
            key=lambda row: (row["item"], row["annotator"]),
        ), tables.data_version


@pytest.fixture
def expected(tmp_path: Path) -> list[dict[str, Any]]:
    pq.write_table(ROWS, tmp_path / "local.parquet")
    return opened({"table": "local.parquet"}, tmp_path)[0]


@pytest.fixture
def in_postgres(postgres_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    import psycopg

    with psycopg.connect(postgres_address) as session:
        session.execute("CREATE SCHEMA raw")
        session.execute(
            'CREATE TABLE raw."Votes" (item numeric, annotator char(1), label text, at timestamp, note jsonb)'
        )
        session.execute(
            f"INSERT INTO raw.\"Votes\" VALUES ({HUGE}, 'x', 'cat', '1970-01-01 00:00:04', '{{}}'), (2, 'x', 'dog', '1970-01-01 00:00:01', NULL)"
        )
    monkeypatch.setenv("DQ_TEST_DATABASE", postgres_address)
    return postgres_address


def test_a_table_of_postgres_is_read_whole_and_its_ids_stay_text(in_postgres: str, tmp_path: Path) -> None:
    votes, _ = opened({"table": "raw.Votes", "database": "${DQ_TEST_DATABASE}"}, tmp_path)
    assert in_postgres
    assert votes == [
        {"item": HUGE, "annotator": "x", "label": "cat"},
        {"item": "2", "annotator": "x", "label": "dog"},
    ]


def test_the_data_version_of_a_database_tells_of_content_not_of_order(
    in_postgres: str, tmp_path: Path
) -> None:
    import psycopg

    where = {"query": 'SELECT * FROM raw."Votes";', "database": "${DQ_TEST_DATABASE}"}
    turned = {"query": 'SELECT * FROM raw."Votes" ORDER BY at', "database": "${DQ_TEST_DATABASE}"}
    first = opened(where, tmp_path)
    assert opened(turned, tmp_path) == first
    with psycopg.connect(in_postgres) as session:
        session.execute("UPDATE raw.\"Votes\" SET label = 'owl' WHERE item = 2")
    assert opened(where, tmp_path)[1] != first[1]


def test_a_repeat_in_a_database_is_settled_by_time_in_whatever_order_rows_come(
    in_postgres: str, tmp_path: Path
) -> None:
    import psycopg

    with psycopg.connect(in_postgres) as session:
        session.execute(
            f"INSERT INTO raw.\"Votes\" VALUES ({HUGE}, 'x', 'earlier', '1970-01-01 00:00:03', NULL)"
        )
    where = {"table": "raw.Votes", "database": "${DQ_TEST_DATABASE}"}
    assert opened(where, tmp_path)[0][0]["label"] == "earlier"
    assert opened({**where, "repeats": "last"}, tmp_path)[0][0]["label"] == "cat"


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"table": "raw.votes", "database": "${DQ_TEST_DATABASE}"}, 'relation "raw.votes" does not exist'),
        ({"query": "SELEC 1", "database": "${DQ_TEST_DATABASE}"}, "syntax error"),
        (
            {"query": 'SELECT *, label AS item FROM raw."Votes"', "database": "${DQ_TEST_DATABASE}"},
            "several columns called item",
        ),
        ({"query": "CREATE TABLE t (a int)", "database": "${DQ_TEST_DATABASE}"}, "gives no columns"),
        (
            {
                "query": "SELECT *, CASE WHEN item > 2 THEN ('secret value ' || item)::int END FROM raw.\"Votes\"",
                "database": "${DQ_TEST_DATABASE}",
            },
            'invalid input syntax for type integer: "..."',
        ),
        (
            {"query": "SELECT 'secret value'::int", "database": "${DQ_TEST_DATABASE}"},
            "a value that the query cannot convert",
        ),
        ({"table": "t", "database": "${DQ_NO_SUCH_VARIABLE}"}, "no environment variable DQ_NO_SUCH_VARIABLE"),
        ({"table": "t", "database": "mongodb://host/db"}, "starts with 'mongodb'"),
        ({"table": "t", "database": "${DQ_DOWN}"}, "Connection refused"),
        ({"table": "t", "database": "${DQ_RAW}"}, "a database address whose user or password holds"),
        (
            {
                "table": "t",
                "database": "postgresql://127.0.0.1:1/db?user=walter&keepalives=s3cr&password=${DQ_PW}",
            },
            "keepalives",
        ),
    ],
)
def test_what_a_database_refuses_is_said_without_secrets_or_values(
    in_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: dict[str, str], says: str
) -> None:
    assert in_postgres
    monkeypatch.setenv("DQ_DOWN", "postgresql://walter:s3cr%40t@127.0.0.1:1/db")
    monkeypatch.setenv("DQ_RAW", f"postgresql://walter:s3{'cr'}/et@127.0.0.1:1/db")
    monkeypatch.setenv("DQ_PW", "s3cr")
    with pytest.raises(InputError) as error:
        opened(where, tmp_path)
    assert says in str(error.value)
    for secret in ("s3cr", "walter", "secret value", "Traceback"):
        assert secret not in str(error.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [(one, one) for one in ("p@ss", "a/b", "a?b", "a#b", "a[b]", "50%", "a b", "a:b")] + [("c%40d", "c@d")],
)
def test_a_user_and_password_of_the_environment_may_hold_any_character(
    postgres_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, meant: str
) -> None:
    import psycopg

    user, password = ("dq", written) if ":" in written else (written, "a:b")
    if user != "dq":
        with psycopg.connect(postgres_address) as session:
            session.execute(f'CREATE ROLE "{meant}" LOGIN SUPERUSER')
    monkeypatch.setenv("DQ_USER", user)
    monkeypatch.setenv("DQ_PASSWORD", password)
    where = {
        "query": "SELECT current_user::text AS item, 'x' AS annotator, 'cat' AS label, now() AS at",
        "database": postgres_address.replace("dq@", "${DQ_USER}:${DQ_PASSWORD}@"),
    }
    assert opened(where, tmp_path)[0][0]["item"] == ("dq" if user == "dq" else meant)


def test_what_arrow_has_no_type_for_is_read_as_postgres_writes_it(in_postgres: str, tmp_path: Path) -> None:
    assert in_postgres
    query = """
        SELECT '10.0.0.1'::inet AS item, '<i>Ödem</i>'::xml AS annotator, '1 month'::interval AS label,
               '12.50'::money AS price, ROW(1, 'a') AS pair, '[1,3)'::int4range AS ages, ARRAY['10.0.0.2'::inet] AS hosts,
               '\\x00ff'::bytea AS bytes, 'infinity'::timestamptz AS at, '-infinity'::date AS day -- until when
        ;"""
    roles = {**ROLES, "query": query, "database": "${DQ_TEST_DATABASE}"}
    spec, _ = spec_from({"dataset": "d", "annotations": roles}, base=tmp_path)
    with Tables(spec) as tables:
        (row,) = tables["annotations"].raw.to_pyarrow().to_pylist()
    row.pop("dq_row")
    assert row == {
        "item": "10.0.0.1/32", "annotator": "<i>Ödem</i>", "label": "1 mon", "price": "12.50", "pair": "(1,a)",
        "ages": "[1,3)", "hosts": ["10.0.0.2/32"], "bytes": b"\x00\xff", "at": None, "day": None,
    }  # fmt: skip


def test_a_password_in_a_spec_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without a password in the file") as error:
        opened({"table": "t", "database": "postgresql://ana:hunter2@host/db"}, tmp_path)
    assert "hunter2" not in str(error.value)


def test_a_table_of_sqlite_is_read(expected: list[dict[str, Any]], tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "votes.db") as session:
        session.execute("CREATE TABLE votes (item TEXT, annotator TEXT, label TEXT, at TEXT)")
        rows = [tuple(map(str, row.values())) for row in ROWS.to_pylist()]
        session.executemany("INSERT INTO votes VALUES (?, ?, ?, ?)", rows)
    session.close()
    where = {"table": "votes", "database": f"sqlite:///{tmp_path / 'votes.db'}"}
    assert opened(where, tmp_path)[0] == expected


@pytest.fixture(scope="module")
def store() -> Iterator[Any]:
    """A bucket of a real server that speaks S3, its address and keys in the environment."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        environment.setenv("AWS_ACCESS_KEY_ID", "key")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        import s3fs

        files = s3fs.S3FileSystem()
        files.mkdir("bucket")
        yield files
        s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def test_parquet_files_in_an_object_store_are_read_in_place(
    store: Any, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    for part, start in (("a", 0), ("b", 2)):
        with store.open(f"bucket/parts/{part}.parquet", "wb") as file:
            pq.write_table(ROWS.slice(start, 2), file)
    first = opened({"table": "s3://bucket/parts/*.parquet"}, tmp_path)
    assert first[0] == expected
    with store.open("bucket/parts/b.parquet", "wb") as file:
        pq.write_table(ROWS.slice(2, 1), file)
    assert opened({"table": "s3://bucket/parts/*.parquet"}, tmp_path)[1] != first[1]


def test_a_gzipped_csv_in_an_object_store_is_read(
    store: Any, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    with (
        store.open("bucket/votes.csv.gz", "wb") as file,
        pa.output_stream(file, compression="gzip") as zipped,
    ):
        csv.write_csv(ROWS, zipped)
    # An empty text in a CSV is a missing value.
    assert opened({"table": "s3://bucket/votes.csv.gz"}, tmp_path)[0] == expected[:3]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("s3://bucket/none.parquet", "no file at"),
        ("s3://bucket/none/*.parquet", "no file at"),
        ("s3://bucket/folder", "is a folder"),
        ("nosuch://bucket/a.parquet", "expected: "),
    ],
)
def test_what_an_object_store_does_not_have_is_said(
    store: Any, tmp_path: Path, table: str, says: str
) -> None:
    with store.open("bucket/folder/a.parquet", "wb") as file:
        pq.write_table(ROWS, file)
    with pytest.raises(InputError) as error:
        opened({"table": table}, tmp_path)
    assert says in str(error.value)


def test_a_delta_table_is_read_at_its_newest_version(expected: list[dict[str, Any]], tmp_path: Path) -> None:
    from deltalake import write_deltalake

    write_deltalake(str(tmp_path / "lake"), ROWS.slice(0, 2))
    before = opened({"table": "lake"}, tmp_path)
    write_deltalake(str(tmp_path / "lake"), ROWS.slice(2), mode="append")
    votes, version = opened({"table": "lake"}, tmp_path)
    assert votes == expected
    assert version != before[1]


def test_a_delta_table_that_lacks_a_file_is_one_error(tmp_path: Path) -> None:
    from deltalake import write_deltalake

    write_deltalake(str(tmp_path / "lake"), ROWS)
    next((tmp_path / "lake").glob("*.parquet")).unlink()
    with pytest.raises(InputError, match="the reader of its rows failed"):
        opened({"table": "lake"}, tmp_path)


def test_an_iceberg_table_is_read_by_its_metadata_file(
    expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog("c", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/lake")
    catalog.create_namespace("n")
    table = catalog.create_table("n.votes", schema=ROWS.schema)
    table.append(ROWS)
    metadata = table.metadata_location.removeprefix("file://")
    assert opened({"table": metadata}, tmp_path)[0] == expected
    catalog.close()
