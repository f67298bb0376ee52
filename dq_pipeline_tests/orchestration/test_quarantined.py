"""Quarantine in Dagster: a failed check is told as failed, and the training set is built without the rows that fail."""

import dagster as dg
import pyarrow.parquet as pq
import pytest

from dq_pipeline import build_training_data_quality, gated
from dq_pipeline.orchestration.gate import decide
from dq_pipeline.orchestration.required import Gate
from dq_pipeline_tests import drifting

KEY = dg.AssetKey(["drifting", "training_set"])


@gated
@dg.asset(deps=[KEY])
def model() -> None: ...


@gated
@dg.asset(deps=[["drifting", "annotations"]])
def beside() -> None: ...


@pytest.fixture(scope="module")
def nights(instance, tmp_path_factory):
    """A night under a policy that lets a quarter of the annotators go, then one that lets a tenth."""
    folder = tmp_path_factory.mktemp("drifting")

    def night(at_most):
        keys = drifting.make(folder, quarantine={"checks": ["drift", "agreement"], "at_most": at_most})
        defs = dg.Definitions.merge(
            build_training_data_quality(keys, base=folder), dg.Definitions(assets=[model, beside])
        )
        job = defs.resolve_job_def("drifting_nightly")
        return defs, job.execute_in_process(instance=instance, raise_on_error=False)

    defs, first = night(0.25)
    told = _gate(instance)
    made = instance.get_latest_materialization_event(KEY).asset_materialization
    file = folder / ".dq_pipeline" / "drifting" / "training_set.parquet"
    before = file.read_bytes()
    decided = {
        one.key: decide(instance, defs.resolve_asset_graph(), Gate(one.key)) for one in (model, beside)
    }
    _, second = night(0.1)
    return first, told, made, file, before, decided, second, _gate(instance)


def _gate(instance):
    key = dg.AssetCheckKey(KEY, "quality_gate")
    return instance.event_log_storage.get_asset_check_execution_history(key, limit=1)[0].evaluation


def test_the_training_set_is_built_without_what_failed_and_says_so(nights):
    first, told, made, *_ = nights
    assert first.success
    assert told.passed
    assert "3 failed and may be quarantined" in told.description
    assert made.metadata["built_without"].value == "Built without annotator dan (600 rows, drift_agreement)."
    [row] = made.metadata["quarantine"].records
    assert row.data == {"check": "drift_agreement", "of": "annotator", "value": "dan", "rows": 600}


def test_the_checks_stay_failed(nights):
    first = nights[0]
    failed = {one.check_name for one in first.get_asset_check_evaluations() if not one.passed}
    assert {"agreement_krippendorff_alpha", "drift_agreement", "drift_agreement_of_all"} <= failed


def test_the_votes_of_whoever_is_left_out_do_not_count(nights):
    before = pq.read_table(nights[3])
    assert max(before["votes"].to_pylist()) == 3
    assert before.num_rows == 600


def test_what_is_made_of_it_may_be_built_and_what_reads_the_raw_votes_may_not(nights):
    decided = nights[5]
    assert decided[model.key].open, decided[model.key].sentence
    closed = decided[beside.key]
    assert {reason.check for reason in closed.reasons} == {
        "agreement_krippendorff_alpha",
        "drift_agreement",
        "drift_agreement_of_all",
    }


def test_when_too_much_would_be_left_out_the_last_good_one_stays(nights):
    *_, file, before, _, second, told = nights
    assert not second.success
    assert not told.passed
    assert "25.0% of the annotators would be left out, and at most 10.0% may be." in told.description
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.glob("*quarantine*")] == []
