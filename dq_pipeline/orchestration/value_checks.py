"""Asset checks that look at an asset's value: load it once, judge it, and answer for every check, also on an error."""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from dq_pipeline.spec.errors import InputError

Load = Callable[[dg.AssetCheckExecutionContext], Any]
TRACEBACK_CHARACTERS = 4_000
"""The end of a traceback that an event may hold: each event is a row in Dagster's database."""


@dataclass(frozen=True)
class Judgement:
    """What one check has to say.

    Attributes:
        passed: Whether it holds.
        sentence: One sentence with the numbers.
        severity: ERROR blocks where the check is blocking; WARN never does.
        metadata: A few numbers and a short table.
    """

    passed: bool
    sentence: str
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
    metadata: Mapping[str, Any] = field(default_factory=dict)


def value_checks(
    *,
    name: str,
    specs: Sequence[dg.AssetCheckSpec],
    judge: Callable[[Any], Mapping[str, Judgement]],
    load: Load | None,
) -> dg.AssetChecksDefinition:
    """One op that loads an asset's value and yields a result for each selected check.

    Args:
        name: The op's name.
        specs: The checks, all of one asset.
        judge: From the value to what each check has to say, by the check's name.
        load: How to get the value; by default the asset's own IO manager.
    """
    key = specs[0].asset_key

    @dg.multi_asset_check(name=name, specs=specs, can_subset=True)
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        selected = {found.name for found in context.selected_asset_check_keys}
        try:
            value = load(context) if load else _value(context, key)
            _refuse_nothing(key, value)
            judged = judge(value)
        except Exception as error:  # noqa: BLE001  # a blocking check without a result would let children run
            judged = {spec.name: _raised(error) for spec in specs}
        for spec in specs:
            if spec.name in selected:
                yield _result(spec, judged.get(spec.name) or _unjudged(spec.name))

    return checks


def _value(context: dg.AssetCheckExecutionContext, key: dg.AssetKey) -> Any:
    """The asset's value from its IO manager; in a partitioned run, of that partition."""
    partition = context.partition_key if context.has_partition_key else None
    return context.op_execution_context.load_asset_value(key, partition_key=partition)


def _result(spec: dg.AssetCheckSpec, judgement: Judgement) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=judgement.passed,
        severity=judgement.severity,
        description=judgement.sentence,
        metadata=dict(judgement.metadata),
    )


def _refuse_nothing(key: dg.AssetKey, value: Any) -> None:
    """Raise InputError for the value of an asset that keeps what it makes elsewhere and returns nothing."""
    if value is None:
        raise InputError(
            key.to_user_string(),
            found="no value, as of an asset that returns nothing",
            expected="a frame or a table",
            fix="load=lambda context: pd.read_parquet(...)",
        )


def _raised(error: Exception) -> Judgement:
    if isinstance(error, InputError):
        said = f"The check could not be judged. {error.who}: found {error.found}; expected {error.expected}."
        return Judgement(passed=False, sentence=said, metadata={"what_to_do": error.fix})
    text = "".join(traceback.format_exception(error))[-TRACEBACK_CHARACTERS:]
    sentence = f"The check could not be judged: {type(error).__name__} while loading or reading the value."
    return Judgement(
        passed=False, sentence=sentence, metadata={"traceback": dg.MetadataValue.md(f"```\n{text}\n```")}
    )


def _unjudged(name: str) -> Judgement:
    return Judgement(passed=False, sentence=f"The check {name} got no answer, which counts as failed.")


def id_table(
    ids: Sequence[str], rows: Sequence[Sequence[str | None]], limit: int = 20
) -> dg.TableMetadataValue:
    """A short table of texts for the UI: only ids and the names of rules and columns.

    Args:
        ids: The table's columns.
        rows: One text or None a column.
        limit: Most rows shown.
    """
    return dg.MetadataValue.table(
        records=[
            dg.TableRecord(
                {name: "" if value is None else value for name, value in zip(ids, row, strict=True)}
            )
            for row in rows[:limit]
        ],
        schema=dg.TableSchema(columns=[dg.TableColumn(name, "string") for name in ids]),
    )


def check_names(wanted: Sequence[str]) -> list[str]:
    """Names that Dagster takes, each once: other characters become "_", a second one of a name gets "_2"."""
    names: list[str] = []
    for text in wanted:
        plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in text) or "_"
        name, times = plain, 1
        while name in names:
            times += 1
            name = f"{plain}_{times}"
        names.append(name)
    return names
