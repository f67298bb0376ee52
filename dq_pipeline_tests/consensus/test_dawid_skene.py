"""Dawid-Skene: the paper's own patients from annotation rows, invariances, edges, and what it says on real sets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.consensus import write_consensus
from dq_pipeline.consensus.dawid_skene import fit, posteriors
from dq_pipeline.consensus.encode import components, encode
from dq_pipeline.consensus.layout import COLUMNS
from dq_pipeline.consensus.run import dawid_skene
from dq_pipeline.consensus.run import encoded as of_method
from dq_pipeline.spec import InputError, spec_from
from dq_pipeline.tables import Tables
from dq_pipeline.tables.ballots import read_ballots

REFERENCE = Path(__file__).with_name("dawid_skene_1979.json")
COLUMN_NAMES = ("item", "annotator", "label")
VOTES = st.lists(
    st.tuples(st.sampled_from("pqrstuvw"), st.sampled_from("xyz"), st.sampled_from("abc")), max_size=60
)


def encoded(votes, declared=()):
    """The votes through the engine, and the items in the order that it has them in."""
    rows = [(*vote, row) for row, vote in enumerate(votes)]
    names = (*COLUMN_NAMES, "row")
    columns = (
        {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
        if rows
        else {name: [] for name in names}
    )
    kinds = dict.fromkeys(COLUMN_NAMES, "string") | {"row": "int64"}
    with TemporaryDirectory() as folder:
        connection = ibis.duckdb.connect()
        table = connection.create_table("votes", ibis.memtable(columns, schema=kinds))
        ballots = read_ballots(connection, table, Path(folder) / "ballots", last=False)
        made = encode(ballots, declared, once=False, folder=Path(folder) / "votes")
        return held(made), [votes[row][0] for row in ballots.rows[:]]


def held(votes):
    """The votes in memory, for when their files are gone."""
    return replace(votes, codes=votes.codes[:], lengths=votes.lengths[:])


def learned(votes, **asked):
    """Posterior by item and label, and the model."""
    made, items = encoded(votes)
    model = fit(made, **asked)
    blocks = list(posteriors(made, model))
    rows = np.concatenate(blocks) if blocks else np.zeros((0, 0))
    return {
        item: dict(zip(made.labels, row, strict=True)) for item, row in zip(items, rows, strict=True)
    }, model


@pytest.fixture(scope="module")
def anaesthetists():
    return json.loads(REFERENCE.read_text())


@pytest.fixture(scope="module")
def patients(anaesthetists, tmp_path_factory):
    """The spec of the paper's table 1 as a user would write it."""
    folder = tmp_path_factory.mktemp("patients")
    rows = [f"{row['item']:02},{row['annotator']},{row['label']}" for row in anaesthetists["long"]]
    (folder / "votes.csv").write_text("\n".join(["item,annotator,label", *rows]))
    annotations = {"table": "votes.csv"} | {name: name for name in COLUMN_NAMES}
    spec, _ = spec_from(
        {"dataset": "patients", "annotations": annotations, "training_set": {"consensus": "dawid_skene"}},
        base=folder,
    )
    return spec


def test_the_reference_of_1979_from_annotation_rows_through_the_engine(anaesthetists, patients, tmp_path):
    expected = {entry["stat"]: entry for entry in anaesthetists["expected"]}
    with Tables(patients) as tables:
        summary = write_consensus(tables, tmp_path / "consensus.parquet")
        found = dawid_skene(tables)
        votes = held(of_method(tables, "dawid_skene"))
    assert found.prior == pytest.approx(expected["ds_prior"]["value"], abs=1e-6)
    assert found.log_likelihood == pytest.approx(-192.8908812142053, abs=1e-6)
    assert (found.items, found.votes, found.annotators, found.components, found.converged) == (
        45,
        315,
        5,
        1,
        True,
    )
    rows = pq.read_table(tmp_path / "consensus.parquet").to_pylist()
    assert [int(row["label"]) for row in rows] == expected["ds_label"]["value"]
    for row, wanted in zip(rows, expected["ds_posterior"]["value"], strict=True):
        told = {side["label"]: side["probability"] for side in row["soft_label"]}
        assert [told.get(label, 0.0) for label in "1234"] == pytest.approx(wanted, abs=1e-5)
        assert row["confidence"] == max(told.values())
        assert sum(told.values()) == pytest.approx(1, abs=1e-8)
    rates = np.zeros((5, 4, 4))
    model = fit(votes)
    rates[votes.of_annotator, :, votes.of_label] = model.rates
    assert np.abs(rates - np.array(expected["ds_error_rates"]["value"])).max() < 1e-5
    assert summary.by_label == {label: expected["ds_label"]["value"].count(int(label)) for label in "1234"}


@settings(deadline=None, max_examples=25)
@given(votes=VOTES, smoothing=st.sampled_from([0.0, 0.01, 1.0]))
def test_the_log_likelihood_never_falls_and_posteriors_are_probabilities(votes, smoothing):
    told, model = learned(votes, smoothing=smoothing, most_steps=60)
    steps = np.array(model.log_likelihoods)
    assert (np.diff(steps) >= -1e-9 * np.maximum(np.abs(steps[1:]), 1)).all()
    assert all(sum(row.values()) == pytest.approx(1) for row in told.values())
    assert model.prior.sum() == pytest.approx(1 if votes else 0)


