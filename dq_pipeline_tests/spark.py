"""A real Spark for tests: a master, two workers and their executors in processes of their own, ended with the tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

JAVA = "apt-get install -y openjdk-17-jre-headless"
"""What brings Java."""
PACKAGE = "pip install 'dq_pipeline[spark]'"
"""What brings pyspark."""
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.sql.adaptive.enabled": "false",  # which makes a job of every shuffle
    "spark.sql.codegen.wholeStage": "false",  # compiling costs more than tables of tests do
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def lacking() -> str | None:
    """What installs what is missing; None where nothing is."""
    if importlib.util.find_spec("pyspark") is None:
        return PACKAGE
    return None if shutil.which("java") else JAVA


@contextmanager
def cluster(folder: Path) -> Iterator[object]:
    """A session on two workers of one core and 1 GB each; their logs and what they spill lie in the folder."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["SPARK_LOCAL_DIRS"] = os.environ["SPARK_WORKER_DIR"] = str(folder)
    quiet = folder / "log4j2.properties"
    quiet.write_text("rootLogger.level = off\n")
    brief = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # three Javas that live for a minute on a few cores
    os.environ["JDK_JAVA_OPTIONS"] = f"{brief} -Dlog4j2.configurationFile={quiet} -Duser.dir={folder}"
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("tests")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()
        for name in ("SPARK_LOCAL_DIRS", "SPARK_WORKER_DIR", "JDK_JAVA_OPTIONS"):
            os.environ.pop(name, None)


def executors() -> list[int]:
    """The process ids of this process' executors."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in words:
            found.append(int(folder.name))
    return sorted(found)
