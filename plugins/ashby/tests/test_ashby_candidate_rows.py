"""What rows of candidates mean, where the sandbox company has no such rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.errors import SkipRecord
from atsbridge.model import Fragment
from atsbridge.ports.stream import Stream
from atsbridge_ashby import applications, interviews, offers

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)


def read(stream: Stream, **row: Any) -> list[Fragment]:
    """The fragments of a row."""
    decoded = msgspec.json.decode(msgspec.json.encode({"id": "r1", **row}), type=stream.row)
    return list(stream.normalize(decoded))


def values(stream: Stream, **row: Any) -> dict[str, Any]:
    """The columns of the first fragment."""
    return dict(read(stream, **row)[0].values)


def interview(**row: Any) -> dict[str, Any]:
    return values(interviews.STREAM, applicationId="a1", interviewStageId="s1", **row)


# --- applications -----------------------------------------------------------------------------


def known(row: dict[str, Any], **mapped: bool) -> dict[str, Any]:
    """The application with what the connector lays into its row."""
    decoded = msgspec.json.decode(
        msgspec.json.encode({"id": "r1", **row}), type=applications.ApplicationRow
    )
    added = applications.what_is_known(decoded, NOW, mapped, "https://app.example")
    return {**row, "atsbridge": msgspec.to_builtins(added)}


def archived(kind: str, *, days: int = 10, text: str = "Pay") -> dict[str, Any]:
    at = NOW - timedelta(days=days)
    reason = {"id": "x", "text": text, "reasonType": kind}
    return {"status": "Archived", "archivedAt": at.isoformat(), "archiveReason": reason}


def test_who_ended_it_is_told_by_the_reason_unless_it_is_mapped() -> None:
    """A mapped reason wins over its type, both ways."""
    stream = applications.APPLICATIONS
    theirs, ours = archived("RejectedByCandidate"), archived("RejectedByOrg")
    assert values(stream, **known(theirs))["status"] == "withdrawn"
    assert values(stream, **known(ours))["status"] == "rejected"
    assert values(stream, **known(theirs, Pay=False))["status"] == "rejected"
    assert values(stream, **known(ours, Pay=True))["status"] == "withdrawn"
    assert values(stream, **known({"status": "Archived"}))["status"] == "rejected"
    assert values(stream, **known({"status": "Parked"}))["status"] == "other:Parked"


def test_history_is_read_of_what_is_open_or_ended_not_long_ago() -> None:
    """Not of leads, and not of what ended half a year ago."""

    def wanted(row: dict[str, Any]) -> bool:
        text = msgspec.json.encode({"id": "r1", **known(row)})
        return applications.has_history(msgspec.json.decode(text, type=applications.ApplicationRow))

    changed = (NOW - timedelta(days=3)).isoformat()
    assert wanted({"status": "Active"})
    assert wanted(archived("Other", days=179))
    assert not wanted(archived("Other", days=181))
    assert wanted({"status": "Hired", "updatedAt": changed})
    assert not wanted({"status": "Lead", "updatedAt": changed})


def test_the_teams_of_an_application_are_its_own() -> None:
    """Recruiter and coordinator by their roles; its page is the candidate's."""
    team = [
        {"userId": "u1", "role": "Recruiting Coordinator"},
        {"userId": "u2", "role": "Recruiter"},
    ]
    row = known({"status": "Active", "hiringTeam": team, "candidate": {"id": "c1"}})
    read_values = values(applications.APPLICATIONS, **row)
    assert (read_values["recruiter"], read_values["coordinator"]) == ("u2", "u1")
    assert read_values["url"] == "https://app.example/candidates/c1"


def test_tags_of_a_candidate_are_those_of_all_their_applications() -> None:
    """Archived tags are off; none is a fact."""
    tags = [{"title": "b"}, {"title": "a"}, {"title": "old", "isArchived": True}]
    found = read(applications.TAGS, applicationIds=["a1", "a2"], tags=tags)
    assert [(f.id, f.values["tags"]) for f in found] == [("a1", ("a", "b")), ("a2", ("a", "b"))]
    assert read(applications.TAGS, applicationIds=["a1"], tags=[])[0].values["tags"] is None


# --- interviews -------------------------------------------------------------------------------


def event(**more: Any) -> dict[str, Any]:
    times = {
        "startTime": "2026-03-09T10:00:00.000+02:00",
        "endTime": "2026-03-09T11:00:00.000+02:00",
    }
    return {"id": "e1", **times, "interviewers": [{"id": "u1"}], **more}


def test_an_offset_of_an_instant_counts() -> None:
    """Instants are stored in UTC."""
    row = interview(status="Scheduled", interviewEvents=[event()])
    assert row["starts_at"] == datetime(2026, 3, 9, 8, tzinfo=UTC)


def test_each_event_of_a_schedule_is_an_interview_with_its_own_seats() -> None:
    """They share the status of the schedule."""
    events = [event(), event(id="e2", interviewers=[{"id": "u1"}, {"id": "u2"}])]
    found = read(interviews.STREAM, status="Complete", applicationId="a", interviewEvents=events)
    assert [f.id for f in found if f.kind == "interview"] == ["e1", "e2"]
    assert [f.id for f in found if f.kind == "seat"] == ["e1:u1", "e2:u1", "e2:u2"]
    assert {f.values["status"] for f in found if f.kind == "interview"} == {"complete"}


