"""What each kind of request counts, by loops in plain Python over the awkward tables, and the engine's states in the same form.

`ORACLES` has a kind's two functions: a loop (tables, request), and what tells an engine's state as that loop does.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict

import numpy as np

from dq_pipeline import counts
from dq_pipeline_tests.counts import test_comparisons, test_gram, test_patterns, test_slices
from dq_pipeline_tests.counts.plain_tables import EPOCH, MISSING, a_day, a_number, a_time, digest

MANY = 4
"""Values of a dimension that are listed where profiles are counted."""


def whole(*columns):
    """Arrays and tuples of one length as rows of plain values."""
    return list(
        zip(*(np.asarray(one).tolist() if hasattr(one, "dtype") else one for one in columns), strict=True)
    )


def cells(state):
    return Counter(dict(whole(state.keys, state.counts)))


def close(values):
    return [None if math.isnan(value) else round(value, 9) for value in values]


def activity(tables, _):
    named = [row for row in tables.annotations if row["annotator"] is not None]
    days = Counter((row["annotator"], a_day(row["time"]), row["guideline"] or "") for row in named)
    dated = {key: n for key, n in days.items() if key[1] is not None}
    return dated, sum(days.values()) - sum(dated.values())


def told_activity(state):
    who = [state.annotators[place] for place in state.annotator]
    rows = whole(who, state.day, state.guideline, state.annotations)
    return {tuple(key): n for *key, n in rows}, state.undated


def comparisons(tables, request):
    votes = {
        (one["item"], one["annotator"]): (one["label"], a_day(one["time"]), None) for one in tables.votes
    }
    days = sorted({day for day, *_ in tables.sessions})
    window = request.window
    return test_comparisons.looped(
        votes,
        (lambda day: day // window) if window else (lambda day: sum(day >= held for held in days)),
        tables.gold if request.reference == "gold" else None,
    )


def content_sample(tables, request):
    first = {}
    for row in tables.items:
        if (content := row[request.column]) is not None:
            first[content] = min(first.get(content, row["item"]), row["item"])
    ordered = sorted((digest(f"sample 0:{item}"), item, content) for content, item in first.items())
    return [(item, content) for _, item, content in ordered][: request.most], len(first)


def contingency(tables, request):
    rows = {"items": tables.items, "production": tables.production, "annotations": tables.votes}[
        request.table
    ]
    return Counter(tuple(row[dim] for dim in request.dims) for row in rows)


def rows_of(tables, part):
    rows = {"items": tables.items, "production": tables.production}[part.table]
    return [row for row in rows if part.split in (None, row.get("split"))]


def domain_sample(tables, request):
    sides = [
        Counter(tuple(row[name] for name in request.conditions) for row in rows_of(tables, part))
        for part in (request.reference, request.target)
    ]
    return {key: tuple(side[key] for side in sides) for key in {*sides[0], *sides[1]}}


def domain_features(tables, request):
    return [
        (side, tuple(a_number(row[name]) for name in request.features))
        for side, part in enumerate((request.reference, request.target))
        for row in tables.raw[part.table]
    ]


def told_domain_features(state):
    return [
        (side, tuple(None if math.isnan(one) else one for one in row))
        for side, row in whole(state.side, state.features)
    ]


def duplicates(tables, request):
    kinds = defaultdict(list)
    for row in tables.items:
        content = tuple(row[column] for column in request.columns)
        if any(one is not None for one in content):
            kinds[content].append((tables.majority.get(row["item"]), row["split"]))
    several = [rows for rows in kinds.values() if len(rows) > 1]
    odd = [rows for rows in several if len({label for label, _ in rows} - {None}) > 1]
    across = [rows for rows in several if len({split for _, split in rows}) > 1]
    return counts.DuplicateCounts(
        sum(map(len, kinds.values())),
        len(several),
        sum(len(rows) - 1 for rows in several),
        len(odd),
        sum(map(len, odd)),
        len(across),
        sum(map(len, across)),
    )


def edge_cases(tables, request):
    def kids(row):
        age = a_number(row["age_as_it_is"])
        return age is not None and age < 18 and row["light"] == "day"

    def cats(row):
        return (row["said"] or "").lower().endswith("cat") or row["big"] in (1, 2)

    raw = [
        row | {"age_as_it_is": own["age"]} for row, own in zip(tables.items, tables.raw["items"], strict=True)
    ]
    parts = defaultdict(list)
    for row in raw:
        parts[row["split"] if request.split else counts.ALL].append(row)
    found = {}
    for part, rows in parts.items():
        found |= {("kids", part): sum(map(kids, rows)), ("cats", part): sum(map(cats, rows))}
    seen = [row | {"age_as_it_is": row["age"]} for row in tables.raw["production"]]
    # Production has no `said`.
    return counts.EdgeCaseRows(
        {part: len(rows) for part, rows in parts.items()}, found, len(seen), {"kids": sum(map(kids, seen))}
    )


def feature_sample(tables, request):
    known = [row for row in tables.items if None not in (row["source"], row["light"])]
    chosen = sorted(known, key=lambda row: (digest(f"sample {request.seed}:{row['item']}"), row["item"]))
    ages = {row["id"]: a_number(row["age"]) for row in tables.raw["items"]}
    return [
        (row["light"], row["source"], row["group"], ages[row["item"]], row["big"])
        for row in chosen[: request.rows]
    ]


def told_features(state):
    rows = whole(state.labels, state.sources, state.groups, state.features)
    return [(*names, *(None if math.isnan(one) else one for one in numbers)) for *names, numbers in rows]


def on_gold(tables):
    return [(vote, tables.gold[vote["item"]]) for vote in tables.votes if vote["item"] in tables.gold]


def gold_confusion(tables, _):
    return Counter((vote["annotator"], gold, vote["label"]) for vote, gold in on_gold(tables))


def gold_votes(tables, _):
    by_item = defaultdict(Counter)
    for vote, gold in on_gold(tables):
        by_item[vote["item"], gold][vote["label"]] += 1
    return Counter(
        (
            sum(labels.values()),
            labels[gold],
            max((n for label, n in labels.items() if label != gold), default=0),
        )
        for (_, gold), labels in by_item.items()
    )


def vectors(tables, request):
    """The vote counts of each item, over the labels that have a place on the scale."""
    seen = sorted({label for _, _, label in tables.triples if label is not None})
    labels = request.declared if request.level == "ordinal" else tuple(seen)
    of_item = defaultdict(Counter)
    for vote in tables.votes:
        of_item[vote["item"]][vote["label"]] += 1
    return labels, {item: tuple(votes[label] for label in labels) for item, votes in of_item.items()}


def patterns(tables, request):
    labels, of_item = vectors(tables, request)
    return Counter(
        tuple(sorted((label, n) for label, n in zip(labels, vector, strict=True) if n))
        for vector in of_item.values()
    )


def grouped_items(tables, request):
    _, of_item = vectors(tables, request.patterns)
    kinds = sorted(set(of_item.values()))
    groups = defaultdict(Counter)
    for item, vector in of_item.items():
        group = tables.item[item]["group"] if item in tables.item else None
        groups[("alone", item) if group is None else ("group", group)][vector] += 1
    return Counter(tuple(group[kind] for kind in kinds) for group in groups.values())


def told_groups(state):
    found = Counter()
    for row, times in whole(state.items.toarray(), state.groups):
        found[tuple(row)] += times
    return found


def grouped_patterns(tables, _):
    by_item = defaultdict(Counter)
    for vote in tables.votes:
        if vote["annotator_group"] is not None:
            by_item[vote["item"]][vote["annotator_group"], vote["label"]] += 1
    return Counter(tuple(sorted(votes.items())) for votes in by_item.values())


def told_grouped(state):
    names = list(itertools.product(state.groups, state.labels))
    flat = state.vectors.reshape(len(state.vectors), -1)
    found = Counter()
    for vector, items in whole(flat, state.items):
        found[tuple(sorted((name, n) for name, n in zip(names, vector, strict=True) if n))] += items
    return found


def sizes(pairs):
    """How many cells have how many rows, of pairs, of their first sides and of their second."""
    sides = (pairs, [one for one, _ in pairs], [other for _, other in pairs])
    return [sorted(Counter(Counter(side).values()).items()) for side in sides]


def label_leaks(tables, _):
    rows = [
        (own | {"item": own["id"]}, tables.majority[own["id"]])
        for own in tables.raw["items"]
        if own["id"] in tables.majority
    ]
    columns = {}
    for name in ("src", "grp", "light", "age", "size", "at", "said", "big"):
        pairs = [
            (a_number(row[name]) if isinstance(row[name], float) else row[name], label) for row, label in rows
        ]
        if 1 < len({value for value, _ in pairs} - {None}) <= len(rows) / 5:
            columns[name] = sizes(pairs)
    labels = [label for _, label in sorted(rows, key=lambda one: one[0]["item"])]
    least, more = divmod(len(labels), 100)
    parts = itertools.chain.from_iterable([part] * (least + (part < more)) for part in range(100))
    often = Counter(label for _, label in rows)
    sought = {label: n for label, n in often.items() if len(label) >= 3}
    texts = {}
    for name in ("item", "src", "grp", "light", "said"):
        there = [
            (row[name].lower(), label) for row, label in rows if row[name] is not None and label in sought
        ]
        texts[name] = (
            len(there),
            sum(label.lower() in text for text, label in there),
            sum(n for text, _ in there for label, n in sought.items() if label.lower() in text),
        )
    return columns, sizes(list(zip(parts, labels, strict=True))), texts


def told_leaks(state):
    def told(one):
        return [[tuple(pair) for pair in side.tolist()] for side in (one.joint, one.value, one.label)]

    texts = {name: (one.rows, one.hits, one.by_chance) for name, one in state.texts.items()}
    return {name: told(one) for name, one in state.columns.items()}, told(state.order), texts


def newest(tables, request):
    rows = tables.raw[request.table]
    times = [a_time(row["at"]) if request.table == "annotations" else row["at"] for row in rows]
    newest = max((time for time in times if time is not None), default=None)
    return None if newest is None else math.floor((newest - EPOCH).total_seconds())


def profiles(tables, request):
    rows = [row for row in tables.votes if row[request.of] is not None]
    of = Counter(row[request.by] for row in rows)
    said = Counter(row[request.of] for row in rows)
    both = Counter((row[request.by], row[request.of]) for row in rows)
    phi = sum(n * n / (of[one] * said[other]) for (one, other), n in both.items()) - 1
    listed = sorted(said, key=lambda value: (-said[value], value))[:MANY]
    outcomes = {value: Counter((of[one], both[one, value]) for one in of) for value in listed}
    return len(rows), (len(of), len(said)), round(phi, 9), outcomes


def told_profile(state):
    outcomes = {
        value: Counter({(total, n): alike for total, n, alike in whole(*columns)})
        for value, columns in state.outcomes.items()
    }
    return state.rows, state.shape, round(state.phi_squared, 9), outcomes


def repeats(tables, _):
    given = defaultdict(list)
    for item, who, label in tables.triples:
        if None not in (item, who, label):
            given[item, who].append(label)
    items, same = Counter(), Counter()
    for (_, who), labels in given.items():
        if len(labels) > 1:
            items[who] += 1
            same[who] += len(set(labels)) == 1
    extra = sum(len(labels) - 1 for labels in given.values())
    return [(who, items[who], same[who]) for who in sorted(items)], extra


def representation(tables, request):
    def value(row, name):
        return None if (row[name] or "").strip().lower() in MISSING else row[name]

    sides = [rows_of(tables, part) for part in (request.reference, request.target)]
    floor = max(math.ceil(request.min_share * len(sides[1])), 1)
    found = []
    for dims in request.combinations:
        here, there = (Counter(tuple(value(row, dim) for dim in dims) for row in rows) for rows in sides)
        listed = {
            cell: (here[cell], there[cell])
            for cell in {*here, *there}
            if there[cell] >= floor or len(dims) == 1
        }
        uncovered = sum(n for cell, n in there.items() if here[cell] < request.min_rows)
        unseen = sum(n for cell, n in there.items() if not here[cell])
        found.append((dims, listed, (*map(len, sides), floor, uncovered, unseen)))
    return found


def told_representation(state):
    return [
        (
            one.dims,
            {key: (here, there) for key, here, there in whole(one.keys, one.reference, one.target)},
            (one.reference_rows, one.target_rows, one.floor, one.uncovered, one.unseen),
        )
        for one in state
    ]


def seconds(tables, _):
    spent = defaultdict(list)
    for row in tables.annotations:
        if row["annotator"] is not None and row["seconds"] is not None and row["seconds"] >= 0:
            spent[row["annotator"]].append(row["seconds"])
    return [
        (who, len(some), close(np.quantile(some, [0.1, 0.5, 0.9]))) for who, some in sorted(spent.items())
    ]


def told_seconds(state):
    return [
        (who, n, close(row)) for who, n, row in whole(state.annotators, state.annotations, state.quantiles)
    ]


def speed_on_gold(tables, _):
    timed = [
        (vote["seconds"], vote["label"] == gold)
        for vote, gold in on_gold(tables)
        if vote["seconds"] is not None and vote["seconds"] >= 0
    ]
    bounds = np.quantile([seconds for seconds, _ in timed], [0.2, 0.4, 0.6, 0.8]).tolist()
    votes, right = [0] * 5, [0] * 5
    for spent, hit in timed:
        fifth = sum(spent > bound for bound in bounds)
        votes[fifth] += 1
        right[fifth] += hit
    return close(bounds), votes, right


def sliced_patterns(tables, request):
    cut = defaultdict(Counter)
    for vote in tables.votes:
        cut[tuple(vote[dim] for dim in request.dims), vote["item"]][vote["label"]] += 1
    slices = defaultdict(Counter)
    for (key, _), votes in cut.items():
        slices[key][tuple(sorted(votes.items()))] += 1
    return dict(slices)


def split_groups(tables, _):
    groups = defaultdict(list)
    for row in tables.items:
        if row["group"] is not None:
            groups[row["group"]].append(row["split"])
    cut = [sides for sides in groups.values() if len(set(sides)) > 1]
    return counts.GroupCounts(len(groups), len(cut), sum(map(len, cut)))


def itself(state):
    return state


ORACLES = {
    counts.Activity: (activity, told_activity),
    counts.Comparisons: (comparisons, test_comparisons.told),
    counts.ContentSample: (content_sample, lambda one: (whole(one.items, one.contents), one.known)),
    counts.Contingency: (contingency, cells),
    counts.DomainFeatureSample: (domain_features, told_domain_features),
    counts.DomainSample: (
        domain_sample,
        lambda one: {key: (here, there) for key, here, there in whole(one.keys, one.reference, one.target)},
    ),
    counts.Duplicates: (duplicates, itself),
    counts.EdgeCaseCounts: (edge_cases, itself),
    counts.FeatureSample: (feature_sample, told_features),
    counts.GoldConfusion: (gold_confusion, cells),
    counts.GoldVotes: (
        gold_votes,
        lambda one: {
            tuple(kind): items for *kind, items in whole(one.votes, one.right, one.against, one.items)
        },
    ),
    counts.Gram: (lambda tables, _: test_gram.looped(tables.triples), test_gram.as_counters),
    counts.GroupedItems: (grouped_items, told_groups),
    counts.GroupedPatterns: (grouped_patterns, told_grouped),
    counts.LabelLeaks: (label_leaks, told_leaks),
    counts.Newest: (newest, itself),
    counts.Patterns: (patterns, test_patterns.as_counter),
    counts.Profiles: (profiles, told_profile),
    counts.Repeats: (repeats, lambda one: (whole(one.annotators, one.items, one.same), one.extra)),
    counts.Representation: (representation, told_representation),
    counts.Seconds: (seconds, told_seconds),
    counts.Sessions: (
        lambda tables, _: tables.sessions,
        lambda held: [(one.day, one.annotator, one.guideline) for one in held],
    ),
    counts.SlicedPatterns: (sliced_patterns, test_slices.as_counters),
    counts.SpeedOnGold: (
        speed_on_gold,
        lambda one: (close(one.bounds), one.votes.tolist(), one.right.tolist()),
    ),
    counts.SplitGroups: (split_groups, itself),
}
"""Kind of request -> the loop, and what tells its state."""
