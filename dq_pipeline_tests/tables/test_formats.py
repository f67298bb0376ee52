"""Annotations read where they live give the votes, and the alpha, of the long table of the same votes."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq_pipeline.audit import audit
from dq_pipeline.proposal import as_yaml, propose
from dq_pipeline.spec import InputError, load_spec, spec_from
from dq_pipeline.tables import Tables, data_version_of

EXPORTS = Path(__file__).parent / "exports"
NUMBERED = {"3": "ana", "7": "ben", "11": "cho"}
"""Label Studio's annotators by their ids."""


def long_votes():
    with (EXPORTS / "long.csv").open(newline="") as stream:
        return sorted((row["item"], row["annotator"], row["label"]) for row in csv.DictReader(stream))


def by_item():
    found = {}
    for item, annotator, label in long_votes():
        found.setdefault(item, []).append((annotator, label))
    return found


def argilla_2(path):
    """As `dataset.records.to_datasets().to_parquet(path)` of Argilla 2 writes it."""
    rows = by_item().items()
    drafts = [
        [("zoe", "dog", "draft"), ("yan", "dog", "discarded")] if n == 0 else [] for n in range(len(rows))
    ]
    answers = [
        [(a, label, "submitted") for a, label in votes] + draft
        for (_, votes), draft in zip(rows, drafts, strict=True)
    ]
    table = pa.table(
        {
            "id": [item for item, _ in rows],
            "status": ["completed"] * len(rows),
            "_server_id": [f"server-{n}" for n in range(len(rows))],
            "text": ["..."] * len(rows),
            "animal.responses": [[label for _, label, _ in one] for one in answers],
            "animal.responses.users": [[who for who, _, _ in one] for one in answers],
            "animal.responses.status": [[status for _, _, status in one] for one in answers],
            "animal.suggestion": ["dog"] * len(rows),
        }
    )
    pq.write_table(table, path)


def argilla_1(path):
    """As `FeedbackDataset.format_as("datasets").to_parquet(path)` of Argilla 1 writes it: a sequence of records."""
    rows = by_item().items()
    table = pa.table(
        {
            "text": ["..."] * len(rows),
            "animal": [
                {
                    "user_id": [who for who, _ in votes],
                    "value": [label for _, label in votes],
                    "status": ["submitted"] * len(votes),
                }
                for _, votes in rows
            ],
            "external_id": [item for item, _ in rows],
        }
    )
    pq.write_table(table, path)


def described(table, features):
    return table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


NAMES = ["cat", "dog", "bird"]


def hugging_face_long(path):
    """As `Dataset.to_parquet` writes a ClassLabel; -1 where there is none."""
    votes = [*long_votes(), ("9223372036854775809", "zoe", None)]
    table = pa.table(
        {
            "image": [item for item, _, _ in votes],
            "reader": [who for _, who, _ in votes],
            "finding": [NAMES.index(label) if label else -1 for _, _, label in votes],
        }
    )
    text = {"dtype": "string", "_type": "Value"}
    pq.write_table(
        described(table, {"image": text, "reader": text, "finding": {"names": NAMES, "_type": "ClassLabel"}}),
        path,
    )


def hugging_face_lists(path):
    """One row an item, its annotators and labels in lists that go together."""
    rows = by_item().items()
    table = pa.table(
        {
            "image": [item for item, _ in rows],
            "reader": [[who for who, _ in votes] for _, votes in rows],
            "finding": [[NAMES.index(label) for _, label in votes] for _, votes in rows],
        }
    )
    features = {"finding": {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "Sequence"}}
    pq.write_table(described(table, features), path)


HF = {"format": "huggingface", "item": "image", "annotator": "reader", "label": "finding"}
WRITTEN = {
    "argilla_2.parquet": (argilla_2, {"format": "argilla"}),
    "argilla_1.parquet": (argilla_1, {"format": "argilla"}),
    "hugging_face_long.parquet": (hugging_face_long, HF),
    "hugging_face_lists.parquet": (hugging_face_lists, HF),
}
STORED = {
    "label_studio.json": {"format": "label_studio"},
    "label_studio_min.json": {"format": "label_studio"},
    "coco_*.json": {"format": "coco"},
    "cvat_*.xml": {"format": "cvat"},
    "wide.csv": {"format": "wide", "item": "item"},
}
FORMATS = {name: keys for name, (_, keys) in WRITTEN.items()} | STORED


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("exports")
    for file in EXPORTS.iterdir():
        shutil.copy(file, made)
    for name, (write, _) in WRITTEN.items():
        write(made / name)
    return made


