"""The relabel queue as files: a CSV for people, and the JSON that Label Studio imports."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from dq_pipeline.families.handout import Document, Handout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq_pipeline.consensus.relabel import Look, Queue

Columns = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)
]
HEADER = ("rank", "item", "reason", "worth", "label", "confidence", "gold", "votes", "advice")


def queue_csv(queue: Queue, show: Sequence[str]) -> Handout:
    """One row an item; its votes as JSON, so that names and labels may hold anything."""
    columns = (*HEADER, *(name if name not in HEADER else f"item_{name}" for name in show))
    rows = tuple(
        (
            rank, look.item, look.reason, round(look.worth, 4), look.label, round(look.confidence, 4), look.gold,
            json.dumps([[vote.annotator, vote.label] for vote in look.votes], ensure_ascii=False),
            advice(look), *look.shown,
        )
        for rank, look in enumerate(queue.looks, 1)
    )  # fmt: skip
    return Handout("relabel.csv", columns, rows)


def queue_json(
    queue: Queue, show: Sequence[str], dataset: str, method: str, names: tuple[str, str]
) -> Document:
    """Tasks of Label Studio: what to see under `data`, the consensus as a prediction to correct.

    A tie has no prediction, and suspect gold none either: whoever looks again should not be led. The labelling
    configuration needs a `Choices` control and an object of the given names
    (https://labelstud.io/guide/predictions#JSON-format-for-pre-annotations).
    """
    control, labelled = names
    tasks = []
    for rank, look in enumerate(queue.looks, 1):
        own = dict(zip(show, look.shown, strict=True))
        votes = [{"annotator": vote.annotator, "label": vote.label} for vote in look.votes]
        data: dict[str, Any] = {
            **own,
            "item": look.item,
            "rank": rank,
            "reason": look.reason,
            "worth": look.worth,
            "gold": look.gold,
            "votes": votes,
            "advice": advice(look),
        }
        result = {"id": "label", "from_name": control, "to_name": labelled, "type": "choices", "value": {"choices": [look.label]}}  # fmt: skip
        led = look.reason == "suspect_gold" or _is_tied(look)
        prediction = {"model_version": f"{dataset} {method}", "score": look.confidence, "result": [result]}
        tasks.append({"data": data, "predictions": [] if led else [prediction]})
    return Document("relabel.json", tasks)


def advice(look: Look) -> str:
    """What to do about an item, in a sentence."""
    against = sorted({vote.annotator for vote in look.votes if vote.label != look.label})
    said = Counter(vote.label for vote in look.votes)
    told = ", ".join(f"{label} {count}" for label, count in said.most_common())
    if look.reason == "suspect_gold":
        return f"Check the gold label {look.gold!r}: {said[look.label]} of {len(look.votes)} votes say {look.label!r}."
    if look.reason == "unsupported" and not said[look.label]:
        return f"Have somebody else label it: nobody says {look.label!r}, which the others' habits make likeliest ({told})."
    if look.reason == "unsupported":
        return f"Have somebody else label it: only annotators who rarely agree with the others say {look.label!r} ({told})."
    if look.reason == "annotator_error":
        return f"Show it to {', '.join(against)}, who rarely agree with the others: {look.label!r} seems right ({told})."
    if look.reason == "ambiguous_item":
        return f"Settle it by the guideline, and say there how: good annotators differ ({told})."
    return f"Have one more annotator label it ({told})."


def _is_tied(look: Look) -> bool:
    first = Counter(vote.label for vote in look.votes).most_common(2)
    return len(first) > 1 and first[0][1] == first[1][1]
