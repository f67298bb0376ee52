"""Every kind of count, over random tables of what trips engines, is what a plain loop counts.

test_spark.py holds Spark to the same counts.
"""

from __future__ import annotations

import pytest

from dq_pipeline import counts
from dq_pipeline.counts import coding, collect
from dq_pipeline.tables import Tables
from dq_pipeline_tests import awkward_tables
from dq_pipeline_tests.counts.every_request import ITEMS_ALONE, OF_ITEMS, OF_MANY, REQUESTS
from dq_pipeline_tests.counts.oracles import MANY, ORACLES
from dq_pipeline_tests.counts.plain_tables import PlainTables


def test_every_kind_of_count_has_an_oracle_and_is_asked_for():
    kinds = {getattr(counts, name) for name in counts.__all__ if hasattr(getattr(counts, name), "count_all")}
    kinds -= {counts.Request}
    assert kinds == set(ORACLES) == {type(one) for one in (*REQUESTS, *OF_MANY, *OF_ITEMS)}


@pytest.mark.parametrize("by_query", [False, True])
@pytest.mark.parametrize(("seed", "items"), [(1, 20), (2, 9), (3, 40)])
def test_it_is_what_a_plain_loop_counts(seed, items, by_query, tmp_path, monkeypatch):
    """From the ballots, and by query, as an engine does whose votes are not read into this process."""
    by_loop = PlainTables(awkward_tables.write(tmp_path, seed=seed, items=items))
    with Tables(awkward_tables.spec_of(tmp_path)[0]) as tables:
        tables.by_query = by_query
        counted = collect(tables, REQUESTS)
        found = {request: counted[request] for request in REQUESTS}
        monkeypatch.setattr(coding, "VALUES", MANY)
        found |= {request: collect(tables, [request])[request] for request in OF_MANY}
        monkeypatch.undo()
    with Tables(awkward_tables.spec_of(tmp_path, **ITEMS_ALONE)[0]) as tables:
        found |= {request: collect(tables, [request])[request] for request in OF_ITEMS}
    for request, state in found.items():
        loop, told = ORACLES[type(request)]
        assert told(state) == loop(by_loop, request), request