def spec_of(folder, annotations, **more):
    return spec_from({"dataset": "d", "annotations": annotations, "mlflow": False, **more}, base=folder)[0]


def votes_of(spec):
    with Tables(spec) as tables:
        rows = tables.votes.to_pyarrow().to_pylist()
    who = NUMBERED if spec.annotations.format == "label_studio" else {}
    names = [name.removeprefix("coco_") for name in (row["annotator"] for row in rows)]
    return sorted(
        (row["item"], who.get(name, name), row["label"]) for row, name in zip(rows, names, strict=True)
    )


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_an_export_gives_the_votes_of_the_long_table(folder, name):
    assert votes_of(spec_of(folder, {"table": name, **FORMATS[name]})) == long_votes()


def alpha_of(folder, annotations, **more):
    source = {"dataset": "d", "annotations": annotations, "mlflow": False, "checks": ALPHA_ONLY, **more}
    found = audit(*spec_from(source, base=folder))
    return next(
        (m.estimate.value, m.estimate.n)
        for m in found.measures
        if m.measure == "krippendorff_alpha" and m.by is None
    )


ALPHA_ONLY = {"annotators": False, "balance": False, "integrity": False, "consensus": False, "drift": False}


@pytest.fixture(scope="module")
def expected_alpha(folder):
    return alpha_of(folder, {"table": "long.csv", "item": "item", "annotator": "annotator", "label": "label"})


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_an_audit_of_an_export_gives_the_alpha_of_the_long_table(folder, name, expected_alpha):
    assert alpha_of(folder, {"table": name, **FORMATS[name]}) == expected_alpha


def test_the_alpha_is_that_of_the_coincidences_counted_by_hand(expected_alpha):
    # Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, part C.
    units = [[label for _, label in votes] for votes in by_item().values()]
    counts = {label: sum(unit.count(label) for unit in units) for label in NAMES}
    n = sum(counts.values())
    observed = sum(
        sum(a != b for i, a in enumerate(unit) for j, b in enumerate(unit) if i != j) / (len(unit) - 1)
        for unit in units
    )
    by_chance = sum(counts[a] * counts[b] for a in NAMES for b in NAMES if a != b) / (n - 1)
    assert expected_alpha[0] == pytest.approx(1 - observed / by_chance, abs=1e-12)


def test_label_studio_says_when_and_how_long(folder):
    with Tables(spec_of(folder, {"table": "label_studio.json", "format": "label_studio"})) as tables:
        row = next(r for r in tables.votes.to_pyarrow().to_pylist() if r["annotator"] == "3")
    assert str(row["time"]).startswith("2024-03-")
    assert row["seconds"] == pytest.approx(7.288)


def test_ground_truth_annotations_are_gold_and_no_votes(folder):
    where = {"table": "label_studio.json", "format": "label_studio"}
    with Tables(spec_of(folder, where, gold=where)) as tables:
        gold = {row["item"]: row["label"] for row in tables["gold"].expr.to_pyarrow().to_pylist()}
        annotators = {row["annotator"] for row in tables.votes.to_pyarrow().to_pylist()}
    assert gold == {
        "9223372036854775809": "cat",
        "9223372036854775810": "dog",
        "9223372036854775811": "dog",
    }
    assert annotators == set(NUMBERED)


def test_items_come_from_label_studio_tasks_with_their_data(folder):
    items = {
        "table": "label_studio.json",
        "format": "label_studio",
        "source": "hospital",
        "conditions": ["image"],
    }
    with Tables(
        spec_of(folder, {"table": "label_studio.json", "format": "label_studio"}, items=items)
    ) as tables:
        rows = tables["items"].expr.to_pyarrow().to_pylist()
    assert len(rows) == 6
    assert {row["source"] for row in rows} == {"north", "south"}
    assert rows[0]["image"] == "/data/upload/83/0.jpg"


