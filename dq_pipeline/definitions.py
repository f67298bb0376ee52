"""The code location that workspace.yaml loads: the demo, its tables made in an ignored folder when there are none."""

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """The demo's assets, checks, job and schedule; made when Dagster asks for them, not at import."""
    from dq_pipeline.demo.location import definitions, demo_folder

    return definitions(demo_folder())
