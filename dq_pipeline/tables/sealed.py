"""Small JSON files that a process keeps for the next one, sealed: what a disk changed, or a power cut left half, is not read."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from dq_pipeline.tables.whole import whole

if TYPE_CHECKING:
    from pathlib import Path


def seal(*parts: bytes) -> str:
    """32 hexadecimal digits that name bytes, and where each part of them ends."""
    made = hashlib.blake2b(repr([len(part) for part in parts]).encode(), digest_size=16)
    for part in parts:
        made.update(part)
    return made.hexdigest()


def write_sealed(path: Path, value: Any) -> None:
    """Write what JSON can hold, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    text = json.dumps(value)
    with whole(path) as file:
        file.write_text(json.dumps({"seal": seal(text.encode()), "text": text}), encoding="utf-8")


def read_sealed(path: Path) -> Any:
    """What was written; None of a file that is not there, or holds anything else than what was written."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        text = kept["text"]
        return json.loads(text) if kept["seal"] == seal(text.encode()) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
