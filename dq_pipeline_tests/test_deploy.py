"""The files of deploy/ are what Dagster takes: its settings on a real Postgres, and a compose file that agrees with itself."""

from pathlib import Path

import dagster as dg
import pytest
import yaml

DEPLOY = Path(__file__).parents[1] / "deploy"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "docker-compose.yaml").read_text())


def test_the_settings_make_an_instance_on_postgres_that_runs(postgres_address, tmp_path, monkeypatch):
    monkeypatch.setenv(
        "DAGSTER_POSTGRES_URL", postgres_address.replace("postgresql://", "postgresql+psycopg2://")
    )
    (tmp_path / "dagster.yaml").write_text((DEPLOY / "dagster.yaml").read_text())

    @dg.asset(pool="audits")
    def images(): ...

    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert type(instance.event_log_storage).__name__ == "PostgresEventLogStorage"
        assert not instance.telemetry_enabled
        assert dg.materialize([images], instance=instance).success
        assert instance.event_log_storage.get_pool_limits()[0].name == "audits"
        assert instance.get_latest_materialization_event(images.key) is not None


def test_every_program_of_the_compose_file_is_one_of_ours_or_of_what_we_need(compose):
    from importlib.metadata import entry_points

    scripts = {one.name for one in entry_points(group="console_scripts")}
    called = {
        name: one["command"].split()[0] for name, one in compose["services"].items() if "command" in one
    }
    assert called.keys() == {"mlflow", "datasets", "webserver", "daemon"}
    assert set(called.values()) <= scripts


def test_the_services_find_each_other(compose):
    services = compose["services"]
    for name, one in services.items():
        assert set(one.get("depends_on", ())) <= services.keys(), name
    (location,) = yaml.safe_load((DEPLOY / "workspace.yaml").read_text())["load_from"]
    server = location["grpc_server"]
    assert f"--port {server['port']}" in services[server["host"]]["command"]
    assert "@postgres/" in services["webserver"]["environment"]["DAGSTER_POSTGRES_URL"]
