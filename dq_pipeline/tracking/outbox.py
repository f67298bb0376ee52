"""The folder that keeps what MLflow has not got yet: one folder a payload, there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dq_pipeline.tracking.payload import Payload, content_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

PAYLOAD = "payload.json"
UNFINISHED_SECONDS = 86_400.0
"""A payload that has been unfinished for a day is of a killed audit."""


@dataclass(frozen=True)
class Outbox:
    """Payloads waiting to be sent.

    Attributes:
        folder: Where they wait; made when it is first needed.
    """

    folder: Path

    def put(self, payload: Payload) -> str:
        """Keep a payload with copies of its artifacts; returns its name in the outbox.

        The same content put twice is kept once; what waits of the same run gives way, since a run's payloads add up.

        Raises:
            OSError: The folder cannot be written.
        """
        name = f"{payload.started:013d}-{payload.key}-{content_digest(payload)[:8]}"
        final = self.folder / name
        if final.exists():
            return name
        unfinished = self.folder / f".unfinished-{os.getpid()}-{name}"
        try:
            unfinished.mkdir(parents=True)
            copies = []
            for place, artifact in enumerate(payload.artifacts):
                beside = unfinished / "artifacts" / str(place)
                beside.mkdir(parents=True)
                copies.append(Path(shutil.copyfile(artifact, beside / artifact.name)))
            with (unfinished / PAYLOAD).open("w", encoding="utf-8") as file:
                file.write(payload.to_json())
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(final)
        except OSError:
            # Another process kept the same meanwhile: a folder is not moved onto one that holds something.
            if not (final / PAYLOAD).is_file():
                raise
            return name
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        for older in self.names():
            if older != name and f"-{payload.key}-" in older:
                with contextlib.suppress(FileNotFoundError):
                    self.done(older)
        return name

    def names(self) -> list[str]:
        """What waits, oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(
            found.name
            for found in self.folder.iterdir()
            if (found / PAYLOAD).is_file() and found.name[0] != "."
        )

    def read(self, name: str) -> Payload:
        """A payload that waits.

        Raises:
            ValueError: Its file is damaged.
            OSError: It is gone.
        """
        folder = self.folder / name
        payload = Payload.from_json((folder / PAYLOAD).read_text(encoding="utf-8"), folder)
        found = [
            folder / "artifacts" / str(place) / path.name for place, path in enumerate(payload.artifacts)
        ]
        return replace(payload, artifacts=tuple(path for path in found if path.is_file()))

    def done(self, name: str) -> None:
        """Let go of a payload that was sent whole, or has given way: out of sight in one step, then deleted.

        Raises:
            FileNotFoundError: It has given way meanwhile.
        """
        gone = self.folder / f".sent-{name}"
        (self.folder / name).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    @contextlib.contextmanager
    def sending(self, wait: float) -> Iterator[bool]:
        """Hold the outbox's lock while sending; False when another sender keeps it longer than `wait` seconds.

        The lock is the operating system's, so that a killed sender leaves none behind.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=wait)
        except Timeout:
            yield False
            return
        try:
            self._sweep()
            yield True
        finally:
            lock.release()

    def _sweep(self) -> None:
        """Delete what killed processes left: payloads that were sent, and those that were never whole."""
        for left in self.folder.glob(".sent-*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob(".unfinished-*"):
            if time.time() - left.stat().st_mtime > UNFINISHED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
