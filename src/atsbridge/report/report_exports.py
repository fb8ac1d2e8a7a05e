"""A report as JSON and as one table of figures (CSV), for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, cast

from atsbridge.model import to_iso
from atsbridge.queries import Figure, OpenCase, RequisitionLine
from atsbridge.report.report_data import AccountReport, Report
from atsbridge.report.report_documents import (
    AccountReportDocument,
    FigureDocument,
    OpenCaseDocument,
    ReportDocument,
    RequisitionDocument,
)

COLUMNS = (
    *("account", "section", "side", "rule", "requisition", "stage", "week", "recruiter", "manager"),
    *("due", "on_time", "late", "overdue", "cancelled", "unknown", "on_time_rate"),
    *("median_hours", "ninetieth_hours"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # characters that begin a formula in a spreadsheet


def to_csv(report: Report) -> str:
    """All figures, one group a line. Shares and response times need at least five promises."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for account in report.accounts:
        for keys, figure in _groups(account, report):
            row = {"account": account.account, **keys, **_numbers(figure)}
            writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _cell(value: object) -> object:
    """A cell that no spreadsheet reads as a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _groups(one: AccountReport, report: Report) -> Iterator[tuple[dict[str, str], Figure]]:
    figures = one.figures
    yield {"section": "total"}, figures.total
    for side, figure in figures.by_side.items():
        yield {"section": "side", "side": side}, figure
    for rule, figure in figures.by_rule.items():
        yield {"section": "rule", "rule": rule, "side": figures.rules[rule].side}, figure
    for stage, figure in figures.by_stage.items():
        yield {"section": "stage", "stage": stage}, figure
    for requisition, sides in figures.by_requisition.items():
        for side, figure in sides.items():
            yield {"section": "requisition", "requisition": requisition, "side": side}, figure
    weeks = [f"{monday:%Y-%m-%d}" for monday in report.window.mondays]
    for side, trend in figures.trend.items():
        for week, figure in zip(weeks, trend, strict=True):
            yield {"section": "week", "side": side, "week": week}, figure
    for pair in figures.pairs:
        people = {
            "recruiter": one.names.person(pair.recruiter, "recruiter"),
            "manager": one.names.person(pair.manager, "hiring_manager"),
        }
        for side, figure in pair.sides.items():
            yield {"section": "pair", "side": side, **people}, figure


def _numbers(figure: Figure) -> dict[str, Any]:
    row = figure.row
    return {
        "due": figure.due,
        "on_time": row.on_time,
        "late": row.late,
        "overdue": row.overdue,
        "cancelled": row.cancelled,
        "unknown": row.unknown,
        "on_time_rate": None if figure.rate is None else round(figure.rate, 4),
        "median_hours": _hours(figure.median),
        "ninetieth_hours": _hours(figure.ninetieth),
    }


def _hours(span: timedelta | None) -> float | None:
    return None if span is None else round(span / timedelta(hours=1), 2)


def to_document(report: Report) -> ReportDocument:
    """The report as a JSON document: instants are ISO 8601 in UTC, spans are working hours."""
    return {
        "at": report.at.isoformat(),
        "weeks": report.options.weeks,
        "start": report.window.start.isoformat(),
        "accounts": [_account(one, report) for one in report.accounts],
    }


def _account(one: AccountReport, report: Report) -> AccountReportDocument:
    figures = one.figures
    return {
        "account": one.account,
        "figures": [_figure(keys, figure) for keys, figure in _groups(one, report)],
        "since": {rule: at.isoformat() for rule, at in figures.since.items()},
        "unknown": [
            {"rule": rule, "path": why, "promises": number} for rule, why, number in figures.unknown
        ],
        "requisitions": [_requisition(line, one) for line in one.overview.requisitions],
        "cases": [_case(case, one) for case in one.overview.cases],
        "stages": [
            {
                "stage": stage.name,
                "kind": stage.kind,
                "left": stage.left,
                "median_days": _days(stage.median),
                "ninetieth_days": _days(stage.ninetieth),
                "now": stage.now,
            }
            for stage in one.stages
        ],
        "funnel": dict(one.reached),
        "confidential": one.overview.confidential,
        "opted_in": one.opted_in,
        "stale_lists": list(one.status.data.stale),
        "silent_rules": {rule: list(fields) for rule, fields in one.silent.items()},
    }


def _figure(keys: dict[str, str], figure: Figure) -> FigureDocument:
    group = {name: keys.get(name) for name in COLUMNS[1:9]}
    return cast("FigureDocument", {**group, **_numbers(figure)})


def _requisition(line: RequisitionLine, one: AccountReport) -> RequisitionDocument:
    names, facts = one.names, line.facts
    role = line.text("assignee_role")
    return {
        "id": line.id,
        "code": line.text("code") or None,
        "title": names.text(facts.get("title"), 120),
        "status": line.text("status") or None,
        "opened_at": to_iso(line.instant("opened_at")),
        "assignee": names.person(_text(facts.get("assignee")), role) or None,
        "assignee_role": role or None,
        "assignee_since": to_iso(line.instant("assignee_since")),
        "next_due": to_iso(line.next_due),
        "late": line.late,
        "at_risk": line.at_risk,
        "findings": line.findings,
        "unknown": line.unknown,
        "brief_sections": line.sections,
        "agreed_at": to_iso(line.instant("criteria_agreed_at")),
        "active": dict(line.pipeline),
        "applied": line.applied,
        "market_days": round(line.market.days, 1) if line.market else None,
    }


def _case(one: OpenCase, report: AccountReport) -> OpenCaseDocument:
    case = one.case
    explained: Mapping[int, Any] = report.explanations
    unknown = explained[case.number].verdict.unknown if case.number in explained else ()
    return {
        "number": case.number,
        "rule": case.rule,
        "requisition": one.requisition,
        "state": case.clock.value,
        "due_at": to_iso(case.due_at),
        "assignee": report.names.person(case.owed_by) or None,
        "unknown": list(unknown) if one.unknown else [],
    }


def _days(span: timedelta | None) -> float | None:
    return None if span is None else round(span / timedelta(days=1), 2)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
