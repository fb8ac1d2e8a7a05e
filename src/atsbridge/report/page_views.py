"""Make the plain values that the template shows. Texts are made here or in `page_text`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from atsbridge.model import STAGE_KINDS
from atsbridge.queries import (
    MINIMUM,
    NOTHING,
    FigureWindow,
    PairFigures,
)
from atsbridge.report import page_text as text
from atsbridge.report.case_views import CaseViews
from atsbridge.report.figure_views import FigureView, figure_view
from atsbridge.report.report_data import SHOWN, AccountReport
from atsbridge.report.requisition_views import RequisitionView, RequisitionViews

REQUISITIONS, PAIRS = SHOWN, 200  # on one page; the exports have all


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
        report = self.report
        views = RequisitionViews(
            report.names,
            self.time,
            CaseViews(report.names, self.time),
            self.anchor,
            self.window.weeks,
            report.figures.by_requisition,
            report.searches,
        )
        return [views.view(one) for one in report.overview.requisitions[:REQUISITIONS]]

    def pairs(self, requisitions: Sequence[RequisitionView]) -> list[PairView]:
        """Pairs of which both opted in, by name: no order that ranks people."""
        found = [
            self._pair(number, one, requisitions)
            for number, one in enumerate(self.report.figures.pairs[:PAIRS])
        ]
        return sorted(found, key=lambda one: (one.recruiter.lower(), one.manager.lower()))

    # --- parts ------------------------------------------------------------------------------

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
