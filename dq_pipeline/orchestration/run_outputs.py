"""What the audits of one Dagster run leave behind: one folder a run, of which a bounded number is kept, and `latest`.

Each step keeps its part as soon as it has audited. The last one that has something to add tells of the whole, once.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dq_pipeline.audit import Audit, keep_part, kept_parts, merged, read_part, report_audit, write
from dq_pipeline.audit.outputs import write_json
from dq_pipeline.families.family import Family
from dq_pipeline.spec import Spec
from dq_pipeline.tables import UNFINISHED
from dq_pipeline.tables.scratch import Scratch

RUNS, LATEST, PARTS = "runs", "latest", ".parts"
ENDED = ".ended.json"
"""The file that says which steps of a run have ended, and of which parts was told."""
WRITING = ".writing-"
"""How the names of folders start that a run writes in."""
FILE = re.compile(r"[\w-]+\.csv")
"""How a verdict names a file of rows."""
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
class Ended:
    """How the step of an asset ended.

    Attributes:
        blocks: Whether it holds back what is below it.
        plans: Whether it was asked for the collection plan, and has numbers to make it of.
    """

    blocks: bool
    plans: bool = False


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
        self._path.mkdir(parents=True, exist_ok=True)
        return self._path

    @property
    def begun(self) -> bool:
        """Whether a step of the run has left anything."""
        return self._path.is_dir()

    @property
    def _path(self) -> Path:
        return self.output / RUNS / self.run_id

    @property
    def ended(self) -> dict[str, Ended]:
        """The assets whose steps have ended."""
        return {asset: Ended(**how) for asset, how in self._noted().get("ended", {}).items()}

    def keep(self, asset: str, audit: Audit, families: Sequence[Family[Any]]) -> None:
        """Keep the audit of one asset, and write the files of the run so far but for its page."""
        parts = self.folder / PARTS
        with self._alone():
            self._sweep()
            keep_part(audit, parts / asset)
            others = [read_part(path, audit.spec) for path in kept_parts(parts) if path.name != asset]
            write(merged([*others, audit], families), self.folder)

    def end(
        self,
        asset: str,
        how: Ended,
        judged_by: tuple[Spec, Sequence[Family[Any]]],
        waits: Callable[[Mapping[str, Ended]], bool],
    ) -> Audit | None:
        """Note that an asset's step has ended; where no other is to come, tell of the run: the night, the page, `latest`.

        Args:
            asset: The asset.
            how: How its step ended.
            judged_by: The spec, and the families that judged.
            waits: Whether another step of the run is to come that adds to it, by those that have ended.

        Returns:
            The audit of the run, told right now; None where it waits, and where all that there is was told.
        """
        with self._alone():
            ended, told = {**self.ended, asset: how}, self._noted().get("told", [])
            self._note(told, ended)
            parts = kept_parts(self.folder / PARTS)
            names = [path.name for path in parts]
            if set(names) <= set(told) or waits(ended):
                return None
            spec, families = judged_by
            whole = merged([read_part(path, spec) for path in parts], families)
            report_audit(whole, self.folder, run=self.run_id, nights=self.output)
            self._point_latest()
            self._let_go()
            self._note(names, ended)
        return whole

    def _noted(self) -> dict[str, Any]:
        try:
            noted: dict[str, Any] = json.loads((self._path / ENDED).read_text(encoding="utf-8"))
        except OSError:
            return {}
        return noted

    def take(self, room: Path) -> None:
        """Move files that are done to the run's folder."""
        for file in room.iterdir():
            file.replace(self.folder / file.name)

    def part(self, asset: str, spec: Spec) -> Audit | None:
        """What the run found of an asset; None where it kept nothing of it."""
        path = self._path / PARTS / asset
        return read_part(path, spec) if path in kept_parts(path.parent) else None

    def take_over(self, earlier: "RunOutputs", asset: str, part: Audit) -> None:
        """Have what an earlier run found of an asset as one's own, with the files that its verdicts name.

        Args:
            earlier: The earlier run.
            asset: The asset.
            part: What it found of it.
        """
        with self._alone():
            own = self.folder / PARTS / asset
            if own in kept_parts(own.parent):
                return
            for verdict in part.verdicts:
                for name in FILE.findall(f"{verdict.sentence} {verdict.remedy}"):
                    there = earlier.folder / name
                    if there.is_file() and not (self.folder / name).exists():
                        shutil.copy2(there, self.folder / name)
            ended = {**self.ended, asset: earlier.ended.get(asset, Ended(blocks=False))}
            self._note(self._noted().get("told", []), ended)
            keep_part(part, own)

    def _note(self, told: Sequence[str], ended: Mapping[str, Ended]) -> None:
        noted = {"told": list(told), "ended": {asset: asdict(one) for asset, one in ended.items()}}
        write_json(self.folder / ENDED, noted)

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
            shutil.copytree(self.folder, latest, ignore=shutil.ignore_patterns(PARTS, ENDED))
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
