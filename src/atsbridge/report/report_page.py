"""Renders a report as one HTML file: no script, no request, styles and pictures inside."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files

import jinja2
from markupsafe import Markup

from atsbridge import __version__
from atsbridge.report import overview_charts, page_text
from atsbridge.report.case_views import CaseViews
from atsbridge.report.figure_views import causes, stage_targets, unknown_reasons
from atsbridge.report.page_views import AccountViews
from atsbridge.report.report_data import AccountReport, Report

_TEMPLATES = "templates"


def page_environment(*packages: str) -> jinja2.Environment:
    """The templates of the report, and those in the folders `templates` of further `packages`.

    Every value is escaped, and a name that is not given is an error.
    """
    names = (*packages, "atsbridge.report")
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(one, _TEMPLATES) for one in names]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capfirst"] = lambda value: str(value)[:1].upper() + str(value)[1:]
    return environment


def read_style() -> str:
    """The style sheet of the page."""
    return files("atsbridge.report").joinpath(_TEMPLATES, "report.css").read_text("utf-8")


def render_page(report: Report) -> str:
    """The page as text. Charts come in where the extra `report` is installed."""
    template = page_environment().get_template("report.html.jinja")
    return template.render(
        report=report,
        style=Markup(read_style()),  # noqa: S704  a file of this package
        version=__version__,
        few=page_text.FEW,
        accounts=[_account(report, one, f"a{n}") for n, one in enumerate(report.accounts)],
    )


def _account(report: Report, one: AccountReport, anchor: str) -> dict[str, object]:
    """Everything the template shows of an account."""
    time = page_text.PageTime(one.zone, report.at)
    views = AccountViews(one, report.window, time, anchor)
    requisitions, funnel = views.requisitions(), views.funnel()
    cases = CaseViews(one.names, time, one.explanations, one.histories)
    trend = funnel_drawn = Markup()
    if overview_charts.is_available():
        trend = overview_charts.on_time_chart(one.figures.trend, report.window, page_text.SIDES)
        funnel_drawn = overview_charts.funnel_chart(funnel)
    since = one.figures.since_all
    return {
        "anchor": anchor,
        "data": one,
        "time": time,
        "sides": views.sides(),
        "weeks": _weeks(one, report, time),
        "rules": views.rules(),
        "stages": views.stages(),
        "funnel": funnel,
        "most": max((number for _, number in funnel), default=1),
        "trend_chart": trend,
        "funnel_chart": funnel_drawn,
        "requisitions": requisitions,
        "pairs": views.pairs(requisitions),
        "cases": cases.drawn(one.overview.cases),
        "causes": causes(one),
        "targets": stage_targets(one),
        "market": page_text.market_tables(one.market, report.at),
        "consent": page_text.consent(one.opted_in, len(one.figures.pairs)),
        "unknown": unknown_reasons(one),
        "since": time.day(since) if since and since > report.window.start else "",
        "week_sides": [page_text.PROMISERS[side] for side in one.figures.trend],
        "late": sum(case.late for case in one.overview.cases),
        "findings": sum(case.finding for case in one.overview.cases),
        "soon": sum(not (case.late or case.finding or case.unknown) for case in one.overview.cases),
        "unknown_cases": sum(case.unknown for case in one.overview.cases),
    }


def _weeks(
    one: AccountReport, report: Report, time: page_text.PageTime
) -> list[tuple[str, list[str]]]:
    """The trend as a table: week, then for each side what was kept of what was due."""
    figures = one.figures
    since = {
        side: min(figures.since[name] for name in figures.since if _side(one, name) == side)
        for side in {_side(one, name) for name in figures.since}
    }
    rows = []
    for number, monday in enumerate(report.window.mondays):
        cells = []
        for side, weeks in figures.trend.items():
            figure, known = weeks[number], since.get(side)
            share = page_text.share(figure)
            kept = f"{figure.row.on_time} of {figure.due}" if figure.due else "–"
            if not figure.due and known is not None and monday + timedelta(weeks=1) <= known:
                kept = "not known"
            cells.append(f"{kept} ({share})" if share else kept)
        rows.append((time.date(monday), cells))
    return rows


def _side(one: AccountReport, rule: str) -> str:
    return one.figures.rules[rule].side
