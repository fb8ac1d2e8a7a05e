"""The values of a record as Lever supplies them, where they differ from the company's.

The round trip of the contract compares with these.
"""

from __future__ import annotations

from typing import Any

from atsbridge.api import Record
from atsbridge.sandbox import Company
from atsbridge_lever.fake.truth import need_of

_TEAM = ("recruiter", "hiring_manager")
Values = dict[str, Any]


def tell(kind: str, record: Record, values: Values, company: Company) -> tuple[str, Values] | None:
    """Its id at Lever and what is said of it; None where Lever does not tell it."""
    row: Any = record
    match kind:
        case "reason":
            values["kind"] = "ours" if row.kind == "theirs" else row.kind
        case "requisition":
            values.pop("updated_at")  # the posting's own, which its requisition does not move
            values |= {"status": row.status, "headcount": row.headcount, "filled": row.filled}
        case "team_member":
            supplied = row.responsible and row.role in _TEAM
            return (f"{row.requisition}:{row.role}", values) if supplied else None
        case "approval":
            return _approval(row, values, company)
        case "application":
            values = _application(row, values, company)
        case "stage_stay":
            stays = [s.id for s in _of(company, "stage_stay", "application", row.application)]
            return f"{row.application}:{stays.index(row.id)}", values
        case "interview":
            values.pop("created_at")  # Lever creates an interview when it is booked
            values |= _status(row, company)
            return (row.id, values) if row.starts_at else None
        case "seat":
            return _seat(row, values, company)
        case "scorecard":
            return _scorecard(row, values, company)
        case "offer":
            values.pop("created_at")
            values["status"] = "rejected" if row.status == "deprecated" else row.status
            values["resolved_at"] = row.resolved_at if row.status == "accepted" else None
            late = _one(company, "application", row.application).stage == "offer"
            return (row.id, values) if late else None
    return row.id, values


def _approval(row: Any, values: Values, company: Company) -> tuple[str, Values] | None:
    if row.requisition is None:  # an offer's
        return None
    step = [a.id for a in _of(company, "approval", "requisition", row.requisition)].index(row.id)
    return f"{row.requisition}:{need_of(row.requisition)}:{step}:{row.id}", values


def _application(row: Any, values: Values, company: Company) -> Values:
    offered = _of(company, "offer", "application", row.id)
    lost = {"tags", "updated_at", *(["last_activity_at"] if offered else [])}
    status = "rejected" if row.status == "withdrawn" else row.status
    return {n: v for n, v in values.items() if n not in lost} | {"status": status}


def _status(row: Any, company: Company) -> Values:
    """Complete is what has all its forms; where nobody owes one, nothing says that it is over.

    Whatever does not take place is canceled.
    """
    if row.status in ("cancelled", "skipped"):
        return {"status": "cancelled"}
    seats = _of(company, "seat", "interview", row.id)
    if row.status == "complete" and not any(s.feedback_required for s in seats):
        return {}
    return {"status": "complete" if row.status == "complete" else "scheduled"}


def _seat(row: Any, values: Values, company: Company) -> tuple[str, Values] | None:
    if _one(company, "interview", row.interview).starts_at is None:
        return None
    card = company.records("scorecard").get(row.scorecard or "")
    given = card is not None and getattr(card, "submitted_at", None) is not None
    required = {"feedback_required": row.feedback_required}
    return f"{row.interview}:{row.user}", values | required | {
        "scorecard": row.scorecard if given else None
    }


def _scorecard(row: Any, values: Values, company: Company) -> tuple[str, Values] | None:
    if row.submitted_at is None:
        return None
    if row.interview and _one(company, "interview", row.interview).starts_at is None:
        return None
    criteria: Any = company.records("criterion")
    graded = {criteria[c].name: grade for c, grade in (row.ratings or {}).items() if grade}
    return row.id, values | {
        "recommendation": row.recommendation or None,  # undecided is nothing
        "ratings": graded or None,  # criteria go by their names
    }


def _one(company: Company, kind: str, id_: str) -> Any:
    return company.records(kind)[id_]


def _of(company: Company, kind: str, ref: str, id_: str) -> list[Any]:
    rows = company.records(kind).values()
    return [row for row in rows if getattr(row, ref) == id_ and row.deleted_at is None]