@pytest.mark.parametrize(("name", "rows"), [("coco_ana.json", 6), ("cvat_ana.xml", 6)], ids=["coco", "cvat"])
def test_items_are_images_with_the_labels_of_their_objects_or_the_objects(folder, name, rows):
    kind = name.partition("_")[0]
    items = {"table": name, "format": kind, "label": "label", "conditions": ["width"]}
    with Tables(spec_from({"dataset": "d", "items": items}, base=folder)[0]) as tables:
        found = tables["items"].expr.to_pyarrow().to_pylist()
    labels = {item: label for item, who, label in long_votes() if who == "ana"}
    assert len(found) == rows
    assert {row["item"]: row["label"] for row in found} == {item: labels.get(item) for item in by_item()}
    assert {row["width"] for row in found} == {"640"}
    with Tables(
        spec_from({"dataset": "d", "items": items | {"id": "object", "group": "item"}}, base=folder)[0]
    ) as tables:
        objects = tables["items"].expr.to_pyarrow().to_pylist()
    assert len({row["item"] for row in objects}) == len(objects) == len(labels) + (kind == "coco")
    assert {row["group"] for row in objects} == set(labels)


def written(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return name


def task(*results, **more):
    annotation = {
        "id": 1,
        "completed_by": {"id": 5, "email": "a@b.c"},
        "result": list(results),
        "was_cancelled": False,
    }
    return {"id": 1, "data": {"text": "..."}, "annotations": [annotation | more]}


def result(question, **value):
    return {"from_name": question, "to_name": "text", "type": next(iter(value)), "value": value}


def test_several_choices_are_one_label_in_the_order_of_their_text(tmp_path):
    one = task(result("topic", choices=["sport", "art"]), result("topic", choices=["art"]))
    name = written(tmp_path, "a.json", json.dumps([one]))
    assert votes_of(spec_of(tmp_path, {"table": name, "format": "label_studio"})) == [("1", "5", "art|sport")]


def test_one_of_several_questions_is_chosen_by_its_name(tmp_path):
    one = task(
        result("topic", choices=["sport"]), result("stars", rating=4), result("who", start=0, labels=["PER"])
    )
    where = {"table": written(tmp_path, "a.json", json.dumps([one])), "format": "label_studio"}
    with pytest.raises(InputError, match=r"3 labelling questions: stars, topic, who\n.*\n.*`label: stars`"):
        votes_of(spec_of(tmp_path, where))
    for question, label in (("topic", "sport"), ("stars", "4"), ("who", "PER")):
        assert votes_of(spec_of(tmp_path, where | {"label": question})) == [("1", "5", label)]
    with pytest.raises(InputError, match=r"'mood' for label"):
        votes_of(spec_of(tmp_path, where | {"label": "mood"}))


def test_argilla_multi_labels_are_joined_and_questions_told_apart(tmp_path):
    table = pa.table(
        {
            "id": ["1"],
            "topic.responses": [[["b", "a"], ["a"]]],
            "topic.responses.users": [["u", "v"]],
            "topic.responses.status": [["submitted", "submitted"]],
            "stars.responses": [[4, 5]],
            "stars.responses.users": [["u", "v"]],
            "stars.responses.status": [["submitted", "draft"]],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    where = {"table": "a.parquet", "format": "argilla"}
    with pytest.raises(InputError, match="2 labelling questions: stars, topic"):
        votes_of(spec_of(tmp_path, where))
    assert votes_of(spec_of(tmp_path, where | {"label": "topic"})) == [("1", "u", "a|b"), ("1", "v", "a")]
    assert votes_of(spec_of(tmp_path, where | {"label": "stars"})) == [("1", "u", "4")]


def test_a_wide_table_takes_the_annotators_that_are_named(tmp_path):
    name = written(tmp_path, "w.csv", "id,age,r1,r2\n01,5,a,\n02,6,b,a\n")
    where = {"table": name, "format": "wide", "item": "id"}
    assert votes_of(spec_of(tmp_path, where | {"annotators": ["r1", "r2"]})) == [
        ("01", "r1", "a"),
        ("02", "r1", "b"),
        ("02", "r2", "a"),
    ]
    assert ("01", "age", "5") in votes_of(spec_of(tmp_path, where))
    with pytest.raises(InputError, match=r"annotators\[1\]"):
        votes_of(spec_of(tmp_path, where | {"annotators": ["r1", "r3"]}))


def test_cvat_video_gives_a_label_a_frame_and_leaves_out_what_is_outside(tmp_path):
    text = (
        '<annotations><version>1.1</version><meta/><track id="0" label="car" source="manual">'
        '<box frame="0" outside="0" occluded="0" keyframe="1" xtl="1" ytl="1" xbr="2" ybr="2"/>'
        '<box frame="1" outside="1" occluded="0" keyframe="1" xtl="1" ytl="1" xbr="2" ybr="2"/></track>'
        '<track id="1" label="bus"><polygon frame="0" outside="0" points="1,1;2,2;3,3"/>'
        '<polygon frame="1" outside="0" points="1,1;2,2;3,3"/></track>'
        '<track id="2" label="man"><skeleton frame="2" outside="0" keyframe="1" points="1,1"/>'
        '<track id="0" label="knee"><points frame="2" outside="0" points="1,1"/></track></track></annotations>'
    )
    name = written(tmp_path, "ana.xml", text)
    assert votes_of(spec_of(tmp_path, {"table": name, "format": "cvat"})) == [
        ("0", "ana", "bus|car"),
        ("1", "ana", "bus"),
        ("2", "ana", "man"),
    ]


@pytest.mark.parametrize(("repeats", "label"), [("first", "old"), ("last", "new")])
def test_the_first_and_last_of_an_annotators_votes_are_told_by_time_in_label_studio(tmp_path, repeats, label):
    newest_first = [
        {
            "id": 1,
            "text": "...",
            "topic": said,
            "annotator": 5,
            "annotation_id": n,
            "created_at": f"2024-03-0{n}T09:00:00Z",
        }
        for n, said in ((3, "new"), (2, "mid"), (1, "old"))
    ]
    tasks = [
        {k: one[k] for k in ("text", "id", "topic", "annotator", "annotation_id", "created_at")}
        for one in newest_first
    ]
    name = written(tmp_path, "a.json", json.dumps(tasks))
    where = {"table": name, "format": "label_studio", "repeats": repeats}
    assert votes_of(spec_of(tmp_path, where)) == [("1", "5", label)]


def test_a_gzipped_export_and_a_key_of_the_data_as_item_are_read(tmp_path):
    one = task(result("topic", choices=["art"])) | {"data": {"doc": 92233720368547758099}}
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps([one]).encode()))
    where = {"table": "a.json.gz", "format": "label_studio", "item": "doc"}
    assert votes_of(spec_of(tmp_path, where)) == [("92233720368547758099", "5", "art")]


def test_coco_annotators_may_stand_in_a_key_of_the_annotations(tmp_path):
    drawn = [
        {"id": 1, "image_id": 9, "category_id": 1, "attributes": {"drawn_by": "ana"}},
        {"id": 2, "image_id": 9, "category_id": 2, "attributes": {"drawn_by": "ben"}},
        {"id": 3, "image_id": 9, "category_id": 1, "attributes": {"drawn_by": "ben"}},
    ]
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "bus"}]
    coco = {"images": [{"id": 9, "file_name": "x.jpg"}], "annotations": drawn, "categories": categories}
    where = {
        "table": written(tmp_path, "a.json", json.dumps(coco)),
        "format": "coco",
        "annotator": "drawn_by",
    }
    assert votes_of(spec_of(tmp_path, where)) == [("x.jpg", "ana", "cat"), ("x.jpg", "ben", "bus|cat")]


