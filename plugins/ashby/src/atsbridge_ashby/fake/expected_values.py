"""The values of a record as Ashby supplies them, where they differ from the company's.

The round trip of the contract compares with these.
"""

from __future__ import annotations

from typing import Any

from atsbridge.api import Record
from atsbridge.sandbox import Company
from atsbridge_ashby.fake.account_rows import ROLES
from atsbridge_ashby.fake.candidate_rows import schedule_id, schedule_status
from atsbridge_ashby.fake.truth import Truth, made_id
from atsbridge_ashby.wire import seat_id, unscheduled

Values = dict[str, Any]
_UNTOLD = {"pending_approval": "draft", "on_hold": "open", "cancelled": "closed"}
_BOOKED = ("scheduled", "awaiting_feedback", "complete", "cancelled")


def tell(kind: str, record: Record, values: Values, company: Company) -> tuple[str, Values] | None:
    """Its id at Ashby and what is said of it; None where Ashby does not tell it."""
    row: Any = record
    truth = Truth(company)
    match kind:
        case "reason":
            return row.id, values | {"kind": "other:Other" if row.kind == "hired" else row.kind}
        case "requisition":
            return row.id, values | _requisition(row, truth)
        case "opening":
            status = "draft" if row.status == "draft" else row.status
            return f"{row.id}:{row.requisition}", values | {"status": status}
        case "team_member":
            shown = row.role in ROLES and row.user
            return (f"{row.requisition}:{row.role}:{row.user}", values) if shown else None
        case "stage":
            return (row.id, values) if truth.stage_of(row.id) == row.id else None
        case "application":
            return row.id, values | _application(row, truth)
        case "stage_stay":
            return row.id, values | {"stage": truth.stage_of(row.stage)}
        case "interview":
            return _interview(row, values, truth)
        case "seat":
            return _seat(row, values, truth)
        case "scorecard":
            return (row.id, values) if row.submitted_at else None
        case "offer":
            return _offer(row, values, truth)
        case "approval":
            return _approval(row, values, truth)
    return row.id, values


def _requisition(row: Any, truth: Truth) -> Values:
    openings = [one.status for one in truth.of("opening", "requisition", row.id)]
    ended = row.status in ("filled", "cancelled", "closed")
    status = _UNTOLD.get(row.status, row.status)
    return {"status": "filled" if ended and "filled" in openings else status}


def _application(row: Any, truth: Truth) -> Values:
    return {
        "stage": truth.stage_now(row),
        "reason": None if row.status == "hired" else row.reason,
        "created_at": row.applied_at,
        "tags": None,
    }


def _interview(row: Any, values: Values, truth: Truth) -> tuple[str, Values]:
    stage = truth.stage_of(row.stage)
    if row.starts_at is None:
        id_ = unscheduled(schedule_id(row.id))
        return id_, values | {"stage": stage, "created_at": row.created_at}
    status = "cancelled" if row.status == "skipped" else row.status
    if status == "to_be_scheduled":  # an event in a schedule that has none: nobody can tell
        status = None
    elif status not in _BOOKED:
        status = f"other:{schedule_status(row)}"
    return row.id, values | {"stage": stage, "created_at": row.scheduled_at, "status": status}


def _seat(row: Any, values: Values, truth: Truth) -> tuple[str, Values] | None:
    interview = truth.one("interview", row.interview)
    if interview is None or interview.starts_at is None:
        return None
    card = truth.one("scorecard", row.scorecard)
    given = row.scorecard if card is not None and card.submitted_at else None
    return seat_id(row.interview, row.user), values | {"scorecard": given}


def _offer(row: Any, values: Values, truth: Truth) -> tuple[str, Values] | None:
    latest = truth.of("offer", "application", row.application)[-1]
    return (row.id, values | {"created_at": row.drafted_at}) if latest.id == row.id else None


def _approval(row: Any, values: Values, truth: Truth) -> tuple[str, Values] | None:
    """Nobody is asked any more once another one has refused."""
    ref = "offer" if row.offer else "requisition"
    entity = getattr(row, ref)
    beside = truth.of("approval", ref, entity)
    over = any(one.status == "rejected" for one in beside)
    if over and row.decided_at is None:
        return None
    return f"{made_id(f'approval:{entity}')}:{row.id}", values
