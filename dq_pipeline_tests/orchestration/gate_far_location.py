"""A second code location: a gated asset on data that the first one builds and checks."""

import dagster as dg

from dq_pipeline import gated


@gated
@dg.asset(key_prefix="far", deps=[["later", "items"]])
def model() -> None: ...


defs = dg.Definitions(assets=[model], executor=dg.in_process_executor)
