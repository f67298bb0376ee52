"""An audit as MLflow has it: what was found, the policy that judged it, and the files it left."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dq_pipeline.audit.outputs import verdicts_of
from dq_pipeline.report.text import sentence
from dq_pipeline.spec.secrets import from_environment
from dq_pipeline.tracking import Payload, Tracked, track

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dq_pipeline.audit.run import Audit
    from dq_pipeline.families.family import Family
    from dq_pipeline.spec import Spec

ARTIFACTS = (
    "measures.parquet",
    "verdicts.json",
    "suite.json",
    "suite_result.json",
    "report.html",
    "timings.json",
)
"""Of what an audit leaves behind, what goes along; the CSVs of ids stay where they are."""


def track_audit(
    audit: Audit,
    families: Sequence[Family[Any]],
    folder: Path,
    *,
    run_key: str,
    started: int,
    tags: Mapping[str, str] | None = None,
) -> Tracked | None:
    """Send an audit to the spec's MLflow, or keep it for the next run.

    Args:
        audit: What was found.
        families: The families that judged, for their policy.
        folder: Where the audit's files lie.
        run_key: Dagster's run id, or an id of the command line's own: one MLflow run each.
        started: When the audit started, milliseconds since 1970.
        tags: Further tags, such as Dagster's run id and the address of its page.

    Returns:
        What became of it; None where the spec says `mlflow: false`.
    """
    spec = audit.spec
    if spec.mlflow is False:
        return None
    payload = Payload(
        dataset=spec.dataset,
        run_key=run_key,
        data_version=audit.data_version,
        started=started,
        measures=audit.measures,
        verdicts=tuple(
            {**one, "sentence": sentence(one["sentence"])} for one in verdicts_of(audit)["checks"]
        ),
        verdict=audit.verdict,
        params=dict(policy_of(families)),
        tags={"dq_pipeline.version": version("dq_pipeline"), **(tags or {})},
        artifacts=tuple(folder / name for name in ARTIFACTS if (folder / name).is_file()),
    )
    return track(
        payload,
        tracking_uri=tracking_uri(spec.mlflow.tracking_uri, spec.base),
        experiment=spec.mlflow.experiment or spec.dataset,
        outbox=outbox_of(spec),
    )


def outbox_of(spec: Spec) -> Path:
    """Where a dataset's audits wait for MLflow: beside its spec, so that every night finds the same."""
    return spec.base / ".dq_pipeline" / "outbox" / spec.dataset


def tracking_uri(uri: str, base: Path) -> str:
    """The address, its `${NAME}`s read from the environment, a relative SQLite file taken from the spec's folder."""
    uri = from_environment(uri, "mlflow.tracking_uri")
    start = "sqlite:///"
    if not uri.startswith(start) or uri.startswith(start + "/"):
        return uri
    return f"{start}{base / uri.removeprefix(start)}"


def policy_of(families: Sequence[Family[Any]]) -> Iterator[tuple[str, str]]:
    """Every threshold in force, defaults among them, as `agreement/krippendorff_alpha/block`."""
    for family in families:
        yield from _flat(family.name, family.policy.model_dump(mode="json"))


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}/{key}", inner)
    elif value is not None:
        yield name, str(value)
