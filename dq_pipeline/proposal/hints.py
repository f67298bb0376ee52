"""Words that names of files and columns are made of, and what they speak for."""

from __future__ import annotations

ANNOTATIONS = frozenset(
    [
        "annotation",
        "annotations",
        "reading",
        "readings",
        "vote",
        "votes",
        "rating",
        "ratings",
        "answers",
        "crowd",
        "labels",
        "labelled",
        "responses",
        "judgements",
        "judgments",
    ]
)
GOLD_FILES = frozenset(["gold", "golden", "truth", "groundtruth", "adjudicated", "reference"])
"""What says of a file alone that it is gold; what experts say may be votes."""
GOLD = GOLD_FILES | {"expert", "experts", "key"}
ITEM_FILES = frozenset(
    [
        "item",
        "items",
        "image",
        "images",
        "photos",
        "pictures",
        "clip",
        "clips",
        "recordings",
        "sample",
        "samples",
        "example",
        "examples",
        "document",
        "documents",
        "texts",
        "tweets",
        "posts",
        "record",
        "records",
    ]
)
"""What says of a file that it is one of items, where its columns leave that open."""
PRODUCTION = frozenset(
    [
        "production",
        "prod",
        "analysis",
        "serving",
        "live",
        "deployed",
        "inference",
        "incoming",
        "recent",
        "current",
    ]
)

ITEM = frozenset(
    [
        "item",
        "items",
        "image",
        "img",
        "text",
        "tweet",
        "document",
        "doc",
        "sentence",
        "record",
        "file",
        "filename",
        "unit",
        "uid",
        "uuid",
        "id",
        "url",
        "key",
        "frame",
        "clip",
        "page",
        "post",
        "message",
        "question",
        "sample",
        "example",
        "row",
        "case",
        "study",
        "name",
    ]
)
ANNOTATOR = frozenset(
    [
        "annotator",
        "annotators",
        "rater",
        "raters",
        "worker",
        "reader",
        "coder",
        "labeler",
        "labeller",
        "judge",
        "reviewer",
        "crowdworker",
        "grader",
        "assessor",
        "radiologist",
        "turker",
        "anaesthetist",
    ]
)
PERSON = frozenset(
    ["user", "username", "participant", "respondent", "person", "who", "expert", "by", "initials", "nickname"]
)
"""Who may be an annotator where the table's name or its rows say that it is one of votes."""
LABEL = frozenset(
    [
        "label",
        "labels",
        "class",
        "category",
        "target",
        "severity",
        "sentiment",
        "rating",
        "score",
        "grade",
        "finding",
        "findings",
        "diagnosis",
        "answer",
        "response",
        "judgement",
        "judgment",
        "choice",
        "outcome",
        "stance",
        "emotion",
        "toxicity",
        "verdict",
        "tag",
        "tags",
        "genre",
        "truth",
        "y",
    ]
)
ORDERED = frozenset(
    [
        "severity",
        "rating",
        "score",
        "grade",
        "stars",
        "likert",
        "level",
        "degree",
        "rank",
        "intensity",
        "stage",
        "quality",
        "scale",
        "risk",
        "priority",
    ]
)
SOURCE = frozenset(
    [
        "source",
        "hospital",
        "site",
        "vendor",
        "scraper",
        "origin",
        "provider",
        "institution",
        "center",
        "centre",
        "clinic",
        "lab",
        "platform",
        "publisher",
        "supplier",
        "domain",
        "bot",
        "station",
    ]
)
GROUP = frozenset(
    [
        "patient",
        "subject",
        "session",
        "group",
        "conv",
        "conversation",
        "thread",
        "household",
        "speaker",
        "video",
        "series",
        "family",
        "sequence",
        "scene",
        "customer",
        "author",
    ]
)
TIME = frozenset(
    ["time", "date", "at", "timestamp", "created", "updated", "acquired", "annotated", "datetime", "day"]
)
SECONDS = frozenset(["seconds", "secs", "duration", "elapsed", "worktime", "latency"])
GUIDELINE = frozenset(["guideline", "guidelines", "instruction", "instructions", "protocol", "codebook"])
CONDITION = frozenset(
    [
        "condition",
        "conditions",
        "weather",
        "light",
        "lighting",
        "sex",
        "gender",
        "age",
        "view",
        "position",
        "surface",
        "camera",
        "scanner",
        "device",
        "language",
        "region",
        "season",
        "day",
        "night",
        "hour",
        "type",
        "kind",
        "quality",
        "modality",
        "angle",
        "background",
        "noise",
        "resolution",
        "road",
        "area",
        "country",
    ]
)
COUNTED = frozenset(["no", "number", "round", "attempt", "order", "rank", "turn", "index"])
"""What numbers the votes on an item, and so tells them apart as their annotators do."""
SPLIT = frozenset(["split", "fold", "subset", "partition"])
SIDES = frozenset(["train", "training", "validation", "valid", "val", "dev", "test"])

