"""Names that MLflow takes, that tell numbers apart and stay the same every night."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mlflow.utils.validation import _validate_metric_name

from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.tracking import names

KEYS = st.text(max_size=300)


def measure(by=None, key=None, estimate=None):
    return Measure("balance", "share", "items", estimate or Estimate(0.5, 0.4, 0.6, 9), by, key)


@given(KEYS)
def test_mlflow_takes_the_name_of_every_key(key):
    for name, _ in names.metrics([measure("label,weather", key), measure()]):
        _validate_metric_name(name)
        assert len(name) <= names.LONGEST


@given(KEYS, KEYS)
def test_two_keys_never_share_a_name(one, other):
    same = names.metric_name(measure("label", one)) == names.metric_name(measure("label", other))
    assert same is (one == other)


def test_a_name_does_not_depend_on_the_numbers():
    assert names.metric_name(measure()) == names.metric_name(measure(estimate=Estimate(None, status="empty")))


def test_an_overall_number_brings_its_interval_and_n_and_an_undefined_one_nothing():
    assert dict(names.metrics([measure()])) == {
        "items/balance/share": 0.5,
        "items/balance/share.low": 0.4,
        "items/balance/share.high": 0.6,
        "items/balance/share.n": 9.0,
    }
    assert dict(names.metrics([measure("label", "cat")])) == {"items/balance/share/label/cat": 0.5}
    assert dict(names.metrics([measure(estimate=Estimate(None, status="empty"))])) == {}


def test_values_are_cut_to_what_mlflow_takes():
    assert len(names.params({"a": "x" * 9_000})["a"]) == names.PARAM_LONGEST
    assert len(names.tags("block", [], {"a": "x" * 9_000})["a"]) == names.TAG_LONGEST
