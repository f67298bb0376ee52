"""The demo's street scenes: clean ones pass, and each planted defect is found by the family that it is for."""

import pytest

from dq_pipeline.audit import audit
from dq_pipeline.demo import DEFECTS, make
from dq_pipeline.demo.data import FOUND_BY
from dq_pipeline.families import FAMILIES
from dq_pipeline.spec import load_spec, spec_from
from dq_pipeline.spec.source import read_yaml

NAMES = {family.name for family in FAMILIES} | {"contract"}
FOUND = [name for name in DEFECTS if any(start.split("_")[0] in NAMES for start in FOUND_BY[name])]


def test_a_clean_delivery_is_clear(tmp_path):
    found = audit(*load_spec(make(tmp_path)))
    assert [one.sentence for one in found.verdicts if one.verdict != "clear"] == []


@pytest.mark.parametrize("defect", FOUND)
def test_a_planted_defect_is_found_by_its_family(tmp_path, defect):
    keys = read_yaml(make(tmp_path, defects=[defect])).data
    kept = {start.split("_")[0] for start in FOUND_BY[defect]}
    others = {family.name: False for family in FAMILIES if family.name not in kept}
    spec, source = spec_from({**keys, "checks": {**keys["checks"], **others}}, base=tmp_path)
    found = audit(spec, source)
    raised = [one.check for one in found.verdicts if one.verdict != "clear"]
    assert any(check.startswith(FOUND_BY[defect]) for check in raised), raised


def test_one_seed_gives_equal_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("one", 7), ("same", 7), ("other", 8)):
        make(tmp_path / name, items=60, seed=seed, defects=DEFECTS)
    for file in ("items.parquet", "annotations.csv", "gold.csv", "production.parquet"):
        one, same, other = ((tmp_path / name / file).read_bytes() for name in ("one", "same", "other"))
        assert one == same
        assert one != other


def test_a_defect_that_there_is_none_of_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no defect 'rust'; there are vague_guideline"):
        make(tmp_path, defects=["rust"])
