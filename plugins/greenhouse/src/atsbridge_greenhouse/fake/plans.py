"""Jobs, openings, teams, stages, slots, kits and criteria.

The company has no slots: each stage gets two, the second for a second conversation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from atsbridge_greenhouse.fake import posted
from atsbridge_greenhouse.fake.identity import derived
from atsbridge_greenhouse.fake.truth import (
    Entry,
    Json,
    Resource,
    Truth,
    iso,
    members,
    number,
    of_kind,
    on,
    stamped,
)

_JOB = {
    "draft": "draft",
    "pending_approval": "draft",
    "open": "open",
    "on_hold": "open",
    "filled": "closed",
    "cancelled": "closed",
    "closed": "closed",
}
_OWNERS = ("recruiter", "coordinator", "sourcer")
SLOTS = 2


def _jobs(truth: Truth) -> Iterator[Entry]:
    newest = truth.newest("requisition")
    if newest:  # a template, made from the latest; no requisition of anybody
        model = truth.get("requisition", newest[0])
        template = derived("templates", newest[0])
        yield Entry(template, model.created_at, model.created_at, model)
    yield from of_kind("requisition")(truth)


def _job(_: Truth, entry: Entry) -> Json:
    job = entry.thing
    return stamped(
        entry,
        name=job.title,
        requisition_id=job.code,
        status=_JOB[job.status],
        opened_at=iso(job.opened_at),
        closed_at=iso(job.closed_at),
        confidential=bool(job.confidential),
        department_id=number(job.department),
        office_ids=[int(job.office)] if job.office else [],
        is_template=entry.id != int(job.id),
        copied_from_id=None,
        notes="<p>Not for a machine to read.</p>",
        custom_fields=_customs(job),
    )


def _customs(job: Any) -> Json:
    """The customer's own fields; what Greenhouse has no field for is among them."""
    values = dict(job.custom or {})
    if job.target_on:
        values["target_start"] = job.target_on
    fields = {key: _custom(key, value) for key, value in values.items()}
    if job.pay_min is not None:
        value = {"min_value": str(job.pay_min), "max_value": str(job.pay_max)}
        value["unit"] = job.pay_currency
        fields["salary_range"] = {"name": "Salary", "type": "currency_range", "value": value}
    return fields


def _custom(key: str, value: Any) -> Json:
    kind = "single_select" if isinstance(value, str) else "number"
    if isinstance(value, bool):
        kind = "boolean"
    if hasattr(value, "isoformat"):
        kind, value = "date", value.isoformat()
    return {"name": key.replace("_", " ").capitalize(), "type": kind, "value": value}


def _opening(_: Truth, entry: Entry) -> Json:
    seat = entry.thing
    hired = (seat.custom or {}).get("application") if seat.status == "filled" else None
    return stamped(
        entry,
        job_id=number(seat.requisition),
        opening_id=f"{entry.id % 10**9}",
        open=seat.closed_at is None,
        opened_at=iso(seat.opened_at),
        closed_at=iso(seat.closed_at),
        target_start_on=on(seat.target_on),
        application_id=number(hired),
        close_reason_id=posted.close_reason(seat),
        sort_order=0,
        custom_fields=[],
    )


def _owner(_: Truth, entry: Entry) -> Json:
    member = entry.thing
    return stamped(
        entry,
        job_id=number(member.requisition),
        user_id=number(member.user),
        type=member.role,
        responsible=bool(member.responsible) and member.role != "sourcer",
    )


def _manager(_: Truth, entry: Entry) -> Json:
    member = entry.thing
    return stamped(entry, job_id=number(member.requisition), user_id=number(member.user))


def _stage(_: Truth, entry: Entry) -> Json:
    stage = entry.thing
    return stamped(
        entry,
        job_id=number(stage.requisition),
        name=stage.name,
        sort_order=stage.order,
        active=True,
    )


def slot(stage: str | None, order: int = 0) -> int | None:
    """The id of a stage's slot."""
    return derived("job_interviews", stage, min(order, SLOTS - 1)) if stage else None


def kit(stage: str | None, order: int = 0) -> int | None:
    """The id of the kit of a stage's slot."""
    return derived("interview_kits", stage, min(order, SLOTS - 1)) if stage else None


def _per_slot(list_name: str) -> Any:
    def rows(truth: Truth) -> Iterator[Entry]:
        for key in truth.newest("stage"):
            stage = truth.get("stage", key)
            for order in reversed(range(SLOTS)):
                at = derived(list_name, key, order)
                yield Entry(at, stage.created_at, stage.updated_at, (stage, order))

    return rows


def _slot(truth: Truth, entry: Entry) -> Json:
    stage, order = entry.thing
    return stamped(
        entry,
        job_id=number(stage.requisition),
        job_interview_stage_id=int(stage.id),
        name=f"{stage.name} {order + 1}",
        sort_order=order,
        scheduling_type="needs_scheduling",
        duration=60,
        summary=None,
        instructions=None,
        active=True,
        require_scorecard=entry.id not in truth.optional_slots,
    )