def test_gold_may_be_the_images_of_an_export(folder):
    spec = spec_of(
        folder, {"table": "coco_*.json", "format": "coco"}, gold={"table": "cvat_ana.xml", "format": "cvat"}
    )
    with Tables(spec) as tables:
        gold = {row["item"]: row["label"] for row in tables["gold"].expr.to_pyarrow().to_pylist()}
    assert gold == {item: label for item, who, label in long_votes() if who == "ana"}


def test_the_tasks_of_a_cvat_project_have_their_own_assignees_and_frames(tmp_path):
    tasks = "".join(
        f"<task><id>{n}</id><assignee><username>{who}</username></assignee></task>"
        for n, who in ((1, "ana"), (2, "ben"))
    )
    images = "".join(
        f'<image id="0" name="a.jpg" task_id="{n}"><tag label="{said}"/></image>'
        for n, said in ((1, "x"), (2, "y"))
    )
    text = f"<annotations><meta><project><tasks>{tasks}</tasks></project></meta>{images}</annotations>"
    where = {"table": written(tmp_path, "p.xml", text), "format": "cvat"}
    assert votes_of(spec_of(tmp_path, where)) == [("a.jpg", "ana", "x"), ("a.jpg", "ben", "y")]


def test_cvat_images_of_like_number_in_two_subsets_are_two_rows(tmp_path):
    images = "".join(
        f'<image id="0" name="{said}.jpg" subset="{said}" task_id="39"><box label="{said}"/></image>'
        for said in ("Train", "Test")
    )
    name = written(tmp_path, "ana.xml", f"<annotations>{images}</annotations>")
    assert votes_of(spec_of(tmp_path, {"table": name, "format": "cvat"})) == [
        ("Test.jpg", "ana", "Test"),
        ("Train.jpg", "ana", "Train"),
    ]


