"""Views of requisitions: who has to act, what is due, and the facts of the search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from atsbridge.model import STAGE_KINDS
from atsbridge.presentation import count
from atsbridge.queries import Figure, RequisitionLine, SearchEvent, SearchEventKind
from atsbridge.report import page_text as text
from atsbridge.report.case_views import CaseView, CaseViews
from atsbridge.report.figure_views import FigureView, figure_view
from atsbridge.report.reader_names import ReaderNames

_HTTPS = "https://"


class RequisitionView(NamedTuple):
    """One requisition."""

    id: str
    title: str
    code: str
    status: str
    url: str
    waiting: str
    since: str
    ago: str
    due: str
    due_late: bool
    late: int
    at_risk: int
    findings: int
    unknown: int
    pair: str
    facts: tuple[tuple[str, str], ...]
    sides: tuple[FigureView, ...]
    cases: tuple[CaseView, ...]
    history: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RequisitionViews:
    """Makes the views of requisitions.

    `anchor`: what the ids of their parts begin with. `weeks`: of the window in which `applied` was
    counted. `figures`: requisition -> side -> figure. `searches`: requisition -> its history.
    """

    names: ReaderNames
    time: text.PageTime
    cases: CaseViews
    anchor: str
    weeks: int
    figures: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    searches: Mapping[str, Sequence[SearchEvent]] = field(default_factory=dict)

    def view(self, one: RequisitionLine) -> RequisitionView:
        """The view of one requisition."""
        names, time = self.names, self.time
        role = one.text("assignee_role")
        waiting = names.person(_text(one.facts.get("assignee")), role)
        since, url = one.instant("assignee_since"), one.text("url")
        figures = self.figures.get(one.id, {})
        return RequisitionView(
            id=f"{self.anchor}-r-{_slug(one.id)}",
            title=names.text(one.facts.get("title"), 120) or "without a title",
            code=names.text(one.facts.get("code"), 40),
            status=text.STATUSES.get(one.text("status"), "status not known"),
            url=url if url.startswith(_HTTPS) else "",
            waiting=waiting or "nobody",
            since=time.day(since) if waiting else "",
            ago=time.ago(since) if waiting else "",
            due=time.moment(one.next_due),
            due_late=one.next_due is not None and one.next_due <= time.now,
            late=one.late,
            at_risk=one.at_risk,
            findings=one.findings,
            unknown=one.unknown,
            pair=self._pair_of(one),
            facts=tuple(self._facts(one)),
            sides=tuple(figure_view(text.SIDES[s], f) for s, f in figures.items() if f.total),
            cases=tuple(self.cases.case(case, draw=False) for case in one.cases),
            history=tuple(self._event(event) for event in self.searches.get(one.id, ())),
        )

    def _event(self, event: SearchEvent) -> tuple[str, str]:
        """When, and "brief changed: must haves", "agreed by Kim", "priority from P2 to P3"."""
        names, at = self.names, self.time.day(event.at)
        if event.kind is SearchEventKind.BRIEF_CHANGED:
            sections = ", ".join(names.text(one, 40).replace("_", " ") for one in event.names)
            return at, f"brief changed: {sections}"
        if event.kind is SearchEventKind.AGREED:
            return at, f"agreed to by {names.person(event.names[0], 'colleague')}"
        people = event.field in ("recruiter", "hiring_manager")
        old, new = (
            names.person(_text(value), event.field) or "nobody" if people else _shown(names, value)
            for value in (event.old, event.new)
        )
        return at, f"{event.field.replace('_', ' ')} from {old} to {new}"

    def _pair_of(self, one: RequisitionLine) -> str:
        names = self.names
        if not names.named:
            return ""
        people = (
            names.person(_text(one.facts.get(role))) or f"no {role.replace('_', ' ')}"
            for role in ("recruiter", "hiring_manager")
        )
        return " and ".join(people)

    def _facts(self, one: RequisitionLine) -> Iterator[tuple[str, str]]:
        """What is known of a line, in words: brief, agreement, dates, seats, pipeline."""
        time = self.time
        if one.instant("opened_at"):
            opened = one.instant("opened_at")
            yield "Open since", f"{time.day(opened)} ({time.ago(opened)})"
        yield from self._market(one)
        seats, filled = one.facts.get("headcount"), one.facts.get("filled")
        if isinstance(seats, int):
            yield "Seats", f"{filled if isinstance(filled, int) else 'unknown'} of {seats} filled"
        first = one.instant("first_submission_at")
        yield "First profile to the manager", time.day(first) if first else "none yet"
        yield "Brief", self._brief(one)
        if one.sections is not None:
            yield "Agreed", self._agreement(one)
        order = [*STAGE_KINDS, *sorted(one.pipeline.keys() - set(STAGE_KINDS))]
        stands = [
            f"{text.stage_of(kind)} {one.pipeline[kind]}" for kind in order if kind in one.pipeline
        ]
        yield "Active candidates", ", ".join(stands) or "none"
        yield f"Applied in {self.weeks} weeks", str(one.applied)

    def _market(self, one: RequisitionLine) -> Iterator[tuple[str, str]]:
        """How long the search is open against the market's time to fill."""
        market, opened = one.market, one.instant("opened_at")
        if market is None or opened is None:
            return
        days = max((self.time.now - opened).days, 0)
        gap = days - round(market.days)
        more = f"{count(gap, 'day')} more" if gap > 0 else f"{count(-gap, 'day')} left"
        age = self.time.now.date() - market.as_of
        old = f"; the table is {count(age.days // 365, 'year')} old" if age > text.OLD_TABLE else ""
        source = self.names.text(market.source, 80)
        known = f"{more}; {source}, {self.time.date(market.as_of)}{old}"
        open_for = f"open for {count(days, 'day')}; the market takes {round(market.days)}"
        yield "Time to fill", f"{open_for} ({known})"

    def _brief(self, one: RequisitionLine) -> str:
        if one.sections is None:
            return "none yet"
        begun = self.time.day(one.instant("brief.first_seen_at"))
        return f"{one.sections} of 7 sections filled{f', first seen {begun}' if begun else ''}"

    def _agreement(self, one: RequisitionLine) -> str:
        names, time = self.names, self.time
        roles = {_text(one.facts.get(role)): role for role in ("recruiter", "hiring_manager")}
        both = one.instant("criteria_agreed_at")
        agreements = [
            f"{names.person(user, roles.get(user, ''))} on {time.day(at)}"
            for user, at in sorted(one.agreed.items(), key=lambda item: item[1])
        ]
        if both:
            return f"by both sides on {time.day(both)}" + (
                f" ({', '.join(agreements)})" if agreements else ""
            )
        return f"by {', '.join(agreements)}; not yet by both" if agreements else "not yet"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _shown(names: ReaderNames, value: object) -> str:
    return names.text(value, 60).replace("_", " ") if value not in (None, "") else "not set"


def _slug(key: str) -> str:
    """An id that is safe in an anchor, and the same in each report."""
    if key.isascii() and key.replace("-", "").isalnum():
        return key
    import hashlib

    return hashlib.sha256(key.encode()).hexdigest()[:12]
