"""States of counts as small Parquet files: what is no array as JSON, the arrays as bytes."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.tables import seal, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from dq_pipeline.counts.additive import Signed

ABOUT, SEAL = "dq_pipeline", "dq_pipeline_seal"
ARRAY, MATRIX, CLASS, ITEMS = "array", "matrix", "class", "items"
_SCALARS = frozenset({str, int, float, bool, type(None)})
"""What JSON has as it is; lists of many ids are seldom of anything else."""


def write_states(path: Path, states: Mapping[str, Sequence[Signed]], about: Mapping[str, Any]) -> None:
    """Write the states of requests, each with its sign, whole or not at all.

    Args:
        path: The file.
        states: By the text of a request.
        about: What `read_states` gives beside them.

    Raises:
        OSError: It cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, list[Any]] = {"request": [], "sign": [], "state": [], "arrays": []}
    for request, parts in states.items():
        for sign, state in parts:
            arrays: list[bytes] = []
            columns["request"].append(request)
            columns["sign"].append(sign)
            columns["state"].append(json.dumps(_plain(state, arrays)))
            columns["arrays"].append(arrays)
    kinds = [
        ("request", pa.string()),
        ("sign", pa.int8()),
        ("state", pa.string()),
        ("arrays", pa.list_(pa.binary())),
    ]
    said = json.dumps(about)
    sealed = {ABOUT: said, SEAL: _seal(said, columns)}
    schema = pa.schema(kinds, metadata=sealed)
    with whole(path) as file:
        pq.write_table(pa.table(columns, schema=schema), file, compression="zstd")


def read_states(
    path: Path, classes: Mapping[str, Callable[..., Any]]
) -> tuple[dict[str, list[Signed]], dict[str, Any]]:
    """The states in a file by the text of their requests, and what was said about them; nothing of a file that is damaged.

    Args:
        path: The file.
        classes: What the states are made of, by name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    states: dict[str, list[Signed]] = {}
    try:
        # Read once: another audit may put another file in its place.
        table = pq.read_table(path)
        told = {name.decode(): text.decode() for name, text in (table.schema.metadata or {}).items()}
        about: dict[str, Any] = json.loads(told[ABOUT])
        columns = table.to_pydict()
        if told[SEAL] != _seal(told[ABOUT], columns):
            return {}, {}
        rows = zip(*(columns[name] for name in ("request", "sign", "state", "arrays")), strict=True)
        for request, sign, state, arrays in rows:
            states.setdefault(request, []).append((sign, _state(json.loads(state), arrays, classes)))
    except (OSError, pa.ArrowException, AttributeError, KeyError, TypeError, ValueError):
        return {}, {}
    return states, about


def _seal(about: str, columns: Mapping[str, Sequence[Any]]) -> str:
    """What a file holds, named by all its bytes: Parquet notices few of those that a disk changes."""
    rows = json.dumps([about, columns["request"], columns["sign"], [len(one) for one in columns["arrays"]]])
    texts = (text.encode() for text in columns["state"])
    return seal(rows.encode(), *texts, *(array for arrays in columns["arrays"] for array in arrays))


def _plain(value: Any, arrays: list[bytes]) -> Any:
    """A state as JSON takes it; its arrays are put beside."""
    if is_dataclass(value) and not isinstance(value, type):
        own = {one.name: _plain(getattr(value, one.name), arrays) for one in fields(value)}
        return {CLASS: type(value).__name__, ITEMS: own}
    if isinstance(value, np.ndarray):
        return _bytes(value, arrays)
    if hasattr(value, "tocsr"):
        matrix = value.tocsr()
        parts = [_bytes(part, arrays) for part in (matrix.data, matrix.indices, matrix.indptr)]
        return {MATRIX: parts, ITEMS: list(matrix.shape)}
    if isinstance(value, dict):
        return {ITEMS: [[_plain(key, arrays), _plain(one, arrays)] for key, one in value.items()]}
    if isinstance(value, list | tuple):
        return value if _SCALARS.issuperset(map(type, value)) else [_plain(one, arrays) for one in value]
    return value


def _bytes(array: Any, arrays: list[bytes]) -> dict[str, Any]:
    """An array's place among the bytes; integers in the fewest that hold them."""
    small = array
    if array.dtype.kind == "i" and array.size:
        least, most = int(array.min()), int(array.max())
        fewest = np.promote_types(np.min_scalar_type(least), np.min_scalar_type(most))
        small = array.astype(fewest) if fewest.kind in "iu" else array
    arrays.append(np.ascontiguousarray(small).tobytes())
    return {ARRAY: len(arrays) - 1, ITEMS: [str(array.dtype), str(small.dtype), list(array.shape)]}


def _array(told: Any, arrays: Sequence[bytes]) -> Any:
    kind, small, shape = told[ITEMS]
    return np.frombuffer(arrays[told[ARRAY]], small).astype(kind).reshape(shape)


def _state(told: Any, arrays: Sequence[bytes], classes: Mapping[str, Callable[..., Any]]) -> Any:
    if isinstance(told, list):
        scalars = _SCALARS.issuperset(map(type, told))
        return tuple(told) if scalars else tuple(_state(one, arrays, classes) for one in told)
    if not isinstance(told, dict):
        return told
    if CLASS in told:
        own = {name: _state(one, arrays, classes) for name, one in told[ITEMS].items()}
        return classes[told[CLASS]](**own)
    if ARRAY in told:
        return _array(told, arrays)
    if MATRIX in told:
        from scipy import sparse

        return sparse.csr_matrix(
            tuple(_array(part, arrays) for part in told[MATRIX]), shape=tuple(told[ITEMS])
        )
    return {_state(key, arrays, classes): _state(value, arrays, classes) for key, value in told[ITEMS]}
