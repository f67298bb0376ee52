"""`dq-pipeline init` guesses a spec that audits without an edit, and says why."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from dq_pipeline.audit import audit
from dq_pipeline.cli.init import init
from dq_pipeline.families import families_of
from dq_pipeline.proposal.scales import in_order
from dq_pipeline.spec import InputError, load_spec
from dq_pipeline.tables import Tables

REAL = os.environ.get("DQ_REAL_DATA")
needs_real = pytest.mark.skipif(REAL is None, reason="set DQ_REAL_DATA to the folder of real tables")


def proposed(folder: Path, *tables: Path, force: bool = False) -> dict[str, Any]:
    """The spec that init writes for some tables; it opens and its policies hold."""
    asked = [*map(str, tables), "--output", str(folder / "spec.yaml"), *(["--force"] if force else [])]
    ended = CliRunner().invoke(init, asked)
    assert ended.exit_code == 0, (ended.output, ended.exception)
    spec, source = load_spec(folder / "spec.yaml")
    assert families_of(spec, source)
    Tables(spec).close()
    data: dict[str, Any] = yaml.safe_load((folder / "spec.yaml").read_text(encoding="utf-8"))
    return {
        key: {k: v for k, v in part.items() if k != "table"} if isinstance(part, dict) else part
        for key, part in data.items()
    }


@needs_real
@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (
            ["convabuse/items.csv.gz", "convabuse/annotations.csv.gz"],
            {
                "dataset": "convabuse",
                "items": {"id": "item_id", "source": "source", "group": "conv_id"},
                "annotations": {"item": "item_id", "annotator": "annotator_id", "label": "severity"},
                "labels": {"level": "ordinal", "values": ["-3", "-2", "-1", "0", "1"]},
            },
        ),
        (
            ["weather_sentiment/annotations_mturk.csv", "weather_sentiment/gold.csv"],
            {
                "dataset": "weather_sentiment",
                "annotations": {
                    "item": "item",
                    "annotator": "annotator",
                    "label": "label",
                    "seconds": "seconds",
                },
                "gold": {"item": "item", "label": "label"},
                "labels": {"level": "nominal"},
            },
        ),
        (
            ["music_genre/annotations.csv", "music_genre/gold.csv"],
            {
                "dataset": "music_genre",
                "annotations": {"item": "item", "annotator": "annotator", "label": "label"},
                "gold": {"item": "item", "label": "label"},
                "labels": {"level": "nominal"},
            },
        ),
        (
            ["chest_xray/images.parquet"],
            {
                "dataset": "chest_xray",
                "items": {
                    "id": "image_id",
                    "group": "patient_id",
                    "label": "findings",
                    "conditions": [
                        "view_position",
                        {"name": "age", "column": "age", "quantiles": 4},
                        "sex",
                        {"name": "follow_up", "column": "follow_up", "quantiles": 4},
                    ],
                },
                "labels": {"level": "nominal", "separator": "|"},
            },
        ),
    ],
)
def test_a_real_set_gets_its_roles_and_level(
    tmp_path: Path, tables: list[str], expected: dict[str, Any]
) -> None:
    assert REAL is not None
    assert proposed(tmp_path, *(Path(REAL) / table for table in tables)) == expected


@needs_real
def test_what_production_lacks_is_the_label_and_what_it_has_are_conditions(tmp_path: Path) -> None:
    assert REAL is not None
    folder = Path(REAL) / "employment_shift"
    spec = proposed(tmp_path, folder / "reference.parquet", folder / "analysis.parquet")
    assert spec["items"]["label"] == "employed"
    assert "year" not in spec["items"]["conditions"]
    assert "production" in spec


@needs_real
def test_items_without_an_id_are_told_by_their_place_and_severity_in_words_is_ordinal(
    tmp_path: Path,
) -> None:
    assert REAL is not None
    spec = proposed(tmp_path, Path(REAL) / "road_accidents/accidents.csv.gz")
    assert "id" not in spec["items"]
    assert spec["items"]["label"] == "Accident_severity"
    assert {"Light_conditions", "Weather_conditions"} <= set(spec["items"]["conditions"])
    assert spec["labels"] == {
        "level": "ordinal",
        "values": ["Slight Injury", "Serious Injury", "Fatal injury"],
    }


def test_a_scale_with_a_step_that_nobody_chose_is_declared_whole(tmp_path: Path) -> None:
    rows = [
        f"i{place},{reader},{step}" for place in range(8) for reader, step in (("a", place % 2), ("b", 4))
    ]
    table = tmp_path / "ratings.csv"
    table.write_text("\n".join(["image,reader,rating", *rows]), encoding="utf-8")
    spec = proposed(tmp_path, table)
    assert spec["annotations"] == {"item": "image", "annotator": "reader", "label": "rating"}
    assert spec["labels"] == {"level": "ordinal", "values": ["0", "1", "2", "3", "4"]}


def test_codes_that_lie_far_apart_are_a_scale_of_what_was_seen_and_not_of_all_between_them(
    tmp_path: Path,
) -> None:
    table = tmp_path / "items.csv"
    codes = (1, 2_000_000_000_000, 9_000_000_000_000_000)
    table.write_text("id,severity\n" + "".join(f"a{n},{codes[n % 3]}\n" for n in range(90)), encoding="utf-8")
    assert proposed(tmp_path, table)["labels"] == {
        "level": "ordinal",
        "values": ["1", "2000000000000", "9000000000000000"],
    }


def test_hostile_names_of_columns_and_values_stay_whole_in_the_yaml(tmp_path: Path) -> None:
    names = ['"label": #1', "- [x]", "weather\u202e, yes"]
    table = tmp_path / "items.csv"
    values = ["no", "{a: b}", "true"]
    rows = [f'"{values[place % 3]}","{place}","w{place % 2}"' for place in range(9)]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    table.write_text("\n".join([header, *rows]), encoding="utf-8")
    spec = proposed(tmp_path, table)
    assert spec["items"]["label"] == names[0]


def test_an_emoji_in_a_column_is_the_same_column_in_the_spec_and_sides_are_told_by_their_values(
    tmp_path: Path,
) -> None:
    table = tmp_path / "items.csv"
    rows = [f"i{n},{'ab'[n % 2]},{'xy'[n % 3 % 2]},{'train' if n % 5 else 'test'}" for n in range(60)]
    table.write_text("\n".join(["id,label,🐱 café,part", *rows]), encoding="utf-8")
    assert proposed(tmp_path, table)["items"] == {
        "id": "id",
        "split": "part",
        "label": "label",
        "conditions": ["🐱 café"],
    }


def test_a_spec_that_is_there_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("id,label\n1,a\n2,b\n3,a\n", encoding="utf-8")
    (tmp_path / "spec.yaml").write_text("mine", encoding="utf-8")
    arguments = [str(tmp_path / "items.csv"), "--output", str(tmp_path / "spec.yaml")]
    ended = CliRunner().invoke(init, arguments)
    assert isinstance(ended.exception, InputError)
    assert (tmp_path / "spec.yaml").read_text(encoding="utf-8") == "mine"
    assert CliRunner().invoke(init, [*arguments, "--force"]).exit_code == 0


def test_two_tables_that_look_alike_are_refused_by_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("id,label\n1,a\n2,b\n3,a\n", encoding="utf-8")
    ended = CliRunner().invoke(
        init,
        [str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--output", str(tmp_path / "spec.yaml")],
    )
    assert "a.csv and b.csv, which both look like items" in str(ended.exception)


def test_votes_that_nothing_tells_are_refused_with_the_column_to_rename_and_the_key_to_write(
    tmp_path: Path,
) -> None:
    clips = ["clip,place", *(f"c{at},p{at % 3}" for at in range(20))]
    heard = ["clip,ear,bird", *(f"c{at},L{far},{'xy'[at % 2]}" for at in range(20) for far in range(3))]
    for name, lines in (("heard", heard), ("clips", clips)):
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = [str(tmp_path / f"{name}.csv") for name in ("heard", "clips")]
    ended = CliRunner().invoke(init, [*files, "--output", str(tmp_path / "spec.yaml")])
    assert "rename the column of who gave them (one of ear, bird) to annotator" in str(ended.exception)
    assert f"`annotations: {{table: {files[0]}, item: clip, annotator: ..., label: ...}}`" in str(
        ended.exception
    )
    (tmp_path / "labels.csv").write_text("clip,grade\nc1,x\nc1,y\nc2,x\n", encoding="utf-8")
    of_nobody = [files[1], str(tmp_path / "labels.csv"), "--output", str(tmp_path / "spec.yaml")]
    refused = str(CliRunner().invoke(init, of_nobody).exception)
    assert "labels.csv says nowhere who gave its labels: add that as a column annotator" in refused
    (tmp_path / "heard.csv").write_text("\n".join([heard[0].replace("ear", "annotator"), *heard[1:]]) + "\n")
    spec = proposed(tmp_path, *map(Path, files))
    assert spec["annotations"] == {"item": "clip", "annotator": "annotator", "label": "bird"}


def test_tables_in_several_files_and_files_of_one_name_in_two_folders_get_a_spec(tmp_path: Path) -> None:
    for folder in ("items", "votes"):
        (tmp_path / folder).mkdir()
    for part in (0, 1):
        items = "\n".join(
            ["image,source", *(f"i{n},{'pq'[n % 2]}" for n in range(12 * part, 12 * part + 12))]
        )
        votes = "\n".join(["image,annotator,label", *(f"i{n + 12 * part}{vote}" for n, vote in NUMBERED)])
        (tmp_path / f"items/{part}.csv").write_text(items, encoding="utf-8")
        (tmp_path / f"votes/{part}.csv").write_text(votes, encoding="utf-8")
    expected = {
        "dataset": re.sub(r"\W+", "_", tmp_path.name),
        "items": {"id": "image", "source": "source"},
        "annotations": {"item": "image", "annotator": "annotator", "label": "label"},
    }
    for name in ("*.csv", "0.csv"):
        spec = proposed(tmp_path, tmp_path / "items" / name, tmp_path / "votes" / name, force=True)
        assert {part: spec[part] for part in expected} == expected
    assert audit(*load_spec(tmp_path / "spec.yaml")).verdicts


def test_folders_are_refused_with_the_command_that_names_their_files(tmp_path: Path) -> None:
    for file in ("items/0.parquet", "items/1.parquet", "items/notes.txt", "votes/day/0.csv.gz"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    asked = [str(tmp_path / "items"), str(tmp_path / "votes"), "gold.csv"]
    ended = CliRunner().invoke(init, [*asked, "--output", str(tmp_path / "spec.yaml")])
    fix = f"dq-pipeline init '{tmp_path}/items/*.parquet' '{tmp_path}/votes/**/*.csv.gz' gold.csv"
    assert fix in str(ended.exception)


EXPORTS = Path(__file__).parent.parent / "tables" / "exports"
VOTES = [f"i{n},{who},{'xyz'[n % 3]}" for n in range(12) for who in ("ann", "bo", "cy")]
NUMBERED = [(n, f",{who},{'xyz'[n % 3]}") for n in range(12) for who in ("ann", "bo", "cy")]
ODD: dict[str, tuple[dict[str, list[str]], dict[str, Any]]] = {
    "a short word for answer, beside a note": (
        {"a.csv": ["image,annotator,ans,note", *(vote + ",pq"[: 1 + len(vote) % 2] for vote in VOTES)]},
        {"annotations": {"item": "image", "annotator": "annotator", "label": "ans"}},
    ),
    "one label everywhere": (
        {"a.csv": ["image,annotator,label", *(vote[:-1] + "x" for vote in VOTES)]},
        {"annotations": {"item": "image", "annotator": "annotator", "label": "label"}},
    ),
    "one row of annotations": (
        {"a.csv": ["item,annotator,label", "1,ann,x"]},
        {"annotations": {"item": "item", "annotator": "annotator", "label": "label"}},
    ),
    "a header alone": (
        {"annotations.csv": ["item,annotator,label"]},
        {"annotations": {"item": "item", "annotator": "annotator", "label": "label"}},
    ),
    "one column an annotator": (
        {"a.csv": ["item,reader_1,reader_2", *(f"i{n},{'xy'[n % 2]},{'xy'[n % 3 % 2]}" for n in range(12))]},
        {"annotations": {"format": "wide", "item": "item", "annotators": ["reader_1", "reader_2"]}},
    ),
    "ids that repeat, but join the annotations": (
        {
            "items.csv": ["image,source", *(f"i{n % 9},{'pq'[n % 2]}" for n in range(12))],
            "votes.csv": ["image,annotator,label", *VOTES],
        },
        {"items": {"id": "image", "source": "source"}},
    ),
    "the index that pandas writes": (
        {"a.csv": [",label,weather", *(f"{n},{'ab'[n % 2]},{'cd'[n % 3 % 2]}" for n in range(12))]},
        {"items": {"id": "column_1", "label": "label", "conditions": ["weather"]}},
    ),
    "names that meet those of roles": (
        {
            "my a[1].csv": [
                "id,class,item,item_item",
                *(f"{n},{'xy'[n % 2]},{n % 3},{n % 4}" for n in range(12)),
            ]
        },
        {
            "items": {
                "id": "id",
                "label": "class",
                "conditions": [{"name": "item_item_", "column": "item"}, "item_item"],
            }
        },
    ),
    "another alphabet": (
        {"данные.csv": ["имя,label,погода", *(f"i{n},{'xy'[n % 2]},{'ab'[n % 3 % 2]}" for n in range(12))]},
        {"items": {"id": "имя", "label": "label", "conditions": ["погода"]}},
    ),
    "one column": ({"a.csv": ["x", *map(str, range(12))]}, {"items": {"id": "x"}}),
    "a measured label and no name for its day": (
        {"a.csv": ["id,score,when", *(f"{n},{n * 0.37},2024-01-{1 + n % 5:02}" for n in range(12))]},
        {"items": {"id": "id", "label": "score", "time": "when"}, "labels": {"level": "interval"}},
    ),
    "two hundred columns": (
        {
            "a.csv": [
                ",".join(f"c{k}" for k in range(200)),
                *(",".join(f"{n * k % 7}" for k in range(200)) for n in range(12)),
            ]
        },
        {},
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_tables_get_a_spec_that_loads_and_audits(tmp_path: Path, name: str) -> None:
    tables, expected = ODD[name]
    for file, lines in tables.items():
        (tmp_path / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    spec = proposed(tmp_path, *(tmp_path / file for file in tables))
    assert {part: spec[part] for part in expected} == expected
    assert audit(*load_spec(tmp_path / "spec.yaml")).verdicts


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"a.csv": ["annotator,label", *(f"{who},{n % 2}" for n in range(9) for who in "ab")]}, "columns for the item and the label"),
        ({"gold.csv": ["label", *"xyxy"], "votes.csv": ["image,annotator,label", *VOTES]}, "columns for the item and its label"),
        ({"items.csv": ["source", *"pqpq"], "votes.csv": ["image,annotator,label", *VOTES]}, "no column 'image'"),
        ({"a.csv": ["id,Label,label", "1,a,b"]}, "columns 'Label' and 'label' differ in capitals only"),
    ],
)  # fmt: skip
def test_tables_that_no_spec_can_be_of_are_refused_in_one_error_and_nothing_is_written(
    tmp_path: Path, tables: dict[str, list[str]], said: str
) -> None:
    for file, lines in tables.items():
        (tmp_path / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = [str(tmp_path / file) for file in tables]
    ended = CliRunner().invoke(init, [*files, "--output", str(tmp_path / "spec.yaml")])
    assert isinstance(ended.exception, InputError)
    assert said in str(ended.exception)
    assert not (tmp_path / "spec.yaml").exists()


TIMES = ["31/12/2024", "1.12.2024 09:30", "12/31/24", "31 Dec 2024", "December 31, 2024 9:30 PM"]


@pytest.mark.parametrize("time", TIMES)
def test_times_that_cannot_be_read_are_told_with_the_way_to_write_them(time: str, tmp_path: Path) -> None:
    rows = [f'i{n},w{who},{"ab"[n % 2]},"{time}"' for n in range(12) for who in range(3)]
    (tmp_path / "votes.csv").write_text("\n".join(["item,worker,label,done", *rows]) + "\n")
    (tmp_path / "items.csv").write_text(
        "\n".join(["item,seen", *(f'i{n},"{time}"' for n in range(12))]) + "\n"
    )
    spec = proposed(tmp_path, tmp_path / "items.csv", tmp_path / "votes.csv")
    assert "time" not in spec["annotations"] | spec["items"]
    assert "conditions" not in spec["items"]
    said = (tmp_path / "spec.yaml").read_text()
    for name in ("done", "seen"):
        assert (
            f"# time: {name} holds times such as {time}, which cannot be read; write them as 2024-12-31 or"
            in said
        )


@pytest.mark.parametrize("version", ["1.2.24", "v1", "10-2-3"])
def test_versions_are_not_told_as_times(version: str, tmp_path: Path) -> None:
    rows = [f"i{n},w{who},{'ab'[n % 2]},{version}" for n in range(12) for who in range(3)]
    (tmp_path / "votes.csv").write_text("\n".join(["item,worker,label,guideline", *rows]) + "\n")
    assert proposed(tmp_path, tmp_path / "votes.csv")["annotations"]["guideline"] == "guideline"
    assert "holds times" not in (tmp_path / "spec.yaml").read_text()


@pytest.mark.parametrize(
    ("column", "group_of", "found"),
    [
        ("vendor", lambda who, _: f"v{who % 2}", True),
        ("reader_site", lambda who, _: f"s{who % 2}", True),
        ("vendor", lambda _, n: f"v{n % 2}", False),
        ("vendor", lambda who, _: f"v{who}", False),
        ("vendor", lambda *_: "v", False),
        ("browser", lambda who, _: f"b{who % 2}", False),
    ],
)
def test_what_each_annotator_has_one_of_is_a_group_of_annotators(
    column: str, group_of: Any, found: object, tmp_path: Path
) -> None:
    rows = [f"i{n},w{who},{'ab'[n % 2]},{group_of(who, n)}" for n in range(12) for who in range(4)]
    (tmp_path / "votes.csv").write_text("\n".join([f"item,worker,label,{column}", *rows]) + "\n")
    spec = proposed(tmp_path, tmp_path / "votes.csv")
    assert spec["annotations"].get("annotator_group") == (column if found else None)


def test_the_ground_truth_of_a_label_studio_export_is_gold(tmp_path: Path) -> None:
    spec = proposed(tmp_path, EXPORTS / "label_studio.json")
    assert spec["annotations"] == spec["gold"] == {"format": "label_studio"}
    assert "gold" not in proposed(tmp_path, EXPORTS / "label_studio_min.json", force=True)


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        (("severe", "mild", "moderate"), ("mild", "moderate", "severe")),
        (("good", "very good", "poor"), ("poor", "good", "very good")),
        (("positive", "negative"), None),
        (("low", "cat", "high"), None),
    ],
)
def test_words_on_a_known_scale_are_put_in_order(
    values: tuple[str, ...], ordered: tuple[str, ...] | None
) -> None:
    assert in_order(values) == ordered


def test_a_region_called_na_is_read_as_missing_and_the_spec_says_so_and_how_to_keep_it(
    tmp_path: Path,
) -> None:
    table = tmp_path / "items.csv"
    rows = [f"i{at},{('EU', 'NA', 'AS', '')[at % 4]},{('yes', 'NA')[at % 2]}" for at in range(40)]
    table.write_text("item_id,region,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    proposed(tmp_path, table)
    kept = "  # missing_values: [\"\"] keeps as values what else is read as missing: 'NA' in region (10 rows)"
    assert kept in (tmp_path / "spec.yaml").read_text(encoding="utf-8").splitlines()


def test_a_folder_named_by_a_number_gives_a_dataset_of_that_name(tmp_path: Path) -> None:
    folder = tmp_path / "2026"
    folder.mkdir()
    (folder / "items.csv").write_text("item_id,label\na,yes\nb,no\nc,yes\n", encoding="utf-8")
    assert proposed(tmp_path, folder / "items.csv")["dataset"] == "2026"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "image_path,species,camera_trap,md5,note",
            lambda at: (f"img/{at}.jpg", ("fox", "deer")[at % 2], f"trap {at % 3}", f"{at % 190:032x}", "cafe"),
            {"id": "image_path", "source": "camera_trap", "content": "md5", "label": "species"},
        ),
        (
            "isic_id,lesion_id,dx,dx_type,dataset,phash",
            lambda at: (f"s{at}", f"l{at // 2}", ("nv", "mel")[at % 2], ("a", "b")[at % 3 % 2], f"d{at % 3}", f"{at * 7919:016x}"),
            {"id": "isic_id", "source": "dataset", "group": "lesion_id", "hash": "phash", "label": "dx", "conditions": ["dx_type"]},
        ),
        (
            "id,body,user,polarity",
            lambda at: (at, f"this is what number {at} says", f"u{at % 50}", ("good", "bad")[at % 2]),
            {"id": "id", "group": "user", "content": "body", "label": "polarity"},
        ),
        # What is called a label, a source or a group goes before what only may be one.
        (
            "id,topic,label,dataset,hospital,user,patient",
            lambda at: (at, "ab"[at % 2], "yn"[at % 3 % 2], f"d{at % 3}", f"h{at % 4}", f"u{at % 50}", f"p{at % 60}"),
            {"id": "id", "source": "hospital", "group": "patient", "label": "label", "conditions": ["topic", "dataset"]},
        ),
        # A text beside a picture is not all of the item, and short hexadecimal words are no checksum.
        (
            "file,text,hash,light",
            lambda at: (f"{at}.png", f"a street with {at} cars in it", ("bad", "cafe", "ace")[at % 3], "dn"[at % 2]),
            {"id": "file", "conditions": ["light", "hash"]},
        ),
    ],
)  # fmt: skip
def test_a_lone_table_of_items_gets_label_source_group_and_content(
    tmp_path: Path, header: str, row: Any, expected: dict[str, Any]
) -> None:
    table = tmp_path / "things.csv"
    rows = [",".join(map(str, row(at))) for at in range(200)]
    table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    assert proposed(tmp_path, table)["items"] == expected
    spec, source = load_spec(tmp_path / "spec.yaml")
    judged = {one.check for one in audit(spec, source).verdicts}
    assert "contract_items" in judged
    assert ("integrity_duplicate_share" in judged) == bool({"content", "hash"} & expected.keys())


def test_without_a_name_that_says_label_the_columns_that_could_be_one_are_told(tmp_path: Path) -> None:
    table = tmp_path / "things.csv"
    rows = [f"p{at}.png,{('car', 'bus')[at % 2]},{('Rome', 'Oslo')[at % 2]}" for at in range(40)]
    table.write_text("\n".join(["file_name,object_type,city", *rows]) + "\n", encoding="utf-8")
    assert "label" not in proposed(tmp_path, table)["items"]
    said = "  # label: if the items are labelled already, one of object_type, city"
    assert said in (tmp_path / "spec.yaml").read_text(encoding="utf-8").splitlines()


PEOPLE = ("ann", "bo", "cy")
LABELS = ("cat", "dog", "cow", "hen")


def said(header: str, people: str = "{who}", label: str = "{label}", items: int = 40) -> list[str]:
    """A table of votes: each person on each of some items."""
    row = f"{{item}},{people},{label}"
    return [
        header,
        *(
            row.format(item=f"i{at:03}", who=who, label=LABELS[(at + far * (at % 5 == 0)) % 4], at=at)
            for at in range(items)
            for far, who in enumerate(PEOPLE)
        ),
    ]


IMAGES = ["image_id,hospital", *(f"i{at:03},h{at % 4}" for at in range(45))]
BY_DATA: dict[str, tuple[dict[str, list[str]], dict[str, Any]]] = {
    "a table of votes by who": (
        {"a.csv": said("img,who,label")},
        {"annotations": {"item": "img", "annotator": "who", "label": "label"}},
    ),
    "a table of votes by user, its file called as anything": (
        {"export.csv": said("image,user,answer")},
        {"annotations": {"item": "image", "annotator": "user", "label": "answer"}},
    ),
    "a table of votes by rater_name": (
        {"a.csv": said("img,rater_name,grade")},
        {"annotations": {"item": "img", "annotator": "rater_name", "label": "grade"}},
    ),
    "ids written in one word": (
        {"a.csv": said("imageid,raterid,classname")},
        {"annotations": {"item": "imageid", "annotator": "raterid", "label": "classname"}},
    ),
    "items of another name": (
        {"images.csv": IMAGES, "a.csv": said("img,annotator,label")},
        {
            "items": {"id": "image_id", "source": "hospital"},
            "annotations": {"item": "img", "annotator": "annotator", "label": "label"},
        },
    ),
    "items of a name that says nothing, and votes by who": (
        {"images.csv": IMAGES, "a.csv": said("ref,who,label")},
        {
            "items": {"id": "image_id", "source": "hospital"},
            "annotations": {"item": "ref", "annotator": "who", "label": "label"},
        },
    ),
    "items of another name beside a source that both tables have": (
        {
            "images.csv": IMAGES,
            "a.csv": said("img,annotator,label,hospital", label="{label},h1"),
        },
        {"annotations": {"item": "img", "annotator": "annotator", "label": "label"}},
    ),
    "votes with an id of their own, of items with plain numbers for ids": (
        {
            "images.csv": ["image_id,weather", *(f"{at},{'ab'[at % 2]}" for at in range(45))],
            "a.csv": [
                "vote,image,seconds,user,label",
                *(f"{at},{at // 3},{at % 7},{PEOPLE[at % 3]},{LABELS[at % 4]}" for at in range(120)),
            ],
        },
        {
            "items": {"id": "image_id", "conditions": ["weather"]},
            "annotations": {"item": "image", "annotator": "user", "label": "label", "seconds": "seconds"},
        },
    ),
    "gold of another name": (
        {
            "a.csv": said("img,annotator,label"),
            "known.csv": ["image,truth", *(f"i{at:03},{LABELS[at % 4]}" for at in range(12))],
        },
        {
            "annotations": {"item": "img", "annotator": "annotator", "label": "label"},
            "gold": {"item": "image", "label": "truth"},
        },
    ),
    "votes and gold that only their files' names and rows tell": (
        {
            "clips.csv": ["clip_id,place", *(f"c{at},p{at % 3}" for at in range(60))],
            "votes.csv": [
                "clip_id,session,listener,turn,species,heard_at,secs",
                *(
                    f"c{at},s{at % 7}{far % 5},L{(at + far) % 5},{far},{LABELS[at % 4]},2025-01-0{1 + at % 9} 10:0{far}:00,{far}.5"
                    for at in range(60)
                    for far in range(4)
                ),
            ],
            "gold.csv": ["clip_id,species", *(f"c{at},{LABELS[at % 4]}" for at in range(0, 60, 5))],
        },
        {
            "items": {"id": "clip_id", "conditions": ["place"]},
            "annotations": {
                "item": "clip_id",
                "annotator": "listener",
                "label": "species",
                "time": "heard_at",
                "seconds": "secs",
            },
            "gold": {"item": "clip_id", "label": "species"},
        },
    ),
    "a label that gold has too, beside a score": (
        {
            "a.csv": said("img,annotator,call,score", label="{label},{at}"),
            "truth.csv": ["img,call", *(f"i{at:03},{LABELS[at % 4]}" for at in range(12))],
        },
        {
            "annotations": {"item": "img", "annotator": "annotator", "label": "call"},
            "gold": {"item": "img", "label": "call"},
        },
    ),
    "items with a reader of their own, told by their file's name": (
        {
            "images.csv": [
                "image_id,hospital,reader",
                *(f"i{at:03},h{at % 4},r{at % 5}" for at in range(45)),
            ],
            "votes.csv": said("image_id,annotator,label"),
        },
        {"annotations": {"item": "image_id", "annotator": "annotator", "label": "label"}},
    ),
    "a file of items that is called labels": (
        {
            "labels.csv": [
                "image_id,label,hospital",
                *(f"i{at},{LABELS[at % 4]},h{at % 3}" for at in range(45)),
            ]
        },
        {"items": {"id": "image_id", "label": "label", "source": "hospital"}},
    ),
    # What is no vote: a person's own items, and items whose one row a person labelled.
    "texts by their authors": (
        {"a.csv": ["page,user,label", *(f"p{at // 2},u{at // 40},{LABELS[at % 4]}" for at in range(160))]},
        {"items": {"label": "label", "group": "user"}},
    ),
    "items with an id and a user": (
        {
            "a.csv": [
                "id,page,user,label",
                *(f"{at},p{at // 3},u{at % 50},{LABELS[at % 4]}" for at in range(150)),
            ]
        },
        {"items": {"id": "id", "group": "user", "label": "label"}},
    ),
}


@pytest.mark.parametrize("name", BY_DATA)
def test_votes_and_their_items_are_told_by_what_the_columns_hold(tmp_path: Path, name: str) -> None:
    tables, expected = BY_DATA[name]
    for file, lines in tables.items():
        (tmp_path / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    spec = proposed(tmp_path, *(tmp_path / file for file in tables))
    assert {part: spec.get(part) for part in expected} == expected
    assert ("annotations" in spec) == ("annotations" in expected)
    verdicts = {one.check: one for one in audit(*load_spec(tmp_path / "spec.yaml")).verdicts}
    if {"annotations", "items"} <= spec.keys():
        assert verdicts["contract_annotations_have_items"].verdict == "clear"


@pytest.mark.parametrize(
    ("header", "row", "label", "why"),
    [
        ("image,view,result", ("front", "back"), "result", "its values: benign, malignant"),
        ("image,view,annotation", ("cat", "dog"), "annotation", "its name may say so; 2 values"),
        ("image,view,gt", ("1", "0"), "gt", "its name may say so; 2 values"),
    ],
)
def test_a_label_is_told_by_its_name_or_by_values_that_are_said_of_items(
    tmp_path: Path, header: str, row: tuple[str, str], label: str, why: str
) -> None:
    values = ("benign", "malignant") if label == "result" else row
    table = tmp_path / "things.csv"
    rows = [f"{at}.png,{('front', 'back')[at % 3 % 2]},{values[at % 2]}" for at in range(60)]
    table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    assert proposed(tmp_path, table)["items"] == {"id": "image", "label": label, "conditions": ["view"]}
    written = (tmp_path / "spec.yaml").read_text(encoding="utf-8")
    assert f"  label: {label} # {why}" in written.splitlines()


def test_what_says_more_than_a_group_and_has_few_values_is_a_condition(tmp_path: Path) -> None:
    table = tmp_path / "things.csv"
    rows = [f"{at},{('firm', 'person')[at % 2]},p{at % 40},{'ab'[at % 3 % 2]}" for at in range(120)]
    table.write_text("\n".join(["id,owner_kind,patientid,label", *rows]) + "\n", encoding="utf-8")
    assert proposed(tmp_path, table)["items"] == {
        "id": "id",
        "group": "patientid",
        "label": "label",
        "conditions": ["owner_kind"],
    }


@needs_real
@pytest.mark.parametrize(
    ("folder", "renamed"),
    [
        ("convabuse", {"item_id": "turn", "annotator_id": "who"}),
        ("music_genre", {"item": "clip", "annotator": "user"}),
        ("sentiment_polarity", {"item": "sentence", "annotator": "username"}),
    ],
)
def test_real_votes_are_told_under_other_names(tmp_path: Path, folder: str, renamed: dict[str, str]) -> None:
    assert REAL is not None
    base = Path(REAL) / folder
    votes = next(base.glob("annotations.csv*"))
    columns = ", ".join(f"{old} AS {new}" for old, new in renamed.items())
    left = f"* EXCLUDE ({', '.join(renamed)})"
    duckdb.sql(
        f"COPY (SELECT {columns}, {left} FROM read_csv('{votes}', all_varchar = true)) TO '{tmp_path}/table.csv'"
    )
    others = [path for path in base.iterdir() if not path.name.startswith("annotations")]
    spec = proposed(tmp_path, tmp_path / "table.csv", *others)
    item, annotator = renamed.values()
    label = "severity" if folder == "convabuse" else "label"
    assert spec["annotations"] == {"item": item, "annotator": annotator, "label": label}
    other = {"items": {"id": "item_id", "source": "source", "group": "conv_id"}}
    gold = {"gold": {"item": "item", "label": "label"}}
    assert {key: spec.get(key) for key in ("items", "gold") if key in spec} == (
        other if folder == "convabuse" else gold
    )


def test_the_items_of_an_export_are_told_by_their_values(tmp_path: Path) -> None:
    ids = [9223372036854775809 + at for at in range(6)]
    (tmp_path / "items.csv").write_text(
        "\n".join(["row,picture,hospital", *(f"{at},{one},h{at % 2}" for at, one in enumerate(ids))]),
        encoding="utf-8",
    )
    spec = proposed(tmp_path, tmp_path / "items.csv", EXPORTS / "label_studio.json")
    assert spec["items"]["id"] == "picture"


def test_votes_of_several_labels_each_make_a_spec_that_loads(tmp_path):
    said = ["toxic", "insult|toxic", "none"]
    rows = [f"c{n},{who},{said[n % 3]}" for n in range(30) for who in ("ana", "ben")]
    (tmp_path / "ratings.csv").write_text("comment_id,rater,labels\n" + "\n".join(rows) + "\n")
    spec = proposed(tmp_path, tmp_path / "ratings.csv")
    assert spec["annotations"] == {"item": "comment_id", "annotator": "rater", "label": "labels"}
    assert spec["labels"] == {"level": "nominal"}
    assert "what stands between '|' is one label here" in (tmp_path / "spec.yaml").read_text()


def test_an_id_that_names_an_item_with_another_column_only_is_told(tmp_path):
    rows = [(doc, seg) for doc in range(20) for seg in range(6)]
    (tmp_path / "items.csv").write_text("doc_id,seg_id,domain\n" + "".join(f"{d},{s},web\n" for d, s in rows))
    votes = "".join(f"{d},{s},{who},{(d + s) % 3}\n" for d, s in rows for who in (101, 102))
    (tmp_path / "tags.csv").write_text("doc_id,seg_id,annotator_id,tag\n" + votes)
    proposed(tmp_path, tmp_path / "items.csv", tmp_path / "tags.csv")
    said = (tmp_path / "spec.yaml").read_text()
    assert "# id: doc_id has 20 values in 120 rows; where several columns, such as doc_id and seg_id," in said
