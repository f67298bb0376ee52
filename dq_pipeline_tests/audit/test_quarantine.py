"""Quarantine: what fails is left out where the policy says so, and what remains is judged again, whole."""

from __future__ import annotations

import csv

import pytest

from dq_pipeline.audit import audit
from dq_pipeline.audit.quarantine import LeftOut, quarantine, tables_without
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables
from dq_pipeline_tests import drifting


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """The folder of the drifting crowd, and its audit, which blocks."""
    folder = tmp_path_factory.mktemp("drifting")
    spec, source = spec_from(drifting.make(folder), base=folder)
    found = audit(spec, source)
    assert {one.check for one in found.verdicts if one.blocking} == {
        "agreement_krippendorff_alpha",
        "drift_agreement",
        "drift_agreement_of_all",
    }
    return folder, found


def tried(judged, tmp_path, policy):
    folder, found = judged
    spec, source = spec_from(drifting.make(folder, quarantine=policy), base=folder)
    return quarantine(spec, source, found, tmp_path)


def test_the_annotator_who_fails_is_left_out_and_every_check_passes_on_the_rest(judged, tmp_path):
    apart = tried(judged, tmp_path, {"checks": ["drift"], "at_most": 0.25})
    assert apart.left_out == (LeftOut("drift_agreement", "annotator", "dan", 600),)
    assert apart.refused == ""
    assert apart.sentence == "Built without annotator dan (600 rows, drift_agreement)."
    assert not [one.check for one in apart.audit.verdicts if one.blocking]
    with Tables(apart.spec) as tables:
        assert (tables["annotations"].rows, tables["items"].rows) == (1800, 600)
        assert tables["annotations"].expr.annotator.nunique().execute() == 3


def test_more_than_the_policy_allows_is_not_left_out(judged, tmp_path):
    apart = tried(judged, tmp_path, {"checks": ["drift"], "at_most": 0.24})
    assert apart.refused == "25.0% of the annotators would be left out, and at most 24.0% may be."


def test_a_check_that_fails_as_a_whole_has_nothing_to_leave_out(judged, tmp_path):
    apart = tried(judged, tmp_path, ["agreement"])
    assert apart.left_out == ()
    assert apart.refused.startswith("Nothing can be left out that would help: agreement_krippendorff_alpha: ")


SLICES = (
    (LeftOut("c", "source", "north"),),
    (LeftOut("c", "source,weather", "north|rain"), LeftOut("c", "weather", "snow")),
    (LeftOut("c", "annotator", "ben"), LeftOut("c", "weather", "sun")),
)


@pytest.mark.parametrize("slices", SLICES)
def test_what_remains_is_what_a_plain_loop_keeps(judged, tmp_path, slices):
    folder, found = judged
    counted, remaining, lost = tables_without(found.spec, slices, tmp_path)

    def rows(name):
        with (folder / name).open(newline="") as lines:
            return list(csv.DictReader(lines))

    def gone(item):
        own = {"source": item["site"], "weather": item["weather"]}
        return any(
            all(own[part] == value for part, value in zip(one.by.split(","), one.key.split("|"), strict=True))
            for one in slices
            if one.by != "annotator"
        )

    out = {item["item"] for item in rows("items.csv") if gone(item)}
    names = {one.key for one in slices if one.by == "annotator"}
    kept = [vote for vote in rows("votes.csv") if vote["item"] not in out and vote["who"] not in names]
    with Tables(remaining) as tables:
        there = tables["annotations"].raw.to_pyarrow().to_pylist()
        assert [(one["item"], one["who"]) for one in there] == [(one["item"], one["who"]) for one in kept]
        assert tables["items"].rows == 600 - len(out)
    by_these = sum(row["who"] in names for row in rows("votes.csv"))
    assert lost == {
        "items": len(out) / 600,
        "annotators": len(names) / 4,
        "annotations": by_these / len(rows("votes.csv")),
    }
    assert sum(one.rows for one in counted if one.by != "annotator") == len(out)


def test_what_remains_of_a_wide_table_is_read_as_the_votes_that_it_holds(tmp_path):
    rows = "".join(f"i{n},a,b,{'a' if n % 2 else 'b'}\n" for n in range(6))
    (tmp_path / "wide.csv").write_text("item,r1,r2,r3\n" + rows)
    written = {
        "dataset": "d",
        "annotations": {"table": "wide.csv", "format": "wide", "item": "item"},
        "mlflow": False,
    }
    spec, _ = spec_from(written, base=tmp_path)
    counted, remaining, _ = tables_without(spec, [LeftOut("c", "annotator", "r3")], tmp_path / "aside")
    assert [one.rows for one in counted] == [6]
    with Tables(remaining) as tables:
        votes = tables["annotations"].expr.select("item", "annotator", "label").to_pyarrow().to_pylist()
    assert sorted(tuple(vote.values()) for vote in votes) == sorted(
        (f"i{n}", who, label) for n in range(6) for who, label in (("r1", "a"), ("r2", "b"))
    )


def test_one_annotator_of_many_who_gave_most_of_the_annotations_is_not_a_small_part(tmp_path):
    votes = [f"i{at},busy,cat" for at in range(90)] + [f"i{at},a{at},cat" for at in range(10)]
    (tmp_path / "votes.csv").write_text("\n".join(["item,who,label", *votes]) + "\n")
    annotations = {"table": "votes.csv", "item": "item", "annotator": "who", "label": "label"}
    spec, _ = spec_from({"dataset": "d", "annotations": annotations}, base=tmp_path)
    _, _, lost = tables_without(spec, [LeftOut("c", "annotator", "busy")], tmp_path / "rest")
    assert lost == {"annotators": 1 / 11, "annotations": 0.9}


@pytest.mark.parametrize(
    ("by", "key", "left"),
    [
        ("source", "(missing)", {"a", "e"}),
        ("source,weather", "(missing)|rain", {"a", "c", "d", "e"}),
        ("weather", "(missing)", {"a", "b", "c", "e"}),
        ("group", "(missing)", {"a", "b", "d"}),
    ],
)
def test_rows_without_a_value_are_a_slice_as_the_families_count_them(by, key, left, tmp_path):
    rows = ["a,north,sun,g", "b,,rain,g", "c, NA,sun,", "d,unknown,,NA", "e,east,unknown,"]
    (tmp_path / "items.csv").write_text("\n".join(["id,site,weather,drive", *rows]) + "\n")
    weather = {"name": "weather", "values": ["sun", "rain", "unknown"]}
    items = {"table": "items.csv", "id": "id", "source": "site", "group": "drive", "conditions": [weather]}
    spec, _ = spec_from({"dataset": "d", "items": items}, base=tmp_path)
    counted, remaining, lost = tables_without(spec, [LeftOut("c", by, key)], tmp_path / "rest")
    with Tables(remaining) as tables:
        assert set(tables["items"].expr.to_pyarrow()["item"].to_pylist()) == left
    assert (counted[0].rows, lost["items"]) == (5 - len(left), (5 - len(left)) / 5)
