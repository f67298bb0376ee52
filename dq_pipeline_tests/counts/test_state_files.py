"""What is kept from night to night is read as it was written, or not at all: a disk that changes a bit changes no number."""

from __future__ import annotations

import random

import pytest

from dq_pipeline import counts
from dq_pipeline.counts.kept_arrays import read_arrays, write_arrays
from dq_pipeline.counts.meetings import Meetings
from dq_pipeline.counts.state_files import read_states, write_states
from dq_pipeline.tables import read_sealed, write_sealed

CELLS = counts.Cells.of(("site", "split"), [((f"hospital {n % 7}", "train"), n) for n in range(1, 200)])


def _states(path):
    states, about = read_states(path, {"Cells": counts.Cells})
    return [(sign, one.keys, one.counts.tolist()) for of in states.values() for sign, one in of], about


def _arrays(path):
    kept = read_arrays(path, "keys")
    return kept and kept[0].tolist()


def _meetings(path):
    known = Meetings(path)
    known.spread(["a" * 32, "b" * 32], ["c" * 32])
    return [known.of(row, 1, lambda _, row=row: row == 1).tolist() for row in range(2)]


def _write_meetings(path):
    known = Meetings(path)
    known.spread(["a" * 32, "b" * 32], ["c" * 32])
    for row in range(2):
        known.of(row, 1, lambda _, row=row: row == 1)
    known.keep()


@pytest.mark.parametrize(
    ("write", "read", "nothing"),
    [
        (lambda path: write_states(path, {"a": [(1, CELLS)]}, {"parts": ["one"]}), _states, ([], {})),
        (lambda path: write_arrays(path, keys=CELLS.counts), _arrays, None),
        (lambda path: write_sealed(path, {"file": [1, 2, "abc"]}), read_sealed, None),
        (_write_meetings, _meetings, [[], [0]]),
    ],
    ids=["states", "arrays", "json", "meetings"],
)
def test_a_changed_bit_is_noticed(write, read, nothing, tmp_path):
    path, chance = tmp_path / "kept", random.Random(1)  # noqa: S311 - no secret
    write(path)
    written, right = path.read_bytes(), read(path)
    places = range(len(written)) if len(written) < 2_000 else chance.sample(range(len(written)), 2_000)
    for place in places:
        changed = bytearray(written)
        changed[place] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        assert read(path) in (right, nothing), place
