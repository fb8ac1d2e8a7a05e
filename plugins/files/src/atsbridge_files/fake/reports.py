"""JSON reports of a company at an address, as Workday and its like serve them.

Every value is text, empty ones are left out, instants have the offset of the company's seat, and
each report is one list in an object. A wrong token is refused, and so is any parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from atsbridge.api import KINDS, FieldType, Record, TimeSource
from atsbridge.sandbox import Fake, FakeServer, Request, Response

if TYPE_CHECKING:
    from atsbridge.sandbox import Company

TOKEN = "sandbox-reports-8c31"  # noqa: S105  opens nothing but this fake
LIST = "Report_Entry"
_SEAT = ZoneInfo("America/New_York")

# report -> kind, and the columns it has: "column=Header; …", the header of others is their name.
_REPORTS = {
    "locations": ("office", "name=Location; timezone=Time Zone; country=ISO"),
    "organizations": ("department", "name=Organization"),
    "workers": ("user", "name=Worker; email=Work Email; active=Active; office=Location_id"),
    "requisitions": (
        "requisition",
        (
            "code=Req ID; title=Job Posting Title; status=Req Status; kind=Reason;"
            " priority=Priority; department=Organization_id; office=Location_id;"
            " confidential=Confidential; opened_at=Recruiting Start; closed_at=Closed;"
            " target_on=Target; headcount=Openings; filled=Filled; pay_min=Pay Minimum;"
            " pay_max=Pay Maximum; pay_currency=Currency; pay_period=Frequency"
        ),
    ),
    "openings": (
        "opening",
        (
            "requisition=Requisition_id; status=Opening Status; opened_at=Opened;"
            " closed_at=Closed; target_on=Target"
        ),
    ),
    "teams": (
        "team_member",
        "requisition=Requisition_id; user=Worker_id; role=Role; responsible=Primary",
    ),
    "stages": ("stage", "requisition=Requisition_id; name=Step; order=Order; kind=Type"),
    "reasons": ("reason", "name=Disposition; kind=Decided By"),
    "applications": (
        "application",
        (
            "candidate=Candidate_id; requisition=Requisition_id; stage=Step_id;"
            " status=Status; recruiter=Recruiter_id; coordinator=Coordinator_id;"
            " source=Source; applied_at=Applied; last_activity_at=Last Activity;"
            " rejected_at=Rejected; reason=Disposition_id; contacted_at=Contacted; tags=Tags"
        ),
    ),
    "steps": (
        "stage_stay",
        (
            "application=Application_id; stage=Step_id; entered_at=Entered; left_at=Left;"
            " origin=Recorded By"
        ),
    ),
    "interviews": (
        "interview",
        (
            "application=Application_id; stage=Step_id; status=Status; starts_at=Start;"
            " ends_at=End; starts_on=Day; ends_on=Last Day; scheduled_at=Scheduled;"
            " availability_at=Availability; organizer=Organizer_id"
        ),
    ),
    "interviewers": (
        "seat",
        (
            "interview=Interview_id; user=Worker_id; guest=Guest; response=Response;"
            " feedback_required=Feedback Required; scorecard=Feedback_id"
        ),
    ),
    "feedback": (
        "scorecard",
        (
            "application=Application_id; interview=Interview_id; author=Worker_id;"
            " submitted_at=Submitted; recommendation=Rating"
        ),
    ),
    "offers": (
        "offer",
        (
            "application=Application_id; version=Version; status=Offer Status;"
            " drafted_at=Drafted; approved_at=Approved; sent_at=Sent; sent_on=Sent On;"
            " resolved_at=Answered; starts_on=Start Date"
        ),
    ),
    "approvals": (
        "approval",
        (
            "requisition=Requisition_id; offer=Offer_id; user=Worker_id;"
            " requested_at=Assigned; decided_at=Completed; status=Task Status"
        ),
    ),
}
REPORTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    name: (kind, dict(pair.strip().split("=") for pair in columns.split(";")))
    for name, (kind, columns) in _REPORTS.items()
}


def company_ids(kind: str, number: int) -> str:
    """Ids as Workday writes them: 32 hexadecimal digits."""
    return f"{list(KINDS).index(kind) if kind in KINDS else 99:06x}{number:026x}"


def _id_header(kind: str) -> str:
    return f"{kind.title()}_id"


def report_tables() -> dict[str, Any]:
    """The `tables` of an account that reads these reports."""
    return {
        name: {
            "files": f"{name}.json",
            kind: {"id": _id_header(kind), "complete": True, "columns": dict(columns)},
        }
        for name, (kind, columns) in REPORTS.items()
    }


def serve(company: Company, time: TimeSource, *, port: int = 0) -> Fake:
    """Serve the reports of a company whose ids were made by `company_ids`."""

    def answer(request: Request) -> Response:
        if request.access_token != TOKEN:
            return Response(401, {"error": "invalid token"})
        if request.method != "GET" or request.query:
            return Response(400, {"error": "this report takes no parameters"})
        name = request.path.removeprefix("/acme/").removesuffix(".json")
        if name not in REPORTS:
            return Response(404, {"error": "no such report"})
        with company.lock:
            kind, columns = REPORTS[name]
            records = company.records(kind).values()
            rows = [_row(kind, one, columns) for one in records if one.deleted_at is None]
        return Response(200, {LIST: rows})

    server = FakeServer(answer, time=time, port=port)
    settings = {
        "base_url": f"{server.url}/acme",
        "token": TOKEN,
        "dates_timezone": "America/New_York",
        "tables": report_tables(),
    }
    return Fake(server, settings, company)


def _row(kind: str, record: Record, columns: Mapping[str, str]) -> dict[str, Any]:
    row = {_id_header(kind): record.id}
    for column, header in columns.items():
        value = getattr(record, column)
        if value not in (None, ()):
            row[header] = _cell(KINDS[kind].fields[column].type, value)
    return row


def _cell(field_type: FieldType, value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(_SEAT).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if field_type is FieldType.ENUM and not str(value).startswith("other:"):
        return str(value).replace("_", " ").capitalize()
    if field_type is FieldType.LIST:
        return "; ".join(map(str, value))
    return str(value)
