"""A YAML file that remembers on which line each key stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import yaml

from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class _Loader(yaml.SafeLoader):
    """YAML 1.2's reading of plain words: a label `no` is a text, `010` no octal, a date is checked by its key."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}  # type: ignore[misc] # the stubs take it for an instance's


for _tag, _pattern, _starts in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(?:inf|nan)",
        list("-+0123456789."),
    ),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _starts)


_UNQUOTED = re.compile(r"(?<=[:\[,])\s*(\*[^\s,\]}]*|\$\{\w*\}[^\s,\]}]*)")
"""A glob or a variable that YAML takes for an alias or a mapping."""


def _fix_of_line(text: str, mark: yaml.Mark | None) -> str:
    """What to do about the line at which a text is no YAML."""
    lines = text.splitlines()
    bare = _UNQUOTED.search(lines[mark.line]) if mark and mark.line < len(lines) else None
    return f'write `"{bare[1]}"`, in quotes' if bare else "look at that line's indent, colon or quotes"


MOST_NODES = 1_000_000
"""Values that a spec holds at most, aliases written out."""


class SpecSource:
    """The text of a spec: its data, and the line of any key in it.

    Args:
        name: What errors call it: the file's path, or "spec" for one written in Python.
        data: The mapping that it holds.
        node: The parsed YAML, when it came from a file.
    """

    def __init__(self, name: str, data: dict[str, Any], node: yaml.Node | None = None) -> None:
        self.name = name
        self.data = data
        self._node = node

    def where(self, keys: Sequence[str | int]) -> str:
        """`spec.yaml, line 7, checks.agreement`: as much of it as is known."""
        line = self._line(keys)
        dotted = ".".join(str(key) for key in keys)
        return ", ".join(part for part in (self.name, f"line {line}" if line else "", dotted) if part)

    def _line(self, keys: Sequence[str | int]) -> int | None:
        node, line = self._node, None
        for key in keys:
            if isinstance(node, yaml.MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
                node = node.value[key]
                line = node.start_mark.line + 1
            else:
                break
        return line


def read_yaml(path: Path) -> SpecSource:
    """Read a spec's file.

    Raises:
        InputError: It is missing, a directory, not UTF-8, empty, not YAML, or holds one key twice.
    """
    who = str(path)
    if not path.exists():
        raise InputError(
            who, found="no such file", expected="a spec in YAML", fix="dq-pipeline schema shows its keys"
        )
    if path.is_dir():
        raise InputError(
            who, found="a directory", expected="a spec in YAML", fix=f"name the file: {path}/spec.yaml"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            who,
            found=f"byte {error.start} is not UTF-8",
            expected="a spec in YAML, in UTF-8",
            fix=f"iconv -f latin1 -t utf-8 {path} > utf8_{path.name}",
        ) from error
    except OSError as error:
        raise InputError(
            who, found=error.strerror or "unreadable", expected="a readable file", fix=f"chmod u+r {path}"
        ) from error
    return parse_yaml(who, text)


def parse_yaml(who: str, text: str) -> SpecSource:
    """A spec's text.

    Raises:
        InputError: It is empty, not YAML, or holds one key twice.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
        _refuse_endless(who, node)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506  # a SafeLoader
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise InputError(
            f"{who}{line}",
            found=problem,
            expected="a spec in YAML",
            fix=_fix_of_line(text, mark),
        ) from error
    if not isinstance(data, dict):
        kind = "text" if isinstance(data, str) else f"a {type(data).__name__}"
        found = "an empty file" if data is None else kind
        raise InputError(who, found=found, expected="keys and values", fix="start with `dataset: my_dataset`")
    _refuse_repeated_keys(who, node)
    return SpecSource(who, data, node)


def read_embedded(path: Path, key: str, line: int) -> SpecSource:
    """The mapping under a key of one YAML document among those of a file, read as a spec's own file is.

    Args:
        path: A file that is YAML.
        key: The key, such as "attributes".
        line: A line within the document, from 1.

    Raises:
        InputError: There is no such mapping, or it holds one key twice.
    """
    loader = _Loader(path.read_text(encoding="utf-8-sig"))
    try:
        while loader.check_node():
            document = loader.get_node()
            if not isinstance(document, yaml.MappingNode) or document.end_mark.line + 1 < line:
                continue
            node = next((value for name, value in document.value if name.value == key), None)
            data = loader.construct_document(node) if isinstance(node, yaml.MappingNode) else None
            if data is None:
                break
            _refuse_repeated_keys(str(path), node)
            return SpecSource(str(path), data, node)
    finally:
        loader.dispose()
    raise InputError(
        str(path),
        found=f"no keys under {key!r}",
        expected="the keys of a spec",
        fix=f"write `{key}: {{spec: spec.yaml}}`",
    )


def _refuse_endless(who: str, root: yaml.Node | None) -> None:
    """Refuse aliases by which a node holds itself, or by which a few lines say more than a spec ever does.

    Raises:
        InputError: At the line of the node that they repeat.
    """
    sizes: dict[int, int] = {}
    above: set[int] = set()

    def size(node: yaml.Node) -> int:
        if not isinstance(node, yaml.CollectionNode):
            return 1
        if id(node) in above:
            raise _of_alias(who, node, "an alias within what it stands for")
        if id(node) not in sizes:
            above.add(id(node))
            parts = (
                node.value
                if isinstance(node, yaml.SequenceNode)
                else [one for pair in node.value for one in pair]
            )
            sizes[id(node)] = 1 + sum(map(size, parts))
            above.remove(id(node))
        if sizes[id(node)] > MOST_NODES:
            raise _of_alias(who, node, f"aliases that stand for more than {MOST_NODES:,} values")
        return sizes[id(node)]

    if root is not None:
        size(root)


def _of_alias(who: str, node: yaml.Node, found: str) -> InputError:
    return InputError(
        f"{who}, line {node.start_mark.line + 1}",
        found=found,
        expected="a spec, which has an end",
        fix="write what is meant in place of the alias (`*name`)",
    )


def _refuse_repeated_keys(who: str, node: yaml.Node | None) -> None:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_repeated_keys(who, child)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.value in seen:
            raise InputError(
                f"{who}, line {line}",
                found=f"key {key.value!r} again, first on line {seen[key.value]}",
                expected="each key once",
                fix=f"take one of the two {key.value!r} out",
            )
        seen[key.value] = line
        _refuse_repeated_keys(who, value)
