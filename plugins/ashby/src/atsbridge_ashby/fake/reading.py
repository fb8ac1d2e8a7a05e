"""The rows of every list, and single records by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from atsbridge_ashby.fake.account_rows import AccountRows
from atsbridge_ashby.fake.candidate_rows import CandidateRows
from atsbridge_ashby.fake.listing import Refused, bad
from atsbridge_ashby.fake.notes_and_tags import Written
from atsbridge_ashby.fake.truth import Row, Truth, made_id

_JOB_STATUSES = ("Open", "Closed", "Archived")  # a list without a status leaves out drafts


class Reading:
    """Renders what one request asks for."""

    def __init__(self, truth: Truth, written: Written) -> None:
        self.truth = truth
        self.written = written
        self.account = AccountRows(truth)
        self.people = CandidateRows(self.account)
        self.lists: Mapping[str, Callable[[Row], list[Row]]] = {
            "user.list": self._users,
            "department.list": lambda _: self._all("department", self.account.department),
            "location.list": lambda _: self._all("office", self.account.location),
            "archiveReason.list": lambda _: self._all("reason", self.account.reason),
            "candidateTag.list": lambda _: written.tags(),
            "job.list": self._jobs,
            "opening.list": lambda _: self._all("opening", self.account.opening),
            "interviewPlan.list": lambda _: [self.account.plan(p) for p in truth.plans()],
            "interviewStage.list": self._stages,
            "application.list": self._applications,
            "application.listHistory": self._history,
            "applicationFeedback.list": self._feedback,
            "interviewSchedule.list": self._schedules,
            "offer.list": self._offers,
            "approval.list": self._approvals,
            "candidate.list": lambda _: [self._candidate(c) for c in truth.live("candidate")],
            "candidate.listNotes": self._notes,
            "user.listInterviewerPauses": self._pauses,
        }
        self.records: Mapping[str, Callable[[Row], Row]] = {
            "user.info": lambda b: self.account.user(self._one("user", b["userId"])),
            "job.info": self._job,
            "opening.info": lambda b: self.account.opening(self._one("opening", b["openingId"])),
            "application.info": self._application,
            "candidate.info": lambda b: self._candidate(self._one("candidate", b["id"])),
        }

    def _one(self, kind: str, id_: str) -> Any:
        row = self.truth.one(kind, id_)
        if row is None:
            raise Refused("not_found", f"{kind} {id_} was not found")
        return row

    def _all(self, kind: str, render: Callable[[Any], Row]) -> list[Row]:
        return [render(row) for row in self.truth.live(kind)]

    def _users(self, body: Row) -> list[Row]:
        everybody = body.get("includeDeactivated")
        users = self.truth.live("user")
        return [self.account.user(row) for row in users if row.active or everybody]

    def _jobs(self, body: Row) -> list[Row]:
        openings = "openings" in body.get("expand", ())
        wanted = body.get("status") or _JOB_STATUSES
        rows = [self.account.job(r, openings=openings) for r in self.truth.live("requisition")]
        return [row for row in rows if row["status"] in wanted]

    def _job(self, body: Row) -> Row:
        openings = "openings" in body.get("expand", ())
        return self.account.job(self._one("requisition", body["id"]), openings=openings)

    def _stages(self, body: Row) -> list[Row]:
        for plan in self.truth.plans():
            if plan.id == body["interviewPlanId"]:
                return self.account.stages(plan)
        raise Refused("interview_plan_not_found", "Interview plan not found")

    def _applications(self, body: Row) -> list[Row]:
        rows = self._all("application", self.people.application)
        return _matching(rows, body, "status")

    def _application(self, body: Row) -> Row:
        row = self._one("application", body["applicationId"])
        return {**self.people.application(row), "applicationHistory": self.people.history(row)}

    def _history(self, body: Row) -> list[Row]:
        return self.people.history(self._one("application", body["applicationId"]))

    def _feedback(self, body: Row) -> list[Row]:
        rows = self._belonging("scorecard", body)
        return [self.people.feedback(row) for row in rows if row.submitted_at is not None]

    def _schedules(self, body: Row) -> list[Row]:
        rows = [self.people.schedule(row) for row in self._belonging("interview", body)]
        return _matching(rows, body, "interviewStageId")

    def _offers(self, body: Row) -> list[Row]:
        versions: dict[str, list[Any]] = {}
        for row in self._belonging("offer", body):
            versions.setdefault(row.application, []).append(row)
        return [self.people.offer(rows) for rows in versions.values()]

    def _belonging(self, kind: str, body: Row) -> Iterable[Any]:
        """All records of a kind, or those of one application."""
        if "applicationId" not in body:
            return self.truth.live(kind)
        application = self._one("application", body["applicationId"])
        return self.truth.of(kind, "application", application.id)

    def _approvals(self, body: Row) -> list[Row]:
        if body.get("entityType") not in (None, "offer", "job", "opening"):
            raise bad("entityType must be offer, job or opening")
        asked: dict[tuple[str, str], list[Any]] = {}
        for row in self.truth.live("approval"):
            key = ("offer", row.offer) if row.offer else ("job", row.requisition)
            asked.setdefault(key, []).append(row)
        rows = [self.people.approval(kind, of, rows) for (kind, of), rows in asked.items()]
        return _matching(rows, body, "entityType", "entityId")

    def _candidate(self, row: Any) -> Row:
        first, last = self.truth.company.candidate_name(row.id)
        applications = self.truth.of("application", "candidate", row.id)
        return {
            "id": row.id,
            "name": f"{first} {last}",
            "tags": self.written.tags_of(row.id),
            "applicationIds": [one.id for one in applications],
            "profileUrl": f"https://app.ashbyhq.example/candidates/{row.id}",
            "emailAddresses": [{"value": self.truth.company.candidate_email(row.id)}],
        }

    def _notes(self, body: Row) -> list[Row]:
        candidate = self._one("candidate", body["candidateId"])
        return self.written.notes_of(candidate.id)

    def _pauses(self, body: Row) -> list[Row]:
        person = self.truth.company.person(self._one("user", body["userId"]).id)
        return [
            {
                "id": made_id(f"pause:{person.id}:{first}"),
                "userId": person.id,
                "startsAt": f"{first}T00:00:00.000Z",
                "endsAt": f"{last}T23:59:59.000Z",
                "comment": why,
                "createdAt": f"{first}T00:00:00.000Z",
            }
            for first, last, why in person.away
            if last >= self.truth.company.now.date()
        ]


def _matching(rows: list[Row], body: Row, *names: str) -> list[Row]:
    """The rows that have the values that the body asks for."""
    asked = {name: body[name] for name in names if body.get(name) is not None}
    return [row for row in rows if all(row[name] == value for name, value in asked.items())]
