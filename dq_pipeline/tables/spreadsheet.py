"""Text cells that a spreadsheet takes for text: a cell that could start a formula gets an apostrophe in front.

A CSV is opened in a spreadsheet, where a cell that starts with `=`, `+`, `-`, `@`, a tab or a line break is run as a
formula (OWASP, CSV Injection). Cells that start with an apostrophe get one too, so that taking one leading apostrophe
off always gives the text back: ids stay what they were. A number such as -1 runs nothing and stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20'"
"""First characters that get an apostrophe in front: formulas, also in full width, and the apostrophe itself."""


_NUMBER = r"[-+][0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"


def to_cell(text: str) -> str:
    """The text as a CSV cell holds it.

    >>> to_cell("=1+1"), to_cell("cat"), to_cell("'tis"), to_cell("-1")
    ("'=1+1", 'cat', "''tis", '-1')
    """
    risky = text[:1] and text[0] in STARTS and not re.fullmatch(_NUMBER, text)
    return "'" + text if risky else text


def from_cell(cell: str) -> str:
    """The text that a CSV cell holds; the inverse of `to_cell`.

    >>> from_cell(to_cell("@sum"))
    '@sum'
    """
    return cell.removeprefix("'")


def to_cells(texts: pa.Array) -> pa.Array:
    """The same over an Arrow array of text; null stays null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first: Any = pc.utf8_slice_codeunits(texts, 0, 1)
    risky = pc.is_in(first, value_set=pa.array(list(STARTS), texts.type))
    number = pc.match_substring_regex(texts, rf"\A{_NUMBER}\z")
    return pc.if_else(pc.and_not(risky, number), pc.binary_join_element_wise("'", texts, ""), texts)