def test_argilla_records_and_hugging_face_rows_are_items_too(folder):
    items = {"table": "argilla_2.parquet", "format": "argilla", "source": "text"}
    with Tables(spec_from({"dataset": "d", "items": items}, base=folder)[0]) as tables:
        assert sorted(tables["items"].expr.to_pyarrow()["item"].to_pylist()) == sorted(by_item())
    items = {"table": "hugging_face_long.parquet", "format": "huggingface", "label": "finding"}
    with Tables(spec_from({"dataset": "d", "items": items}, base=folder)[0]) as tables:
        assert tables["items"].expr.to_pyarrow()["label"].to_pylist() == [
            *(label for *_, label in long_votes()),
            None,
        ]


def test_class_labels_keep_their_numbers_unless_the_format_is_said(folder):
    where = {"table": "hugging_face_long.parquet", **HF}
    del where["format"]
    assert {label for *_, label in votes_of(spec_of(folder, where))} == {"-1", "0", "1", "2"}


def test_lists_of_unlike_length_are_refused(tmp_path):
    table = pa.table({"image": ["1", "2"], "reader": [["a"], ["a", "b"]], "finding": [["x"], ["y"]]})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(InputError, match="row 1 with lists of unlike length"):
        votes_of(spec_of(tmp_path, {"table": "a.parquet", **HF}))


