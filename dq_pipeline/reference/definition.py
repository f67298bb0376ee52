"""What a number is: the words that the report, `dq-pipeline explain` and the reference pages share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Where a definition comes from.

    Attributes:
        paper: Authors, year, title, and where it appeared.
        section: The section, page or equation; empty when the whole of it is meant.
    """

    paper: str
    section: str = ""

    def __str__(self) -> str:
        """Paper, section."""
        return f"{self.paper}, {self.section}" if self.section else self.paper


@dataclass(frozen=True, slots=True)
class Definition:
    """One measure.

    Attributes:
        title: What people call it.
        says: What it is and how to read it.
        matters: What goes wrong in the model when it is bad.
        formula: How it is computed, in plain text.
        undefined: When it has no value.
        sources: Where it comes from; none for a plain count.
        mends: What makes it better.
    """

    title: str
    says: str
    matters: str
    formula: str
    undefined: str = "there are no rows to count"
    sources: tuple[Source, ...] = ()
    mends: str = ""


@dataclass(frozen=True, slots=True)
class FamilyWords:
    """One family.

    Attributes:
        title: The heading.
        asks: The question that it answers.
        matters: Why the question is asked.
    """

    title: str
    asks: str
    matters: str
