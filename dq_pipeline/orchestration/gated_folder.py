"""`dq_pipeline.GatedFolder`: the component of a folder that puts gates on assets of the components in it."""

from __future__ import annotations

import dagster as dg
from dagster.components.core.decl import build_component_decls_from_directory_items

from dq_pipeline.orchestration.gate_assets import GatedAsset, gate_assets


class GatedFolder(dg.Component, dg.Model, dg.Resolvable):
    """Gates by key on the assets of whatever stands in this folder: other components, Python files, folders.

    Attributes:
        gates: Which assets, and what each gate requires.
    """

    gates: list[GatedAsset]

    @classmethod
    def get_spec(cls) -> dg.ComponentTypeSpec:
        """What `dg` tells of it."""
        return dg.ComponentTypeSpec(
            description="Gates on assets, by key, of all components below this folder.",
            tags=["data quality", "gate"],
        )

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The definitions of everything in the folder, with its gates."""
        return gate_assets(dg.Definitions.merge(*_definitions_below(context)), self.gates)


def _definitions_below(context: dg.ComponentLoadContext) -> list[dg.Definitions]:
    """What the folder would define without this component.

    Dagster stops at a folder's defs.yaml and looks no further, so the children are declared here as it does for
    `DefsFolderComponent` (pinned in dq_pipeline_tests/upstream).
    """
    children = build_component_decls_from_directory_items(context, None)
    for child in children.values():
        for loc, declared in child.iterate_loc_component_decl_pairs():
            context.component_tree.state_tracker.set_cache_data(loc, component_decl=declared)
    return [context.build_defs(child.loc) for child in children.values()]
