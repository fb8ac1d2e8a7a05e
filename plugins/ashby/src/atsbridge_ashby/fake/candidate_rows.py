"""Applications, interviews, feedback, offers and approvals as rows of Ashby.

With the traps of the real API: history rows and interviewers do not name what they belong to, an
approval of an offer names a version of it, and what is archived is in a stage of its own.
"""

from __future__ import annotations

from typing import Any

from atsbridge_ashby.fake.account_rows import ROLES, AccountRows
from atsbridge_ashby.fake.truth import Row, made_id, process_of, stamp

APP = "https://app.ashbyhq.example"
_APPLICATION = {"active": "Active", "hired": "Hired"}
_SCHEDULE = {
    "scheduled": "Scheduled",
    "awaiting_feedback": "WaitingOnFeedback",
    "complete": "Complete",
    "cancelled": "Cancelled",
    "skipped": "Cancelled",
}
_OFFER = {  # offerStatus, acceptanceStatus, approvalStatus of the version
    "draft": ("WaitingOnApprovalStart", "Created", None),
    "pending_approval": ("WaitingOnOfferApproval", "Created", "WaitingOnApprovals"),
    "approved": ("WaitingOnOfferApproval", "Created", "Approved"),
    "sent": ("WaitingOnCandidateResponse", "WaitingOnResponse", "Approved"),
    "accepted": ("CandidateAccepted", "Accepted", "Approved"),
    "rejected": ("CandidateRejected", "Declined", "Approved"),
    "deprecated": ("OfferCancelled", "Cancelled", None),
}
_DECISION = {"approved": "approve", "rejected": "reject"}


