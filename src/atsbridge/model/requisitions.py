"""The need and the plan: requisitions, openings, stages, criteria, briefs, approvals.

Candidates on them are in `pipeline`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from atsbridge.model.amounts import PERIODS
from atsbridge.model.fields import (
    Null,
    Sensitivity,
    day,
    enum,
    flag,
    instant,
    integer,
    interval,
    mapping,
    names,
    number,
    ref,
    text,
)
from atsbridge.model.record import Record

STAGE_KINDS = (
    "lead",
    "review",
    "screen",
    "assessment",
    "interview",
    "reference",
    "offer",
    "hired",
)
SECTIONS = (
    "responsibilities",
    "team_culture",
    "soft_skills",
    "personality_fit",
    "must_haves",
    "priorities",
    "market_expectations",
)
_TEAM = ("team_member.user", "team_member.role", "team_member.responsible")
_ROLE = "the responsible one, else longest on the team, else lowest id"
_SUBMITTED = ("application.submitted_at",)
_ASSIGNEE = ("approval.status", "brief.agreed", "application.submitted_at", "application.assignee")
ASSIGNEE_ROLES = (
    "approver",
    "interviewer",
    "hiring_manager",
    "coordinator",
    "recruiter",
    "candidate",
    "unclear",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requisition(Record):
    """What recruiters call the req: an approved need with its own pipeline and hiring team."""

    code: str | None = text("the customer's own number", null=Null.NONE)
    title: str | None = text("internal title")
    status: str | None = enum(
        "status",
        "draft",
        "pending_approval",
        "open",
        "on_hold",
        "filled",
        "cancelled",
        "closed",
    )
    kind: str | None = text("new headcount, backfill, or the customer's word", null=Null.NONE)
    priority: str | None = text("the customer's word", null=Null.NONE)
    department: str | None = ref("department", "whose budget", null=Null.NONE)
    office: str | None = ref("office", "where; the first of several", null=Null.NONE)
    confidential: bool | None = flag("only the hiring team may know of it")
    opened_at: datetime | None = instant("when recruiting began")
    closed_at: datetime | None = instant("when it was closed")
    target_on: date | None = day("wanted start", null=Null.NONE, planned=True)
    headcount: int | None = integer("seats approved", null=Null.UNKNOWN, unit="seats")
    filled: int | None = integer("seats hired", null=Null.UNKNOWN, unit="seats")
    pay_min: float | None = number(
        "lower end of the approved range", null=Null.NONE, sensitivity=Sensitivity.COMPENSATION
    )
    pay_max: float | None = number(
        "upper end of the approved range", null=Null.NONE, sensitivity=Sensitivity.COMPENSATION
    )
    pay_currency: str | None = text(
        "ISO 4217 code of the range", null=Null.NONE, sensitivity=Sensitivity.COMPENSATION
    )
    pay_period: str | None = enum(
        "for which span of time the range is",
        *PERIODS,
        null=Null.NONE,
        sensitivity=Sensitivity.COMPENSATION,
    )
    on_hold: None = interval(
        "the spans it stood still", derived="status on_hold", sources=("requisition.status",)
    )
    recruiter: str | None = ref(
        "user",
        "the recruiter of the pair",
        null=Null.NONE,
        derived=_ROLE,
        sources=_TEAM,
        logged=True,
    )
    coordinator: str | None = ref(
        "user", "who books interviews", null=Null.NONE, derived=_ROLE, sources=_TEAM, logged=True
    )
    sourcer: str | None = ref(
        "user", "who looks for people", null=Null.NONE, derived=_ROLE, sources=_TEAM, logged=True
    )
    hiring_manager: str | None = ref(
        "user", "the manager of the pair", null=Null.NONE, derived=_ROLE, sources=_TEAM, logged=True
    )
    first_submission_at: datetime | None = instant(
        "first profile given to the manager",
        derived="least application.submitted_at",
        sources=_SUBMITTED,
    )
    last_submission_at: datetime | None = instant(
        "latest profile given to the manager",
        derived="greatest application.submitted_at",
        sources=_SUBMITTED,
    )
    first_interview_at: datetime | None = instant(
        "start of the first interview that lies ahead or was held",
        derived="least interview.starts_at where interview.held is ahead or held",
        sources=("interview.starts_at", "interview.held"),
        planned=True,
    )
    criteria_agreed_at: datetime | None = instant(
        "when both sides had agreed the brief",
        derived="later of the first agreement of each side",
        sources=("brief.agreed",),
    )
    brief: str | None = ref(
        "brief",
        "the intake brief",
        null=Null.NONE,
        derived="the brief of this requisition",
        sources=("brief.requisition",),
    )
    criteria: tuple[str, ...] | None = names(
        "what its scorecards measure",
        null=Null.NONE,
        derived="names of its criteria, sorted",
        sources=("criterion.name",),
        logged=True,
    )
    assignee: str | None = ref(
        "user",
        "who has to act now",
        null=Null.NONE,
        derived="a pending approver; who has not agreed an existing brief; the recruiter before"
        " the first submission; else the assignee of the application that waits longest",
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
class Opening(Record):
    """One approved seat."""

    requisition: str | None = ref("requisition", "whose seat", parent=True)
    status: str | None = enum("status", "draft", "open", "filled", "closed")
    opened_at: datetime | None = instant("when recruiting for it began")
    closed_at: datetime | None = instant("when it was closed")
    target_on: date | None = day("wanted start", null=Null.NONE, planned=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Record):
    """A step of a pipeline; `requisition` is none where one pipeline serves all."""

    requisition: str | None = ref("requisition", "whose plan", null=Null.NONE)
    name: str | None = text("as the ATS shows it")
    order: int | None = integer("place in the pipeline, counted from 0")
    kind: str | None = enum("kind of stage", *STAGE_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Record):
    """Something the scorecards of a requisition measure."""

    requisition: str | None = ref("requisition", "whose criterion", parent=True)
    name: str | None = text("as the ATS shows it")
    type: str | None = text("the group it stands in", null=Null.NONE)
    stages: tuple[str, ...] | None = names("stages that ask for it", null=Null.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(Record):
    """What recruiter and hiring manager agreed to look for. Its id is the requisition's."""

    requisition: str | None = ref("requisition", "whose brief", parent=True)
    version: int | None = integer("stands for what the sections say: differs when they do")
    sections: Mapping[str, Any] | None = mapping(
        "section -> text; pay may be among them",
        null=Null.NONE,
        sensitivity=Sensitivity.COMPENSATION,
        values=SECTIONS,
    )
    agreed: Mapping[str, Any] | None = mapping("user id -> instant (ISO)", null=Null.NONE)
    source: str | None = text("where it is written: a file, a plugin, the ATS", null=Null.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Record):
    """One person's yes or no to a requisition or an offer."""

    requisition: str | None = ref(
        "requisition", "what is to be approved", null=Null.NONE, parent=True
    )
    offer: str | None = ref("offer", "what is to be approved", null=Null.NONE, parent=True)
    user: str | None = ref("user", "who is asked", null=Null.NONE)
    requested_at: datetime | None = instant("when it came to them")
    decided_at: datetime | None = instant("when they answered")
    status: str | None = enum(
        "waiting: an earlier person is not done; due: it sits with them",
        "waiting",
        "due",
        "approved",
        "rejected",
    )
