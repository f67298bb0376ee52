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
ANNOTATOR_GROUP = frozenset(
    [
        "vendor",
        "team",
        "site",
        "group",
        "pool",
        "agency",
        "company",
        "provider",
        "cohort",
        "crew",
        "organization",
        "organisation",
        "hospital",
        "experience",
        "seniority",
        "expertise",
        "training",
        "country",
    ]
)
"""What annotators belong to, or what parts them; a column of it has one value an annotator."""
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
