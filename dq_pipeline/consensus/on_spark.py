"""Dawid-Skene where votes lie on many machines: each step maps over parts of the items and adds up what they expect.

The parameters go to the executors, the expected counts come back, C x K of them; an item's votes and its posterior stay
where they are. Executors need numpy, scipy and pyarrow for the driver's Python, and nothing of ours: the code goes along.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dq_pipeline.consensus import dawid_skene, encode, soft_labels
from dq_pipeline.consensus.dawid_skene import Model, expected, learn, posteriors
from dq_pipeline.consensus.encode import Votes, parts_of, shaped
from dq_pipeline.consensus.soft_labels import rows_of, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from dq_pipeline.consensus.majority import Ties

    Floats = NDArray[np.float64]
    Batches = Iterator[pa.RecordBatch]

DIGITS = 12
"""Digits after the point that are alike on every run: which part is added first differs, and with it the last ones."""
TOTALS, REACHED = -1, -2
"""Codes of the sums over labels, and of the log-likelihood, beside those of columns."""


class VotesOnSpark:
    """Encoded votes, an item a row, held on the executors.

    Args:
        connection: The connection to Spark.
        votes: `item`, `annotator` and `label`, one row a vote, none of them null.
        declared: The declared labels, in order.
    """

    def __init__(self, connection: Any, votes: Any, declared: Sequence[str]) -> None:
        import ibis

        self._connection = connection
        pairs = votes.group_by("annotator", "label").agg(dq_votes=votes.count())
        columns = pairs.order_by("annotator", "label").to_pyarrow()
        (annotators, who), (labels, label) = (
            _places(columns[name].to_pylist()) for name in ("annotator", "label")
        )
        self.shape = shaped(annotators, labels, who, label, declared)
        self.columns = columns["dq_votes"].to_numpy().astype(np.int64)
        self._sums: Any = None
        if len(self.shape.of_label):
            named = columns.select(["annotator", "label"]).append_column("code", _numbered(len(columns)))
            coded = votes.select("item", "annotator", "label").join(
                ibis.memtable(named), ["annotator", "label"]
            )
            by_item = coded.group_by("item").agg(codes=coded.code.collect())
            items = by_item.select("item", codes=by_item.codes.sort())
            self._items = connection.create_table("dq_votes_by_item", items, temp=True)
            self.items = int(self._items.count().execute())
        else:
            self.items = 0

    def learn(self) -> Model:
        """The model, as `fit` learns it."""
        return learn(self.shape, self.columns, self.items, self._expect)

    def _expect(self, prior: Floats | None, rates: Floats | None) -> tuple[Floats, Floats, float]:
        counts = np.zeros((len(self.shape.of_label), len(self.shape.labels)))
        totals, reached = np.zeros(len(self.shape.labels)), 0.0
        if not self.items:
            return counts, totals, reached
        found = self._summed(_expecting(self.shape, prior, rates), "code int, label int, value double")
        code, label, value = (found[name].to_numpy() for name in ("code", "label", "value"))
        of_columns = code >= 0
        counts[code[of_columns], label[of_columns]] = value[of_columns]
        totals[label[code == TOTALS]] = value[code == TOTALS]
        return counts, totals, float(value[code == REACHED].sum())

    def _summed(self, function: Callable[[Batches], Batches], kind: str) -> pa.Table:
        import pyspark.sql.functions as F  # noqa: N812

        mapped = self._frame.mapInArrow(function, kind)
        return mapped.groupBy("code", "label").agg(F.sum("value").alias("value")).toArrow()

    @property
    def _frame(self) -> Any:
        _send_along()
        return self._connection.frame(self._items)

    def components(self) -> int:
        """Parts of the graph of annotators, as `encode.components` tells them: each part of the items joins some."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        count = len(self.shape.annotators)
        if not self.items:
            return 0
        joined = self._frame.mapInArrow(_joining(self.shape), "first int, second int").distinct().toArrow()
        edges = (joined["first"].to_numpy(), joined["second"].to_numpy())
        graph = coo_matrix((np.ones(len(joined), np.int8), edges), shape=(count, count))
        return int(connected_components(graph, directed=False)[0])

    def consensus(self, model: Model, ties: Ties) -> Any:
        """The consensus as a table of Spark's with the columns of layout.COLUMNS."""
        if not self.items:
            empty = self._connection.given(schema().empty_table())
            return self._connection.hold("dq_consensus_dawid_skene", empty)
        mapped = self._frame.mapInArrow(_concluding(self.shape, model, ties), _KIND)
        return self._connection.hold("dq_consensus_dawid_skene", mapped)


_KIND = (
    "item string, label string, confidence double, entropy double, votes int, tied boolean, "
    "soft_label array<struct<label: string, probability: double>>"
)


def _numbered(rows: int) -> Any:
    import pyarrow as pa

    return pa.array(range(rows), pa.int32())


def _send_along() -> None:
    """Let functions of these modules travel to executors that do not have them."""
    import sys

    from pyspark import cloudpickle

    for module in (dawid_skene, encode, soft_labels, sys.modules[__name__]):
        cloudpickle.register_pickle_by_value(module)


def _votes_in(shape: Votes, batch: Any) -> Votes:
    """The votes of the items of a batch."""
    codes = batch.column("codes")
    return replace(
        shape,
        codes=codes.flatten().to_numpy(zero_copy_only=False).astype(np.int32),
        lengths=codes.value_lengths().to_numpy(zero_copy_only=False).astype(np.int32),
    )


def _expecting(shape: Votes, prior: Floats | None, rates: Floats | None) -> Callable[[Batches], Batches]:
    """What a part of the items expects: code, label and value of what is not 0."""

    def expecting(batches: Batches) -> Batches:
        import pyarrow as pa

        counts = np.zeros((len(shape.of_label), len(shape.labels)))
        totals, reached = np.zeros(len(shape.labels)), 0.0
        for batch in batches:
            some, sums, evidence = expected(_votes_in(shape, batch), prior, rates)
            counts += some
            totals += sums
            reached += evidence
        code, label = np.nonzero(counts)
        labels = np.arange(len(totals))
        yield pa.record_batch(
            {
                "code": np.concatenate([code, np.full(len(totals), TOTALS), [REACHED]]).astype(np.int32),
                "label": np.concatenate([label, labels, [0]]).astype(np.int32),
                "value": np.concatenate([counts[code, label], totals, [reached]]),
            }
        )

    return expecting


def _joining(shape: Votes) -> Callable[[Batches], Batches]:
    """Which annotators a part of the items joins: each with the first of its part."""

    def joining(batches: Batches) -> Batches:
        import pyarrow as pa

        for batch in batches:
            part = parts_of(_votes_in(shape, batch))
            first = np.unique(part, return_index=True)[1][part]
            joined = np.flatnonzero(first != np.arange(len(part)))
            yield pa.record_batch(
                {"first": first[joined].astype(np.int32), "second": joined.astype(np.int32)}
            )

    return joining


def _concluding(shape: Votes, model: Model, ties: Ties) -> Callable[[Batches], Batches]:
    """The rows of a part of the items."""

    def concluding(batches: Batches) -> Batches:
        for batch in batches:
            votes = _votes_in(shape, batch)
            if len(votes.lengths):
                posterior = np.concatenate(list(posteriors(votes, model)))
                yield rows_of(batch.column("item"), posterior, votes.lengths[:], votes.labels, ties, DIGITS)

    return concluding


def _places(values: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The different values, sorted, and the place of each value among them."""
    different = sorted(set(values))
    at = {value: place for place, value in enumerate(different)}
    return different, np.array([at[value] for value in values], np.int64)
