"""The contracts of a spec's tables: validated where they lie, and put in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq_pipeline.contracts.references import Orphans, straddling_groups, unmatched_items
from dq_pipeline.contracts.row_rules import RowRules
from dq_pipeline.contracts.sides import sides_of
from dq_pipeline.contracts.times import SHOWN, Times
from dq_pipeline.contracts.words import DECLARED, sentence_of
from dq_pipeline.counts import Counts, Repeats, Request, collect
from dq_pipeline.families.verdict import CheckVerdict, number_of
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.keys import key_of
from dq_pipeline.tables import TRAINING_SET, Tables, engine_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dq_pipeline.contracts.result import ContractResult, RuleResult
    from dq_pipeline.families.check import Verdict
    from dq_pipeline.spec import Spec
    from dq_pipeline.tables import Table

FAMILY = "contracts"
MOSTLY = 0.5
"""The share of pairs of item and annotator from which on repeats look like rows written twice."""

Judge = Callable[[Tables, "Path | None", Counts], "tuple[CheckVerdict, list[Measure]]"]


@dataclass(frozen=True)
class Contract:
    """One contract check.

    Attributes:
        check: Its name.
        table: The asset that it judges.
        needs: The tables that it reads.
        judge: Judges it from its counts; with a folder, leaves the failing ids in a CSV there.
        requests: What it has counted.
    """

    check: str
    table: str
    needs: tuple[str, ...]
    judge: Judge
    requests: tuple[Request, ...] = ()

    def run(
        self, tables: Tables, folder: Path | None, counts: Counts | None = None
    ) -> tuple[CheckVerdict, list[Measure]]:
        """Judge it; with a folder, leave the failing ids in a CSV there.

        Args:
            tables: The tables.
            folder: The folder.
            counts: What was counted for it; it is counted now unless given.
        """
        return self.judge(tables, folder, collect(tables, self.requests) if counts is None else counts)


def contracts_of(spec: Spec) -> list[Contract]:
    """The contracts that a spec's tables have, known from the spec alone."""
    made: list[Contract] = []
    if spec.items is not None:
        made.append(_of_rows("items", "items"))
        made += [_of_times(name, "items") for name in ("items", "production") if _has_times(spec, name)]
    if spec.annotations is not None:
        made.append(_of_rows("annotations", "annotations"))
        made += [_of_times("annotations", "annotations")] if _has_times(spec, "annotations") else []
        if spec.annotations.repeats != "error":
            made.append(Contract("contract_repeats", "annotations", ("annotations",), _repeats, (Repeats(),)))
        if spec.items is not None:
            needs = ("annotations", "items")
            made.append(
                Contract("contract_annotations_have_items", "annotations", needs, _orphans, (Orphans(),))
            )
    if spec.gold is not None:
        labelled = "annotations" if spec.annotations is not None else "items"
        made.append(_of_rows("gold", labelled))
        made.append(Contract("contract_gold_joins", labelled, ("gold", labelled), _gold_joins(labelled)))
    if spec.annotations is not None or (spec.items is not None and spec.items.label):
        made.append(_of_rows(TRAINING_SET, TRAINING_SET))
        if spec.items is not None and spec.items.group:
            made.append(
                Contract("contract_training_set_groups", TRAINING_SET, (TRAINING_SET,), _leaking_groups)
            )
    return made


def _has_times(spec: Spec, name: str) -> bool:
    table = getattr(spec, name)
    return table is not None and table.time is not None


def _of_rows(name: str, asset: str) -> Contract:
    """Every row of one table against its Pandera schema."""
    asked = RowRules(name)

    def judge(tables: Tables, folder: Path | None, counts: Counts) -> tuple[CheckVerdict, list[Measure]]:
        result = counts[asked]
        file = f"failing_{name}.csv"
        with engine_errors(name):
            _leave(folder, file, any(rule.failing for rule in result.rules), result.write_failing_rows)
        labels = tables.spec.labels.values or ()
        said = _of_rules(f"contract_{name}", asset, name, result, file, labels)
        measures = list(_measures(name, result))
        sides = sides_of(tables) if name == TRAINING_SET else None
        if sides is None:
            return said, measures
        empty = Measure(FAMILY, "empty_sides", name, Estimate(float(len(sides.empty)), n=len(sides.asked)))
        if sides.empty and said.verdict == "clear":
            said = _verdict(said.check, asset, "warn", sides.sentence, sides.remedy, empty)
        return said, [*measures, empty]

    return Contract(f"contract_{name}", asset, (name,), judge, (asked,))


