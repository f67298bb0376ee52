"""What the audits of one Dagster run leave behind: one folder a run, of which a bounded number is kept, and `latest`."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dq_pipeline.audit import Audit, keep_part, merged, read_part, report_audit, write
from dq_pipeline.families.family import Family
from dq_pipeline.tables import UNFINISHED
from dq_pipeline.tables.scratch import Scratch

RUNS, LATEST, PARTS = "runs", "latest", ".parts"
WRITING = ".writing-"
"""How the names of folders start that a run writes in."""
KEPT = 30
"""Folders of earlier runs that stay: a month of nights."""


@contextmanager
def unfinished(output: Path) -> Iterator[Path]:
    """A folder for files that are moved to their place when they are done.

    It is gone at the end; what killed runs left is taken away at the beginning, what others are writing stays.

    Args:
        output: The dataset's folder, made where it is not there.
    """
    output.mkdir(parents=True, exist_ok=True)
    with closing(Scratch(str(output), WRITING, "output")) as made:
        yield made.path


@dataclass(frozen=True)
class RunOutputs:
    """The folder of one run of one dataset, which the checks of several assets fill, perhaps in several processes.

    Attributes:
        output: The dataset's folder.
        run_id: Dagster's run id.
    """

    output: Path
    run_id: str

    @property
    def folder(self) -> Path:
        """Where the run's files lie; made when it is first asked for."""
        folder = self.output / RUNS / self.run_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def add(self, asset: str, audit: Audit, families: Sequence[Family[Any]]) -> Audit:
        """Keep the audit of one asset, and write that of the run so far, which `latest` then names.

        Returns:
            The audit of the run so far.
        """
        parts = self.folder / PARTS
        with self._alone():
            self._sweep()
            keep_part(audit, parts / asset)
            others = sorted(path for path in parts.iterdir() if path.name != asset)
            so_far = merged([*(read_part(path, audit.spec) for path in others), audit], families)
            write(so_far, self.folder)
            report_audit(so_far, self.folder, run=self.run_id, nights=self.output)
            self._point_latest()
            self._let_go()
        return so_far

    def take(self, room: Path) -> None:
        """Move files that are done to the run's folder."""
        for file in room.iterdir():
            file.replace(self.folder / file.name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time; the lock is the operating system's, so that a killed run leaves none behind."""
        from filelock import FileLock

        with FileLock(self.output / ".lock"):
            yield

    def _point_latest(self) -> None:
        """Let `latest` name this run's folder in one step: a link, or a copy where the system allows no links."""
        latest, beside = self.output / LATEST, self.output / f".{LATEST}-{os.getpid()}"
        try:
            beside.symlink_to(Path(RUNS) / self.run_id, target_is_directory=True)
        except OSError:
            shutil.rmtree(latest, ignore_errors=True)
            shutil.copytree(self.folder, latest, ignore=shutil.ignore_patterns(PARTS))
            return
        if latest.is_dir() and not latest.is_symlink():
            shutil.rmtree(latest)
        beside.replace(latest)

    def _sweep(self) -> None:
        """Take away what killed runs left half-written: who holds the lock is the only one that writes in these places."""
        runs = self.output / RUNS
        for left in (*self.output.glob(f".{LATEST}-*"), *runs.rglob(f"{UNFINISHED}*")):
            left.unlink(missing_ok=True)

    def _let_go(self) -> None:
        """Delete the folders of the oldest runs."""
        others = [
            path for path in (self.output / RUNS).iterdir() if path.is_dir() and path.name != self.run_id
        ]
        others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for old in others[KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)
