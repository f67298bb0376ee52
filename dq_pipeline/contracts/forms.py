"""How ids that find no partner differ in form from those that are there: zeros before, blanks around, 1.0 for 1, capitals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis

FORMS: dict[str, Callable[[Any], Any]] = {
    "blanks around them": lambda item: item.re_replace(r"^\s+|\s+$", ""),
    "capitals": lambda item: item.lower(),
    "a .0 behind whole numbers": lambda item: item.re_replace(r"\.0+$", ""),
    "zeros before them": lambda item: item.re_replace("^0+", ""),
}
"""What may differ, and how an id is written without it."""


@dataclass(frozen=True)
class Form:
    """A difference in form that parts most of the unmatched ids from their partners.

    Attributes:
        differs: What differs.
        ids: Unmatched ids that have a partner but for it.
        one: One of them.
        there: The id that it may be.
    """

    differs: str
    ids: int
    one: str
    there: str

    def words(self, unmatched: int) -> str:
        """What a remedy says of it.

        Args:
            unmatched: All the ids without a partner.

        >>> Form("zeros before them", 2, "007", "7").words(3)
        "Write the ids alike: 2 of the 3 differ in zeros before them only ('007', and '7' is there)"
        """
        differ = "differs" if self.ids == 1 else "differ"
        return (
            f"Write the ids alike: {self.ids:,} of the {unmatched:,} {differ} in {self.differs} only "
            f"({self.one!r}, and {self.there!r} is there)"
        )


def form_of(unmatched: ibis.Table, known: ibis.Table) -> Form | None:
    """The difference in form that, put aside, gives most of the unmatched ids a partner; None where none gives half of them one.

    Of several that do the one that mends most ids is told, and all of them together where that mends more.

    Args:
        unmatched: A column `item` of text, each id once.
        known: A column `item`, the ids that may be meant.
    """
    found = [_mended(unmatched, known, {differs: form}) for differs, form in FORMS.items()]
    found.append(_mended(unmatched, known, FORMS))
    best = max(found, key=lambda form: form.ids if form else 0)
    total = int(unmatched.count().to_pyarrow().as_py())
    return best if best is not None and 2 * best.ids >= total else None


def _mended(unmatched: ibis.Table, known: ibis.Table, forms: dict[str, Callable[[Any], Any]]) -> Form | None:
    """How many ids have a partner when they are written without some differences, and the smallest of these."""
    asked = unmatched.select(item=unmatched.item, plain=_plain(unmatched.item, forms))
    there = known.filter(known.item.notnull()).select(known=known.item, plain=_plain(known.item, forms))
    there = there.group_by("plain").aggregate(known=there.known.min())
    both = asked.join(there, "plain").select("item", "known")
    count = int(both.count().to_pyarrow().as_py())
    if not count:
        return None
    one, other = both.order_by("item").limit(1).to_pyarrow().to_pylist()[0].values()
    return Form(next(iter(forms)) if len(forms) == 1 else "form", count, one, other)


def _plain(item: Any, forms: dict[str, Callable[[Any], Any]]) -> Any:
    for form in forms.values():
        item = form(item)
    return item
