"""What people read in a terminal: short, aligned, coloured on a terminal only, and harmless."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from click.testing import CliRunner

from dq_pipeline.audit import Audit, write
from dq_pipeline.audit.timings import Timings
from dq_pipeline.cli.diff import diff
from dq_pipeline.cli.explain import explain
from dq_pipeline.cli.history import history
from dq_pipeline.cli.table import show_audit
from dq_pipeline.reference import MEASURES
from dq_pipeline.report import history as kept
from dq_pipeline.spec import InputError
from dq_pipeline_tests.report.world import WHEN, hostile_subject, measure, nights, subject, verdict, verdicts


def audit_of(one):
    """A subject as the audit that it was made of."""
    timings = Timings(rows=dict(one.rows))
    return Audit(one.spec, one.data_version, one.measures, one.verdicts, {}, {}, one.silent, timings)


def printed(capsys, one, tmp_path):
    show_audit(audit_of(one), tmp_path)
    return capsys.readouterr().out


def run(command, *arguments):
    ended = CliRunner().invoke(command, [str(argument) for argument in arguments])
    if ended.exception and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return ended.output


def harmless(text):
    return {unicodedata.category(mark) for mark in text} & {"Cc", "Cs", "Zl", "Zp"} <= {
        "Cc"
    } and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", text)


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def test_the_banner_counts_one_row_in_the_singular(capsys, tmp_path):
    said = printed(
        capsys, replace(subject(), rows={"items": 1, "annotations": 1, "training_set": 1}), tmp_path
    )
    assert "(1 item, 1 annotation, 1 training_set; data" in said.splitlines()[0]


def test_the_banner_stands_first_then_what_is_held_back_and_what_to_fix(capsys, tmp_path):
    lines = printed(capsys, subject(), tmp_path).splitlines()
    assert lines[0].startswith("BLOCKED  pets  (12,000 items, 48,000 annotations; data 0123456789ab)")
    assert lines[1].startswith(
        "Held back: every asset gated on annotations, until agreement_krippendorff_alpha"
    )
    assert lines[3] == "Fix these first"
    assert lines[4].startswith(" 1.  block")
    assert "Collect 840 rows of rain at night." in lines[5]
    assert "waived by ana until 2026-12-31: second site starts" in "\n".join(lines)


def test_families_stand_in_one_aligned_table(capsys, tmp_path):
    lines = printed(capsys, subject(), tmp_path).splitlines()
    head = next(place for place, line in enumerate(lines) if line.startswith("family"))
    rows = lines[head + 1 : head + 6]
    assert [row.split()[0] for row in rows] == [
        "agreement",
        "concentration",
        "balance",
        "annotators",
        "contracts",
    ]
    ends = [lines[head].index(word) + len(word) for word in ("block", "warn", "clear")]
    for row in rows:
        assert all(row[end - 1] in "-1" and row[end] == " " for end in ends)
    assert len(lines) < 30


def test_a_pipe_gets_no_colour_and_a_terminal_does(capsys, tmp_path, monkeypatch):
    assert "\x1b" not in printed(capsys, subject(), tmp_path)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[1;31mBLOCKED" in printed(capsys, subject(), tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in printed(capsys, subject(), tmp_path)


def test_hostile_names_do_nothing_to_a_terminal(capsys, tmp_path):
    bad = hostile_subject()
    shown = ""
    for part in (bad.verdicts[:5], bad.verdicts[5:]):
        shown += printed(capsys, replace(bad, verdicts=part), tmp_path / "two\nlines\x1b[2J")
    assert harmless(shown)
    for told in (
        r"\x1b[31mred",
        r"\u202eright to left",
        r"two\nlines\r\nand\ttab",
        "<script>",
        "(10,000 characters)",
        "שלום",
    ):
        assert told in shown
    assert "x" * 200 not in shown.replace("\n", "").replace(" ", "")


def test_history_shows_the_nights_and_what_turned(tmp_path):
    for night in nights(4, verdicts()):
        kept.append(
            tmp_path / "pets" if (tmp_path / "pets").mkdir(exist_ok=True) is None else tmp_path, night
        )
    shown = run(history, tmp_path)
    assert "pets" in shown.splitlines()[0]
    assert re.search(
        r"2026-03-08 02:10 +block .*0\.84.*agreement_krippendorff_alpha clear to block, .*2 more",
        " ".join(shown.split("\n")),
    )
    assert "2026-03-09 02:10  block" in shown
    told = json.loads(run(history, tmp_path / "pets", "--last", 2, "--format", "json"))
    assert [night["run"] for night in told[str(tmp_path / "pets")]] == ["run2", "run3"]


def test_history_cuts_nothing_off_in_a_terminal_of_eighty_columns(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for night in nights(2, verdicts()):
        kept.append(tmp_path, replace(night, verdict="insufficient", waived=True))
    lines = run(history, tmp_path).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[3].startswith("2026-03-09 02:10  insufficient, waived")
    assert " ".join(lines[4:]).startswith("2026-03-09 02:10  agreement_krippendorff_alpha clear to block, ")


def test_history_has_a_column_for_what_blocked_in_the_newest_audit(tmp_path):
    overall = tuple(
        measure("concentration", name, 0.2, table="items", half=None) for name in ("largest_share", "hhi")
    )
    rows = verdict("contract_items", "contracts", "block", "failing_rows", value=12.0, n=90, bound="<= 0")
    shared = verdict("concentration_hhi", "concentration", "block", "hhi", value=0.2, n=1000, bound="<= 0.1")
    for day, told in enumerate([(replace(rows, verdict="clear", value=0.0), shared), (rows, shared)]):
        one = replace(subject(measures=overall), verdicts=told)
        kept.append(tmp_path, kept.night_of(one, run=str(day), when=WHEN + timedelta(days=day)))
    lines = run(history, tmp_path).splitlines()
    assert re.fullmatch(r"audit \(UTC\) +verdict +data +contract_items +hhi +what turned *", lines[1])
    assert [line.split()[4] for line in lines[2:4]] == ["0", "12"]
    (newest,) = kept.read(tmp_path, 1)
    assert newest.judged["contract_items"] == kept.Number(12.0, None, None, 90)


def test_history_of_a_folder_without_any_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"no history\.jsonl there or one folder down"):
        run(history, tmp_path)


def written(folder, *measures, kind="clear", waiver=None):
    folder.mkdir()
    told = verdict(
        "agreement_krippendorff_alpha", "agreement", kind, "krippendorff_alpha", value=0.5, waiver=waiver
    )
    write(audit_of(subject(verdicts=(told,), measures=measures)), folder)
    return folder


def alpha(value, half):
    return measure("agreement", "krippendorff_alpha", value, half=half)


def test_diff_tells_verdicts_that_turned_and_numbers_beyond_their_intervals(tmp_path):
    cells = [
        measure("balance", "cell_count", n, "label,weather", "cat|rain", half=None) for n in (30.0, 12.0)
    ]
    before = written(tmp_path / "a", alpha(0.9, 0.05), cells[0], measure("agreement", "gwet_ac1", 0.9))
    after = written(
        tmp_path / "b", alpha(0.7, 0.05), cells[1], measure("agreement", "fleiss_kappa", None), kind="block"
    )
    shown = run(diff, before, after)
    assert shown.startswith("clear to block")
    assert re.search(r"agreement_krippendorff_alpha +clear +block", shown)
    assert re.search(
        r"krippendorff_alpha of annotations +0\.9 \(0\.85 to 0\.95\) +0\.7 \(0\.65 to 0\.75\) +moved beyond",
        shown,
    )
    assert re.search(r"cell_count of annotations, label,weather cat\|rain +30 +12 +differ", shown)
    told = json.loads(run(diff, before, after, "--format", "json"))
    assert [(one["measure"], one["kind"]) for one in told["numbers"]] == [
        ("krippendorff_alpha", "apart"), ("cell_count", "exact"), ("fleiss_kappa", "new"), ("gwet_ac1", "gone"),
    ]  # fmt: skip


@pytest.mark.parametrize(("value", "told"), [(0.8, False), (0.7999, True)])
def test_intervals_that_touch_do_not_count_as_moved(tmp_path, value, told):
    before, after = (
        written(tmp_path / "a", alpha(0.9, 0.0625)),
        written(tmp_path / "b", alpha(value - 0.025, 0.0625)),
    )
    assert ("moved beyond" in run(diff, before, after)) == told


def test_diff_says_that_edges_moved_in_place_of_every_bin_that_came_and_went(tmp_path):
    def cut(folder, *edges, rain=30.0):
        bins = [f"< {edges[0]}", *(f"[{low}, {high})" for low, high in pairwise(edges)), f">= {edges[-1]}"]
        cells = [
            measure("balance", "cell_count", 9.0, "label,age", f"cat|{name}", half=None) for name in bins
        ]
        shares = [measure("balance", "share", 0.25, "age", name) for name in (*bins, "(missing)")]
        other = measure("balance", "cell_count", rain, "label,weather", "cat|rain", half=None)
        return written(tmp_path / folder, *cells, *shares, other)

    before, after = cut("a", 18, 40.5, 65), cut("b", 18, 41, 66.25, rain=12.0)
    shown = run(diff, before, after)
    edges = "The edges of age moved from 18, 40.5, 65 to 18, 41, 66.25; 12 numbers of bins that only one audit has are"
    assert edges in " ".join(shown.split())
    assert "40.5)" not in shown
    assert re.search(r"cell_count of annotations, label,weather cat\|rain +30 +12 +differ", shown)
    told = json.loads(run(diff, before, after, "--format", "json"))
    assert told["recut"] == [
        {"dim": "age", "before": [18, 40.5, 65], "after": [18, 41, 66.25], "numbers": 12}
    ]
    assert [one["measure"] for one in told["numbers"]] == ["cell_count"]
    assert "edges" not in run(diff, before, before)


def test_a_bin_that_no_row_lay_in_before_is_listed_as_new(tmp_path):
    shares = [measure("balance", "share", 0.5, "age", name) for name in ("[0, 18)", "[18, 65)", ">= 65")]
    before, after = written(tmp_path / "a", *shares[:2]), written(tmp_path / "b", *shares)
    shown = run(diff, before, after)
    assert "edges" not in shown
    assert re.search(r"share of annotations, age >= 65 .*new", shown)


def test_diff_of_an_audit_with_itself_says_that_nothing_changed(tmp_path):
    before = written(tmp_path / "a", alpha(0.9, 0.05))
    assert "Nothing changed" in run(diff, before, before)


def test_diff_of_two_datasets_says_that_they_are_two(tmp_path):
    before, after = written(tmp_path / "a", alpha(0.9, 0.05)), written(tmp_path / "b", alpha(0.9, 0.05))
    verdicts = after / "verdicts.json"
    told = json.loads(verdicts.read_text())
    verdicts.write_text(json.dumps({**told, "dataset": "other"}))
    assert f"audits of two datasets, {told['dataset']} and other" in run(diff, before, after)
    assert "two datasets" not in run(diff, before, before)


def test_diff_of_a_folder_without_an_audit_says_which(tmp_path):
    before = written(tmp_path / "a", alpha(0.9, 0.05))
    with pytest.raises(InputError, match=r"(?s)gone.*no readable verdicts\.json"):
        run(diff, before, tmp_path / "gone")
    (tmp_path / "a" / "measures.parquet").write_bytes(b"PAR")
    with pytest.raises(InputError, match=r"no readable measures\.parquet"):
        run(diff, before, before)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "agreement_krippendorff_alpha",
            ("alpha = 1 - Do / De", "Krippendorff 2011", "{warn: 0.8, block: 0.667", "min_items"),
        ),
        ("concentration", ("hhi", "{warn: 0.25", "Does one source decide")),
        ("balance_cells_label_weather", ("Rows in a cell", "min_cell", "30")),
        ("contract_gold_joins", ("Gold without labels",)),
        ("hhi", ("sum_i s_i^2", "Rhoades 1993")),
    ],
)
def test_explain_says_what_a_name_means(name, says):
    shown = run(explain, name)
    for words in says:
        assert words in shown


def test_explain_lists_all_and_guesses_what_was_meant():
    assert "effective_sources" in run(explain)
    with pytest.raises(InputError, match="write 'krippendorff_alpha'"):
        run(explain, "kripendorf_alpha")


def test_the_reference_page_has_every_measure_with_its_formula():
    page = run(explain, "--format", "markdown")
    for name, it in MEASURES.items():
        assert f"## {it.title} (`{name}`)" in page
        assert f"- Formula: `{it.formula}`" in page
