"""Calibration: were annotators calibrated when they labelled, and did they work by the guideline in force?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from dq_pipeline.counts import Activity, Comparisons, Sessions
from dq_pipeline.counts.days import to_day, to_iso
from dq_pipeline.families.calibration_words import handout, in_words, what_to_do
from dq_pipeline.families.check import Bound, Check
from dq_pipeline.families.family import Family
from dq_pipeline.families.policy import DaysCeiling, Policy, ShareCeiling
from dq_pipeline.families.session_effects import EVERYBODY, Effect, effects_of
from dq_pipeline.measures.calibration import Rules, Standing, standing
from dq_pipeline.measures.estimate import Estimate, Measure
from dq_pipeline.measures.shares import share
from dq_pipeline.spec.calibration import Calibration as Ledger
from dq_pipeline.spec.calibration import Days

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq_pipeline.counts import Counts, Request
    from dq_pipeline.counts import Days as DaysWorked
    from dq_pipeline.families.check import Finding
    from dq_pipeline.families.handout import Handout


class CalibrationPolicy(Policy):
    """How late is too late.

    Attributes:
        days_overdue: Where days past the end of an annotator's calibration warn and block.
        uncalibrated_share: Where the share of all annotations given without a calibration that counts warns and blocks.
        old_guideline_share: Where the share of an annotator's annotations by an older guideline than the one in force does.
        still_annotates: Who has labelled in so many days before the day of judgement is asked to be calibrated.
        min_votes: Fewest votes before and after a session to compare agreement.
    """

    days_overdue: DaysCeiling = DaysCeiling(warn=0, block=30)
    uncalibrated_share: ShareCeiling = ShareCeiling(warn=0.05)
    old_guideline_share: ShareCeiling = ShareCeiling(warn=0, block=0.1)
    still_annotates: Days = Field(default=30, ge=1)
    min_votes: int = Field(default=20, ge=1)


@dataclass(frozen=True)
class Book:
    """The ledger read against the annotations.

    Attributes:
        as_of: The day of judgement, in days since 1970; None without a dated annotation.
        standings: By annotator.
        undated: Annotations whose time is missing or cannot be read.
        effects: Agreement before and after each session.
        strangers: Who took part in a session and gave no annotation at all, and in how many.
    """

    as_of: int | None
    standings: dict[str, Standing]
    undated: int
    effects: tuple[Effect, ...]
    strangers: dict[str, int]

    @property
    def annotations(self) -> int:
        """All dated annotations."""
        return sum(one.annotations for one in self.standings.values())


class Calibration(Family[CalibrationPolicy]):
    """Who is due for calibration, who worked by an old guideline, and what each session did to agreement."""

    name = "calibration"
    Policy = CalibrationPolicy

    def silent(self) -> str | None:
        """Without a ledger nobody can be late."""
        return None if self.spec.calibration else "the spec names no calibration"

    def checks(self) -> list[Check]:
        """Overdue annotators and uncalibrated annotations where sessions are kept, old guidelines where versions are."""
        ledger, policy, made = self._ledger, self.policy, []
        if ledger.keeps_sessions:
            made = [
                self._check(
                    "overdue", "days_overdue", "Days past calibration", "annotations", "annotator",
                    policy.days_overdue.bounds("days_overdue", "annotator"),
                ),
                self._check(
                    "uncalibrated", "uncalibrated_share", "The share of annotations given without a calibration that counts",
                    "annotations", None, policy.uncalibrated_share.bounds("uncalibrated_share"),
                ),
            ]  # fmt: skip
        if ledger.guidelines:
            unknown = Bound("warn", "unknown_guideline_share", at_most=0.0)
            bounds = (*policy.old_guideline_share.bounds("old_guideline_share", "annotator"), unknown)
            title = "The share of annotations by an older guideline than the one in force"
            made.append(
                self._check("guideline", "old_guideline_share", title, "annotations", "annotator", bounds)
            )
        return made

    def requests(self) -> list[Request]:
        """Who labelled on which day by which guideline, the sessions, and votes against peers between sessions."""
        return [Activity(), Sessions(), *([Comparisons("peers")] if self._ledger.keeps_sessions else [])]

    def measure(self, counts: Counts) -> list[Measure]:
        """By annotator, of all, and by session."""
        book = self._book(counts)
        return [
            *self._overall(book),
            *(row for name, one in book.standings.items() for row in self._of_annotator(name, one, book)),
            *(row for effect in book.effects for row in self._of_session(effect)),
        ]

    def remedy(self, finding: Finding, measures: Sequence[Measure]) -> str:
        """Whom to calibrate, and how many labels to look at again."""
        return what_to_do(finding, measures, self._ledger)

    def sentence(self, finding: Finding, measures: Sequence[Measure]) -> str | None:
        """Who is late by how many days, since when, and how many annotations were given since."""
        return (
            None
            if finding.error is not None
            else in_words(finding, measures, self._ledger, self.policy.still_annotates)
        )

    def handouts(self, counts: Counts) -> list[Handout]:
        """calibration.csv, who is due; calibration_sessions.csv, agreement before and after each session."""
        book = self._book(counts)
        return handout(book.standings, book.as_of, book.effects, self._ledger, self.policy.still_annotates)

    @property
    def _ledger(self) -> Ledger:
        return self.spec.calibration or Ledger(sessions=())

    def _check(
        self, name: str, measure: str, title: str, unit: str, by: str | None, bounds: tuple[Bound, ...]
    ) -> Check:
        evidence = self.policy.require_evidence
        return Check(
            f"calibration_{name}", self.name, "annotations", measure, title, unit, by, bounds, evidence
        )

    def _book(self, counts: Counts) -> Book:
        book: Book = counts.once(("calibration", self.policy), lambda: self._read(counts))
        return book

    def _read(self, counts: Counts) -> Book:
        worked: DaysWorked = counts[Activity()]
        ledger, held = self._ledger, counts[Sessions()]
        as_of = self._as_of(worked)
        if as_of is None:
            return Book(None, {}, worked.undated, (), {})
        ordered = sorted(ledger.guidelines, key=lambda one: one.in_force)
        rules = Rules(
            ledger.every,
            ledger.grace,
            tuple(one.version for one in ordered),
            np.array([to_day(one.in_force) for one in ordered], dtype=np.int64),
        )
        taken: dict[str, list[tuple[int, str]]] = {}
        for one in held:
            if one.day <= as_of:
                taken.setdefault(one.annotator, []).append((one.day, one.guideline))
        standings = {}
        ends = np.searchsorted(worked.annotator, np.arange(len(worked.annotators) + 1))
        for place, name in enumerate(worked.annotators):
            rows = np.arange(ends[place], ends[place + 1])
            rows = rows[worked.day[rows] <= as_of]
            if not len(rows):
                continue
            own = [*taken.get(EVERYBODY, ()), *taken.get(name, ())]
            versions = [worked.guideline[row] for row in rows]
            standings[name] = standing(worked.day[rows], versions, worked.annotations[rows], own, rules)
        effects: tuple[Effect, ...] = ()
        if ledger.keeps_sessions:
            effects = effects_of(counts[Comparisons("peers")], held, self.policy.min_votes)
        known = {EVERYBODY, *worked.annotators}
        strangers = Counter(one.annotator for one in held if one.annotator not in known)
        return Book(as_of, standings, worked.undated, effects, dict(sorted(strangers.items())))

    def _as_of(self, worked: DaysWorked) -> int | None:
        """The day of judgement: today or a date where the ledger says so, else that of the newest annotation."""
        said = self._ledger.as_of
        if said == "today":
            return to_day(datetime.now(timezone.utc).date())
        if said is not None:
            return to_day(said)
        return int(worked.day.max()) if len(worked.day) else None

    def _overall(self, book: Book) -> Iterator[Measure]:
        total = book.annotations
        yield self._row("undated_share", share(book.undated, total + book.undated))
        if book.as_of is not None:
            yield self._row("as_of", Estimate(float(book.as_of), n=total))
        for name, sessions in book.strangers.items():
            yield self._row("sessions_without_annotations", Estimate(float(sessions), n=0), "annotator", name)
        if self._ledger.keeps_sessions:
            uncalibrated = sum(one.uncalibrated for one in book.standings.values())
            yield self._row("uncalibrated_share", share(uncalibrated, total))
        if self._ledger.guidelines:
            known = sum(one.known_version for one in book.standings.values())
            old = sum(one.old_version for one in book.standings.values())
            yield self._row("unknown_guideline_share", share(total - known, total))
            yield self._row("old_guideline_share", share(old, known))

    def _of_annotator(self, name: str, one: Standing, book: Book) -> Iterator[Measure]:
        if self._ledger.keeps_sessions:
            yield self._row("uncalibrated_share", share(one.uncalibrated, one.annotations), "annotator", name)
            if book.as_of is not None and one.last > book.as_of - self.policy.still_annotates:
                numbers = {
                    "days_overdue": one.days_overdue,
                    "calibrated_until": one.until,
                    "annotations_since": one.since,
                    "ever_calibrated": int(one.session is not None),
                }
                for measure, number in numbers.items():
                    yield self._row(measure, Estimate(float(number), n=one.annotations), "annotator", name)
        if self._ledger.guidelines:
            yield self._row(
                "old_guideline_share", share(one.old_version, one.known_version), "annotator", name
            )

    def _of_session(self, effect: Effect) -> Iterator[Measure]:
        day = to_iso(effect.day)
        yield self._row("agreement_before", effect.before, "session", day)
        yield self._row("agreement_after", effect.after, "session", day)
        yield self._row("agreement_change", effect.change, "session", day)

    def _row(
        self, measure: str, estimate: Estimate, by: str | None = None, key: str | None = None
    ) -> Measure:
        return Measure(self.name, measure, "annotations", estimate, by, key)
