"""Real Dagster instances, on each storage that a gate must hold on."""

from __future__ import annotations

import uuid

import dagster as dg
import pytest


@pytest.fixture(scope="module")
def storage(request):
    """What dagster.yaml says of storage: SQLite by default, or a Postgres database of its own."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return {}
    import psycopg

    server = request.getfixturevalue("postgres_server")
    name = f"dagster_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}")
    # SQLAlchemy 2.1 takes psycopg 3 for a plain postgresql:// and dagster-postgres speaks psycopg2 only.
    address = f"{server}/{name}".replace("postgresql://", "postgresql+psycopg2://")
    return {"storage": {"postgres": {"postgres_url": address}}}


@pytest.fixture(scope="module")
def instance(storage, tmp_path_factory):
    """An instance that the module's scenarios share, each under a key prefix of its own."""
    folder = str(tmp_path_factory.mktemp("dagster"))
    overrides = {"telemetry": {"enabled": False}, **storage}
    with dg.DagsterInstance.local_temp(folder, overrides=overrides) as found:
        yield found


BOTH = pytest.mark.parametrize("storage", ["sqlite", "postgres"], indirect=True, scope="module")
"""A module's `pytestmark`: every test of it on both storages."""
