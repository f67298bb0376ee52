"""What an audit leaves behind: files that users script against, each whole or not there."""

from __future__ import annotations

import csv
import errno
import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.families.collection import plan_handout
from dq_pipeline.families.handout import Document
from dq_pipeline.families.proposals import proposals_handout
from dq_pipeline.measures.table import to_arrow
from dq_pipeline.spec import InputError
from dq_pipeline.tables import UNFINISHED, whole
from dq_pipeline.tables.spreadsheet import to_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq_pipeline.audit.run import Audit
    from dq_pipeline.families.handout import Handout

STATES = ".states"
"""The folder beside the results in which the counts of parts of tables are kept."""
LOCK = ".lock"
"""The file that an audit holds while it writes to a folder."""


def verdicts_of(audit: Audit) -> dict[str, Any]:
    """What verdicts.json holds."""
    return {
        "dataset": audit.spec.dataset,
        "verdict": audit.verdict,
        "data_version": audit.data_version,
        "checks": [verdict.as_dict() for verdict in audit.verdicts],
    }


@contextmanager
def ready(folder: Path) -> Iterator[None]:
    """Hold the folder, made where it is not there and without what a killed audit left unfinished in it.

    Raises:
        InputError: It is a file, cannot be written, another audit writes to it, or its disk is full by now.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, Timeout) as error:
        held = isinstance(error, Timeout)
        raise InputError(
            f"--output {folder}",
            found="another audit is writing there"
            if held
            else getattr(error, "strerror", None) or str(error),
            expected="a folder to write to",
            fix="wait for it, or name another folder" if held else "name another folder",
        ) from error
    try:
        for left in folder.glob(f"{UNFINISHED}*"):
            left.unlink(missing_ok=True)
        yield
    except OSError as error:
        if not _is_of_writing(error, folder):
            raise
        at = f"{Path(error.filename).name}: " if error.filename else ""
        raise InputError(
            f"--output {folder}",
            found=at + (error.strerror or str(error)),
            expected="room for the results, and the right to write each of them",
            fix="make room there, or name another folder",
        ) from error
    finally:
        # Its file stays: who had opened it before it was unlinked would hold a lock that nobody else sees.
        lock.release()


def _is_of_writing(error: OSError, folder: Path) -> bool:
    """Whether a disk is full or cannot be written, or a file of the folder was meant."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
    if error.filename is None:
        return full or str(folder) in str(error)
    return full or folder in Path(error.filename).parents


def write(audit: Audit, folder: Path) -> None:
    """Write the measures, verdicts, suite, timings and work to hand out into a folder that is ready."""
    import pyarrow.parquet as pq

    with whole(folder / "measures.parquet") as file:
        pq.write_table(to_arrow(audit.measures), file)
    documents = {
        "verdicts.json": verdicts_of(audit),
        "suite.json": audit.suite,
        "suite_result.json": audit.result,
        "collect.json": plan_of(audit),
        "timings.json": audit.timings.as_dict(),
        **({"training_set.json": audit.built.as_dict()} if audit.built is not None else {}),
    }
    for name, document in documents.items():
        write_json(folder / name, document)
    for work in (*audit.handouts, plan_handout(audit.plan), proposals_handout(audit.proposed)):
        hand_out(work, folder)
    _write_proposed(audit, folder / "edge_cases_proposed.yaml")


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document, whole or not at all."""
    with whole(path) as file:
        file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_proposed(audit: Audit, path: Path) -> None:
    """The proposed edge cases as a spec takes them; without any, take away those of an earlier audit."""
    if not audit.proposed:
        path.unlink(missing_ok=True)
        return
    import yaml

    written = {"edge_cases": [one.as_dict() for one in audit.proposed]}
    with whole(path) as file:
        file.write_text(
            yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=1000), encoding="utf-8"
        )


def plan_of(audit: Audit) -> dict[str, Any]:
    """What collect.json holds: the rows to collect, most first."""
    return {
        "dataset": audit.spec.dataset,
        "data_version": audit.data_version,
        "rows": sum(line.rows for line in audit.plan),
        "lines": [line.as_dict() for line in audit.plan],
    }


def hand_out(handout: Handout | Document, folder: Path) -> None:
    """Write a file of work to hand out; without rows, take away that of an earlier audit."""
    if not (handout.content if isinstance(handout, Document) else handout.rows):
        (folder / handout.file).unlink(missing_ok=True)
        return
    if isinstance(handout, Document):
        write_json(folder / handout.file, handout.content)
        return
    with (
        whole(folder / handout.file) as unfinished,
        unfinished.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow([_cell(column) for column in handout.columns])
        writer.writerows([_cell(cell) for cell in row] for row in handout.rows)


def _cell(cell: str | float | None) -> str | float | None:
    return to_cell(cell) if isinstance(cell, str) else cell
