"""The JSON document of a report. docs/reference/json.md is generated from these types."""

from __future__ import annotations

from typing import Annotated, TypedDict


class FigureDocument(TypedDict):
    """The promises of one group. `section` says what the group is by; what it is not by is null."""

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
    ninetieth_hours: Annotated[float | None, "90th percentile of it"]


class UnknownPromises(TypedDict):
    """Promises of a rule that cannot be judged."""

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
    late: Annotated[int, "open cases"]
    at_risk: Annotated[int, "open cases that are due soon"]
    findings: Annotated[int, "open cases of checks"]
    unknown: Annotated[int, "open cases that cannot be judged now"]
    brief_sections: Annotated[int | None, "filled sections; null without a brief"]
    agreed_at: Annotated[str | None, "when both sides had agreed the brief"]
    active: Annotated[dict[str, int], "kind of stage -> active applications"]
    applied: Annotated[int, "applications of the weeks"]
    market_days: Annotated[float | None, "days that the market takes to fill such a role"]


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
    left: Annotated[int, "stays that ended in the weeks"]
    median_days: Annotated[float | None, "of these stays, in elapsed time"]
    ninetieth_days: float | None
    now: Annotated[int, "active applications that stand there"]


class AccountReportDocument(TypedDict):
    """One account."""

    account: str
    figures: list[FigureDocument]
    since: Annotated[dict[str, str], "rule -> the instant from which its promises are known"]
    unknown: list[UnknownPromises]
    requisitions: list[RequisitionDocument]
    cases: list[OpenCaseDocument]
    stages: list[StageDocument]
    funnel: Annotated[dict[str, int], "kind of stage -> applications that came into it"]
    confidential: Annotated[int, "requisitions that were left out"]
    opted_in: Annotated[int, "colleagues who agreed to figures of their pairs"]
    stale_lists: Annotated[list[str], "lists that are too old or not believed"]
    silent_rules: Annotated[dict[str, list[str]], "rule -> fields without which it is silent"]


class ReportDocument(TypedDict):
    """A report of both sides."""

    at: str
    weeks: int
    start: Annotated[str, "when the first week begins"]
    accounts: list[AccountReportDocument]
