"""The JSON document of a report. docs/reference/json.md is generated from these types."""

from __future__ import annotations

from typing import Annotated, TypedDict


class FigureDocument(TypedDict):
    """The promises of one group. `section` names the grouping; keys of other groupings are null."""

    section: Annotated[str, '"total", "side", "rule", "stage", "requisition", "week" or "pair"']
    side: Annotated[str | None, '"recruiter", "manager", or "" for promises of both']
    rule: str | None
    requisition: Annotated[str | None, "id"]
    stage: Annotated[str | None, "name"]
    week: Annotated[str | None, "its Monday, yyyy-mm-dd"]
    recruiter: str | None
    manager: str | None
    due: Annotated[int, "kept on time or late"]
    on_time: int
    late: int
    overdue: Annotated[int, "late and still open"]
    cancelled: int
    unknown: int
    on_time_rate: Annotated[float | None, "null for fewer than 5 promises"]
    median_hours: Annotated[float | None, "response in working time; null for fewer than 5 answers"]
    ninetieth_hours: Annotated[float | None, "the same, 90th percentile"]


class UnknownPromises(TypedDict):
    """Promises of a rule that cannot be evaluated."""

    rule: str
    path: Annotated[str, "the field that is not known"]
    promises: int


class RequisitionDocument(TypedDict):
    """One requisition."""

    id: str
    code: str | None
    title: str
    status: str | None
    opened_at: str | None
    assignee: Annotated[str | None, "who has to act, or their role if names are withheld"]
    assignee_role: str | None
    assignee_since: str | None
    next_due: str | None
    late: Annotated[int, "open cases past their due instant"]
    at_risk: Annotated[int, "open cases that are not due yet"]
    findings: Annotated[int, "open cases of checks"]
    unknown: Annotated[int, "open cases that cannot be evaluated now"]
    brief_sections: Annotated[int | None, "filled sections; null without a brief"]
    agreed_at: Annotated[str | None, "when both sides had agreed to the brief"]
    active: Annotated[dict[str, int], "kind of stage -> active applications"]
    applied: Annotated[int, "applications received in the report's weeks"]
    market_days: Annotated[float | None, "days to fill such a role, from the market table"]


class OpenCaseDocument(TypedDict):
    """One open case of a live rule."""

    number: int
    rule: str
    requisition: Annotated[str | None, "id"]
    state: str
    due_at: str | None
    assignee: str | None
    unknown: Annotated[list[str], "fields that cannot be read now"]


class StageDocument(TypedDict):
    """Stages of one name and kind."""

    stage: Annotated[str, "name"]
    kind: str
    left: Annotated[int, "stays that ended in the report's weeks"]
    median_days: Annotated[float | None, "length of these stays, in elapsed time"]
    ninetieth_days: Annotated[float | None, "the same, 90th percentile"]
    now: Annotated[int, "active applications in it"]


class AccountReportDocument(TypedDict):
    """One account."""

    account: str
    figures: list[FigureDocument]
    since: Annotated[dict[str, str], "rule -> the instant from which its promises are known"]
    unknown: list[UnknownPromises]
    requisitions: list[RequisitionDocument]
    cases: list[OpenCaseDocument]
    stages: list[StageDocument]
    funnel: Annotated[dict[str, int], "kind of stage -> applications that entered it"]
    confidential: Annotated[int, "requisitions that were left out"]
    opted_in: Annotated[int, "colleagues who agreed to figures of their pairs"]
    stale_lists: Annotated[list[str], "lists that are too old or not believed"]
    silent_rules: Annotated[dict[str, list[str]], "rule -> missing fields that keep it silent"]


class ReportDocument(TypedDict):
    """A report of both sides."""

    at: str
    weeks: int
    start: Annotated[str, "when the first week begins"]
    accounts: list[AccountReportDocument]
