"""What the template shows, as plain values: every text is made here or in `page_text`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from atsbridge.model import STAGE_KINDS
from atsbridge.queries import (
    MINIMUM,
    NOTHING,
    FigureWindow,
    PairFigures,
    RequisitionLine,
)
from atsbridge.report import page_text as text
from atsbridge.report.case_views import CaseView, CaseViews
from atsbridge.report.figure_views import FigureView, figure_view
from atsbridge.report.report_data import AccountReport

REQUISITIONS, PAIRS = 500, 200  # on one page; the exports have all
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


class PairView(NamedTuple):
    """One pair: both sides alike, and their requisitions."""

    anchor: str
    recruiter: str
    manager: str
    sides: tuple[FigureView, ...]
    requisitions: tuple[RequisitionView, ...]


class RuleView(NamedTuple):
    """A rule in the table of promises."""

    id: str
    side: str
    view: FigureView
    since: str


@dataclass(frozen=True, slots=True)
class AccountViews:
    """Makes the views of one account. `anchor`: what the ids of its parts begin with."""

    report: AccountReport
    window: FigureWindow
    time: text.PageTime
    anchor: str

    def sides(self) -> list[FigureView]:
        """Both sides alike, and promises of both together where there are any."""
        figures = self.report.figures
        names = ["recruiter", "manager", *([""] if "" in figures.by_side else [])]
        return [
            figure_view(
                text.SIDES[side],
                figures.by_side.get(side, NOTHING),
                figures.trend.get(side, [NOTHING] * self.window.weeks),
            )
            for side in names
        ]

    def rules(self) -> list[RuleView]:
        """Live rules in the order of their packs, also those without a promise."""
        figures = self.report.figures
        return [
            RuleView(
                name,
                text.PROMISERS.get(rule.side, rule.side),
                figure_view(rule.title, figures.by_rule.get(name, NOTHING)),
                self.time.day(since)
                if (since := figures.since.get(name)) is None or since > self.window.start
                else "",
            )
            for name, rule in figures.rules.items()
        ]

    def stages(self) -> list[tuple[str, str, str, str, int, int, FigureView]]:
        """Name, kind, median, 90th percentile, left, standing now, promises of each stage."""
        names, by_stage = self.report.names, self.report.figures.by_stage
        return [
            (
                names.text(one.name) or "without a name",
                text.stage_of(one.kind),
                text.elapsed(one.median) if one.left >= MINIMUM else "",
                text.elapsed(one.ninetieth) if one.left >= MINIMUM else "",
                one.left,
                one.now,
                figure_view(names.text(one.name), by_stage.get(one.name, NOTHING)),
            )
            for one in self.report.stages
        ]

    def funnel(self) -> list[tuple[str, int]]:
        """Kinds of stage in order, with the applications that came into each; then hires."""
        reached = self.report.reached
        steps = [(text.stage_of(kind), reached.get(kind, 0)) for kind in STAGE_KINDS[:-1]]
        return [step for step in steps if step[1]]

    def requisitions(self) -> list[RequisitionView]:
        """The requisitions that the page shows."""
        return [self._requisition(one) for one in self.report.overview.requisitions[:REQUISITIONS]]

    def pairs(self, requisitions: Sequence[RequisitionView]) -> list[PairView]:
        """Pairs of which both opted in, by name: no order that ranks people."""
        found = [
            self._pair(number, one, requisitions)
            for number, one in enumerate(self.report.figures.pairs[:PAIRS])
        ]
        return sorted(found, key=lambda one: (one.recruiter.lower(), one.manager.lower()))

    # --- parts ------------------------------------------------------------------------------

    def _requisition(self, one: RequisitionLine) -> RequisitionView:
        names, time = self.report.names, self.time
        role = one.text("assignee_role")
        waiting = names.person(_text(one.facts.get("assignee")), role)
        since, url = one.instant("assignee_since"), one.text("url")
        figures = self.report.figures.by_requisition.get(one.id, {})
        cases = CaseViews(self.report, self.time)
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
            cases=tuple(cases.case(case, draw=False) for case in one.cases),
        )

    def _pair_of(self, one: RequisitionLine) -> str:
        names = self.report.names
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
        yield f"Applied in {self.window.weeks} weeks", str(one.applied)

    def _brief(self, one: RequisitionLine) -> str:
        if one.sections is None:
            return "none yet"
        begun = self.time.day(one.instant("brief.first_seen_at"))
        return f"{one.sections} of 7 sections filled{f', first seen {begun}' if begun else ''}"

    def _agreement(self, one: RequisitionLine) -> str:
        names, time = self.report.names, self.time
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

    def _pair(
        self, number: int, one: PairFigures, requisitions: Sequence[RequisitionView]
    ) -> PairView:
        lines = self.report.overview.requisitions
        theirs = tuple(
            shown
            for line, shown in zip(lines, requisitions, strict=False)
            if line.facts.get("recruiter") == one.recruiter
            and line.facts.get("hiring_manager") == one.manager
        )
        names = self.report.names
        weeks = [NOTHING] * self.window.weeks
        return PairView(
            f"{self.anchor}-pair-{number}",
            names.person(one.recruiter, "recruiter"),
            names.person(one.manager, "hiring_manager"),
            tuple(
                figure_view(
                    text.SIDES[side], one.sides.get(side, NOTHING), one.trend.get(side, weeks)
                )
                for side in ("recruiter", "manager", *([""] if "" in one.sides else []))
            ),
            theirs,
        )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _slug(key: str) -> str:
    """An id that is safe in an anchor, and the same in each report."""
    if key.isascii() and key.replace("-", "").isalnum():
        return key
    import hashlib

    return hashlib.sha256(key.encode()).hexdigest()[:12]
