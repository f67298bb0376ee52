"""The contracts of a spec's tables: a planted defect of each kind is found by its own check, clean tables pass."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from dq_pipeline.contracts.of_tables import contracts_of
from dq_pipeline.spec import spec_from
from dq_pipeline.tables import Tables

CLEAN = {
    "items": "item,source\na,x\nb,x\nc,y\n",
    "annotations": "item,annotator,label\na,1,cat\na,2,cat\nb,1,dog\nb,2,dog\nc,1,cat\n",
    "gold": "item,label\na,cat\nb,dog\n",
}
SPEC = {
    "dataset": "pets",
    "items": {"table": "items.csv", "id": "item", "source": "source"},
    "annotations": {"table": "annotations.csv", "item": "item", "annotator": "annotator", "label": "label"},
    "gold": {"table": "gold.csv", "item": "item", "label": "label"},
    "labels": {"values": ["cat", "dog"]},
}
ALL = {
    "contract_items",
    "contract_annotations",
    "contract_repeats",
    "contract_annotations_have_items",
    "contract_gold",
    "contract_gold_joins",
}


def judged(folder, tables=None, spec=None):
    """The verdicts by check, the measures by name and key, and the CSVs that were left."""
    for name, text in {**CLEAN, **(tables or {})}.items():
        (folder / f"{name}.csv").write_text(text)
    rows = folder / "rows"
    rows.mkdir(exist_ok=True)
    found, _ = spec_from({**SPEC, **(spec or {})}, base=folder)
    with Tables(found) as opened:
        there = [
            contract for contract in contracts_of(found) if all(name in opened for name in contract.needs)
        ]
        ran = [contract.run(opened, rows) for contract in there]
    verdicts = {verdict.check: verdict for verdict, _ in ran}
    measures = {(row.measure, row.table, row.key): row.estimate for _, found in ran for row in found}
    return verdicts, measures, {file.name: file.read_text() for file in rows.iterdir()}


def test_clean_tables_pass_every_contract_and_leave_no_file(tmp_path):
    verdicts, measures, files = judged(tmp_path)
    assert {name: verdict.verdict for name, verdict in verdicts.items()} == dict.fromkeys(ALL, "clear")
    assert measures["failing_rows", "items", "item|unique"].value == 0
    assert files == {}


def test_a_row_of_several_parquet_files_is_named_by_its_file_and_its_number_there(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    for day, labels in (("1", ["cat", "cat"]), ("2", ["dog", "owl"])):
        (tmp_path / "votes" / day).mkdir(parents=True)
        rows = {"item": ["a", "b"], "annotator": [day, day], "label": labels, "at": ["2026-01-31", "noon"]}
        pq.write_table(pa.table(rows), tmp_path / "votes" / day / "part.parquet")
    where = {**SPEC["annotations"], "table": "votes/*/part.parquet", "time": "at"}
    verdicts, _, files = judged(tmp_path, spec={"annotations": where})
    assert "(item b, annotator 2, row 2/part.parquet:1)" in verdicts["contract_annotations"].remedy
    assert '"b","2","2/part.parquet:1","isin","label"' in files["failing_annotations.csv"]
    assert "(row 1/part.parquet:1, row 2/part.parquet:1)" in verdicts["contract_annotations_times"].remedy


def test_times_that_are_none_are_told_by_their_rows_and_empty_ones_are_missing(tmp_path):
    timed = {"annotations": {**SPEC["annotations"], "time": "at"}}
    times = ["2026-01-31", "31/12/2025", "", "20260105", "2026-01-31T09:30:00Z", "2026-01-31 09:30:00+05:30"]
    rows = [f"a,{place},cat,{time}" for place, time in enumerate(times)]
    table = {"annotations": "\n".join(["item,annotator,label,at", *rows]) + "\n"}
    verdicts, measures, _ = judged(tmp_path, table, timed)
    said = verdicts["contract_annotations_times"]
    assert (said.verdict, said.sentence[:40]) == ("warn", "2 of 5 times of annotations cannot be re")
    assert "(row 1, row 3)" in said.remedy
    assert measures["unreadable_times", "annotations", None].value == 2
    readable = {
        "annotations": table["annotations"].replace("31/12/2025", "2025-12-31").replace("20260105", " ")
    }
    verdicts, _, _ = judged(tmp_path, readable, timed)
    assert verdicts["contract_annotations_times"].verdict == "clear"
    assert (
        verdicts["contract_annotations_times"].sentence
        == "Each of the 4 times of annotations can be read, and none is in the future."
    )


@pytest.mark.parametrize("table", ["items", "annotations", "production"])
def test_times_that_have_not_come_are_told_by_their_rows(table, tmp_path):
    now = datetime.now(timezone.utc)
    soon, late = (now + timedelta(hours=hours) for hours in (14, 25))
    times = [
        "2026-01-31",
        soon.strftime("%Y-%m-%d %H:%M:%S"),
        late.strftime("%Y-%m-%d %H:%M:%S+00"),
        "2999-01-01",
    ]
    spec = {**SPEC, "production": {"table": "production.csv", "time": "at"}}
    spec["items"] = {**SPEC["items"], "conditions": ["weather"]}
    spec[table] = {**spec[table], "time": "at"}
    tables = {
        "items": "item,source,weather,at\n"
        + "".join(f"{name},x,sun,{at}\n" for name, at in zip("abcd", times, strict=True)),
        "annotations": "item,annotator,label,at\n"
        + "".join(f"{name},1,cat,{at}\n" for name, at in zip("abcd", times, strict=True)),
        "production": "weather,at\n" + "".join(f"sun,{at}\n" for at in times),
    }
    verdicts, measures, _ = judged(tmp_path, tables, spec)
    said = verdicts[f"contract_{table}_times"]
    assert (said.verdict, said.measure, said.value) == ("warn", "future_times", 2)
    assert said.sentence.startswith(f"2 of 4 times of {table} are in the future")
    assert "(row 2, row 3)" in said.remedy
    assert measures["unreadable_times", table, None].value == 0


def test_a_list_of_failing_ids_goes_when_the_rows_are_mended(tmp_path):
    spoilt = {
        "items": CLEAN["items"] + "a,x\n",
        "annotations": CLEAN["annotations"] + "z,2,cat\n",
        "gold": CLEAN["gold"] + "q,cat\n",
    }
    _, _, files = judged(tmp_path, spoilt)
    assert files.keys() == {"failing_items.csv", "annotations_without_item.csv", "gold_without_labels.csv"}
    assert judged(tmp_path)[2] == {}


@pytest.mark.parametrize(
    ("table", "row", "check", "verdict", "sentence", "file"),
    [
        ("items", ",x", "contract_items", "block", "1 of 4 rows has no item.", "failing_items.csv"),
        ("items", "a,x", "contract_items", "block", "2 of 4 rows share their item with another row.", "failing_items.csv"),
        ("annotations", ",1,cat", "contract_annotations", "block", "1 of 6 rows has no item.", "failing_annotations.csv"),
        ("annotations", "a,,cat", "contract_annotations", "block", "1 of 6 rows has no annotator.", "failing_annotations.csv"),
        ("annotations", "c,2,", "contract_annotations", "block", "1 of 6 rows has no label.", "failing_annotations.csv"),
        ("annotations", "c,2,cow", "contract_annotations", "block", "1 of 6 rows has a label that is not one of the declared labels: cat, dog.", "failing_annotations.csv"),
        ("annotations", "z,2,cat", "contract_annotations_have_items", "block", "1 of 6 annotations is of 1 item that the items table does not have.", "annotations_without_item.csv"),
        ("gold", "z,cat", "contract_gold_joins", "warn", "1 of 3 gold items joins no labelled item.", "gold_without_labels.csv"),
        ("gold", "a,dog", "contract_gold", "block", "2 of 3 rows share their item with another row.", "failing_gold.csv"),
        ("gold", "c,cow", "contract_gold", "block", "1 of 3 rows has a label that is not one of the declared labels: cat, dog.", "failing_gold.csv"),
    ],
)  # fmt: skip
def test_a_planted_defect_is_found_by_its_check_and_no_other(
    tmp_path, table, row, check, verdict, sentence, file
):
    verdicts, _, files = judged(tmp_path, {table: CLEAN[table] + row + "\n"})
    failed = {name: found for name, found in verdicts.items() if found.verdict != "clear"}
    assert {name: found.verdict for name, found in failed.items()} == {check: verdict}
    assert failed[check].sentence == sentence
    assert failed[check].remedy.endswith(f"{file} lists them all.")
    assert failed[check].blocking is (verdict == "block")
    assert list(files) == [file]
    assert len(files[file].splitlines()) == 1 + int(sentence.split()[0])


def test_each_rule_that_fails_is_named_with_its_rows_and_what_may_stand_there(tmp_path):
    spoilt = {"annotations": CLEAN["annotations"] + "c,2,cow\nc,3,caw\na,,dog\nb,3,\nb,4,\nb,5,\n"}
    verdicts, _, _ = judged(tmp_path, spoilt)
    check = verdicts["contract_annotations"]
    assert check.sentence == (
        "3 of 11 rows have no label. Besides: 2 of 8 rows have a label that is not one of the declared labels; "
        "1 of 11 rows has no annotator."
    )
    assert check.remedy.startswith("Mend the rows (item b, annotator 3, row ")
    verdicts, _, _ = judged(tmp_path, {"annotations": CLEAN["annotations"] + "c,2,cow\n"})
    remedy = verdicts["contract_annotations"].remedy
    assert remedy.startswith(
        "Mend the rows (item c, annotator 2, row 5) or declare their labels under labels.values;"
    )


def test_a_sentence_stays_readable_however_many_labels_are_declared_and_rules_fail(tmp_path):
    values = [f"label {number}" for number in range(30)]
    tables = {
        "items": "item,source,label\na,x,label 1;label 2\nb,x,label 99\n",
        "gold": "item,label\na,label 1\n",
    }
    items = {**SPEC["items"], "label": "label"}
    spec = {"items": items, "annotations": None, "gold": None, "labels": {"values": values, "separator": ";"}}
    verdicts, _, _ = judged(tmp_path, tables, spec)
    assert verdicts["contract_items"].sentence == (
        "1 of 2 rows holds a label that is not one of the declared labels: label 0, label 1, label 2, label 3, label 4, "
        "label 5, label 6, label 7 and 22 more."
    )


def test_repeats_are_reported_and_fail_only_under_the_policy_error(tmp_path):
    repeated = {"annotations": CLEAN["annotations"] + "a,1,dog\n"}
    (tmp_path / "first").mkdir()
    (tmp_path / "error").mkdir()
    verdicts, measures, _ = judged(tmp_path / "first", repeated)
    assert verdicts["contract_repeats"].verdict == "clear"
    assert "1 pair of item and annotator" in verdicts["contract_repeats"].sentence
    assert measures["differing_repeats", "annotations", None].value == 1
    policy = {"annotations": {**SPEC["annotations"], "repeats": "error"}}
    verdicts, _, _ = judged(tmp_path / "error", repeated, policy)
    assert verdicts["contract_annotations"].verdict == "block"
    assert verdicts["contract_annotations"].sentence.startswith("2 of 6 rows share their item,annotator")


def test_gold_that_mostly_joins_nothing_blocks(tmp_path):
    verdicts, _, _ = judged(tmp_path, {"gold": "item,label\na,cat\nx,cat\ny,dog\n"})
    assert verdicts["contract_gold_joins"].verdict == "block"


FORMS = {
    "zeros before them": ("7", "007"),
    "a .0 behind whole numbers": ("7", "7.0"),
    "blanks around them": ("a 7", " a 7  "),
    "capitals": ("Img_7", "IMG_7"),
    "form": ("a7", " 0A7.0"),
}


@pytest.mark.parametrize("differs", FORMS)
@pytest.mark.parametrize("other", ["annotations", "gold"])
def test_ids_that_differ_in_form_only_are_told_so(differs, other, tmp_path):
    here, there = FORMS[differs]
    votes = "item,annotator,label\n{0},1,cat\n{0},2,cat\nq,1,dog\n"
    tables = {
        "items": f"item,source\n{here},x\nq,x\n",
        "annotations": votes.format(there if other == "annotations" else here),
        "gold": f"item,label\n{there},cat\n",
    }
    verdicts, _, _ = judged(tmp_path, tables)
    check, file = {
        "annotations": ("contract_annotations_have_items", "annotations_without_item.csv"),
        "gold": ("contract_gold_joins", "gold_without_labels.csv"),
    }[other]
    assert verdicts[check].remedy == (
        f"Write the ids alike: 1 of the 1 differs in {differs} only ({there!r}, and {here!r} is there); {file} lists them all."
    )


def test_ids_of_which_few_differ_in_form_are_to_be_compared(tmp_path):
    gold = "item,label\nA,cat\nx,cat\ny,cat\n"
    verdicts, _, _ = judged(tmp_path, {"gold": gold})
    assert verdicts["contract_gold_joins"].remedy.startswith(
        "Compare the ids of gold and annotations (A, x, y);"
    )


@pytest.mark.parametrize("table", ["items", "annotations", "gold"])
def test_a_table_with_a_header_only_does_not_pass(tmp_path, table):
    verdicts, _, _ = judged(tmp_path, {table: CLEAN[table].splitlines()[0] + "\n"})
    assert verdicts[f"contract_{table}"].verdict == "block"


def test_a_word_on_a_numeric_scale_is_found(tmp_path):
    numbers = CLEAN["annotations"].replace("cat", "1").replace("dog", "2.5")
    spec = {"labels": {"level": "interval"}, "gold": None}
    verdicts, _, _ = judged(tmp_path, {"annotations": numbers + "c,2,high\n"}, spec)
    assert verdicts["contract_annotations"].sentence == "1 of 6 rows has a label that is no number."
