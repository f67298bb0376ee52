"""What the system does not let a command read or write, as the one error that a user sees."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from dq_pipeline.spec import InputError


def of_denied(error: PermissionError) -> InputError:
    """The file that is meant, and the folder or file whose rights are lacking."""
    if error.filename is None:
        return InputError(
            "a file or folder",
            found=str(error),
            expected="one that this user may read and write",
            fix="chmod u+rwX it, or name another",
        )
    path = Path(os.fsdecode(error.filename)).absolute()
    closed = next((folder for folder in reversed(path.parents) if not os.access(folder, os.X_OK)), None)
    lacking = closed or (path if path.exists() else path.parent)
    return InputError(
        str(error.filename),
        found=error.strerror or "no right to it",
        expected="a file or folder that this user may read and write",
        fix=f"chmod u+rwX {shlex.quote(str(lacking))}, or name another",
    )