@settings(max_examples=10, deadline=None)
@given(
    votes=st.dictionaries(
        st.tuples(st.integers(1, 2**70), st.sampled_from(["r1", "r2", "r3"])),
        st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), min_size=1).map(
            lambda t: f"x{t}x"
        ),
        min_size=1,
    )
)
def test_whatever_the_labels_wide_and_label_studio_give_the_votes_that_went_in(tmp_path_factory, votes):
    folder = tmp_path_factory.mktemp("any")
    items = sorted({item for item, _ in votes})
    pq.write_table(
        pa.table(
            {"item": [str(item) for item in items]}
            | {
                who: pa.array([votes.get((item, who)) for item in items], pa.string())
                for who in ("r1", "r2", "r3")
            }
        ),
        folder / "wide.parquet",
    )
    tasks = [
        task(result("q", choices=[label]), completed_by=who) | {"id": item}
        for (item, who), label in votes.items()
    ]
    written(folder, "a.json", json.dumps(tasks))
    expected = sorted((str(item), who, label) for (item, who), label in votes.items())
    assert votes_of(spec_of(folder, {"table": "wide.parquet", "format": "wide", "item": "item"})) == expected
    assert votes_of(spec_of(folder, {"table": "a.json", "format": "label_studio"})) == expected


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><annotations><image id="0" name="&c;"/></annotations>'
MALFORMED = {
    "cut.json": ("label_studio", '[{"id": 1, "data": {}, "annotations": [', "cut.json is no JSON"),
    "other.json": ("label_studio", '[{"a": 1}]', "other.json, record 1: a"),
    "coco.json": (
        "label_studio",
        '{"images": [], "annotations": [], "categories": []}',
        "record 1: images, annotations",
    ),
    "empty.json": ("label_studio", "[]", "no annotation that counts"),
    "list.json": ("coco", "[]", "no COCO export"),
    "nameless.json": ("coco", '{"images": [], "annotations": []}', "without categories"),
    "lost.json": (
        "coco",
        '{"images": [], "annotations": [{"id": 4, "image_id": 9, "category_id": 1}], "categories": [{"id": 1, "name": "a"}]}',
        r"1 annotation of images that the export does not list \(annotation 4, image 9\)",
    ),
    "unknown.json": (
        "coco",
        '{"images": [{"id": 9}], "annotations": [{"id": 4, "image_id": 9, "category_id": 2}], "categories": [{"id": 1, "name": "a"}]}',
        "annotation 4 of category_id 2",
    ),
    "voc.xml": ("cvat", "<annotation/>", "whose root is <annotation>"),
    "cut.xml": ("cvat", '<annotations><image id="0"', "is no XML to read"),
    "bomb.xml": ("cvat", BOMB, "is no XML to read"),
    "both.xml": (
        "cvat",
        '<annotations><image id="0" name="a"><tag label="x"/><box label="y"/></image></annotations>',
        "2 labelling questions: tag, shape",
    ),
    "zip.xml": ("cvat", "PK\x03\x04", "is a zip archive"),
    "table.csv": ("argilla", "a,b\n1,2\n", "table.csv, no Parquet"),
}


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_a_malformed_export_is_one_error_with_a_fix(tmp_path, name):
    kind, text, said = MALFORMED[name]
    where = {"table": written(tmp_path, name, text), "format": kind}
    with pytest.raises(InputError, match=said) as error:
        votes_of(spec_of(tmp_path, where))
    assert "fix:" in str(error.value)


def test_a_plain_parquet_is_no_argilla_export(tmp_path):
    pq.write_table(pa.table({"id": ["1"], "label": ["a"]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="a question's responses"):
        votes_of(spec_of(tmp_path, {"table": "a.parquet", "format": "argilla"}))


@pytest.mark.parametrize(
    ("annotations", "said"),
    [
        ({"table": "a.json", "format": "labelstudio"}, "label_studio"),
        ({"table": "a.csv", "format": "wide"}, "no 'item'"),
        (
            {"table": "a.csv", "item": "i", "annotator": "a", "label": "l", "annotators": ["x"]},
            "format: wide",
        ),
        ({"table": "t", "database": "sqlite://x", "format": "coco"}, "'format' is of files"),
    ],
)
def test_a_format_that_does_not_fit_is_told_with_its_key(tmp_path, annotations, said):
    with pytest.raises(InputError, match=said):
        spec_of(tmp_path, annotations)


def test_the_data_version_is_that_of_the_files(folder):
    spec = spec_of(folder, {"table": "coco_*.json", "format": "coco"})
    with Tables(spec) as tables:
        assert tables["annotations"].data_version == data_version_of(spec, "annotations")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("label_studio.json", "label_studio"),
        ("label_studio_min.json", "label_studio"),
        ("coco_ana.json", "coco"),
        ("cvat_ana.xml", "cvat"),
        ("argilla_2.parquet", "argilla"),
        ("hugging_face_long.parquet", "huggingface"),
    ],
)
def test_init_tells_an_export_by_its_content(folder, tmp_path, name, kind):
    text = as_yaml(propose([folder / name]), tmp_path)
    (tmp_path / "spec.yaml").write_text(text, encoding="utf-8")
    spec = load_spec(tmp_path / "spec.yaml")[0]
    assert spec.annotations.format == kind
    with Tables(spec) as tables:
        assert {row["label"] for row in tables.votes.to_pyarrow().to_pylist()} == set(NAMES)


def test_init_takes_the_first_of_several_questions_and_names_the_others(tmp_path):
    one = task(result("topic", choices=["sport"]), result("stars", rating=4))
    text = as_yaml(propose([tmp_path / written(tmp_path, "a.json", json.dumps([one, one]))]), tmp_path)
    assert "label: stars # one of its questions: stars, topic" in text