def _of_times(name: str, asset: str) -> Contract:
    """Times of a table that are none, which drift, calibration and months pass over, and times to come, which these go by."""
    asked = Times(name)
    check = f"contract_{name}_times"

    def judge(
        tables: Tables,
        folder: Path | None,  # noqa: ARG001 - a Contract's judge
        counts: Counts,
    ) -> tuple[CheckVerdict, list[Measure]]:
        found = counts[asked]
        n = found.written
        unread, future = (
            Measure(FAMILY, measure, name, Estimate(float(count), n=n))
            for measure, count in (("unreadable_times", found.unread), ("future_times", found.future))
        )
        said, remedies = [], []
        if found.unread:
            said.append(
                f"{found.unread:,} of {number_of(n, 'times')} of {name} cannot be read: all that goes by time passes them over."
            )
            remedies.append(
                f"Write them as 2026-01-31 or 2026-01-31T09:30:00Z ({_rows(tables[name], found.first)})."
            )
        if found.future:
            are = "is" if found.future == 1 else "are"
            said.append(
                f"{found.future:,} of {number_of(n, 'times')} of {name} {are} in the future: what goes by time takes them for the newest."
            )
            remedies.append(
                f"Look at the clock, the time zone and the order of day and month ({_rows(tables[name], found.first_future)})."
            )
        if not said:
            well = f"Each of the {number_of(n, 'times')} of {name} can be read, and none is in the future."
            return _verdict(check, asset, "clear", well, "", unread), [unread, future]
        told = unread if found.unread else future
        return _verdict(check, asset, "warn", " ".join(said), " ".join(remedies), told), [unread, future]

    return Contract(check, asset, (name,), judge, (asked,))


def _rows(table: Table, places: Sequence[int]) -> str:
    return ", ".join(f"row {table.told_place(place)}" for place in places)


def _leave(folder: Path | None, file: str, failed: bool, write: Callable[[Path], Any]) -> None:  # noqa: FBT001 - whether
    """Leave the failing ids in the folder, or take away those of an earlier audit."""
    if folder is None:
        return
    if failed:
        write(folder / file)
    else:
        (folder / file).unlink(missing_ok=True)


def _of_rules(
    check: str, asset: str, table: str, result: ContractResult, file: str, labels: Sequence[str]
) -> CheckVerdict:
    failed = sorted(result.failed, key=lambda rule: (rule.severity != "block", -(rule.failing or 0)))
    total = sum(rule.failing or 0 for rule in result.rules)
    measure = Measure(FAMILY, "failing_rows", table, Estimate(float(total), n=result.rows))
    if result.rows == 0:
        said, remedy = f"The {table} table has a header and no rows.", "Export the table again."
        if table == TRAINING_SET:
            said, remedy = "The training set is empty.", "See which items were left out of it, and why."
        return _verdict(check, asset, "block", said, remedy, measure)
    if not failed:
        said = f"All {number_of(result.rows, 'rows')} of {table} keep the {number_of(len(result.rules), 'rules')}."
        return _verdict(check, asset, "clear", said, "", measure)
    verdict: Verdict = "block" if failed[0].severity == "block" else "warn"
    undeclared = failed[0].column == "label" and failed[0].rule in DECLARED
    declare = " or declare their labels under labels.values" if undeclared else ""
    remedy = f"Mend the rows{_named(failed[0], result.id_columns)}{declare}; {file} lists them all."
    return _verdict(check, asset, verdict, sentence_of(failed, labels), remedy, measure)


def _named(rule: RuleResult, columns: Sequence[str]) -> str:
    shown = [
        ", ".join(
            f"{column} {value}" for column, value in zip(columns, ids, strict=True) if value is not None
        )
        for ids in rule.ids[:SHOWN]
    ]
    return f" ({'; '.join(shown)})" if shown else ""


def _measures(table: str, result: ContractResult) -> Iterator[Measure]:
    for rule in result.rules:
        by, values = ("column,rule", (rule.column, rule.rule)) if rule.column else ("rule", (rule.rule,))
        defined = (
            Estimate(float(rule.failing), n=rule.checked)
            if rule.failing is not None
            else Estimate(None, status="empty")
        )
        yield Measure(FAMILY, "failing_rows", table, defined, by, key_of(values))


def _repeats(
    tables: Tables,
    folder: Path | None,  # noqa: ARG001 - a Contract's judge
    counts: Counts,
) -> tuple[CheckVerdict, list[Measure]]:
    """Report an annotator's several votes on one item; the policy says which stands."""
    spec, found = tables.spec.annotations, counts[Repeats()]
    stands = spec.repeats if spec else "first"
    twice, other = int(found.items.sum()), int((found.items - found.same).sum())
    n = tables["annotations"].rows
    said = (
        f"{number_of(twice, 'pairs of item and annotator')} {'is' if twice == 1 else 'are'} labelled more than once "
        f"({number_of(found.extra, 'annotations')} too many, {number_of(other, 'pairs')} with different labels); the {stands} of each stands."
        if twice
        else f"No annotator labelled an item twice ({number_of(n, 'annotations')})."
    )
    pairs, differing = (
        Measure(FAMILY, name, "annotations", Estimate(float(count), n=n))
        for name, count in (("repeated_pairs", twice), ("differing_repeats", other))
    )
    verdict: Verdict = "clear"
    remedy = ""
    if twice > MOSTLY * (n - found.extra):
        verdict = "warn"
        remedy = (
            "Look whether the table was exported or joined twice: hardly anybody labels most items again."
        )
    return _verdict("contract_repeats", "annotations", verdict, said, remedy, pairs), [pairs, differing]


