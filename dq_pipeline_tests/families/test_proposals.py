"""Proposed edge cases: what production has and training hardly, once, as a registry takes it."""

from __future__ import annotations

import csv
from pathlib import Path

import yaml

from dq_pipeline.audit import audit, write
from dq_pipeline.families.proposals import proposals
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.spec import spec_from
from dq_pipeline.spec.predicate import parse_predicate

ITEMS = {
    "table": "items.csv",
    "id": "id",
    "conditions": [
        "light",
        {"name": "weather", "column": "wea'ther"},
        {"name": "age", "edges": [0, 18.5, 65]},
    ],
}


def counted(by, key, training, production):
    return [
        Measure("coverage", "training_count", "items", Estimate(float(training), n=5000), by, key),
        Measure("coverage", "production_count", "items", Estimate(float(production), n=1000), by, key),
    ]


def proposed(*cells, cases=(), more=()):
    spec, _ = spec_from({"dataset": "d", "items": ITEMS, "edge_cases": list(cases)})
    return proposals(spec, [row for cell in cells for row in counted(*cell)] + list(more))


def test_what_production_has_and_training_hardly_is_proposed_the_commonest_first():
    found = proposed(
        ("light", "night", 900, 400),
        ("light", "dusk", 29, 30),
        ("weather", "snow", 0, 90),
        ("light,weather", "night|rain", 3, 50),
        ("light,weather", "day|fog", 3, 29),
        ("light,weather", "day|snow", 0, 60),
    )
    assert [(one.name, one.where) for one in found] == [
        ("snow", "\"wea'ther\" = 'snow'"),
        ("dusk", "\"light\" = 'dusk'"),
        ("night_rain", "\"light\" = 'night' and \"wea'ther\" = 'rain'"),
    ]
    assert found[0].reason == "9 % of production (90 rows), 0 of 5,000 training rows"
    for one in found:
        parse_predicate(one.where)


def test_bins_become_ranges_and_missing_values_no_edge_case():
    found = proposed(
        ("age", "[0, 18.5)", 0, 90),
        ("age", "< 0", 0, 80),
        ("age", ">= 65", 0, 70),
        ("light", "(missing)", 0, 60),
    )
    assert [one.where for one in found] == ['"age" >= 0 and "age" < 18.5', '"age" < 0', '"age" >= 65']


def test_a_text_that_looks_like_a_bin_stays_a_text():
    found = proposed(
        ("weather", "< 5", 0, 90),
        ("weather", ">= 5", 0, 80),
        ("light", "[0, 5)", 0, 70),
        ("light", "dim", 0, 60),
    )
    assert [one.where for one in found] == [
        "\"wea'ther\" = '< 5'",
        "\"wea'ther\" = '>= 5'",
        "\"light\" = '[0, 5)'",
        "\"light\" = 'dim'",
    ]


def test_numbers_that_were_cut_to_be_compared_become_ranges():
    found = proposed(("light", "< 1", 0, 90), ("light", "[1, 2.5)", 0, 80), ("light", ">= 2.5", 900, 10))
    assert [one.where for one in found] == ['"light" < 1', '"light" >= 1 and "light" < 2.5']


def test_what_the_registry_has_is_not_proposed_again_and_names_are_its_own():
    cases = [
        {"name": "snow", "where": "light = 'night' and \"wea'ther\" = 'rain'"},
        {"name": "dark", "where": "light = 'dusk'"},
    ]
    found = proposed(
        ("weather", "snow", 0, 90),
        ("light", "dusk", 0, 90),
        ("light,weather", "night|rain", 0, 90),
        cases=cases,
    )
    assert [one.name for one in found] == ["snow_2"]


def test_where_annotators_agree_least_is_proposed():
    def alpha(key, value, n=100):
        return Measure("agreement", "krippendorff_alpha", "annotations", Estimate(value, n=n), "light", key)

    found = proposed(more=[alpha("dusk", 0.3), alpha("day", 0.9), alpha("night", 0.1), alpha("dawn", 0.0, 5)])
    assert [(one.name, one.reason) for one in found] == [
        ("night", "alpha 0.1 over 100 items of light night"),
        ("dusk", "alpha 0.3 over 100 items of light dusk"),
    ]


def test_an_audit_writes_proposals_that_a_spec_takes_as_they_are(tmp_path):
    def put(name, header, rows):
        with Path(tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    put("items.csv", ("id", "light"), [(n, "day") for n in range(200)])
    put("production.csv", ("light",), [("day",)] * 100 + [("it's night",)] * 100)
    written = {
        "dataset": "roads",
        "items": {"table": "items.csv", "id": "id", "conditions": ["light"]},
        "production": {"table": "production.csv"},
    }
    spec, source = spec_from(written, base=tmp_path)
    write(audit(spec, source), tmp_path)
    cases = yaml.safe_load((tmp_path / "edge_cases_proposed.yaml").read_text())["edge_cases"]
    assert (tmp_path / "edge_cases_proposed.csv").exists()
    assert [case["name"] for case in cases] == ["it_s_night"]
    spec, source = spec_from({**written, "edge_cases": cases}, base=tmp_path)
    found = audit(spec, source)
    checks = {verdict.check: verdict for verdict in found.verdicts}
    assert checks["edge_case_it_s_night"].verdict == "block"
    assert "Production meets it in 50 % of 200 rows." in checks["edge_case_it_s_night"].sentence
    write(found, tmp_path)
    assert not (tmp_path / "edge_cases_proposed.yaml").exists()
    assert not (tmp_path / "edge_cases_proposed.csv").exists()
