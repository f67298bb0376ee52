"""The training set of an audit in a terminal: built, audited, and left in the folder only when nothing blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec import InputError
from dq_pipeline.tables import TRAINING_SET, UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dq_pipeline.consensus import ConsensusSummary
    from dq_pipeline.families.family import Family
    from dq_pipeline.release import Release
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Tables

FILE = "training_set.parquet"
CONSENSUS = "consensus.parquet"


@dataclass(frozen=True)
class Built:
    """A training set that waits for its verdict.

    Attributes:
        release: What it holds, and where it waits.
        consensus: What the votes came to; None for items that are labelled already.
        place: The file that it becomes when nothing blocks: its name in the audit's folder, or a whole path.
    """

    release: Release
    consensus: ConsensusSummary | None
    place: str = FILE

    def as_dict(self) -> dict[str, Any]:
        """What training_set.json holds."""
        return {
            "training_set": {**self.release.as_dict(), "path": self.place},
            "consensus": self.consensus.as_dict() if self.consensus else None,
        }

    def sentence(self, *, blocked: bool) -> str:
        """What became of the training set."""
        return f"Training set {'held back' if blocked else 'released'}: {self.release.sentence}"

    def settle(self, folder: Path, *, blocked: bool) -> bool:
        """Put the training set in its place, or take it away with the one of an earlier audit; true when it is there."""
        if blocked:
            self.release.path.unlink(missing_ok=True)
            (folder / FILE).unlink(missing_ok=True)
        else:
            self.release.path.replace(folder / FILE)
        return not blocked


def asks_for_training_set(spec: Spec, families: Iterable[Family[Any]]) -> bool:
    """Whether the spec declares a training set, or a check of it."""
    return spec.declares_training_set or any(
        check.table == TRAINING_SET
        for family in families
        if family.silent() is None
        for check in family.checks()
    )


def build(tables: Tables, folder: Path) -> Built:
    """Build the consensus and, beside it, a training set that is not yet in its place, and open it with the tables.

    Raises:
        InputError: A table cannot be read, or the files cannot be written.
    """
    from dq_pipeline.consensus import write_consensus
    from dq_pipeline.release import write_training_set

    spec = tables.spec
    try:
        consensus, path = None, None
        if spec.annotations is not None:
            path = folder / CONSENSUS
            consensus = write_consensus(tables, path)
        release = write_training_set(tables, path, folder / f"{UNFINISHED}{FILE}")
    except OSError as error:
        raise InputError(
            f"{spec.dataset}, training set",
            found=error.strerror or str(error),
            expected=f"room to write to in {folder}",
            fix="free some, or name another folder",
        ) from error
    tables.add_training_set(release.path)
    return Built(release, consensus)
