"""A tiny dataset in a folder, and its nightly job run on a real instance."""

import dagster as dg

from dq_pipeline import build_training_data_quality
from dq_pipeline.demo import DATASET, make
from dq_pipeline.spec.source import read_yaml


class DatasetWorld:
    """The demo's street scenes, few of them, with a spec that a test may change.

    Attributes:
        folder: Where the tables lie.
        instance: The instance that runs are recorded on.
        spec: The spec's keys.
    """

    def __init__(self, instance, folder, *, items=600, defects=(), **keys):
        self.instance, self.folder, self.items = instance, folder, items
        self.plant(*defects)
        written = read_yaml(folder / "spec.yaml").data
        self.spec = {**written, "mlflow": False, **keys}

    def plant(self, *defects):
        """Deliver the tables anew, with defects."""
        make(self.folder, defects=defects, items=self.items)

    @property
    def output(self):
        return self.folder / ".dq_pipeline" / DATASET

    def key(self, asset):
        return dg.AssetKey([DATASET, asset])

    def definitions(self):
        return build_training_data_quality(self.spec, base=self.folder)

    def nightly(self, definitions=None, **options):
        """Run the schedule's job."""
        job = (definitions or self.definitions()).resolve_job_def(f"{DATASET}_nightly")
        return job.execute_in_process(instance=self.instance, raise_on_error=False, **options)

    def check(self, *checks):
        """Run some checks alone, as the button in the UI does: `items:contract_items`."""
        keys = [dg.AssetCheckKey(self.key(one.split(":")[0]), one.split(":")[1]) for one in checks]
        definitions = self.definitions()
        job = dg.define_asset_job("checks_alone", dg.AssetSelection.checks(*keys))
        resolved = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job])).resolve_job_def(
            "checks_alone"
        )
        return resolved.execute_in_process(instance=self.instance, raise_on_error=False)

    def materialized(self, asset):
        """How often an asset was materialized."""
        return len(self.instance.fetch_materializations(self.key(asset), limit=100).records)


def evaluations(result):
    """What each check of a run answered, by `asset:check`."""
    return {f"{one.asset_key.path[-1]}:{one.check_name}": one for one in result.get_asset_check_evaluations()}


def failures(result):
    """The message of each failed step, by the step's key."""
    return {
        event.step_key: event.step_failure_data.user_failure_data.description
        if event.step_failure_data.user_failure_data
        else event.step_failure_data.error.message
        for event in result.all_events
        if event.is_step_failure
    }
