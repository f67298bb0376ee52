"""The check families, one a module; this file holds the only list."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from dq_pipeline.families.agreement import Agreement
from dq_pipeline.families.annotators import Annotators
from dq_pipeline.families.balance import Balance
from dq_pipeline.families.calibration import Calibration
from dq_pipeline.families.concentration import Concentration
from dq_pipeline.families.consensus import Consensus
from dq_pipeline.families.coverage import Coverage
from dq_pipeline.families.drift import Drift
from dq_pipeline.families.edge_cases import EdgeCases
from dq_pipeline.families.gold import Gold
from dq_pipeline.families.integrity import Integrity
from dq_pipeline.families.shortcuts import Shortcuts
from dq_pipeline.spec import InputError, Spec, parse

if TYPE_CHECKING:
    from dq_pipeline.families.family import Family
    from dq_pipeline.spec import SpecSource

FAMILIES: tuple[type[Family[Any]], ...] = (
    Agreement,
    Annotators,
    Balance,
    Calibration,
    Concentration,
    Consensus,
    Coverage,
    Drift,
    EdgeCases,
    Integrity,
    Gold,
    Shortcuts,
)


def families_of(spec: Spec, source: SpecSource) -> list[Family[Any]]:
    """The families that the spec leaves on, each with its policy.

    Raises:
        InputError: A family that does not exist, or a policy that cannot be met.
    """
    known = {family.name: family for family in FAMILIES}
    for name in spec.checks:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            raise InputError(
                source.where(("checks", name)),
                found=f"unknown family {name!r}",
                expected=f"one of {', '.join(known)}",
                fix=f"write {close[0]!r}" if close else f"take {name!r} out",
            )
    made = []
    for name, family in known.items():
        asked = spec.checks.get(name, {})
        if asked is False:
            continue
        policy = parse(
            family.Policy, {} if asked is True or asked is None else asked, source, ("checks", name)
        )
        applied = family(spec, policy)
        applied.refuse(source)
        made.append(applied)
    return made


def spec_schema() -> dict[str, Any]:
    """The JSON Schema of a spec, each family's policy in its place."""
    schema = Spec.model_json_schema()
    definitions = schema["$defs"]
    policies = {}
    for family in FAMILIES:
        policy = family.Policy.model_json_schema(ref_template="#/$defs/{model}")
        definitions.update(policy.pop("$defs", {}))
        definitions[family.Policy.__name__] = policy
        policies[family.name] = {
            "anyOf": [{"$ref": f"#/$defs/{family.Policy.__name__}"}, {"type": "boolean"}]
        }
    schema["properties"]["checks"] = {
        "type": "object",
        "properties": policies,
        "additionalProperties": False,
        "description": "The policy of each family; false turns it off.",
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