def _orphans(tables: Tables, folder: Path | None, counts: Counts) -> tuple[CheckVerdict, list[Measure]]:
    """Annotations whose item is not in the items table."""
    found = counts[Orphans()]
    with engine_errors("annotations"):
        file = "annotations_without_item.csv"
        _leave(folder, file, found.unmatched > 0, found.write)
    n = tables["annotations"].rows
    measure = Measure(FAMILY, "annotations_without_item", "annotations", Estimate(float(found.rows), n=n))
    check = "contract_annotations_have_items"
    if not found.unmatched:
        said = f"Every one of the {number_of(found.checked, 'annotated items')} is in the items table."
        return _verdict(check, "annotations", "clear", said, "", measure), [measure]
    said = (
        f"{found.rows:,} of {number_of(n, 'annotations')} {'is' if found.rows == 1 else 'are'} of "
        f"{number_of(found.unmatched, 'items')} that the items table does not have."
    )
    mend = f"Add these items or drop their annotations ({', '.join(found.ids)})"
    remedy = f"{found.form.words(found.unmatched) if found.form else mend}; {file} lists them all."
    return _verdict(check, "annotations", "block", said, remedy, measure), [measure]


def _leaking_groups(
    tables: Tables, folder: Path | None, _counts: Counts
) -> tuple[CheckVerdict, list[Measure]]:
    """Groups whose items lie on several sides of the split: what is learned of a group is then tested on it."""
    spec = tables.spec
    with engine_errors(TRAINING_SET):
        found = straddling_groups(tables[TRAINING_SET].expr, limit=SHOWN)
        file = "groups_on_both_sides.csv"
        _leave(folder, file, found.straddling > 0, found.write)
    estimate = Estimate(float(found.straddling), n=found.groups)
    measure = Measure(FAMILY, "groups_on_both_sides", TRAINING_SET, estimate)
    check = "contract_training_set_groups"
    if not found.straddling:
        said = f"Each of the {number_of(found.groups, 'groups')} lies on one side of the split."
        return _verdict(check, TRAINING_SET, "clear", said, "", measure), [measure]
    lie = "lies" if found.straddling == 1 else "lie"
    said = (
        f"{found.straddling:,} of {number_of(found.groups, 'groups')} {lie} on more than one side of the split "
        f"({number_of(found.rows, 'items')})."
    )
    asked = spec.items is not None and spec.items.split is None and spec.training_set.split.by == "item"
    remedy = (
        "Write `training_set: {split: {by: group}}`"
        if asked
        else f"Put all items of a group on one side ({', '.join(found.ids)})"
    )
    verdict: Verdict = "warn" if asked else "block"
    said_and_done = _verdict(check, TRAINING_SET, verdict, said, f"{remedy}; {file} lists them all.", measure)
    return said_and_done, [measure]


def _gold_joins(labelled: str) -> Judge:
    """Gold whose item nobody labelled; when most of it joins nothing, the ids are not the same ids."""

    def judge(tables: Tables, folder: Path | None, _counts: Counts) -> tuple[CheckVerdict, list[Measure]]:
        with engine_errors("gold"):
            found = unmatched_items(tables["gold"].expr, tables[labelled].expr, limit=SHOWN)
            file = "gold_without_labels.csv"
            _leave(folder, file, found.unmatched > 0, found.write)
        estimate = Estimate(float(found.unmatched), n=found.checked)
        measure = Measure(FAMILY, "gold_without_labels", "gold", estimate)
        check = "contract_gold_joins"
        if not found.unmatched:
            said = f"{_all(found.checked, 'gold items')} labelled in {labelled}."
            return _verdict(check, labelled, "clear", said, "", measure), [measure]
        verdict: Verdict = "block" if found.matched < found.unmatched else "warn"
        join = "joins" if found.unmatched == 1 else "join"
        said = f"{found.unmatched:,} of {number_of(found.checked, 'gold items')} {join} no labelled item."
        mend = f"Compare the ids of gold and {labelled} ({', '.join(found.ids)})"
        remedy = f"{found.form.words(found.unmatched) if found.form else mend}; {file} lists them all."
        return _verdict(check, labelled, verdict, said, remedy, measure), [measure]

    return judge


def _all(n: int, unit: str) -> str:
    return f"The one {unit.removesuffix('s')} is" if n == 1 else f"All {n:,} {unit} are"


def _verdict(
    check: str, table: str, verdict: Verdict, sentence: str, remedy: str, counted: Measure
) -> CheckVerdict:
    """The verdict, with the number it rests on."""
    return CheckVerdict(
        check,
        FAMILY,
        table,
        verdict,
        verdict == "block",
        sentence,
        remedy,
        measure=counted.measure,
        value=counted.estimate.value,
        n=counted.estimate.n,
        bound="<= 0",
    )
