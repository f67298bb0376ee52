"""A real Postgres server for tests, of the machine's own packages, ended with them."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTALL = "apt-get install -y postgresql"
"""What brings the server."""


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; None where Postgres is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def server(binaries: Path) -> Iterator[str]:
    """Start a server of its own on a free port; yields its address without a database's name."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="dq_pg_", ignore_cleanup_errors=True) as folder:
        # Postgres refuses to run as root.
        user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        as_user = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []
        if as_user:
            shutil.chown(folder, user)
        data = f"{folder}/data"
        _run(*as_user, str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "dq", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        control = [*as_user, str(binaries / "pg_ctl"), "-D", data, "-w"]
        _run(*control, "-o", options, "-l", f"{folder}/log", "start")
        try:
            yield f"postgresql://dq@127.0.0.1:{port}"
        finally:
            _run(*control, "-m", "immediate", "stop")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
