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
_ROLE = "the responsible one, else the one longest on the team, else the one with the lowest id"
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
    """An approved need with its own pipeline and hiring team. Messages call it a role."""

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
        decisive=True,
    )
    kind: str | None = text("new headcount, backfill, or the customer's own term", null=Null.NONE)
    priority: str | None = text("the customer's own term, such as High", null=Null.NONE)
    department: str | None = ref("department", "the department", null=Null.NONE)
    office: str | None = ref("office", "the office; the first of several", null=Null.NONE)
    confidential: bool | None = flag("whether only the hiring team may know of it")
    opened_at: datetime | None = instant("when recruiting began")
    closed_at: datetime | None = instant("when it was closed")
    target_on: date | None = day("wanted start date", null=Null.NONE, planned=True)
    headcount: int | None = integer("positions approved", null=Null.UNKNOWN)
    filled: int | None = integer("positions filled", null=Null.UNKNOWN)
    pay_min: float | None = number(
        "lower end of the approved range", null=Null.NONE, sensitivity=Sensitivity.COMPENSATION
    )
    pay_max: float | None = number(
        "upper end of the approved range", null=Null.NONE, sensitivity=Sensitivity.COMPENSATION
    )
    pay_currency: str | None = text(
        "ISO 4217 code of the range",
        null=Null.NONE,
        sensitivity=Sensitivity.COMPENSATION,
        currency=True,
    )
    pay_period: str | None = enum(
        "the period that the range is for",
        *PERIODS,
        null=Null.NONE,
        sensitivity=Sensitivity.COMPENSATION,
    )
    on_hold: None = interval(
        "when it was on hold", derived="changes of its status", sources=("requisition.status",)
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
        "user", "who finds candidates", null=Null.NONE, derived=_ROLE, sources=_TEAM, logged=True
    )
    hiring_manager: str | None = ref(
        "user", "the manager of the pair", null=Null.NONE, derived=_ROLE, sources=_TEAM, logged=True
    )
    first_submission_at: datetime | None = instant(
        "when the manager first got a profile",
        derived="earliest application.submitted_at",
        sources=_SUBMITTED,
    )
    last_submission_at: datetime | None = instant(
        "when the manager last got a profile",
        derived="latest application.submitted_at",
        sources=_SUBMITTED,
    )
    first_interview_at: datetime | None = instant(
        "start of the first interview that lies ahead or was held",
        derived="earliest interview.starts_at with interview.held ahead or held",
        sources=("interview.starts_at", "interview.held"),
        planned=True,
    )
    criteria_agreed_at: datetime | None = instant(
        "when both sides had agreed to the brief",
        derived="the later one of each side's first agreement",
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
        derived="the first of: a pending approver; a side that has not agreed to the brief; the"
        " recruiter, before the first submission; the assignee of the application that has waited"
        " longest",
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
    """One approved position."""

    requisition: str | None = ref("requisition", "the requisition", parent=True)
    status: str | None = enum("status", "draft", "open", "filled", "closed", decisive=True)
    opened_at: datetime | None = instant("when recruiting for it began")
    closed_at: datetime | None = instant("when it was closed")
    target_on: date | None = day("wanted start date", null=Null.NONE, planned=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Record):
    """A stage of a pipeline. `requisition` is empty if one pipeline serves all requisitions."""

    requisition: str | None = ref("requisition", "the requisition", null=Null.NONE)
    name: str | None = text("name in the ATS")
    order: int | None = integer("place in the pipeline, counted from 0")
    kind: str | None = enum("kind of stage", *STAGE_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Record):
    """Something the scorecards of a requisition measure."""

    requisition: str | None = ref("requisition", "the requisition", parent=True)
    name: str | None = text("name in the ATS")
    type: str | None = text("its group", null=Null.NONE)
    stages: tuple[str, ...] | None = names("stages that ask for it", null=Null.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(Record):
    """What recruiter and hiring manager agreed to look for. It has the id of its requisition."""

    requisition: str | None = ref("requisition", "the requisition", parent=True)
    version: int | None = integer("a number that differs whenever the sections differ")
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
    """One person's decision on a requisition or an offer."""

    requisition: str | None = ref(
        "requisition", "the requisition to approve", null=Null.NONE, parent=True
    )
    offer: str | None = ref("offer", "the offer to approve", null=Null.NONE, parent=True)
    user: str | None = ref("user", "the approver", null=Null.NONE)
    requested_at: datetime | None = instant("when they were asked")
    decided_at: datetime | None = instant("when they decided")
    status: str | None = enum(
        "waiting: an earlier approver has not decided; due: they have to decide now",
        "waiting",
        "due",
        "approved",
        "rejected",
        decisive=True,
    )
