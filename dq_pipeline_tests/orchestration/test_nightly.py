"""How the nightly job runs: in one process unless the spec asks for several, each step in the pool that the spec names."""

import pytest

from dq_pipeline import build_training_data_quality
from dq_pipeline.orchestration.nightly import PRELOADED
from dq_pipeline.spec.errors import InputError


def definitions(folder, **nightly):
    (folder / "annotations.csv").write_text("item,annotator,label\n1,a,x\n1,b,x\n")
    keys = {
        "dataset": "pets",
        "annotations": {
            "table": "annotations.csv",
            "item": "item",
            "annotator": "annotator",
            "label": "label",
        },
        "nightly": nightly,
    }
    return build_training_data_quality(keys, base=folder)


def test_steps_share_one_process_by_default(tmp_path):
    job = definitions(tmp_path).resolve_job_def("pets_nightly")
    assert job.executor_def.name == "in_process"
    assert {node.definition.pool for node in job.nodes} == {None}


def test_several_processes_are_forked_from_one_that_imported_what_is_heavy(tmp_path):
    job = definitions(tmp_path, processes=3, pool="audits").resolve_job_def("pets_nightly")
    assert job.executor_def.name == "multiprocess"
    made = job.executor_def.apply_config_mapping({"config": {}}).value["config"]
    assert made["max_concurrent"] == 3
    assert made["start_method"] == {"forkserver": {"preload_modules": PRELOADED}}
    assert {node.definition.pool for node in job.nodes} == {"audits"}


@pytest.mark.parametrize(("key", "value"), [("processes", 0), ("pool", "two words")])
def test_what_cannot_be_is_named(tmp_path, key, value):
    with pytest.raises(InputError, match=f"nightly.{key}"):
        definitions(tmp_path, **{key: value})
