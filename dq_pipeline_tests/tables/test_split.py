"""The split: the same on every engine, in every order, in the shares asked for, and no group on two sides."""

from __future__ import annotations

from collections import Counter
from hashlib import md5

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.spec.training_set import Split
from dq_pipeline.tables import Tables, with_split
from dq_pipeline.tables.split import limit


def told(unit, split):
    """The rule in plain Python."""
    place = int(md5(f"{split.seed}:{unit}".encode()).hexdigest()[:13], 16)  # noqa: S324 - nothing secret rests on it
    if place < round(split.test * 16**13):
        return "test"
    return "validation" if place < round((split.test + split.validation) * 16**13) else "train"


def sides(items, split, **columns):
    """The engine's side of each item."""
    rows = with_split(ibis.memtable({"item": items, **columns}), split)
    return dict(zip(*rows.select("item", "split").to_pyarrow().to_pydict().values(), strict=True))


@settings(deadline=None, max_examples=20)
@given(
    items=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, unique=True),
    seed=st.integers(-5, 10**12),
    shares=st.tuples(st.floats(0, 0.49), st.floats(0, 0.49)),
)  # fmt: skip
def test_the_engine_splits_as_python_does(items, seed, shares):
    split = Split(validation=shares[0], test=shares[1], seed=seed)
    assert sides(items, split) == {item: told(item, split) for item in items}


def test_shares_are_those_asked_for_and_a_seed_gives_another_split():
    items = [str(item) for item in range(20_000)]
    found = sides(items, Split(validation=0.1, test=0.2, seed=7))
    shares = {side: count / len(items) for side, count in Counter(found.values()).items()}
    assert shares == pytest.approx({"train": 0.7, "validation": 0.1, "test": 0.2}, abs=0.01)
    other = sides(items, Split(validation=0.1, test=0.2, seed=8))
    assert sum(found[item] == other[item] for item in items) / len(items) == pytest.approx(0.54, abs=0.02)


def test_more_validation_takes_from_train_alone():
    items = [str(item) for item in range(2_000)]
    less, more = (sides(items, Split(validation=share, test=0.2)) for share in (0.1, 0.3))
    assert {(less[item], more[item]) for item in items} == {
        ("train", "train"),
        ("train", "validation"),
        ("validation", "validation"),
        ("test", "test"),
    }


def test_a_share_of_nothing_holds_nothing_out():
    assert set(sides([str(item) for item in range(500)], Split(validation=0, test=0)).values()) == {"train"}
    assert limit(0) == "0" * 13


def test_a_group_lies_on_one_side_and_an_item_without_one_is_its_own():
    items = [f"i{item}" for item in range(300)]
    groups = [None if item % 3 == 0 else f"g{item % 20}" for item in range(300)]
    split = Split()
    found = sides(items, split, group=groups)
    assert found == {item: told(group or item, split) for item, group in zip(items, groups, strict=True)}
    by_item = sides(items, Split(by="item"), group=groups)
    assert by_item == {item: told(item, split) for item in items}


ITEMS = "id,part,patient\n" + "".join(
    f"i{n},{('train', 'test', 'validation')[n % 3]},p{n % 9}\n" for n in range(90)
)


def opened(folder, **roles):
    (folder / "items.csv").write_text(ITEMS)
    spec, _ = spec_from({"dataset": "d", "items": {"table": "items.csv", "id": "id", **roles}}, base=folder)
    return Tables(spec)


def test_a_column_of_the_users_own_is_the_split(tmp_path):
    with opened(tmp_path, split="part") as tables:
        counted = tables["items"].expr.group_by("split").agg(n=ibis._.count()).to_pyarrow().to_pylist()
    assert {row["split"]: row["n"] for row in counted} == {"train": 30, "test": 30, "validation": 30}


def test_items_have_a_split_to_count_by_without_asking(tmp_path):
    with opened(tmp_path, group="patient") as tables:
        rows = tables["items"].expr.select("group", "split").distinct().to_pyarrow().to_pylist()
    assert {row["group"]: row["split"] for row in rows} == {f"p{n}": told(f"p{n}", Split()) for n in range(9)}
    assert len(rows) == 9


def test_a_condition_cannot_be_called_split(tmp_path):
    with pytest.raises(InputError, match="a condition cannot be called 'split'"):
        opened(tmp_path, conditions=["split"])
