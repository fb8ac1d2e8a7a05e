"""Candidates on requisitions: applications, their stages, offers and reasons.

Names of candidates are fetched when a notice needs one; contact data is never stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from atsbridge.model.fields import (
    Null,
    Sensitivity,
    day,
    enum,
    instant,
    integer,
    mapping,
    names,
    ref,
    text,
)
from atsbridge.model.record import Record
from atsbridge.model.requisitions import ASSIGNEE_ROLES

_STAYS = ("stage_stay.entered_at", "stage_stay.stage", "stage.kind")
_ASSIGNEE = (
    "application.stage",
    "stage.kind",
    "interview.held",
    "interview.ends_at",
    "seat.feedback_owed",
    "seat.scorecard",
    "scorecard.submitted_at",
    "offer.status",
    "approval.status",
)


# Kinds of record that only applications in a stage of kind OFFER_STAGE have. If their list never
# returned a row, these fields are unknown for applications in such a stage only, so that a company
# without offers or approvals still gets messages about everybody else.
LATE_KINDS = frozenset({"offer", "approval"})
OFFER_STAGE = "offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Record):
    """A person who applies."""

    display_name: str | None = text(
        "name; read when a notice needs it", null=Null.NONE, sensitivity=Sensitivity.PERSONAL
    )
    initials: str | None = text(
        "first letters, for messages", null=Null.NONE, sensitivity=Sensitivity.PERSONAL
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReason(Record):
    """Why an application ended."""

    name: str | None = text("name in the ATS")
    kind: str | None = enum("whose decision it was", "ours", "theirs", "hired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Record):
    """One candidate on one requisition."""

    candidate: str | None = ref("candidate", "the candidate", parent=True)
    requisition: str | None = ref("requisition", "the requisition", null=Null.NONE, parent=True)
    stage: str | None = ref("stage", "the present stage", null=Null.NONE, parent=True)
    status: str | None = enum(
        "status", "active", "on_hold", "hired", "rejected", "withdrawn", decisive=True
    )
    recruiter: str | None = ref("user", "its own recruiter, if named", null=Null.NONE)
    coordinator: str | None = ref("user", "its own coordinator, if named", null=Null.NONE)
    source: str | None = text(
        "source of the candidate", null=Null.NONE, sensitivity=Sensitivity.PERSONAL
    )
    applied_at: datetime | None = instant("when it was received", null=Null.UNKNOWN)
    last_activity_at: datetime | None = instant("latest activity in the ATS", null=Null.UNKNOWN)
    contacted_at: datetime | None = instant(
        "latest message to the candidate that the ATS shows", null=Null.UNKNOWN
    )
    rejected_at: datetime | None = instant("when it was rejected or withdrawn")
    reason: str | None = ref("reason", "why it ended", null=Null.NONE)
    tags: tuple[str, ...] | None = names(
        "tags of the candidate or application", null=Null.NONE, sensitivity=Sensitivity.PERSONAL
    )
    concern: str | None = text(
        "the candidate's concern; needs a mapping",
        null=Null.NONE,
        sensitivity=Sensitivity.PERSONAL,
    )
    stage_entered_at: datetime | None = instant(
        "when it entered its present stage",
        null=Null.UNKNOWN,
        derived="entered_at of the latest stay in the present stage, else our own observation",
        sources=("stage_stay.entered_at", "application.stage"),
    )
    submitted_at: datetime | None = instant(
        "when the manager first got the profile",
        derived="first entry into a stage of kind review, else the first interview stage",
        sources=_STAYS,
    )
    feedback_complete_at: datetime | None = instant(
        "when the last required scorecard of the present stage came in",
        derived="latest submitted_at of the stage's required scorecards, once none is missing",
        sources=("scorecard.submitted_at", "seat.feedback_owed", "interview.stage"),
    )
    decided_at: datetime | None = instant(
        "when the hiring manager's side decided",
        derived="after feedback_complete_at or submitted_at, the stage was left, an offer made, or"
        " the application rejected; in a stage of kind review also feedback that is about no"
        " interview and not from the recruiter",
        sources=(
            *(*_STAYS, "offer.created_at", "application.rejected_at"),
            "scorecard.submitted_at",
        ),
    )
    offer_drafted_at: datetime | None = instant(
        "when the first offer to them was written",
        derived="earliest drafted_at of its offers, else when the ATS created one",
        sources=("offer.drafted_at", "offer.created_at"),
    )
    last_human_activity_at: datetime | None = instant(
        "latest activity that is not our own",
        null=Null.UNKNOWN,
        derived="last_activity_at without our own writes",
        sources=("application.last_activity_at",),
    )
    last_candidate_contact_at: datetime | None = instant(
        "latest message to the candidate",
        null=Null.UNKNOWN,
        derived="latest of contacted_at, an interview booked, an offer sent; else applied_at;"
        " unknown if no list supplies contacted_at",
        sources=("application.contacted_at",),
    )
    closed_at: datetime | None = instant(
        "when it was hired, rejected or withdrawn",
        derived="rejected_at, else when we saw the status end; empty again if it is reopened",
        sources=("application.status", "application.rejected_at"),
    )
    assignee: str | None = ref(
        "user",
        "who has to act now",
        null=Null.NONE,
        derived="the approver, interviewer, manager, coordinator or recruiter who has to act",
        sources=_ASSIGNEE,
    )
    assignee_role: str | None = enum(
        "the role in which the assignee has to act",
        *ASSIGNEE_ROLES,
        null=Null.NONE,
        derived="with assignee",
        sources=_ASSIGNEE,
    )
    assignee_since: datetime | None = instant(
        "since when the assignee has to act",
        derived="the instant the assignee's condition began",
        sources=_ASSIGNEE,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStay(Record):
    """One application in one stage, from entry to leaving."""

    application: str | None = ref("application", "the application", parent=True)
    stage: str | None = ref("stage", "the stage")
    entered_at: datetime | None = instant("when it entered the stage; none if never")
    left_at: datetime | None = instant("when it left")
    origin: str | None = enum(
        "where the dates come from: the ATS, or our observation", "ats", "observed"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Record):
    """One version of an offer."""

    application: str | None = ref("application", "the application", parent=True)
    version: int | None = integer("number of the version, from 1")
    status: str | None = enum(
        "status",
        "draft",
        "pending_approval",
        "approved",
        "sent",
        "accepted",
        "rejected",
        "deprecated",
        decisive=True,
    )
    drafted_at: datetime | None = instant("when it was written")
    approved_at: datetime | None = instant("when the last approver agreed")
    sent_at: datetime | None = instant("when it was sent, if the ATS has a time")
    sent_on: date | None = day("the day it was sent, if the ATS has only a day", null=Null.NOT_YET)
    resolved_at: datetime | None = instant("when the candidate answered")
    starts_on: date | None = day("first day of work", null=Null.NONE, planned=True)
    pay: Mapping[str, Any] | None = mapping(
        "amounts by name", null=Null.NONE, sensitivity=Sensitivity.COMPENSATION
    )
