"""The values of a record as Greenhouse supplies them, where they differ from the company's.

The round trip of the contract compares with these.
"""

from __future__ import annotations

from typing import Any

from atsbridge.api import Record
from atsbridge.sandbox import Company
from atsbridge_greenhouse.fake.posted import is_posted
from atsbridge_greenhouse.requisitions import MANAGER_PREFIX

_REQUISITION = {"pending_approval": "draft", "on_hold": "open"}
_OVER = ("filled", "cancelled", "closed")
_APPLICATION = {"on_hold": "active", "withdrawn": "rejected"}
_OFFER = {"pending_approval": "draft", "approved": "draft"}
Values = dict[str, Any]


def tell(kind: str, record: Record, values: Values, company: Company) -> tuple[str, Values] | None:
    """Its id at Greenhouse and what is said of it; None where Greenhouse does not tell it."""
    row: Any = record
    if not _is_supplied(kind, row, company):
        return None
    manages = kind == "team_member" and row.role == "hiring_manager"
    return MANAGER_PREFIX + row.id if manages else row.id, values | _worded(kind, row, company)


def _is_supplied(kind: str, row: Any, company: Company) -> bool:
    records: Any = company.records
    match kind:
        case "team_member":
            return bool(row.role != "approver")
        case "reason":
            return bool(row.kind != "hired")
        case "stage_stay":
            return bool(row.id == _last(records, row.application))
        case "interview":
            return bool(row.status != "cancelled")
        case "seat":
            return bool(records("interview")[row.interview].status != "cancelled")
        case "scorecard":
            if row.submitted_at:
                return True
            seats = [s for s in records("seat").values() if s.scorecard == row.id]
            live = records("interview")[row.interview].status != "cancelled"
            return live and any(s.feedback_required for s in seats)
        case _:
            return True


def _last(records: Any, application: str) -> str | None:
    """The stay somebody is in, or ended in: past ones lose their dates."""
    stays = [s.id for s in records("stage_stay").values() if s.application == application]
    return stays[-1] if stays else None


def _ended(job: Any, company: Company) -> str:
    """As its openings ended: what only gave up is cancelled."""
    openings: Any = company.records("opening").values()
    ends = {one.status for one in openings if one.requisition == job.id}
    return "filled" if "filled" in ends else "cancelled" if "closed" in ends else "closed"


def _worded(kind: str, row: Any, company: Company) -> Values:
    """What is said in part: the spec's signals say so, this says which part."""
    match kind:
        case "requisition":
            over = _ended(row, company) if row.status in _OVER else None
            shown = ("pay_min", "pay_max", "pay_currency")
            pay = {name: getattr(row, name) if is_posted(row) else None for name in shown}
            return {"status": over or _REQUISITION.get(row.status, row.status), **pay}
        case "team_member":
            return {"responsible": None if row.role == "hiring_manager" else row.responsible}
        case "criterion":
            return {"stages": tuple(sorted(row.stages)) or None}
        case "application":
            reason = None if row.status == "hired" else row.reason
            return {"status": _APPLICATION.get(row.status, row.status), "reason": reason}
        case "seat":
            scorecard = row.scorecard if row.feedback_required else None
            return {"scorecard": scorecard, "feedback_required": row.feedback_required}
        case "stage_stay":
            return {"stage": row.stage, "entered_at": row.entered_at, "left_at": row.left_at}
        case "offer":
            salary = {"amount": row.pay["salary"], "currency": row.pay["currency"]}
            return {
                "status": _OFFER.get(row.status, row.status),
                "sent_on": row.sent_at.date() if row.sent_at else None,
                "pay": {"base_salary": salary},
            }
        case _:
            return {}
