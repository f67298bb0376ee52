"""Work to hand out: the rows of a CSV, or a JSON document for a tool, that a family leaves beside its verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Handout:
    """A table of what to do, as bounded as the counts it is made of.

    Attributes:
        file: The file's name, such as "calibration.csv".
        columns: The header.
        rows: The cells of each row; None is an empty cell.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The same for a tool.

    Attributes:
        file: The file's name, such as "relabel.json".
        content: What JSON holds; nothing of it leaves no file.
    """

    file: str
    content: Any
