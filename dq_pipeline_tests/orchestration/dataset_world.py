"""A tiny dataset in a folder, and its nightly job run on a real instance."""

import copy
import re
import shutil

import dagster as dg

from dq_pipeline import build_training_data_quality
from dq_pipeline.demo import make
from dq_pipeline.spec.source import read_yaml


class DatasetWorld:
    """The demo's street scenes, few of them, with a spec that a test may change.

    Attributes:
        folder: Where the tables lie.
        instance: The instance that runs are recorded on.
        spec: The spec's keys.
        name: The dataset's name, from the folder's, so that worlds on one instance share no asset.
    """

    def __init__(self, instance, folder, *, items=600, defects=(), **keys):
        self.instance, self.folder, self.items = instance, folder, items
        self.plant(*defects)
        written = read_yaml(folder / "spec.yaml").data
        self.name = re.sub(r"\W", "_", folder.name)
        self.spec = {**written, "dataset": self.name, "mlflow": False, **keys}

    def plant(self, *defects):
        """Deliver the tables anew, with defects."""
        make(self.folder, defects=defects, items=self.items)

    @property
    def output(self):
        return self.folder / ".dq_pipeline" / self.name

    def key(self, asset):
        return dg.AssetKey([self.name, asset])

    def definitions(self):
        return build_training_data_quality(self.spec, base=self.folder)

    def nightly(self, definitions=None, **options):
        """Run the schedule's job."""
        job = (definitions or self.definitions()).resolve_job_def(f"{self.name}_nightly")
        return job.execute_in_process(instance=self.instance, raise_on_error=False, **options)

    def run(self, *names):
        """Run assets without their separate checks, or checks alone, as the buttons in the UI do.

        Args:
            names: "training_set" for an asset, "items:contract_items" for a check.
        """
        asked = dg.AssetSelection.checks()
        for name in names:
            asset, _, check = name.partition(":")
            key = self.key(asset)
            one = dg.AssetSelection.checks(dg.AssetCheckKey(key, check))
            if not check:
                one = dg.AssetSelection.assets(key).without_checks()
            asked |= one
            if not check and asset == "training_set":
                asked |= dg.AssetSelection.checks_for_assets(key)
        job = dg.define_asset_job("some", asked)
        resolved = dg.Definitions.merge(self.definitions(), dg.Definitions(jobs=[job])).resolve_job_def(
            "some"
        )
        return resolved.execute_in_process(instance=self.instance, raise_on_error=False)

    def keep(self):
        """Put what lies in the folder, and the spec, aside for `restore`."""
        shutil.copytree(self.folder, self._aside(), symlinks=True)
        self._kept = copy.deepcopy(self.spec)

    def restore(self):
        """Have everything again as it was at `keep`, byte for byte."""
        shutil.rmtree(self.folder)
        shutil.copytree(self._aside(), self.folder, symlinks=True)
        self.spec = copy.deepcopy(self._kept)

    def _aside(self):
        return self.folder.with_name(f"{self.folder.name}-aside")

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
