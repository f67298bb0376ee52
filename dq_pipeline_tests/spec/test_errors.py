"""The one error a user sees goes whole from one process to another."""

from __future__ import annotations

import pickle

from dq_pipeline.spec import InputError


def test_an_error_comes_back_whole_from_another_process():
    told = InputError("spec.yaml, line 3", found="a", expected="b", fix="c")
    back = pickle.loads(pickle.dumps(told))  # noqa: S301 - our own
    assert (type(back), str(back), back.fix) == (InputError, str(told), "c")
