"""Apache Spark: the session that a spec asks for, with temporary tables of its own."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.secrets import from_environment, without_secrets
from dq_pipeline.tables.scratch import Scratch
from dq_pipeline.tables.spark_errors import cause_of, java_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dq_pipeline.spec.model import Engine

_GIVEN: ContextVar[Any] = ContextVar("dq_spark_session", default=None)
_LOCK = threading.Lock()
_STARTED: list[object] = []
"""Who uses the session that we started; empty where we started none."""
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.binaryAsString": "false",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
}
"""What a session is set to whoever opened it: a time is one in UTC, and nothing overflows in silence."""


@contextmanager
def spark_session(session: Any) -> Iterator[None]:
    """Let specs with `backend: spark` use this session while the block runs; it is left open."""
    token = _GIVEN.set(session)
    try:
        yield
    finally:
        _GIVEN.reset(token)


def connect_spark(engine: Engine, who: str) -> tuple[Any, Scratch]:
    """An Ibis connection to Spark, with temporary tables of its own, and a folder of the driver's for small files.

    The session is the one that was given (`spark_session`), else the one that the spec names, else the one that is
    active in this process, else a new one as the environment says. A session that was open before stays open.

    Raises:
        InputError: No pyspark, no Java, or no such master or server.
    """
    try:
        from pyspark.errors import PySparkException

        from dq_pipeline.tables.spark_dialect import SparkBackend
    except ImportError as error:
        raise InputError(
            f"{who}, engine.backend",
            found=f"no package {error.name}",
            expected="pyspark, to count on Apache Spark",
            fix="pip install 'dq_pipeline[spark]'",
        ) from error
    settings = {
        name: from_environment(_text(value), f"{who}, engine.settings")
        for name, value in engine.settings.items()
    }
    backend = SparkBackend()
    remote = from_environment(engine.remote, f"{who}, engine.remote") if engine.remote else None
    scratch = Scratch(engine.temp_directory)
    try:
        session, backend.done = _session(engine, remote, settings, who)
        _set(session, settings, who)
        backend.do_connect(session, **_ALWAYS)
    except BaseException as error:
        scratch.close()
        if backend.done is not None:
            backend.done()
        if isinstance(error, (PySparkException, OSError, RuntimeError, java_errors())):
            raise _not_reached(who, engine, remote, error) from error
        raise
    return backend, scratch


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _session(
    engine: Engine, remote: str | None, settings: Mapping[str, str], who: str
) -> tuple[Any, Callable[[], None]]:
    """A session with temporary tables and settings of its own, and what to call when it is done with."""
    from pyspark.sql import SparkSession

    if _GIVEN.get() is not None:
        return _beside(_GIVEN.get()), _nothing
    builder = SparkSession.builder.appName("dq_pipeline")
    told = settings if remote is not None else {**_of_master(engine.master), **settings}
    for name, value in told.items():
        builder = builder.config(name, value)
    if remote is not None:
        session = builder.remote(remote).create()
        return session, session.stop
    with _LOCK:
        _forget_dead_java()
        active = _active_session()
        if active is None:
            if (engine.master or "").startswith("local"):
                os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else workers are another Python
            active = (builder.master(engine.master) if engine.master else builder).getOrCreate()
            _STARTED.clear()
        elif not _STARTED:
            _refuse_another_master(active, engine, who)
            return _beside(active), _nothing
        _refuse_another_master(active, engine, who)
        beside, user = _beside(active), object()
        _STARTED.append(user)
        return beside, lambda: _leave(active, user)


def _active_session() -> Any:
    """The session of this process, whichever thread opened it."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession
    from pyspark.sql.utils import is_remote

    if is_remote():  # Spark Connect, as on a shared Databricks cluster: there is no context in this process
        from pyspark.sql.connect.session import SparkSession as ConnectSession

        return ConnectSession.getActiveSession()
    running = SparkContext._active_spark_context  # noqa: SLF001 - Spark tells it of the own thread only
    return None if running is None else SparkSession.builder.getOrCreate()


def _forget_dead_java() -> None:
    """Have pyspark forget a Java of this process that was killed, which it else asks for every session to come."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    java = getattr(SparkContext._gateway, "proc", None)  # noqa: SLF001 - nothing else tells
    if java is None or java.poll() is None:
        return
    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None  # noqa: SLF001
    SparkSession._instantiatedSession = SparkSession._activeSession = None  # noqa: SLF001
    _STARTED.clear()


def _refuse_another_master(active: Any, engine: Engine, who: str) -> None:
    """Refuse to count elsewhere than the spec says: a process has one Spark.

    Raises:
        InputError: The session that is open has another master.
    """
    if engine.master is None or _is_remote(active) or active.sparkContext.master == engine.master:
        return
    raise InputError(
        f"{who}, engine.master",
        found=f"{without_secrets(engine.master)}, and a session on {active.sparkContext.master} open in this process",
        expected="one master a process",
        fix="stop that session, or take `master` out to count in it",
    )


def _set(session: Any, settings: Mapping[str, str], who: str) -> None:
    """Have the session's settings as the spec says.

    Raises:
        InputError: One that can only be set before Spark starts differs in the session that is open.
    """
    for name, value in settings.items():
        if session.conf.isModifiable(name):
            session.conf.set(name, value)
        elif (there := session.conf.get(name, None)) != value:
            raise InputError(
                f"{who}, engine.settings",
                found=f"{name}: {value}, where the Spark that is open has {there or 'none'}",
                expected="a setting that an open session takes",
                fix=f"start Spark with {name}, or take it out",
            )


def _leave(session: Any, user: object) -> None:
    """Stop the session that we started when the last who uses it leaves."""
    with _LOCK:
        if user in _STARTED:
            _STARTED.remove(user)
        if not _STARTED:
            with suppress(java_errors(), OSError):  # one whose Java is gone is stopped
                session.stop()


def _nothing() -> None: ...


def _of_master(master: str | None) -> dict[str, str]:
    """What suits a Spark on this machine: no web server, and few parts a shuffle."""
    if master is None or not master.startswith("local"):
        return {}
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "8",
    }


def _beside(active: Any) -> Any:
    """A session of the same application with tables and settings of its own, where Spark gives one."""
    return active.newSession() if hasattr(active, "newSession") and not _is_remote(active) else active


def _is_remote(session: Any) -> bool:
    return ".connect." in type(session).__module__


def _not_reached(who: str, engine: Engine, remote: str | None, error: Exception) -> InputError:
    said = without_secrets(cause_of(error), remote or "")
    if any(sign in str(error) for sign in ("JAVA_GATEWAY_EXITED", "JAVA_HOME", "'java'")):
        return InputError(
            f"{who}, engine.backend",
            found="no Java that Spark can run on",
            expected="Java 17 or later",
            fix="apt-get install -y openjdk-17-jre-headless",
        )
    place = "remote" if remote else "master"
    return InputError(
        f"{who}, engine.{place}",
        found=f"{without_secrets(engine.remote or engine.master or 'no master')}: {said[:200]}",
        expected="a Spark that answers",
        fix="look at the address, the settings and the server's log",
    )
