"""Audits as reports get them, made by hand: one with every picture, one whose every name is hostile."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from dq_pipeline.families.handout import Handout
from dq_pipeline.families.verdict import CheckVerdict, Waived
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.report import File, Subject
from dq_pipeline.report.history import Night, Number
from dq_pipeline.report.panels.integrity import FAULTS
from dq_pipeline.spec import Spec

WHEN = datetime(2026, 3, 9, 2, 10, tzinfo=timezone.utc)
LABELS = ("effusion", "mass", "nodule", "normal")
PEOPLE = ("ana", "ben", "chen", "dora", "emil", "fay", "gus", "hana")
SOURCES = ("north", "south", "east", "west", "harbour")
WEATHER = ("clear", "fog", "rain", "snow")
HOSTILE = (
    '<script>alert("x")</script>',
    "</title></style></script><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://x","y")',
    "two\nlines\r\nand\ttab",
    "\u202eright to left\u202c \u2066isolate",
    "שלום עולם",
    "x" * 10_000,
    "😀👩\u200d👩\u200d👧 emoji",
    "\x1b[31mred\x1b]0;title\x07 \x9b2J",
    "' OR 1=1 -- {{ 7*7 }} {% raw %} $x^2$ &amp; @0@ @1@",
)


def measure(  # noqa: PLR0913 - a row has as many
    family, name, value, by=None, key=None, *, table="annotations", n=1000, half=0.04
):
    """One row, its interval `half` to either side; without one when `half` is None."""
    low, high = (None, None) if half is None or value is None else (value - half, value + half)
    status = "empty" if value is None else "ok"
    return Measure(family, name, table, Estimate(value, low, high, n, status), by, key)


def verdict(  # noqa: PLR0913 - a check has more
    check, family, kind, measure_name, *, value=None, low=None, high=None, n=1000, bound=None, **more
):
    """One check."""
    said = {
        "table": "annotations",
        "blocking": kind == "block",
        "sentence": f"The number of {check} is {value} ({n} rows); the limit is {bound}.",
        "remedy": "" if kind == "clear" else "Collect 840 rows of rain at night.",
        **more,
    }
    return CheckVerdict(
        check,
        family,
        verdict=kind,
        measure=measure_name,
        value=value,
        low=low,
        high=high,
        n=n,
        bound=bound,
        **said,
    )


def nights(many, verdicts, numbers=("krippendorff_alpha", "hhi")):
    """Audits of `many` days up to WHEN, the first half clear."""
    return tuple(
        Night(
            f"run{day}",
            WHEN - timedelta(days=many - 1 - day),
            "pets",
            f"{day:032x}",
            "block" if day >= many // 2 else "clear",
            False,
            {one.check: one.verdict if day >= many // 2 else "clear" for one in verdicts},
            {name: Number(0.9 - 0.03 * day, 0.85 - 0.03 * day, 0.95 - 0.03 * day, 100) for name in numbers},
        )
        for day in range(many)
    )


def measures(labels=LABELS, people=PEOPLE, sources=SOURCES, weather=WEATHER):
    """Every measure that a picture is drawn from."""
    overall = [
        measure("agreement", "krippendorff_alpha", 0.52),
        measure("agreement", "gwet_ac1", 0.61),
        measure("concentration", "hhi", 0.42, table="items", half=None),
        measure("concentration", "effective_sources", 2.4, table="items", half=None),
        measure("shortcuts", "cramers_v", 0.31, "source,label", table="items"),
        measure("agreement", "fleiss_kappa", None),
    ]
    of_labels = [
        measure("agreement", "specific_agreement", 0.4 + 0.1 * i, "label", label)
        for i, label in enumerate(labels)
    ]
    confused = [
        measure(
            "agreement", "label_confusion", 1 / (i + 2), "label,label", f"{one}|{labels[i + 1]}", half=None
        )
        for i, one in enumerate(labels[:-1])
    ]
    kappas = [
        measure(
            "annotators",
            "cohen_kappa",
            0.9 - 0.1 * ((i + j) % 8),
            "annotator,annotator",
            f"{one}|{other}",
            n=40 + i,
        )
        for i, one in enumerate(people)
        for j, other in enumerate(people)
        if i < j
    ]
    of_people = [
        measure("annotators", name, 0.5 + 0.05 * i, "annotator", one)
        for name in ("leave_one_out_agreement", "gold_accuracy", "repeat_agreement")
        for i, one in enumerate(people)
    ]
    time = [
        measure("agreement", "krippendorff_alpha", 0.8 - 0.06 * m, "month", f"2026-{m:02}")
        for m in range(1, 7)
    ]
    sliced = [
        measure("agreement", "krippendorff_alpha", 0.7 - 0.1 * i, "weather", one)
        for i, one in enumerate(weather)
    ]
    shares = [
        measure(family, "share", 1 / (i + 2), by, one, table="items", half=0.01)
        for family, by, values in (
            ("balance", "label", labels), ("balance", "weather", weather), ("concentration", "source", sources),
        )
        for i, one in enumerate(values)
    ]  # fmt: skip
    cells = [
        measure(
            "balance",
            "cell_count",
            float(max(1200 // (1 + 3 * i * j) - 60, 0)),
            f"label,{by}",
            f"{one}|{other}",
            table="items",
            half=None,
        )
        for by, values in (("weather", weather),)
        for i, one in enumerate(labels)
        for j, other in enumerate(values)
    ]
    tiles = [
        measure(
            "concentration",
            "cell_count",
            float(900 // (1 + i) + 300 * ((i + j) % 3)),
            "source,label",
            f"{one}|{other}",
            table="items",
            half=None,
        )
        for i, one in enumerate(sources)
        for j, other in enumerate(labels)
    ]
    coverage = [
        measure("coverage", name, value, "weather", one, table="items", half=None)
        for i, one in enumerate(weather)
        for name, value in (
            ("training_count", 6000.0 // (1 + 2 * i * i)), ("production_count", 3000.0 // (1 + i)), ("validation_count", 90.0 - 20 * i),
            ("representation_ratio", 0.5 * (1 + i)),
        )
    ]  # fmt: skip
    edges = [
        measure(
            "edge_cases",
            "edge_case_count",
            40.0 * i + 10 * j,
            "edge_case,split",
            f"case_{i}|{part}",
            table="items",
            half=None,
        )
        for i in range(4)
        for j, part in enumerate(("train", "validation"))
    ]
    drifting = [
        measure(
            "drift",
            f"{word}_in_window",
            0.9 - 0.02 * week - 0.1 * i,
            "window",
            f"2026-01-{1 + 7 * week:02}",
            half=0.03,
        )
        for i, word in enumerate(("agreement", "gold"))
        for week in range(4)
    ]
    fallen = [
        measure("drift", "agreement_change", -0.02 * i, "annotator", one) for i, one in enumerate(people)
    ]
    late = [
        measure("calibration", "days_overdue", 10.0 * i - 20, "annotator", one, half=None)
        for i, one in enumerate(people)
    ]
    held = [
        measure("calibration", f"agreement_{when}", value, "session", day)
        for day in ("2026-01-05", "2026-02-02")
        for when, value in (("before", 0.7), ("after", 0.8), ("change", 0.1))
    ]
    faulty = [
        measure(
            "integrity", name, 0.02 * (i + 1),
            *(("content", labels[0]) if name.startswith("near") else ()), table="items", half=0.01,
        )
        for i, name in enumerate(FAULTS)
    ]  # fmt: skip
    leaking = [
        measure("integrity", "label_given_away", 0.9 - 0.3 * i, "leak", f"id {one}", table="items", half=None)
        for i, one in enumerate(labels[:3])
    ]
    consensus = [
        measure("consensus", "gold_accuracy", v, "consensus", k)
        for k, v in (("majority", 0.88), ("dawid_skene", 0.83))
    ]
    return (
        *overall, *of_labels, *confused, *kappas, *of_people, *time, *sliced, *shares, *cells, *tiles, *coverage,
        *edges, *drifting, *fallen, *late, *held, *faulty, *leaking, *consensus,
    )  # fmt: skip


def verdicts(label="rain|normal", owner="ana"):
    """One of each kind."""
    return (
        verdict("agreement_krippendorff_alpha", "agreement", "block", "krippendorff_alpha", value=0.52, low=0.48, high=0.56, bound=">= 0.667"),
        verdict("balance_cells_label_weather", "balance", "warn", "cell_count", value=3.0, bound=">= 30", by="label,weather", key=label, table="items", sentence=f"The count for {label} is 3 (1,000 rows); the limit is >= 30."),
        verdict("concentration_largest_share", "concentration", "block", "largest_share", value=0.9, low=0.88, high=0.92, bound="<= 0.8", table="items", blocking=False, waiver=Waived(owner, "second site starts", "2026-12-31")),
        verdict("annotators_gold_accuracy", "annotators", "insufficient", "gold_accuracy", n=3),
        verdict("contract_items", "contracts", "clear", "failing_rows", value=0.0, bound="<= 0", table="items"),
    )  # fmt: skip


def subject(**changes):
    """The audit with every picture."""
    told = verdicts()
    spec = Spec.model_validate(
        {
            "dataset": "pets",
            "items": {"table": "items.csv", "id": "item", "source": "site", "conditions": ["weather"]},
            "annotations": {
                "table": "a.csv",
                "item": "item",
                "annotator": "who",
                "label": "label",
                "time": "at",
                "guideline": "version",
            },
            "owners": ["team:imaging"],
            "edge_cases": [
                {"name": f"case_{i}", "where": "weather = 'rain'", "train": 100, "owner": f"owner {i}"}
                for i in range(4)
            ],
            "calibration": {
                "sessions": [{"when": "2026-01-05"}],
                "guidelines": [
                    {"version": "v1", "in_force": "2026-01-01"},
                    {"version": "v2", "in_force": "2026-01-12"},
                ],
            },
        }
    )
    made = {
        "spec": spec,
        "data_version": "0123456789abcdef" * 2,
        "when": WHEN,
        "verdict": "block",
        "verdicts": told,
        "measures": measures(),
        "silent": {"coverage": "the spec names no production"},
        "rows": {"items": 12_000, "annotations": 48_000},
        "seconds": {"open": 1.25, "suite": 0.5},
        "handouts": (
            Handout("relabel.csv", ("item", "votes", "worth"), (("i1", "cat dog", 0.9), ("i2", "cat", None))),
        ),
        "files": (
            File("failing_items.csv", ("item", "rule"), (("i7", "unique"),), whole=False),
            File("relabel.csv"),
        ),
        "failing": {"agreement_krippendorff_alpha": tuple(measures()[1:3])},
        "nights": nights(14, told),
    }
    return Subject(**{**made, **changes})


def hostile_subject():
    """The same audit with a hostile name wherever a user's may stand."""
    told = tuple(
        verdict(
            f"balance_cells_{place}", "balance", "block", "cell_count", value=0.0, bound=">= 30", by="label,weather",
            key=f"{bad}|{bad}", sentence=f"The count for {bad} is 0; the limit is >= 30.", remedy=f"Collect 30 rows of {bad!r}, {bad}.",
            blocking=False, waiver=Waived(bad, bad, "2026-12-31"),
        )
        for place, bad in enumerate(HOSTILE)
    )  # fmt: skip
    spec = Spec.model_validate(
        {
            "dataset": "pets",
            "items": {"table": "items.csv", "id": "item", "conditions": [HOSTILE[0].replace(",", " ")]},
            "owners": list(HOSTILE),
        }
    )
    return subject(
        spec=spec,
        verdict="warn",
        verdicts=told,
        measures=measures(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        silent={"coverage": HOSTILE[0]},
        handouts=(Handout("relabel.csv", HOSTILE, (HOSTILE, HOSTILE)),),
        files=(File("relabel.csv"), File("failing_items.csv", HOSTILE, (HOSTILE,))),
        nights=nights(3, told, numbers=HOSTILE[:2]),
    )
