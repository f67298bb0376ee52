"""Records as JSON: the error gives the command that makes a table of them, which keeps ids as they are written."""

import gzip
import subprocess
import sys

import pytest

from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables

LINES = '{"id": "007", "site": "it\'s"}\n{"id": "13972909329109139892", "site": null}\n'


@pytest.mark.parametrize("name", ["it's a.jsonl", "a.ndjson", "a.jsonl.gz", "a.json"])
def test_json_records_are_read_after_the_command_that_the_error_gives(name, tmp_path):
    text = LINES if name != "a.json" else f"[{LINES.strip().replace(chr(10), ',')}]"
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())

    def spec(table):
        return spec_from(
            {"dataset": "d", "items": {"table": table, "id": "id", "source": "site"}}, base=tmp_path
        )[0]

    with pytest.raises(InputError, match="JSON") as raised:
        Tables(spec(name))
    tools, _, command = raised.value.fix.rpartition("python -c ")
    assert ("format: label_studio" in tools) == (name == "a.json")
    line = f"{sys.executable} -c {command.removesuffix(', and name the Parquet file')}"
    subprocess.run(line, shell=True, check=True)  # noqa: S602 - what a user pastes
    with Tables(spec(f"{name.partition('.')[0]}.parquet")) as tables:
        rows = tables["items"].expr.order_by("row").to_pyarrow().to_pylist()
    assert [(row["item"], row["source"]) for row in rows] == [("007", "it's"), ("13972909329109139892", None)]
