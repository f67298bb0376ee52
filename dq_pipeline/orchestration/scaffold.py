"""What `dg scaffold defs dq_pipeline.TrainingDataQuality NAME` writes: a spec that runs, and small tables for it."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEMS, ANNOTATORS, LABELS = 120, ("ana", "ben", "chloe"), ("cat", "dog")
SOURCES = ("shelter", "vet", "web")

ATTRIBUTES = """\
  # The tables here are an example: put your own in their place. `dq-pipeline schema` prints every key.
  dataset: {name}
  items: {{table: items.csv, id: item_id, source: source}}
  annotations: {{table: annotations.csv, item: item_id, annotator: annotator_id, label: label}}
  labels: {{level: nominal, values: [cat, dog]}}
  checks:
    agreement: {{krippendorff_alpha: {{block: 0.667, warn: 0.8}}}}
    concentration: {{largest_share: {{warn: 0.5, block: 0.8}}, hhi: {{warn: 0.4}}}}
  nightly: {{cron: "0 2 * * *", timezone: UTC}}
  mlflow: {{tracking_uri: "sqlite:///mlflow.db"}}
"""

PYTHON = '''\
import dagster as dg

from dq_pipeline import TrainingDataQuality


@dg.component_instance
def load(context: dg.ComponentLoadContext) -> TrainingDataQuality:
    """The dataset of spec.yaml."""
    return TrainingDataQuality(spec="spec.yaml")
'''


class SpecScaffolder(dg.Scaffolder[Any]):
    """Writes the component's YAML, or its Python and a spec, and two CSV files."""

    def scaffold(self, request: dg.ScaffoldRequest[Any]) -> None:
        """Write an example that runs as it is, in the folder that was asked for."""
        folder = request.target_path.parent if request.append else request.target_path
        name = re.sub(r"\W", "_", folder.name, flags=re.ASCII) or "pets"
        attributes = ATTRIBUTES.format(name=name)
        if request.scaffold_format == "python":
            plain = "\n".join(line.removeprefix("  ") for line in attributes.splitlines())
            (folder / "spec.yaml").write_text(plain + "\n", encoding="utf-8")
            (folder / "component.py").write_text(PYTHON, encoding="utf-8")
        else:
            text = f"type: {request.type_name}\n\nattributes:\n{attributes}"
            if request.append:
                with request.target_path.open("a", encoding="utf-8") as there:
                    there.write(f"---\n{text}")
            else:
                (folder / "defs.yaml").write_text(text, encoding="utf-8")
        for file, lines in (("items.csv", _items()), ("annotations.csv", _annotations())):
            if not (folder / file).exists():
                (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _items() -> Iterator[str]:
    yield "item_id,source"
    for place in range(ITEMS):
        yield f"pet{place:03},{SOURCES[place % len(SOURCES)]}"


def _annotations() -> Iterator[str]:
    """Three annotators who see the same thing forty-nine times in fifty."""
    chance = random.Random(7)  # noqa: S311 - an example, the same every time
    yield "item_id,annotator_id,label"
    for place in range(ITEMS):
        seen = LABELS[place // len(SOURCES) % len(LABELS)]
        for annotator in ANNOTATORS:
            label = seen if chance.random() < 0.98 else LABELS[1 - LABELS.index(seen)]  # noqa: PLR2004 - as said above
            yield f"pet{place:03},{annotator},{label}"
