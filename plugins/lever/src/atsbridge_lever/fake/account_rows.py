"""Users, stages, reasons, postings and requisitions as Lever's rows.

Lever has one pipeline for all postings and no openings. Each search has two rows: the posting, with
the search's id, and the requisition behind it.
"""

from __future__ import annotations

from typing import Any

from atsbridge_lever.fake.truth import Row, Truth, confidentiality, made_id, midnight, ms

_PIPELINE = {"screen": "screen", "review": "screen", "assessment": "screen", "offer": "offer"}
_POSTING = {"open": "published", "on_hold": "published", "draft": "draft"}
_NEED = {"open": "open", "on_hold": "onHold", "draft": "draft", "pending_approval": "pending"}
_FIELDS = {
    "priority": "dropdown",
    "budget_approved": "dropdown",
    "employment_type": "text",
    "target_hire_date": "date",
}


def need_of(posting: str) -> str:
    """The id of the requisition behind a posting."""
    return made_id(f"need:{posting}")


class AccountRows:
    """Rows of the account, made when asked for."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth

    def user(self, user: Any) -> Row:
        return {
            "id": user.id,
            "name": user.name,
            "username": user.email.partition("@")[0],
            "email": user.email,
            "accessRole": "team member",
            "photo": None,
            "createdAt": ms(user.created_at),
            "deactivatedAt": None if user.active else ms(user.updated_at),
            "externalDirectoryId": None,
            "linkedContactIds": None,
            "jobTitle": self.truth.company.person(user.id).title,
            "managerId": None,
        }

    def stage(self, stage: Any) -> Row:
        return {"id": stage.id, "text": stage.name}

    def disposition(self) -> Row:
        """Lead and applicant stages by their ids, the rest by what is done there."""
        stages = [
            {
                "id": stage.id,
                "text": stage.name,
                "pipeline": stage.id.partition("-")[0]
                if stage.kind == "lead"
                else _PIPELINE.get(stage.kind, "onsite"),
                "rank": 100 + stage.order,
                "hasInterview": stage.kind in ("screen", "interview"),
            }
            for stage in self.truth.live("stage")
        ]
        reasons = [self.reason(reason) for reason in self.truth.live("reason")]
        for reason in reasons:
            reason["type"] = "hired" if reason["type"] == "hired" else None
        return {"stages": stages, "archiveReasons": reasons}

    def reason(self, reason: Any) -> Row:
        kind = "hired" if reason.kind == "hired" else "non-hired"
        return {"id": reason.id, "text": reason.name, "status": "active", "type": kind}

    # --- searches -----------------------------------------------------------------------------

    def posting(self, search: Any) -> Row:
        closed = search.status in ("filled", "closed", "cancelled")
        state = "closed" if closed else _POSTING.get(search.status, "draft")
        shown = None if state == "draft" else f"https://jobs.lever.example/{search.id}"
        return {
            "id": search.id,
            "text": search.title,
            "state": state,
            "distributionChannels": ["public"] if state == "published" else None,
            "user": self._member(search, "recruiter"),
            "owner": self._member(search, "recruiter"),
            "hiringManager": self._member(search, "hiring_manager"),
            "categories": self._categories(search),
            "tags": [],
            "content": {"description": "…", "lists": [], "closing": ""},
            "country": None,
            "followers": [],
            "reqCode": None,
            "requisitionCodes": [search.code],
            "urls": shown and {"list": "https://jobs.lever.example", "show": shown},
            "confidentiality": confidentiality(search.confidential),
            "workplaceType": "hybrid",
            "createdAt": ms(search.created_at),
            "updatedAt": ms(search.updated_at),
        }

    def requisition(self, search: Any) -> Row:
        """Custom fields have no booleans; `updatedAt` does not tell of hires and approvals."""
        custom = {
            "priority": search.custom["priority"],
            "budget_approved": "yes" if search.custom["budget_approved"] else "no",
            "employment_type": search.custom["employment_type"],
            "target_hire_date": midnight(search.target_on),
        }
        return {
            "id": need_of(search.id),
            "requisitionCode": search.code,
            "name": search.title,
            "status": _NEED.get(search.status, "closed"),
            "headcountTotal": search.headcount,
            "headcountHired": search.filled,
            "headcountInfinite": False,
            "backfill": search.kind == "backfill",
            "confidentiality": confidentiality(search.confidential),
            "creator": None,
            "owner": self._member(search, "recruiter"),
            "hiringManager": self._member(search, "hiring_manager"),
            "employmentStatus": "full-time",
            "internalNotes": "",
            **{k: v for k, v in self._categories(search).items() if isinstance(v, str)},
            "compensationBand": {
                "currency": search.pay_currency,
                "interval": f"per-{search.pay_period}-salary",
                "min": search.pay_min,
                "max": search.pay_max,
            },
            "postings": [search.id],
            "offerIds": [],
            "customFields": custom,
            "approval": self._approval(search),
            "timeToFillStartAt": ms(search.opened_at),
            "timeToFillEndAt": ms(search.closed_at),
            "closedAt": ms(search.closed_at),
            "createdAt": ms(search.created_at),
            "updatedAt": ms(search.created_at),
        }

    def requisition_fields(self) -> list[Row]:
        return [
            {"id": name, "text": name.replace("_", " ").title(), "type": kind, "isRequired": False}
            for name, kind in _FIELDS.items()
        ]

    def _categories(self, search: Any) -> Row:
        place = self.truth.company.records("office")[search.office]
        department: Any = self.truth.company.records("department")[search.department]
        location = getattr(place, "name", None)
        return {
            "team": department.name,
            "department": department.name,
            "location": location,
            "allLocations": [location],
            "commitment": "Full-time",
            "level": None,
        }

    def _member(self, search: Any, role: str) -> str | None:
        team = self.truth.of("team_member", "requisition", search.id)
        return next((m.user for m in team if m.role == role and m.responsible), None)

    def _approval(self, search: Any) -> Row:
        rows = self.truth.of("approval", "requisition", search.id)
        if not rows:
            return {"steps": []}
        done = all(row.status == "approved" for row in rows)
        return {
            "id": made_id(f"approval:{search.id}"),
            "status": "approved" if done else "inprogress",
            "startedAt": ms(rows[0].created_at),
            "approvedAt": ms(rows[-1].decided_at) if done else None,
            "steps": [self._step(row) for row in rows],
        }

    def _step(self, row: Any) -> Row:
        approver = {
            "id": row.id,
            "user": {"userId": row.user, "email": self.truth.one("user", row.user).email},
            "isDynamic": False,
            "type": "static",
            "approved": row.status == "approved",
            "approvedAt": ms(row.decided_at),
        }
        return {
            "id": made_id(f"step:{row.id}"),
            "completed": row.status == "approved",
            "status": None if row.status == "waiting" else "inprogress",
            "outOfBandOnly": False,
            "approvalsRequired": 1,
            "approvers": [approver],
        }
