"""What the dataset holds: labels and conditions, their cells, and where it all comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq_pipeline.families.verdict import shown
from dq_pipeline.report.model import Grid, Mosaic, Panel
from dq_pipeline.report.panels.rows import bars, by_value, estimates, table

if TYPE_CHECKING:
    from dq_pipeline.report.subject import Subject

CELLS = 20
"""Values a side that a grid shows."""
SOURCES = 12
"""Sources that the mosaic shows before the rest is one."""
LABELS = 8
"""Labels that the mosaic tells apart."""
REST = "all others"


def shares(subject: Subject) -> list[Panel]:
    """The share of each value of the label and of each condition."""
    panels = []
    for by in subject.breakdowns("share"):
        rows = by_value(subject.defined("share", by), down=True)
        if by == "source" or "," in by or not rows:
            continue
        least, most = rows[-1], rows[0]
        says = (
            f"{most.key} is {_percent(most.estimate.value)} of {most.estimate.n:,} rows, "
            f"{least.key} {_percent(least.estimate.value)}."
        )
        panels.append(
            Panel(
                f"share-{by}", f"Share of each {by}", says,
                f"Bars, one a value of {by}, the most frequent first. {says}",
                estimates(rows, by, "rows"), bars(rows, axis="share of the rows", percent=True),
            )
        )  # fmt: skip
    return panels


def cells(subject: Subject) -> list[Panel]:
    """Grids of two dimensions, zeros shown."""
    panels = []
    for by in subject.breakdowns("cell_count"):
        rows = subject.defined("cell_count", by)
        if by.count(",") != 1 or by == "source,label" or not rows:
            continue
        counted = {row.values: row.estimate.value or 0.0 for row in rows}
        down, across = by.split(",")
        firsts = list(dict.fromkeys(parts[0] for parts in counted))
        seconds = list(dict.fromkeys(parts[1] for parts in counted))
        drawn = _thinnest(firsts, counted, 0), _thinnest(seconds, counted, 1)
        empty = sum(value == 0 for value in counted.values())
        thin = min(counted, key=lambda parts: counted[parts])
        says = (
            f"{empty:,} of {len(counted):,} cells are empty."
            if empty
            else f"The thinnest cell is {' x '.join(thin)} with {shown(counted[thin])} rows."
        )
        left_out = len(firsts) > CELLS or len(seconds) > CELLS
        more = f" The {CELLS} rarest values a side are drawn." if left_out else ""
        ordered = sorted(counted, key=lambda parts: counted[parts])
        panels.append(
            Panel(
                f"cells-{by.replace(',', '-')}", f"Rows of {down} by {across}", says + more,
                f"A grid of {down} by {across}, darker with more rows. {says}",
                table((down, across, "rows"), [(*parts, counted[parts]) for parts in ordered]),
                Grid(
                    tuple(drawn[0]), tuple(drawn[1]),
                    tuple(tuple(counted.get((one, other)) for other in drawn[1]) for one in drawn[0]),
                    "count", across,
                ),
            )
        )  # fmt: skip
    return panels


def sources(subject: Subject) -> list[Panel]:
    """The share of each source."""
    rows = by_value(subject.defined("share", "source"), down=True)
    if not rows:
        return []
    effective = next(iter(subject.defined("effective_sources")), None)
    as_even = f" All are as concentrated as {shown(effective.estimate.value)} even ones." if effective else ""
    says = f"{rows[0].key} gives {_percent(rows[0].estimate.value)} of {rows[0].estimate.n:,} items.{as_even}"
    return [
        Panel(
            "share-source", "Share of each source", says,
            f"Bars, one a source, the largest first. {says}",
            estimates(rows, "source", "items"),
            bars(rows, subject.limits("largest_share"), axis="share of the items", percent=True),
        )
    ]  # fmt: skip


def mosaic(subject: Subject) -> list[Panel]:
    """Which label comes from which source."""
    rows = subject.defined("cell_count", "source,label")
    if not rows:
        return []
    counted: dict[tuple[str, ...], float] = {row.values: row.estimate.value or 0.0 for row in rows}
    columns = _largest(counted, 0, SOURCES)
    labels = _largest(counted, 1, LABELS)
    tiles: dict[tuple[str, str], float] = {}
    for parts, count in counted.items():
        place = (parts[0] if parts[0] in columns else REST, parts[1] if parts[1] in labels else REST)
        tiles[place] = tiles.get(place, 0.0) + count
    across = [*columns, *([REST] if any(place[0] == REST for place in tiles) else [])]
    down = [*labels, *([REST] if any(place[1] == REST for place in tiles) else [])]
    strength = next(iter(subject.defined("cramers_v", "source,label")), None)
    said = f" Cramer's V is {shown(strength.estimate.value)}." if strength else ""
    says = f"Even columns would mean that the source tells nothing of the label.{said}"
    ordered = sorted(counted, key=lambda parts: -counted[parts])
    return [
        Panel(
            "source-label", "Which source gives which label", says,
            f"Tiles: a column a source, as wide as its items, split by label. {says}",
            table(("source", "label", "rows"), [(*parts, counted[parts]) for parts in ordered]),
            Mosaic(
                tuple(across), tuple(down),
                tuple(tuple(tiles.get((one, other), 0.0) for one in across) for other in down),
            ),
        )
    ]  # fmt: skip


def _thinnest(values: list[str], counted: dict[tuple[str, ...], float], place: int) -> list[str]:
    """The values that are drawn, in their order: all, or the rarest."""
    if len(values) <= CELLS:
        return values
    total = dict.fromkeys(values, 0.0)
    for parts, count in counted.items():
        total[parts[place]] += count
    rarest = set(sorted(values, key=lambda value: total[value])[:CELLS])
    return [value for value in values if value in rarest]


def _largest(counted: dict[tuple[str, ...], float], place: int, most: int) -> list[str]:
    total: dict[str, float] = {}
    for parts, count in counted.items():
        total[parts[place]] = total.get(parts[place], 0.0) + count
    return sorted(total, key=lambda value: -total[value])[:most]


def _percent(value: float | None) -> str:
    return f"{100 * (value or 0.0):.3g} %"
