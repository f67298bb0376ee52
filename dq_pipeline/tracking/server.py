"""The tracking server seen from outside: whether it answers, and its address without secrets."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit, urlunsplit

PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


def run_url(uri: str, experiment_id: str, run_id: str) -> str | None:
    """The page of a run on a tracking server, without secrets; None for a database."""
    if not uri.startswith(("http://", "https://")):
        return None
    parts = urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    base = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    return f"{base}/#/experiments/{experiment_id}/runs/{run_id}"


def why_silent(uri: str, timeout: float = 3.0) -> str:
    """Why the server cannot be reached, "" when it can or when only trying will tell.

    Costs milliseconds and imports nothing heavy, so that a dead server never costs MLflow's own import and retries.

    Args:
        uri: The tracking URI.
        timeout: Seconds to wait for an answer.
    """
    parts = urlsplit(uri)
    if parts.scheme in {"http", "https"}:
        return _http(uri, timeout)
    port = PORTS.get(parts.scheme.partition("+")[0])
    if port is None or not parts.hostname:
        return ""
    try:
        with socket.create_connection((parts.hostname, parts.port or port), timeout=timeout):
            return ""
    except OSError as error:
        return _said(error)


def _http(uri: str, timeout: float) -> str:
    parts = urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    health = urlunsplit((parts.scheme, host, parts.path.rstrip("/") + "/health", "", ""))
    try:
        with urllib.request.urlopen(health, timeout=timeout):  # noqa: S310  # the scheme is http or https
            return ""
    except urllib.error.HTTPError as error:
        # Behind a proxy the health page may need a login that MLflow's own client brings.
        return f"answered {error.code}" if error.code >= 500 else ""  # noqa: PLR2004  # the server's own errors
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return _said(reason if isinstance(reason, Exception) else error)


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "does not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "refuses the connection"
    if isinstance(error, socket.gaierror):
        return "has an unknown host name"
    return f"cannot be reached ({type(error).__name__})"
