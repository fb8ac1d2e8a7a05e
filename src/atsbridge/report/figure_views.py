"""Views of figures: numbers as text, their pictures, and what explains them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from atsbridge.presentation import count
from atsbridge.queries import Figure
from atsbridge.report import page_text as text
from atsbridge.report.page_pictures import share_bar, week_bars
from atsbridge.report.report_data import AccountReport
from atsbridge.rules import lasting

_INTO_STAGE = "application.stage_entered_at"


class FigureView(NamedTuple):
    """One group of promises: its numbers as text, and its pictures."""

    name: str
    figure: Figure
    share: str
    median: str
    ninetieth: str
    bar: Markup
    trend: Markup = Markup()
    note: str = ""


def figure_view(
    name: str, figure: Figure, weeks: Sequence[Figure] = (), note: str = ""
) -> FigureView:
    """The view of a figure; `weeks`: its trend."""
    trend = Markup()
    if weeks:
        numbers = ", ".join(f"{one.row.on_time} of {one.due}" for one in weeks)
        trend = week_bars(weeks, f"{name}, kept on time by week, oldest first: {numbers}")
    return FigureView(
        name,
        figure,
        text.share(figure),
        text.working(figure.median),
        text.working(figure.ninetieth),
        share_bar(figure, text.summarize(name, figure)),
        trend,
        note,
    )


def causes(report: AccountReport) -> list[str]:
    """Describe causes in the figures that no person is responsible for."""
    row, hidden = report.figures.total.row, report.overview.confidential
    found = []
    if row.paused:
        found.append(
            f"In {count(row.paused, 'promise')} the clock stood still for a while, because the role"
            " was on hold. That time does not count."
        )
    if row.holidays:
        found.append(
            f"Public holidays, closed days or absences fell into {count(row.holidays, 'promise')}."
            " That time does not count."
        )
    if row.cancelled:
        found.append(
            f"{count(row.cancelled, 'promise')} ended before due because nothing was owed any more,"
            " for example when the candidate withdrew. They count for neither side."
        )
    if row.unknown:
        found.append(
            f"{count(row.unknown, 'promise')} cannot be evaluated, because data is missing."
            " They count for neither side."
        )
    if hidden:
        found.append(f"{count(hidden, 'confidential role')} left out.")
    return found


def stage_targets(report: AccountReport) -> list[str]:
    """ "Next step within 3 working days": the targets of rules that begin with a stage."""
    return [
        f"{report.names.text(rule.title)} within {lasting(rule.clock.target)}"
        for rule in report.figures.rules.values()
        if rule.clock is not None and rule.clock.start == _INTO_STAGE
    ]


def unknown_reasons(report: AccountReport) -> list[tuple[str, str, int]]:
    """Title of a rule, the field that is unknown, how many promises."""
    return [
        (report.figures.rules[rule].title, why or "not recorded", number)
        for rule, why, number in report.figures.unknown[:30]
    ]