@pytest.mark.parametrize(
    ("status", "with_event", "without"),
    [
        ("Scheduled", "scheduled", "scheduled"),
        ("WaitingOnFeedback", "awaiting_feedback", "awaiting_feedback"),
        ("Complete", "complete", "complete"),
        ("Cancelled", "cancelled", "cancelled"),
        ("NeedsScheduling", None, "to_be_scheduled"),
        ("CandidateAvailabilitySubmitted", None, "to_be_scheduled"),
        ("OnHold", None, "other"),
        ("Unknown", None, None),
        ("Postponed", "other:Postponed", "other:Postponed"),
    ],
)
def test_the_status_of_a_schedule(status: str, with_event: str | None, without: str) -> None:
    """An event in a schedule that is not scheduled yet may be moved: nobody can tell."""
    assert interview(status=status, interviewEvents=[event()])["status"] == with_event
    assert interview(status=status, interviewEvents=[])["status"] == without


def test_feedback_is_required_as_the_event_says_else_as_the_interview_says() -> None:
    """The member of the interviewer is new, and may be missing."""
    people = [{"id": "u1", "isFeedbackRequired": False}, {"id": "u2"}, {"id": None}]
    one = event(interviewers=people, interview={"id": "i", "isFeedbackRequired": True})
    found = read(interviews.STREAM, status="Scheduled", interviewEvents=[one])
    seats = {f.id: f.values["feedback_required"] for f in found if f.kind == "seat"}
    assert seats == {"e1:u1": False, "e1:u2": True}
    found = read(interviews.STREAM, status="Scheduled", interviewEvents=[event()])
    assert [f.values["feedback_required"] for f in found if f.kind == "seat"] == [None]


def test_a_schedule_that_does_not_tell_its_events_is_left_out() -> None:
    """No events is a fact, nothing about them is not."""
    with pytest.raises(SkipRecord):
        read(interviews.STREAM, status="Scheduled")


# --- offers and approvals ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"offerStatus": "WaitingOnApprovalDefinition"}, "draft"),
        ({"offerStatus": "WaitingOnOfferApproval"}, "pending_approval"),
        ({"offerStatus": "WaitingOnCandidateResponse", "acceptanceStatus": "Created"}, "sent"),
        ({"acceptanceStatus": "Declined"}, "rejected"),
        ({"acceptanceStatus": "Pending"}, "other:Pending"),
        ({"offerStatus": "Frozen", "acceptanceStatus": "Accepted"}, "other:Frozen"),
        ({}, None),
    ],
)
def test_the_status_of_an_offer(row: dict[str, Any], status: str | None) -> None:
    """By its own status, else by the candidate's answer; a new one stays what it is."""
    assert values(offers.OFFERS, latestVersion={"id": "v1"}, **row)["status"] == status


def test_an_offer_whose_version_is_approved_waits_to_be_sent() -> None:
    """The status of the offer does not say so, that of the version does."""
    version = {"id": "v1", "approvalStatus": "Approved"}
    row = values(offers.OFFERS, offerStatus="WaitingOnOfferApproval", latestVersion=version)
    assert row["status"] == "approved"


def test_an_offer_is_its_latest_version() -> None:
    """Which is what is approved; before there is one, there is no offer."""
    version = {"id": "v2", "startDate": "2026-05-04T00:00:00.000Z"}
    (offer,) = read(offers.OFFERS, applicationId="a1", latestVersion=version)
    assert (offer.id, offer.values["starts_on"]) == ("v2", date(2026, 5, 4))
    assert read(offers.OFFERS, applicationId="a1", latestVersion=None) == []


def approver(id_: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "userId": f"u-{id_}", "decision": "pending", **more}


def test_approvers_who_are_not_needed_any_more_owe_nothing() -> None:
    """One of two sufficed in the first step; the third step was not asked yet."""
    asked = "2026-03-02T09:00:00.000Z"
    steps = [
        {
            "completedAt": asked,
            "approvers": [approver("1", decision="approve", decidedAt=asked), approver("2")],
        },
        {"approvers": [approver("3", requestedAt=asked)]},
        {"approvers": [approver("4"), approver("5", decision="delegate")]},
    ]
    found = read(offers.APPROVALS, entityType="offer", entityId="v1", steps=steps)
    assert {f.id: f.values["status"] for f in found} == {
        "r1:1": "approved",
        "r1:3": "due",
        "r1:4": "waiting",
        "r1:5": "other:delegate",
    }
    assert {f.values["offer"] for f in found} == {"v1"}
    done = read(
        offers.APPROVALS, entityType="job", entityId="j", completedAt=asked, steps=steps[1:]
    )
    assert done == []


def test_an_approval_of_an_opening_counts_for_its_first_job() -> None:
    """Without a job, and for an entity that is new, nobody can tell what is approved."""
    steps = [{"approvers": [approver("1", requestedAt="2026-03-02T09:00:00.000Z")]}]
    opening = {"entityType": "opening", "entityId": "o1", "steps": steps}
    (found,) = read(offers.APPROVALS, **opening, requisitions=["j2", "j1"])
    assert (found.values["requisition"], found.values["offer"]) == ("j2", None)
    assert read(offers.APPROVALS, **opening) == []
    assert read(offers.APPROVALS, **{**opening, "entityType": "contract"}) == []