class CandidateRows:
    """Rows that belong to a candidate, made when asked for."""

    def __init__(self, account: AccountRows) -> None:
        self.account = account
        self.truth = account.truth

    def application(self, row: Any) -> Row:
        job = self.truth.one("requisition", row.requisition)
        archived = row.status in ("rejected", "withdrawn")
        reason = self.truth.one("reason", row.reason) if archived else None
        source = {"id": made_id(f"source:{row.source}"), "title": row.source}
        place = {"locationId": job.office, "departmentId": job.department}
        return {
            "id": row.id,
            "createdAt": stamp(row.applied_at),
            "updatedAt": stamp(row.updated_at),
            "status": _APPLICATION.get(row.status, "Archived"),
            "customFields": [],
            "candidate": self._embedded_candidate(row.candidate),
            "currentInterviewStage": self._stage_now(row),
            "source": {**source, "isArchived": False, "sourceType": None},
            "archiveReason": self.account.reason(reason) if reason else None,
            "archivedAt": stamp(row.rejected_at) if archived else None,
            "job": {"id": job.id, "title": job.title, **place},
            "creditedToUser": self.account.person(row.recruiter),
            "hiringTeam": [
                self.account.member(person, ROLES[role])
                for role in ("recruiter", "coordinator")
                if (person := self.truth.one("user", getattr(row, role)))
            ],
            "appliedViaJobPostingId": None,
            "submitterClientIp": None,
            "submitterUserAgent": None,
        }

    def _embedded_candidate(self, candidate: str) -> Row:
        company = self.truth.company
        mail = {"value": company.candidate_email(candidate), "type": "Work", "isPrimary": True}
        return {
            "id": candidate,
            "name": " ".join(company.candidate_name(candidate)),
            "primaryEmailAddress": mail,
            "primaryPhoneNumber": None,
        }

    def _stage_now(self, row: Any) -> Row:
        stage = self.truth.stage_now(row)
        stages = self.account.stages(self.truth.plan_of(row.requisition))
        return next(one for one in stages if one["id"] == stage)

    def history(self, row: Any) -> list[Row]:
        """The stages of an application, oldest first, the one that it ended in last."""
        stays = [
            (stay.id, self.truth.stage_of(stay.stage), stay.entered_at, stay.left_at)
            for stay in self.truth.of("stage_stay", "application", row.id)
        ]
        if (ended := self.truth.ended_at(row)) is not None:
            stays.append((ended_stay(row.id), self.truth.stage_now(row), ended, None))
        return [
            {
                "id": id_,
                "stageId": stage,
                "title": "",
                "enteredStageAt": stamp(entered),
                "leftStageAt": stamp(left),
                "stageNumber": number,
                "allowedActions": ["none"],
                "actorId": None,
            }
            for number, (id_, stage, entered, left) in enumerate(stays)
        ]

    # --- interviews and feedback ------------------------------------------------------------------

    def schedule(self, row: Any) -> Row:
        """One schedule for each interview; it has no event before it is booked."""
        return {
            "id": schedule_id(row.id),
            "status": schedule_status(row),
            "applicationId": row.application,
            "interviewStageId": self.truth.stage_of(row.stage),
            "scheduledBy": self.account.person(row.organizer),
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
            "interviewEvents": [self._event(row)] if row.starts_at else [],
        }

    def _event(self, row: Any) -> Row:
        seats = self.truth.of("seat", "interview", row.id)
        kind = made_id(f"interview:{(row.custom or {}).get('slot')}")
        return {
            "id": row.id,
            "interviewId": kind,
            "interviewScheduleId": schedule_id(row.id),
            "interviewerUserIds": [seat.user for seat in seats],
            "interviewers": [self._interviewer(seat) for seat in seats],
            "createdAt": stamp(row.scheduled_at),
            "updatedAt": stamp(row.updated_at),
            "startTime": stamp(row.starts_at),
            "endTime": stamp(row.ends_at),
            "feedbackLink": f"{APP}/interview-briefings/{row.id}/feedback",
            "location": None,
            "meetingLink": None,
            "hasSubmittedFeedback": bool(self.truth.submitted(row.id)),
            "interview": {
                "id": kind,
                "title": (row.custom or {}).get("name", "Interview"),
                "isArchived": False,
                "isDebrief": False,
                "isFeedbackRequired": True,
                "isFeedbackRequested": True,
                "jobId": None,
                "feedbackFormDefinitionId": made_id("form"),
            },
        }

    def _interviewer(self, seat: Any) -> Row:
        return {
            **(self.account.person(seat.user) or {}),
            "trainingRole": None,
            "interviewerPool": None,
            "isFeedbackRequired": seat.feedback_required,
        }

    def feedback(self, card: Any) -> Row:
        return {
            "id": card.id,
            "formDefinition": {"sections": []},
            "submittedValues": {"overall_recommendation": "hire", "notes": "Free text"},
            "submittedByUser": self.account.person(card.author),
            "interviewId": made_id("interview:0") if card.interview else None,
            "interviewEventId": card.interview,
            "feedbackFormDefinitionId": made_id("form"),
            "applicationHistoryId": None,
            "applicationId": card.application,
            "submittedAt": stamp(card.submitted_at),
        }

    # --- offers and approvals -------------------------------------------------------------------

    def offer(self, versions: list[Any]) -> Row:
        """The offer of an application in its latest version."""
        row = versions[-1]
        status, acceptance, approval = _OFFER[row.status]
        return {
            "id": process_of(row.application),
            "decidedAt": stamp(row.resolved_at),
            "applicationId": row.application,
            "acceptanceStatus": acceptance,
            "offerStatus": status,
            "latestVersion": {
                "id": row.id,
                "startDate": row.starts_on.isoformat() if row.starts_on else None,
                "salary": {"currencyCode": row.pay["currency"], "value": row.pay["salary"]},
                "createdAt": stamp(row.drafted_at),
                "openingId": None,
                "customFields": [],
                "fileHandles": [],
                "author": None,
                "approvalStatus": approval,
            },
        }

    def approval(self, kind: str, entity: str, rows: list[Any]) -> Row:
        """The approval of a job or of an offer's version: one step for each approver."""
        over = all(row.decided_at for row in rows) or any(r.status == "rejected" for r in rows)
        return {
            "id": made_id(f"approval:{entity}"),
            "approvalDefinitionId": made_id("definition"),
            "entityId": entity,
            "entityType": kind,
            "createdAt": stamp(rows[0].created_at),
            "submittedAt": stamp(rows[0].created_at),
            "completedAt": stamp(max(r.updated_at for r in rows)) if over else None,
            "steps": [
                {
                    "id": made_id(f"step:{row.id}"),
                    "approvalsRequired": 1,
                    "completedAt": stamp(row.decided_at),
                    "approvers": [
                        {
                            "id": row.id,
                            "userId": row.user,
                            "decision": _DECISION.get(row.status, "pending"),
                            "decidedAt": stamp(row.decided_at),
                            "requestedAt": stamp(row.requested_at),
                        }
                    ],
                }
                for row in rows
            ],
        }


def schedule_id(interview: str) -> str:
    """The id of the schedule of an interview."""
    return made_id(f"schedule:{interview}")


def ended_stay(application: str) -> str:
    """The id of the last row in the history of an application that has ended."""
    return made_id(f"ended:{application}")


def schedule_status(row: Any) -> str:
    """The vendor's status; a status that no catalog has is passed on as it is."""
    if row.status == "to_be_scheduled":
        waits = row.availability_at is None
        return "WaitingOnCandidateAvailability" if waits else "CandidateAvailabilitySubmitted"
    return _SCHEDULE.get(row.status, str(row.status))