LIKELY_LABEL = frozenset(
    [
        "species",
        "breed",
        "pathology",
        "disease",
        "abnormality",
        "malignancy",
        "malignant",
        "dx",
        "defect",
        "landcover",
        "digit",
        "cls",
        "classes",
        "categories",
        "intent",
        "topic",
        "polarity",
        "spam",
        "fraud",
        "groundtruth",
        "gt",
        "lbl",
    ]
)
"""What a label is called where no column is called a label."""
ALONE = frozenset(["annotation", "annotations", "annotated", "labelled", "labeled"])
"""What a label is called where nothing else stands in the name: annotation_tool is none."""
LIKELY_SOURCE = frozenset(
    [
        "dataset",
        "corpus",
        "collection",
        "archive",
        "website",
        "facility",
        "shelter",
        "farm",
        "trap",
        "organization",
        "organisation",
        "company",
        "agency",
        "contributor",
        "uploader",
        "institute",
        "university",
        "newspaper",
        "subreddit",
        "forum",
    ]
)
"""What a source is called where no column is called one."""
LIKELY_GROUP = frozenset(
    [
        "lesion",
        "writer",
        "owner",
        "user",
        "participant",
        "respondent",
        "drive",
        "flight",
        "trip",
        "album",
        "burst",
        "individual",
        "person",
        "mrn",
        "encounter",
    ]
)
"""What keeps items together where no column is called a group."""
ROLES = ITEM | ANNOTATOR | PERSON | LABEL | SOURCE | GROUP | LIKELY_LABEL | LIKELY_SOURCE | LIKELY_GROUP
"""What a role may be called: words that stand before an id or a name of theirs."""
VERDICTS: tuple[frozenset[str], ...] = (
    frozenset(["positive", "negative", "neutral", "mixed"]),
    frozenset(["normal", "abnormal"]),
    frozenset(["benign", "malignant", "premalignant"]),
    frozenset(["healthy", "diseased", "sick", "unhealthy"]),
    frozenset(["pass", "fail"]),
    frozenset(["defective", "defect", "intact", "no defect"]),
    frozenset(["spam", "ham"]),
    frozenset(["real", "fake"]),
    frozenset(["relevant", "irrelevant", "not relevant"]),
    frozenset(["toxic", "non toxic", "not toxic"]),
    frozenset(["no finding", "finding"]),
)
"""What is said of an item and not of its circumstances, in whatever column it stands."""
TOLD_BY = frozenset(["id", "name", "uid", "uuid", "key", "no", "number"])
"""What stands behind a role in the name of its column and says no more."""
CHECKSUM = frozenset(["md", "sha", "checksum", "digest", "hash"])
"""What a checksum of a file is called; numbers are words of their own, as in md5."""
PERCEPTUAL = frozenset(["phash", "dhash", "ahash", "whash"])
TEXT = frozenset(["text", "tweet", "sentence", "body", "review", "comment", "utterance", "document"])
PICTURE = frozenset(
    [
        "image",
        "images",
        "img",
        "photo",
        "picture",
        "path",
        "file",
        "filename",
        "url",
        "frame",
        "audio",
        "video",
    ]
)
"""What says that an item is a file: a text beside it is not all of it."""

SCALES: tuple[tuple[str, ...], ...] = (
    ("very low", "low", "medium", "high", "very high"),
    ("none", "minimal", "mild", "moderate", "severe", "extreme"),
    ("slight", "serious", "fatal"),
    ("minor", "major", "critical"),
    ("very poor", "poor", "fair", "good", "very good", "excellent"),
    ("very bad", "bad", "ok", "good", "very good"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("very negative", "negative", "neutral", "positive", "very positive"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("no", "maybe", "yes"),
)
"""Words that stand in an order, from the least to the most."""


def in_order(values: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values in the order of a known scale; None where they are on none.

    >>> in_order(("Fatal injury", "Slight Injury", "Serious Injury"))
    ('Slight Injury', 'Serious Injury', 'Fatal injury')
    >>> in_order(("cat", "dog")) is None
    True
    """
    for scale in SCALES:
        places = {value: _step(value, scale) for value in values}
        known = [place for place in places.values() if place is not None]
        if len(known) == len(values) == len(set(known)) and len(values) > 2:  # noqa: PLR2004 - two have no middle
            return tuple(sorted(values, key=lambda value: places[value] or 0))
    return None


def are_verdicts(values: tuple[str, ...]) -> bool:
    """Whether values are what one says of an item: two or more of one set, and no others.

    >>> are_verdicts(("Normal", "abnormal")), are_verdicts(("No_Finding", "x")), are_verdicts(())
    (True, False, False)
    """
    said = {_plain(value) for value in values}
    return len(said) > 1 and any(said <= known for known in VERDICTS)


def _plain(value: str) -> str:
    return " ".join(value.lower().replace("_", " ").replace("-", " ").split())


def _step(value: str, scale: tuple[str, ...]) -> int | None:
    """The step that a value names: the longest that stands in it as whole words."""
    said = f" {_plain(value)} "
    steps = [step for step in scale if f" {step} " in said]
    return scale.index(max(steps, key=len)) if steps else None
