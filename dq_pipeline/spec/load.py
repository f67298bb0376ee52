"""From YAML or Python to a Spec, or to one error that says what to write instead."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from dq_pipeline.spec.errors import InputError, RefusedError
from dq_pipeline.spec.model import Spec
from dq_pipeline.spec.secrets import without_secrets
from dq_pipeline.spec.source import SpecSource, parse_yaml, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)


def load_spec(path: str | Path) -> tuple[Spec, SpecSource]:
    """Read and check a spec's file; its tables' paths are relative to it.

    Raises:
        InputError: Anything in it that cannot be used, with file, line and key.
    """
    file = Path(path)
    source = read_yaml(file)
    spec = parse(Spec, source.data, source)
    return spec.based_on(file.parent), source


def spec_of_text(text: str, path: Path) -> tuple[Spec, SpecSource]:
    """Check the text of a spec that is to lie at `path` and does not yet.

    Raises:
        InputError: Anything in it that cannot be used, with file, line and key.
    """
    source = parse_yaml(str(path), text)
    return parse(Spec, source.data, source).based_on(path.parent), source


def spec_from(
    data: Mapping[str, Any], *, base: str | Path = ".", name: str = "spec"
) -> tuple[Spec, SpecSource]:
    """Check a spec written in Python; its tables' paths are relative to `base`.

    Raises:
        InputError: Anything in it that cannot be used, with its key.
    """
    source = SpecSource(name, dict(data))
    spec = parse(Spec, source.data, source)
    return spec.based_on(Path(base)), source


def parse(model: type[Model], data: Any, source: SpecSource, at: Sequence[str | int] = ()) -> Model:
    """Validate `data`, found under the keys `at` of `source`, into `model`.

    Raises:
        InputError: The first thing that is wrong, and how many more there are.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _translated(error, model, source, at) from None


def _translated(
    error: ValidationError, model: type[BaseModel], source: SpecSource, at: Sequence[str | int]
) -> InputError:
    details = error.errors()
    # An unknown key often explains the missing one beside it: a typo.
    first = next((detail for detail in details if detail["type"] == "extra_forbidden"), details[0])
    refused = first.get("ctx", {}).get("error")
    inside = refused.at if isinstance(refused, RefusedError) else ()
    keys = [*at, *(key for key in first["loc"] if not _is_union_tag(key)), *inside]
    missing = [
        str(detail["loc"][-1])
        for detail in details
        if detail["type"] == "missing" and detail["loc"][:-1] == first["loc"][:-1]
    ]
    found, expected, fix = _said(first, model, missing, at)
    more = f" ({len(details) - 1} more after this one)" if len(details) > 1 else ""
    return InputError(source.where(keys), found=found, expected=expected, fix=fix + more)


def _is_union_tag(key: str | int) -> bool:
    return isinstance(key, str) and (key.startswith(("literal[", "function-")) or key in {"MLflow", "Policy"})


def _said(
    detail: ErrorDetails, model: type[BaseModel], missing: list[str], at: Sequence[str | int]
) -> tuple[str, str, str]:
    """What was found, what was expected, the fix; a key that is missing beside it is the likeliest meant."""
    kind, loc, given = detail["type"], detail["loc"], detail["input"]
    key = str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        known = _keys_at(model, loc[:-1])
        close = difflib.get_close_matches(key, missing, n=1) or difflib.get_close_matches(key, known, n=1)
        fix = f"write {close[0]!r} instead of {key!r}" if close else f"take {key!r} out"
        return f"unknown key {key!r}", f"one of {', '.join(sorted(known))}", fix
    if kind == "missing":
        return f"no {key!r}", f"the key {key!r}", f"add `{key}: ...`"
    refused = detail.get("ctx", {}).get("error")
    if isinstance(refused, RefusedError):
        return refused.found, refused.expected, refused.fix
    expected, fix = _of_value(kind, _named([*at, *loc]), given, detail["msg"])
    return _short(given), expected, fix


def _named(loc: Sequence[str | int]) -> str:
    """What a fix calls what an error is about: the key, or which entry of a list.

    >>> _named(("items", "conditions", 2)), _named(("items", "id")), _named(())
    ("entry 3 of 'conditions'", 'id', 'the spec')
    """
    keys = [key for key in loc if not _is_union_tag(key)]
    if not keys:
        return "the spec"
    if isinstance(keys[-1], str):
        return keys[-1]
    within = next((key for key in reversed(keys) if isinstance(key, str)), "the spec")
    return f"entry {keys[-1] + 1} of {within!r}"


def _of_value(kind: str, key: str, given: Any, message: str) -> tuple[str, str]:
    """What was expected in place of a value, and the fix."""
    if kind == "string_pattern_mismatch":
        plain = re.sub(r"\W+", "_", str(given), flags=re.ASCII).strip("_") or f"my_{key}"
        return (
            "letters, digits and underscores: Dagster names assets and checks by it",
            f"write `{key}: {plain}`",
        )
    if kind == "value_error":
        return message.removeprefix("Value error, "), f"change {key} to fit"
    told = _of_kind(kind, key, given)
    if told is not None:
        return told
    shown = "" if isinstance(given, dict | list) else f" (found {_short(given)})"
    said = message.partition(", ")[0] if kind.endswith("_parsing") else message
    return said.removeprefix("Input should be "), f"change {key}{shown}"


def _of_kind(kind: str, key: str, given: Any) -> tuple[str, str] | None:
    """What was expected of a value of the wrong kind, and the fix; None where pydantic's own words will do."""
    if kind == "string_type" and isinstance(given, int | float):
        plain = str(given).lower() if isinstance(given, bool) else given
        return "text", f'write "{plain}" in quotes'
    if hasattr(given, "columns"):
        return "text: a file's path, or a database's table", f'write it to one: .to_parquet("{key}.parquet")'
    lists = f"write `{key}: [{given}]`" if isinstance(given, str) else f"write `{key}` as a list"
    keys = "keys and values", f"write `{key}: {{...}}` with keys and values within"
    date = "a date, such as 2026-12-31", f"write `{key}: 2026-12-31`"
    return {
        "tuple_type": ("a list", lists),
        "too_short": ("one at least", f"name one, or leave {key!r} out"),
        "model_type": keys,
        "model_attributes_type": keys,
        "dict_type": keys,
        "date_type": date,
        "date_parsing": date,
        "date_from_datetime_parsing": date,
        "date_from_datetime_inexact": date,
    }.get(kind)


def _short(value: Any) -> str:
    if hasattr(value, "columns"):  # a frame, whose text is its rows
        return f"a {type(value).__name__}"
    text = without_secrets(repr(value))
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - a line's width


def _keys_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys that the model knows at `loc`, walking through nested models."""
    current: type[BaseModel] = model
    for key in loc:
        field = current.model_fields.get(key) if isinstance(key, str) else None
        if field is None:
            continue
        nested = next(iter(_models_in(field.annotation)), None)
        if nested is not None:
            current = nested
    return list(current.model_fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models_in(argument)]
