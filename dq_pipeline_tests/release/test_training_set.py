"""The training set: joined, filtered with reasons, split, and whole whatever the user's columns are called."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dq_pipeline.audit import audit
from dq_pipeline.consensus import write_consensus
from dq_pipeline.contracts.of_tables import contracts_of
from dq_pipeline.release import Reason, write_training_set
from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables

VOTES = {"table": "votes.csv", "item": "item", "annotator": "annotator", "label": "label"}
ROWS = "item,annotator,label\n" + "".join(
    f"i{n},{who},{'cat' if (n + agree) % 2 else 'dog'}\n"
    for n in range(200)
    for who, agree in (("ana", 0), ("ben", 0), ("cyd", n % 10 == 0))
)


def release(folder, spec, **asked):
    (folder / "votes.csv").write_text(ROWS)
    made, source = spec_from({"dataset": "pets", **spec}, base=folder)
    with Tables(made) as tables:
        consensus = None
        if made.annotations is not None:
            consensus = folder / "consensus.parquet"
            write_consensus(tables, consensus)
        done = write_training_set(tables, consensus, folder / "training_set.parquet", **asked)
    return done, pq.read_table(done.path), (made, source)


def contracts(spec, done=None):
    """The verdicts of the contracts, those of the training set only where it is given."""
    with Tables(spec, training_set=done.path if done else None) as tables:
        made = [one for one in contracts_of(spec) if (one.table == "training_set") == (done is not None)]
        return {one.check: one.run(tables, None)[0] for one in made}


def items(folder, **columns):
    rows = {"image": [f"i{n}" for n in range(210)], **columns}
    pq.write_table(pa.table(rows), folder / "items.parquet")
    return {"table": "items.parquet", "id": "image"}


def test_annotations_alone_make_a_training_set(tmp_path):
    done, table, _ = release(tmp_path, {"annotations": VOTES})
    assert table.column_names == ["item", "label", "split", "confidence", "entropy", "votes", "soft_label"]
    assert (done.rows, table.num_rows, done.left_out) == (200, 200, {})
    assert sum(done.by_split.values()) == sum(done.by_label.values()) == 200
    assert min(done.by_split.values()) > 0
    assert table["item"].to_pylist() == sorted(table["item"].to_pylist())


def test_who_is_left_out_is_told_with_the_first_reason(tmp_path):
    asked = {"annotations": VOTES, "items": items(tmp_path), "training_set": {"min_confidence": 0.7}}
    done, table, _ = release(
        tmp_path, asked, leave_out=[Reason("quarantined", lambda row: row.item.isin(["i1", "i10", "i209"]))]
    )
    assert done.left_out == {"below min_confidence": 20, "no votes": 10, "quarantined": 1}
    assert done.rows == table.num_rows == 179
    assert done.sentence.endswith("; left out: 20 below min_confidence, 10 no votes, 1 quarantined.")


def test_a_confidence_at_the_limit_is_kept(tmp_path):
    kept, _, _ = release(tmp_path, {"annotations": VOTES, "training_set": {"min_confidence": 2 / 3}})
    assert kept.rows == 200


def test_where_disagreement_is_data_the_soft_label_is_the_record(tmp_path):
    (tmp_path / "tied.csv").write_text(
        "item,annotator,label\n" + "a,x,cat\na,y,dog\nb,x,cat\nb,y,cat\nb,z,dog\n"
    )
    asked = {"annotations": {**VOTES, "table": "tied.csv"}, "training_set": {"min_confidence": 0.9}}
    asked["training_set"]["split"] = {"validation": 0, "test": 0}
    strict, _, _ = release(tmp_path, asked)
    assert strict.left_out == {"below min_confidence": 1, "tied votes": 1}
    asked["labels"] = {"paradigm": "descriptive", "values": ["cat", "dog"]}
    done, table, (spec, _) = release(tmp_path, asked)
    assert (done.rows, done.left_out) == (2, {})
    tied, voted = table.select(["label", "soft_label"]).to_pylist()
    halves = [{"label": "cat", "probability": 0.5}, {"label": "dog", "probability": 0.5}]
    assert tied == {"label": None, "soft_label": halves}
    assert voted["label"] == "cat"
    assert contracts(spec, done)["contract_training_set"].verdict == "clear"


def test_labelled_items_need_no_consensus(tmp_path):
    labels = ["cat", "dog", None] * 70
    asked = {
        "items": {**items(tmp_path, finding=labels), "label": "finding"},
        "labels": {"values": ["cat", "cow"]},
    }
    done, table, _ = release(tmp_path, asked)
    assert done.left_out == {"no label": 70, "undeclared label": 70}
    assert set(table["label"].to_pylist()) == {"cat"}
    assert table.column_names == ["item", "label", "split", "image", "finding"]


def test_columns_that_have_our_names_are_kept_under_others(tmp_path):
    n = range(210)
    hostile = {
        "label": [f"old{k % 3}" for k in n],
        "Split": [k % 2 for k in n],
        "confidence": [k / 7 for k in n],
        "row": [f"r{k % 5}" for k in n],
        "item": [k * 10 for k in n],
        "item_label": ["taken"] * 210,
        'a "quoted", name': list(n),
        "dq_item": [0] * 210,
        "group": [f"g{k % 30}" for k in n],
    }
    asked = {
        "annotations": VOTES,
        "items": {
            **items(tmp_path, **hostile),
            "source": "label",
            "group": "group",
            "conditions": [{"name": "votes", "column": "row"}, "confidence"],
        },
    }
    done, table, (spec, source) = release(tmp_path, asked)
    assert done.renamed == {
        "label": "item_label_",
        "Split": "item_Split",
        "confidence": "item_confidence",
        "item": "item_item",
    }
    by_item = {row["item"]: row for row in table.to_pylist()}
    assert {key: by_item["i7"][key] for key in ("image", "row", "item_label_", "item_item", "item_label", "group")} == {
        "image": "i7", "row": "r2", "item_label_": "old1", "item_item": 70, "item_label": "taken", "group": "g7",
    }  # fmt: skip
    assert by_item["i7"]['a "quoted", name'] == 7
    with Tables(spec, training_set=done.path) as tables:
        seven = tables["training_set"].expr.filter(lambda row: row.item == "i7").to_pyarrow().to_pylist()[0]
    assert (seven["source"], seven["group"], seven["votes"], seven["confidence"]) == (
        "old1",
        "g7",
        "r2",
        "1",
    )
    found = audit(spec, source, training_set=done.path)
    assert {v.check: v.verdict for v in found.verdicts if v.table == "training_set"} == {
        "contract_training_set": "clear",
        "contract_training_set_groups": "clear",
    }


def test_equal_tables_give_an_equal_data_version_and_a_seed_another(tmp_path):
    asked = {"annotations": VOTES, "items": items(tmp_path)}
    first, _, _ = release(tmp_path, asked)
    again, _, _ = release(tmp_path, asked)
    other, _, _ = release(tmp_path, {**asked, "training_set": {"split": {"seed": 8}}})
    assert first.data_version == again.data_version != other.data_version


def test_a_split_of_the_users_own_is_kept_and_what_is_none_is_left_out(tmp_path):
    part = ["train", "test", "validation", "held out", None, "Train"] * 35
    asked = {"annotations": VOTES, "items": {**items(tmp_path, part=part), "split": "part"}}
    done, table, (spec, _) = release(tmp_path, asked)
    assert done.left_out == {"no split": 105, "no votes": 4}
    assert {(row["part"], row["split"]) for row in table.to_pylist()} == {
        (s, s) for s in ("train", "test", "validation")
    }
    found = contracts(spec)
    assert found["contract_items"].verdict == "block"
    assert (
        "70 of 175 rows have a split that is not one of the names of sides: train, validation, test."
        in found["contract_items"].sentence
    )


def test_groups_on_both_sides_block_unless_the_spec_asked_to_cut_by_item(tmp_path):
    part = ["train", "test"] * 105
    columns = {"part": part, "patient": [f"p{n % 21}" for n in range(210)]}
    own = {**items(tmp_path, **columns), "split": "part", "group": "patient"}
    verdicts = {}
    for name, asked in {
        "own": {"items": own},
        "by item": {"items": {**own, "split": None}, "training_set": {"split": {"by": "item"}}},
        "by group": {"items": {**own, "split": None}},
    }.items():
        done, _, (spec, _) = release(tmp_path, {"annotations": VOTES, **asked})
        verdicts[name] = contracts(spec, done)["contract_training_set_groups"]
    assert {name: found.verdict for name, found in verdicts.items()} == {
        "own": "block",
        "by item": "warn",
        "by group": "clear",
    }
    assert verdicts["own"].sentence == "21 of 21 groups lie on more than one side of the split (200 items)."


def test_a_side_that_few_groups_leave_empty_is_a_warning_unless_its_share_is_none(tmp_path):
    own = {**items(tmp_path, patient=[f"p{n % 5}" for n in range(210)]), "group": "patient"}
    found = {}
    for name, split in {
        "by group": {"seed": 4},
        "both": {"seed": 0},
        "another seed": {"seed": 2},
        "none asked": {"seed": 4, "validation": 0},
        "by item": {"seed": 4, "by": "item"},
    }.items():
        asked = {"annotations": VOTES, "items": own, "training_set": {"split": split}}
        done, _, (spec, _) = release(tmp_path, asked)
        found[name] = contracts(spec, done)["contract_training_set"]
    assert {name for name, one in found.items() if one.verdict != "clear"} == {"by group", "both"}
    said = found["by group"]
    assert (said.verdict, said.blocking, said.measure, said.value) == ("warn", False, "empty_sides", 1)
    assert said.sentence == "Validation is empty: 5 groups cut by 0.1 with seed 4 left nothing there."
    assert "cut by item" in said.remedy
    assert found["both"].sentence.startswith(
        "Validation and test are empty: 5 groups cut by 0.1 and 0.2 with"
    )


def test_nothing_is_asked_of_a_training_set_that_is_not_given(tmp_path):
    _, _, (spec, source) = release(tmp_path, {"annotations": VOTES})
    assert "training_set" not in {verdict.table for verdict in audit(spec, source).verdicts}


def test_an_empty_training_set_is_written_and_blocks(tmp_path):
    done, table, (spec, _) = release(tmp_path, {"annotations": VOTES, "labels": {"values": ["cow"]}})
    assert (done.rows, table.num_rows, done.left_out) == (0, 0, {"undeclared label": 200})
    found = contracts(spec, done)
    assert (found["contract_training_set"].verdict, found["contract_training_set"].sentence) == (
        "block",
        "The training set is empty.",
    )


def test_a_training_set_that_cannot_be_is_told_before_work(tmp_path):
    with pytest.raises(InputError, match=r"neither annotations nor items\.label"):
        release(tmp_path, {"items": items(tmp_path)})
    (tmp_path / "votes.csv").write_text(ROWS)
    spec, source = spec_from({"dataset": "pets", "annotations": VOTES}, base=tmp_path)
    with Tables(spec) as tables, pytest.raises(InputError, match="annotations and no consensus"):
        write_training_set(tables, None, tmp_path / "t.parquet")
    with pytest.raises(InputError, match="build it first"):
        audit(spec, source, training_set=tmp_path / "gone.parquet")