@settings(deadline=None, max_examples=15)
@given(votes=VOTES, data=st.data())
def test_other_names_and_another_order_change_nothing(votes, data):
    names = dict(zip("abc", data.draw(st.permutations("abc")), strict=True))
    people = dict(zip("xyz", data.draw(st.permutations("xyz")), strict=True))
    other = [(item, people[who], names[label]) for item, who, label in data.draw(st.permutations(votes))]
    told, model = learned(votes, most_steps=30)
    again, renamed = learned(other, most_steps=30)
    assert renamed.log_likelihood == pytest.approx(model.log_likelihood, abs=1e-8)
    for item, row in told.items():
        assert {names[label]: p for label, p in row.items()} == pytest.approx(again[item], abs=1e-6)


def test_blocks_of_any_size_give_the_same_model(patients, monkeypatch):
    with Tables(patients) as tables:
        votes = held(of_method(tables, "dawid_skene"))
    at_once = fit(votes)
    monkeypatch.setattr("dq_pipeline.consensus.dawid_skene.CELLS", 8)
    in_pairs = fit(votes)
    assert in_pairs.log_likelihoods == pytest.approx(at_once.log_likelihoods, rel=1e-12)
    assert np.concatenate(list(posteriors(votes, in_pairs))) == pytest.approx(
        np.concatenate(list(posteriors(votes, at_once)))
    )


def test_what_one_annotator_alone_says_stands():
    told, _ = learned([("p", "x", "a"), ("q", "x", "b")])
    assert told["p"]["a"] == pytest.approx(told["q"]["b"])
    assert told["p"]["a"] > 0.5
    told, _ = learned([(item, "x", label) for item, label in zip("pqrstuvw", "abababab", strict=True)])
    assert told["p"] == pytest.approx({"a": 1, "b": 0})


def test_one_label_is_certain_and_all_ties_are_undecided():
    told, model = learned([("p", "x", "a"), ("q", "y", "a")])
    assert told == {"p": {"a": 1.0}, "q": {"a": 1.0}}
    assert model.converged
    told, _ = learned([("p", "x", "a"), ("p", "y", "b"), ("q", "x", "a"), ("q", "y", "b")])
    assert told["p"] == told["q"] == pytest.approx({"a": 0.5, "b": 0.5})


def test_no_votes_are_no_items():
    told, model = learned([])
    assert (told, model.converged, model.log_likelihood) == ({}, True, 0.0)


def test_a_declared_label_that_nobody_gives_has_no_share():
    votes, _ = encoded([("p", "x", "b"), ("p", "y", "b"), ("q", "x", "a")], ("c", "b"))
    model = fit(votes, smoothing=0)
    assert votes.labels == ("c", "b", "a")
    assert model.prior == pytest.approx([0, 0.5, 0.5])


def test_an_annotator_with_fewer_votes_than_confusions_is_smoothed_and_others_are_not():
    many = [(f"i{n:03}", who, "ab"[n % 2]) for n in range(40) for who in "xy"]
    votes, _ = encoded([*many, ("i001", "z", "a")])
    model = fit(votes)
    by_pair = {
        (votes.annotators[a], votes.labels[k]): rates
        for a, k, rates in zip(votes.of_annotator, votes.of_label, model.rates, strict=True)
    }
    assert by_pair["x", "a"].tolist() == pytest.approx([1, 0], abs=1e-12)
    assert 0 < by_pair["z", "a"][1] < 1


def test_parts_of_the_graph_of_annotators_are_counted():
    together = [("p", "x", "a"), ("p", "y", "a"), ("q", "z", "a"), ("r", "w", "b"), ("r", "z", "b")]
    assert components(encoded(together)[0]) == 2
    assert components(encoded([*together, ("s", "x", "a"), ("s", "w", "a")])[0]) == 1
    assert components(encoded([])[0]) == 0


def test_the_file_has_the_layout_whichever_the_method(patients, tmp_path):
    with Tables(patients) as tables:
        write_consensus(tables, tmp_path / "a.parquet")
    kinds = pq.read_schema(tmp_path / "a.parquet")
    assert kinds.names == list(COLUMNS)
    majority = patients.model_copy(
        update={"training_set": patients.training_set.model_copy(update={"consensus": "majority"})}
    )
    with Tables(majority) as tables:
        write_consensus(tables, tmp_path / "b.parquet")
    other = pq.read_schema(tmp_path / "b.parquet")
    assert [str(kind.type).replace("element", "item") for kind in other] == [
        str(kind.type).replace("element", "item") for kind in kinds
    ]


def test_more_rates_than_can_be_told_are_refused_in_words(patients, tmp_path, monkeypatch):
    monkeypatch.setattr("dq_pipeline.consensus.run.MOST_RATES", 10)
    with Tables(patients) as tables, pytest.raises(InputError, match="write `consensus: majority`"):
        write_consensus(tables, tmp_path / "consensus.parquet")
    assert list(tmp_path.iterdir()) == []
