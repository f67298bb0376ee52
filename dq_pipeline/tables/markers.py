"""What writers such as Spark leave beside their files, and every reader passes over."""

from __future__ import annotations

import glob
import re
from pathlib import PurePath

HIDDEN = re.compile(r"\.|_[^=]*$")
"""How names begin that are passed over; a folder `_day=1` holds rows."""


def is_marker(path: str, pattern: str) -> bool:
    """Whether readers pass over what a glob finds: `_SUCCESS`, `.crc` files, all in `_temporary`; not where the glob says so itself.

    Args:
        path: What was found.
        pattern: The glob.

    >>> [is_marker(found, "out/**/*") for found in ("out/_SUCCESS", "out/_x=1/a.csv", "out/a.csv.crc", "out/_tmp/0/a.csv")]
    [True, False, True, True]
    >>> is_marker("_out/a.csv", "_out/*"), is_marker("out/_a.csv", "out/_*.csv"), is_marker("out/_b/a.csv", "out/_*.csv")
    (False, False, False)
    """
    asked = PurePath(pattern).parts
    plain = next((place for place, part in enumerate(asked) if glob.has_magic(part)), len(asked))
    said = {part[0] for part in asked[plain:]}
    hidden = [part for part in PurePath(path).parts[plain:] if HIDDEN.match(part) and part[0] not in said]
    return bool(hidden) or (path.endswith(".crc") and not pattern.endswith(".crc"))
