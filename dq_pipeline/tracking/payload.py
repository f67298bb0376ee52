"""What one audit has to tell MLflow, as plain values that survive in a file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq_pipeline.measures.estimate import Estimate, Measure

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Payload:
    """One MLflow run's content.

    Attributes:
        dataset: The dataset's name.
        run_key: What makes this run one of its own: Dagster's run id, or an id that the command line made.
        data_version: Fingerprint of the tables' content.
        started: When the audit started, milliseconds since 1970.
        measures: Every number.
        verdicts: One mapping a check, as in verdicts.json.
        verdict: The dataset's verdict.
        params: The policy, flat.
        tags: Further tags, such as Dagster's run id and the address of its page.
        artifacts: Files to attach (suite, verdicts, report); copied when the payload is kept.
    """

    dataset: str
    run_key: str
    data_version: str
    started: int
    measures: tuple[Measure, ...] = ()
    verdicts: tuple[Mapping[str, Any], ...] = ()
    verdict: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    artifacts: tuple[Path, ...] = ()

    @property
    def key(self) -> str:
        """The tag's value that finds the MLflow run again, 32 hexadecimal digits: one a dataset and run."""
        return _digest(f"{self.dataset}\n{self.run_key}")

    def to_json(self) -> str:
        """The payload as text; artifacts by their file's name."""
        plain = {**asdict(self), "artifacts": [path.name for path in self.artifacts]}
        return json.dumps(plain, ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_json(text: str, folder: Path) -> Payload:
        """The payload back from text, its artifacts in `folder`.

        Raises:
            ValueError: The text is no payload.
        """
        try:
            plain = json.loads(text)
            measures = tuple(
                Measure(**{**row, "estimate": Estimate(**row["estimate"])}) for row in plain["measures"]
            )
            artifacts = tuple(folder / Path(name).name for name in plain["artifacts"])
            verdicts = tuple(plain["verdicts"])
            return Payload(**{**plain, "measures": measures, "artifacts": artifacts, "verdicts": verdicts})
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a payload: {error}") from error


def content_digest(payload: Payload) -> str:
    """Fingerprint of the numbers, verdicts, policy and tags, 32 hexadecimal digits: equal content is sent once."""
    return _digest(payload.to_json())


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
