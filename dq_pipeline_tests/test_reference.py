"""Everything that an audit may say has an entry in the one registry."""

from __future__ import annotations

import ast
import fnmatch
import re
from pathlib import Path

import pandera.pandas as pa
import pytest
from click.testing import CliRunner

import dq_pipeline
from dq_pipeline.audit import audit
from dq_pipeline.cli.explain import explain
from dq_pipeline.contracts.of_tables import contracts_of
from dq_pipeline.counts import collect
from dq_pipeline.demo import DEFECTS, make
from dq_pipeline.families import FAMILIES, families_of
from dq_pipeline.families.relabel_queue import HEADER
from dq_pipeline.reference import FAMILIES as WORDS
from dq_pipeline.reference import MEASURES, family_of, measure_of, words_of
from dq_pipeline.reference.checks import NAMES
from dq_pipeline.spec import InputError, load_spec, spec_from
from dq_pipeline.tables import Tables

ROOT = Path(dq_pipeline.__file__).parent
ALL_ROLES = """
calibration: {sessions: [{when: 2026-01-20}], guidelines: [{version: v1, in_force: 2026-01-01}, {version: v2, in_force: 2026-02-01}]}
edge_cases: [{name: snow_at_night, where: "weather = 'snow' and light = 'night'", due: 2026-02-01, owner: ana}]
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Families, checks and measures of a dataset that names every role."""
    folder = tmp_path_factory.mktemp("scenes")
    path = make(folder, defects=DEFECTS, items=240)
    votes = (folder / "annotations.csv").read_text().splitlines()
    dated = [
        f"{line},2026-{1 + place % 3:02}-{1 + place % 28:02},v{1 + place % 2}"
        for place, line in enumerate(votes[1:])
    ]
    (folder / "annotations.csv").write_text("\n".join([votes[0] + ",at,version", *dated]) + "\n")
    path.write_text(
        path.read_text().replace("label: label}\ngold", "label: label, time: at, guideline: version}\ngold")
        + ALL_ROLES
    )
    spec, source = load_spec(path)
    families = families_of(spec, source)
    with Tables(spec) as tables:
        counts = collect(tables, [request for family in families for request in family.requests()])
        kept = [
            contract.run(tables, None) for contract in contracts_of(spec) if contract.table != "training_set"
        ]
    measures = [row for family in families for row in family.measure(counts)]
    of_contracts = [row for _, rows in kept for row in rows]
    checks = [(check.name, check.family, check.measure) for family in families for check in family.checks()]
    checks += [(verdict.check, verdict.family, verdict.measure) for verdict, _ in kept]
    return families, checks, measures + of_contracts, path


def test_the_dataset_silences_no_family(told):
    families, _, _, _ = told
    assert {family.name for family in families} == {family.name for family in FAMILIES}
    assert {family.name: why for family in families if (why := family.silent())} == {}


def test_explain_knows_every_check_that_dagster_lists(told):
    import dagster as dg

    from dq_pipeline import build_schema_checks, build_training_data_quality

    *_, path = told
    schema = pa.DataFrameSchema({"image_id": pa.Column(str)})
    own = build_schema_checks(asset="images", schema=schema)
    located = dg.Definitions.merge(build_training_data_quality(path), dg.Definitions(asset_checks=[own]))
    names = {key.name for key in located.resolve_asset_graph().asset_check_keys}
    assert {
        "quality_gate",
        "contract_training_set_groups",
        "schema_image_id",
        "agreement_krippendorff_alpha",
    } <= names
    assert {
        name: ended.output for name in names if (ended := CliRunner().invoke(explain, [name])).exit_code
    } == {}


def test_a_gate_is_explained_as_what_it_asks():
    said = CliRunner().invoke(explain, ["quality_gate"]).output
    assert said.startswith("Check quality_gate: Did every blocking check pass")
    assert "Groups on both sides" in CliRunner().invoke(explain, ["contract_training_set_groups"]).output


def test_every_family_has_its_words():
    assert {family.name for family in FAMILIES} | {"contracts", "own_suite"} <= WORDS.keys()


def test_every_measure_has_a_definition(told):
    _, _, measures, _ = told
    assert {row.measure for row in measures} - MEASURES.keys() == set()