def _kit(_: Truth, entry: Entry) -> Json:
    stage, order = entry.thing
    return stamped(
        entry,
        job_id=number(stage.requisition),
        job_interview_id=slot(stage.id, order),
        exercises=None,
        anonymize_candidate=False,
        anonymize_resumes=False,
    )


def _group_id(criterion: Any) -> int:
    kinds = ("Skills", "Personality", "Details", "Qualifications")
    place = kinds.index(criterion.type) if criterion.type in kinds else len(kinds)
    return derived("candidate_attribute_types", criterion.requisition, place)


def _attribute(_: Truth, entry: Entry) -> Json:
    criterion = entry.thing
    return stamped(
        entry,
        job_id=number(criterion.requisition),
        candidate_attribute_type_id=_group_id(criterion),
        name=criterion.name,
        sort_order=0,
        active=True,
    )


def _types(truth: Truth) -> Iterator[Entry]:
    seen = {}
    for key in truth.newest("criterion"):
        criterion = truth.get("criterion", key)
        seen[_group_id(criterion)] = criterion
    for id_, criterion in sorted(seen.items(), key=lambda pair: pair[0], reverse=True):
        yield Entry(id_, criterion.created_at, criterion.created_at, criterion)


def _type(_: Truth, entry: Entry) -> Json:
    return stamped(
        entry,
        job_id=number(entry.thing.requisition),
        name=entry.thing.type,
        sort_order=0,
        active=True,
        is_draft=False,
    )


def _focuses(truth: Truth) -> Iterator[Entry]:
    for key in truth.newest("criterion"):
        criterion = truth.get("criterion", key)
        for place, stage in reversed(list(enumerate(criterion.stages or ()))):
            at = derived("focus_candidate_attributes", key, place)
            yield Entry(at, criterion.created_at, criterion.updated_at, (criterion, stage))


def _focus(_: Truth, entry: Entry) -> Json:
    criterion, stage = entry.thing
    return stamped(entry, interview_kit_id=kit(stage), job_candidate_attribute_id=int(criterion.id))


RESOURCES = (
    *posted.RESOURCES,
    Resource(
        name="jobs",
        members=members(
            "name requisition_id status opened_at closed_at confidential department_id "
            "office_ids is_template copied_from_id notes custom_fields"
        ),
        rows=_jobs,
        build=_job,
        refs={"department_id": "department_id", "office_id": "office_ids"},
        values={"status": ("open", "draft", "closed")},
        flags=("confidential",),
        instants=("opened_at", "closed_at"),
    ),
    Resource(
        name="openings",
        members=members(
            "job_id opening_id open opened_at closed_at target_start_on application_id "
            "close_reason_id sort_order custom_fields"
        ),
        rows=of_kind("opening"),
        build=_opening,
        refs={"job_ids": "job_id", "application_ids": "application_id"},
        flags=("open",),
        instants=("opened_at", "closed_at"),
    ),
    Resource(
        name="job_owners",
        members=members("job_id user_id type responsible"),
        rows=of_kind("team_member", lambda _, m: m.role in _OWNERS),
        build=_owner,
        refs={"job_ids": "job_id", "user_ids": "user_id"},
        values={"type": _OWNERS},
    ),
    Resource(
        name="job_hiring_managers",
        members=members("job_id user_id"),
        rows=of_kind("team_member", lambda _, m: m.role == "hiring_manager"),
        build=_manager,
        refs={"job_ids": "job_id", "user_ids": "user_id"},
    ),
    Resource(
        name="job_interview_stages",
        members=members("job_id name sort_order active"),
        rows=of_kind("stage"),
        build=_stage,
        refs={"job_ids": "job_id"},
        flags=("active",),
    ),
    Resource(
        name="job_interviews",
        members=members(
            "job_id job_interview_stage_id name sort_order scheduling_type duration summary "
            "instructions active require_scorecard"
        ),
        rows=_per_slot("job_interviews"),
        build=_slot,
        refs={"job_ids": "job_id", "job_interview_stage_ids": "job_interview_stage_id"},
        values={"scheduling_type": ("none", "needs_scheduling", "take_home_test", "offer")},
        flags=("active",),
    ),
    Resource(
        name="interview_kits",
        members=members("job_id job_interview_id exercises anonymize_candidate anonymize_resumes"),
        rows=_per_slot("interview_kits"),
        build=_kit,
        refs={"job_ids": "job_id", "job_interview_ids": "job_interview_id"},
    ),
    Resource(
        name="job_candidate_attributes",
        members=members("job_id candidate_attribute_type_id name sort_order active"),
        rows=of_kind("criterion"),
        build=_attribute,
        refs={
            "job_ids": "job_id",
            "candidate_attribute_type_ids": "candidate_attribute_type_id",
        },
        flags=("active",),
    ),
    Resource(
        name="candidate_attribute_types",
        members=members("job_id name sort_order active is_draft"),
        rows=_types,
        build=_type,
        flags=("active", "is_draft"),
    ),
    Resource(
        name="focus_candidate_attributes",
        members=members("interview_kit_id job_candidate_attribute_id"),
        rows=_focuses,
        build=_focus,
        refs={
            "interview_kit_ids": "interview_kit_id",
            "job_candidate_attribute_ids": "job_candidate_attribute_id",
        },
    ),
)
