"""A column of texts as its sorted values and each row's place among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def places(column: Any) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The values of an Arrow column, sorted, and int64 [N], the place of each row's value; none may be null.

    >>> import pyarrow as pa
    >>> places(pa.chunked_array([["b", "a"], ["b"]]))
    (('a', 'b'), array([1, 0, 1]))
    """
    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    at = np.empty(len(values), np.int64)
    at[order] = np.arange(len(values))
    return tuple(values[place] for place in order), at[
        encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    ]