def names_in_code():
    """The names that families and contracts give measures where they make one, `*` for what is put in."""
    for file in sorted(path for part in ("families", "contracts") for path in (ROOT / part).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "attr", getattr(called, "id", ""))
            if name in {"Measure", "_row", "row", "_told"}:
                yield from filter(None, map(_named, node.args[1:2] if name == "Measure" else node.args[:1]))
            elif isinstance(node, ast.Tuple) and node.elts:
                # Names that stand in front of their estimates, and are told apart in a loop.
                made = any(isinstance(one, ast.Call) for one in node.elts[1:])
                yield from filter(None, map(_named, node.elts[:1] if made else ()))


def _named(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if re.fullmatch(r"[a-z][a-z0-9_]+", node.value) else None
    if isinstance(node, ast.JoinedStr) and any(isinstance(one, ast.Constant) for one in node.values):
        return "".join(one.value if isinstance(one, ast.Constant) else "*" for one in node.values)
    return None


def test_every_measure_that_the_code_names_has_a_definition():
    names = set(names_in_code())
    assert {"krippendorff_alpha", "domain_auc", "effective_sources", "seconds_*", "failing_rows"} <= names
    assert {name for name in names if not fnmatch.filter(MEASURES, name)} == set()


@pytest.mark.parametrize("level", ["ordinal", "interval"])
def test_every_measure_of_a_scale_has_a_definition(tmp_path, level):
    rows = [
        f"i{at},{who},{(at * 7 + far) % 5},{at + far}" for at in range(40) for far, who in enumerate("abc")
    ]
    (tmp_path / "votes.csv").write_text("item,who,stars,seconds\n" + "\n".join(rows))
    given = {"table": "votes.csv", "item": "item", "annotator": "who", "label": "stars", "seconds": "seconds"}
    labels = {"level": level} | ({"values": list("01234")} if level == "ordinal" else {})
    spec, source = spec_from({"dataset": "stars", "annotations": given, "labels": labels}, base=tmp_path)
    measures = {row.measure for row in audit(spec, source).measures}
    assert "scale_bias" in measures
    assert measures - MEASURES.keys() == set()


@pytest.mark.parametrize("name", ["worth", "confidence"])
def test_a_number_of_the_relabel_queue_is_explained_as_its_column(name):
    assert name in HEADER
    assert "A column of relabel.csv, 0 to 1" in CliRunner().invoke(explain, [name]).output


def test_every_check_is_known_by_its_name(told):
    _, checks, _, _ = told
    assert {(name, family_of(name), measure_of(name)) for name, _, _ in checks} ^ set(checks) == set()


def test_every_name_of_a_check_has_a_measure_and_a_family():
    assert {measure for measure in NAMES.values() if measure not in MEASURES} == set()
    assert {name for name in NAMES if family_of(name) is None} == set()


def test_definitions_are_whole():
    for name, it in MEASURES.items():
        assert name == name.lower()
        for words in (it.title, it.says, it.matters, it.formula, it.undefined):
            assert words
        assert it.says.endswith(".")
        assert it.matters.endswith(".")
        assert not it.mends or it.mends.endswith(".")


@pytest.mark.parametrize(
    "name",
    [
        "never_heard_of",
        "contract_nonsense",
        "balance_hhi",
        "quality_gate_2",
        "gold_accuracy_x",
        "balance_cells_",
    ],
)
def test_a_name_of_nothing_is_told_apart_however_it_starts(name):
    assert measure_of(name) is None
    assert family_of(name) is None
    assert words_of(name) is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("contract_nonsense", "write 'contract_items'"),
        ("weather", "call `dq-pipeline explain` for the list"),
        ("contract_item", "write 'contract_items'"),
        ("concentration_largest_shares", "write 'concentration_largest_share'"),
    ],
)
def test_a_check_that_does_not_exist_is_one_error_with_the_closest_name(name, meant):
    with pytest.raises(InputError) as error:
        CliRunner().invoke(explain, [name], catch_exceptions=False)
    assert f"unknown name {name!r}" in str(error.value)
    assert meant in str(error.value)
