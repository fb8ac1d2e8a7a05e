"""Jobs, openings, hiring teams and the stages of their plans. Templates are left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from atsbridge.api import Fragment, Stream, guess_stage_kind
from atsbridge_greenhouse.listing import DATES, Completed, listed
from atsbridge_greenhouse.values import (
    Row,
    Scalar,
    canonical,
    custom,
    dates,
    day,
    flag,
    ident,
    instant,
    own_id,
    text,
    whole,
)

MANAGER_PREFIX = "hm-"  # job_owners and job_hiring_managers count their ids separately

CLOSED_OPENINGS = "openings?open=false"  # looked up for closed jobs; the stream reads all openings

_STATUSES = {"open": "open", "draft": "draft", "closed": "closed"}
_ROLES = {"recruiter": "recruiter", "coordinator": "coordinator", "sourcer": "sourcer"}


class Job(Row):
    """GET /v3/jobs. Team, openings and pay have separate lists."""

    name: Scalar = None
    requisition_id: Scalar = None
    status: Scalar = None
    opened_at: Scalar = None
    closed_at: Scalar = None
    confidential: Scalar = None
    department_id: Scalar = None
    office_ids: list[Scalar] | None = None
    is_template: Scalar = None
    custom_fields: Any = None
    outcomes: Any = None  # of each opening of a closed job: whether a hire closed it


class Opening(Row):
    """GET /v3/openings."""

    job_id: Scalar = None
    open: Scalar = None
    opened_at: Scalar = None
    closed_at: Scalar = None
    target_start_on: Scalar = None
    application_id: Scalar = None
    close_reason_id: Scalar = None
    hired: Scalar = None  # of close_reasons: whether a hire closed it


class JobOwner(Row):
    """GET /v3/job_owners: recruiters, coordinators, sourcers."""

    job_id: Scalar = None
    user_id: Scalar = None
    type: Scalar = None
    responsible: Scalar = None


class JobHiringManager(Row):
    """GET /v3/job_hiring_managers."""

    job_id: Scalar = None
    user_id: Scalar = None


class JobInterviewStage(Row):
    """GET /v3/job_interview_stages: the stages of the plan, including retired ones."""

    job_id: Scalar = None
    name: Scalar = None
    sort_order: Scalar = None


def requisition(app_url: str, row: Job) -> Iterable[Fragment]:
    """A job; `office` is the first of several.

    A closed one is filled where a hire closed one of its openings, cancelled where none did and
    a reason says so; without reasons it is closed.
    """
    if row.is_template is True:
        return
    values = {
        "code": text(row.requisition_id),
        "title": text(row.name),
        "status": _ended(row) or canonical(row.status, _STATUSES),
        "department": ident(row.department_id),
        "office": next(filter(None, map(ident, row.office_ids or ())), None),
        "confidential": flag(row.confidential),
        "opened_at": instant(row, "opened_at"),
        "closed_at": instant(row, "closed_at"),
        "custom": custom(row.custom_fields),
        # Inferred from the web application's addresses; not documented.
        "url": f"{app_url}/sdash/{own_id(row)}",
        **dates(row),
    }
    yield Fragment("requisition", own_id(row), values)


def _ended(row: Job) -> str | None:
    outcomes = row.outcomes if isinstance(row.outcomes, list) else ()
    if (text(row.status) or "").lower() != "closed" or not outcomes:
        return None
    return "filled" if True in outcomes else "cancelled" if False in outcomes else None


def opening(row: Opening) -> Iterable[Fragment]:
    """An opening: filled if a hire closed it, a draft if it was never opened."""
    opened, closed = instant(row, "opened_at"), instant(row, "closed_at")
    if closed is not None or row.open is False:
        hired = row.hired is True or ident(row.application_id)
        status = "filled" if hired else "closed"
    else:
        status = "open" if opened else "draft"
    values = {
        "requisition": ident(row.job_id),
        "status": status,
        "opened_at": opened,
        "closed_at": closed,
        "target_on": day(row, "target_start_on"),
        **dates(row),
    }
    yield Fragment("opening", own_id(row), values)


def owner(row: JobOwner) -> Iterable[Fragment]:
    """A recruiter, coordinator or sourcer of a job."""
    values = {
        "requisition": ident(row.job_id),
        "user": ident(row.user_id),
        "role": canonical(row.type, _ROLES),
        "responsible": flag(row.responsible),
        **dates(row),
    }
    yield Fragment("team_member", own_id(row), values)


def hiring_manager(row: JobHiringManager) -> Iterable[Fragment]:
    """A hiring manager of a job. Greenhouse does not mark one of several as responsible."""
    values = {
        "requisition": ident(row.job_id),
        "user": ident(row.user_id),
        "role": "hiring_manager",
        "responsible": None,
        **dates(row),
    }
    yield Fragment("team_member", MANAGER_PREFIX + own_id(row), values)


def stage(row: JobInterviewStage) -> Iterable[Fragment]:
    """A stage of a job's plan; its kind is guessed from its name and can be mapped."""
    name = text(row.name)
    values = {
        "requisition": ident(row.job_id),
        "name": name,
        "order": whole(row.sort_order),
        "kind": guess_stage_kind(name).kind if name else None,
        **dates(row),
    }
    yield Fragment("stage", own_id(row), values)


_REQUISITION = (
    *("code", "title", "status", "department", "office", "confidential"),
    *("opened_at", "closed_at", "custom", "url", *DATES),
)
_OPENING = ("requisition", "status", "opened_at", "closed_at", "target_on", *DATES)
_TEAM = ("requisition", "user", "role", "responsible", *DATES)
_STAGE = ("requisition", "name", "order", "kind", *DATES)


def streams(app_url: str) -> tuple[Stream, ...]:
    """The streams of this module. `app_url`: the base of links."""
    return (
        listed(
            "jobs",
            Job,
            partial(requisition, app_url),
            {"requisition": _REQUISITION},
            completed=Completed(("outcomes",), (CLOSED_OPENINGS, "close_reasons")),
        ),
        listed(
            "openings",
            Opening,
            opening,
            {"opening": _OPENING},
            completed=Completed(("hired",), ("close_reasons",)),
        ),
        listed("job_owners", JobOwner, owner, {"team_member": _TEAM}),
        listed("job_hiring_managers", JobHiringManager, hiring_manager, {"team_member": _TEAM}),
        replace(
            listed("job_interview_stages", JobInterviewStage, stage, {"stage": _STAGE}),
            version=2,
            required_by=("requisition",),
        ),
    )
