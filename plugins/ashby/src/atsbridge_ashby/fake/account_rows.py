"""Users, places, jobs and plans of the sandbox company as rows of Ashby.

With the traps of the real API: role names are titles, a person has two names, and an opening names
its jobs.
"""

from __future__ import annotations

from typing import Any

from atsbridge_ashby.fake.truth import ARCHIVED, HIRED, Plan, Row, Truth, made_id, stamp

ROLES = {
    "hiring_manager": "Hiring Manager",
    "recruiter": "Recruiter",
    "coordinator": "Recruiting Coordinator",
    "sourcer": "Sourcer",
}
_JOB = {
    "draft": "Draft",
    "pending_approval": "Draft",
    "open": "Open",
    "on_hold": "Open",
    "filled": "Closed",
    "cancelled": "Closed",
    "closed": "Archived",
}
_OPENING = {"draft": "Approved", "open": "Open", "filled": "Filled", "closed": "Closed"}
_REASON = {"ours": "RejectedByOrg", "theirs": "RejectedByCandidate", "hired": "Other"}
_STAGE = {"lead": "PreInterviewScreen", "offer": "Offer"}


class AccountRows:
    """Rows that belong to no candidate, made when asked for."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth

    # --- organization ---------------------------------------------------------------------------

    def user(self, row: Any) -> Row:
        first, _, last = row.name.partition(" ")
        return {
            "id": row.id,
            "firstName": first,
            "lastName": last,
            "email": row.email,
            "globalRole": "Limited Access",
            "isEnabled": row.active,
            "updatedAt": stamp(row.updated_at),
            "managerId": None,
        }

    def person(self, id_: str | None) -> Row | None:
        row = self.truth.one("user", id_)
        return None if row is None else self.user(row)

    def department(self, row: Any) -> Row:
        return {
            "id": row.id,
            "name": row.name,
            "externalName": None,
            "isArchived": False,
            "parentId": None,
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
        }

    def location(self, row: Any) -> Row:
        return {
            "id": row.id,
            "name": row.name,
            "externalName": None,
            "isArchived": False,
            "address": {
                "postalAddress": {"addressCountry": row.country, "addressLocality": row.name}
            },
            "isRemote": False,
            "workplaceType": "Hybrid",
            "parentLocationId": None,
            "type": "Location",
        }

    def reason(self, row: Any) -> Row:
        return {
            "id": row.id,
            "text": row.name,
            "reasonType": _REASON[row.kind],
            "isArchived": False,
            "customFields": [],
        }

    # --- jobs -----------------------------------------------------------------------------------

    def job(self, row: Any, *, openings: bool) -> Row:
        plan = self.truth.plan_of(row.id)
        found: Row = {
            "id": row.id,
            "title": row.title,
            "confidential": bool(row.confidential),
            "status": _JOB[row.status],
            "employmentType": "FullTime",
            "locationId": row.office,
            "departmentId": row.department,
            "defaultInterviewPlanId": plan.id,
            "interviewPlanIds": [plan.id],
            "customFields": _job_fields(row),
            "jobPostingIds": [],
            "customRequisitionId": row.code,
            "brandId": None,
            "hiringTeam": self._team(row.id),
            "author": None,
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
            "openedAt": stamp(row.opened_at),
            "closedAt": stamp(row.closed_at),
            "compensation": _compensation(row),
        }
        if openings:
            rows = self.truth.of("opening", "requisition", row.id)
            found["openings"] = [self.opening(one) for one in rows]
        return found

    def _team(self, requisition: str) -> list[Row]:
        """People of the hiring team; approvers are none."""
        team = self.truth.of("team_member", "requisition", requisition)
        people = [(one, self.truth.one("user", one.user)) for one in team if one.role in ROLES]
        return [self.member(person, ROLES[one.role]) for one, person in people if person]

    def member(self, person: Any, role: str) -> Row:
        first, _, last = person.name.partition(" ")
        return {
            "email": person.email,
            "firstName": first,
            "lastName": last,
            "role": role,
            "userId": person.id,
        }

    def opening(self, row: Any) -> Row:
        target = row.target_on.isoformat() if row.target_on else None
        return {
            "id": row.id,
            "openedAt": stamp(row.opened_at),
            "closedAt": stamp(row.closed_at),
            "isArchived": False,
            "archivedAt": None,
            "closeReasonId": None,
            "openingState": _OPENING[row.status],
            "latestVersion": {
                "id": made_id(f"opening-version:{row.id}"),
                "identifier": row.id[:8],
                "description": "",
                "authorId": None,
                "createdAt": stamp(row.created_at),
                "teamId": None,
                "jobIds": [row.requisition],
                "targetHireDate": None,
                "targetStartDate": target,
                "isBackfill": False,
                "employmentType": "FullTime",
                "locationIds": [],
                "hiringTeam": [],
                "customFields": [],
            },
        }

    # --- plans ----------------------------------------------------------------------------------

    def plan(self, plan: Plan) -> Row:
        return {
            "id": plan.id,
            "title": " / ".join(stage.name for stage in plan.stages)[:60],
            "isArchived": False,
            "createdAt": stamp(plan.created_at),
            "updatedAt": stamp(plan.created_at),
        }

    def stages(self, plan: Plan) -> list[Row]:
        """All stages in order, with those that end the plan."""
        rows = [
            self._stage(plan, row.id, row.name, _STAGE.get(row.kind, "Active"), order)
            for order, row in enumerate(plan.stages)
        ]
        for name in (HIRED, ARCHIVED):
            rows.append(self._stage(plan, plan.end(name), name, name, len(rows)))
        return rows

    def _stage(self, plan: Plan, id_: str, title: str, kind: str, order: int) -> Row:
        return {
            "id": id_,
            "title": title,
            "type": kind,
            "orderInInterviewPlan": order,
            "interviewStageGroupId": None,
            "interviewPlanId": plan.id,
        }


def _job_fields(row: Any) -> list[Row]:
    priority = {"id": made_id("field:priority"), "isPrivate": False, "title": "Priority"}
    return [{**priority, "value": row.priority, "valueLabel": row.priority}]


def _compensation(row: Any) -> Row | None:
    if row.pay_min is None:
        return None
    component = {
        "id": made_id(f"pay:{row.id}"),
        "compensationType": "Salary",
        "interval": "1 YEAR",
        "currencyCode": row.pay_currency,
        "label": None,
        "minValue": row.pay_min,
        "maxValue": row.pay_max,
        "summary": "",
    }
    bonus = {**component, "compensationType": "Bonus", "minValue": 0.0, "maxValue": 5000.0}
    tier = {"id": made_id(f"tier:{row.id}"), "title": None, "components": [component, bonus]}
    return {"compensationTiers": [tier]}
