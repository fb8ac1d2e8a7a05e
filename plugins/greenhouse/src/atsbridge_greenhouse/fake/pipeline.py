"""Applications, stages, rejections and offers.

With the traps of the real lists: rows of stages never entered, lost dates, values that differ
between query and answer, prospects, versions, default reasons left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from atsbridge_greenhouse.fake.identity import derived, source_id
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

_STATUSES = {
    "active": "in_process",
    "on_hold": "in_process",
    "hired": "hired",
    "rejected": "rejected",
    "withdrawn": "rejected",
}
_OFFERS = {"accepted": "Accepted", "rejected": "Rejected", "deprecated": "Deprecated"}
_TYPES = {
    "ours": {"id": 1, "key": "WE_REJECTED_THEM", "name": "We rejected them"},
    "theirs": {"id": 2, "key": "THEY_REJECTED_US", "name": "They rejected us"},
    "other": {"id": 3, "key": "NONE_SPECIFIED", "name": "None specified"},
}


def _applications(truth: Truth) -> Iterator[Entry]:
    newest = truth.newest("application")
    if newest:  # somebody who did not apply yet
        model = truth.get("application", newest[0])
        prospect = derived("prospects", newest[0])
        yield Entry(prospect, model.created_at, model.created_at, model)
    yield from of_kind("application")(truth)


def _stay(truth: Truth, application: str) -> str | None:
    """The stay somebody is in, or ended in."""
    stays = truth.children("stage_stay", "application", application)
    return stays[-1] if stays else None


def application(truth: Truth, entry: Entry) -> Json:
    """An application as lists and the answer to its change show it."""
    one = entry.thing
    prospect = entry.id != int(one.id)
    stage = None if prospect else truth.get("stage", one.stage)
    row = stamped(
        entry,
        candidate_id=number(one.candidate),
        job_id=None if prospect else number(one.requisition),
        job_post_id=None,
        prospect=prospect,
        prospective_job_ids=[int(one.requisition)] if prospect else [],
        status="in_process" if prospect else _STATUSES[one.status],
        stage_id=None if prospect else number(_stay(truth, one.id)),
        stage_name=stage.name if stage else None,
        job_interview_stage_id=number(stage.id) if stage else None,
        needs_decision=False,
        recruiter_id=number(one.recruiter),
        coordinator_id=number(one.coordinator),
        source_id=source_id(one.source) if one.source else None,
        referrer_id=None,
        agency_note_id=None,
        rejected_at=None if prospect else iso(one.rejected_at),
        last_activity_at=iso(one.last_activity_at),
        location_address=None,
        answers=[],
        custom_fields=truth.written.fields(one.id),
    )
    if not truth.stage_ids:
        del row["job_interview_stage_id"]
    return row


def _stays_of(truth: Truth, applications: frozenset[str]) -> Iterator[Entry]:
    """Rows of every stage of the plan, those never entered too, newest id first."""
    found: list[Entry] = []
    for key in applications:
        one = truth.get("application", key)
        if one is None:
            continue
        stays = truth.children("stage_stay", "application", key)
        visited = set()
        for stay_id in stays:
            stay = truth.get("stage_stay", stay_id)
            visited.add(stay.stage)
            found.append(Entry(int(stay_id), stay.created_at, stay.updated_at, stay))
        plan = truth.children("stage", "requisition", one.requisition or "")
        for place, stage in enumerate(plan):
            if stage not in visited:
                row = derived("application_stages", key, place)
                found.append(Entry(row, one.created_at, one.created_at, (key, stage)))
    return iter(sorted(found, key=lambda e: e.id, reverse=True))


def _stays(truth: Truth) -> Iterator[Entry]:
    return _stays_of(truth, frozenset(truth.newest("application")))


def _application_stage(truth: Truth, entry: Entry) -> Json:
    if isinstance(entry.thing, tuple):
        application, stage = entry.thing
        entered = left = None
        current = False
    else:
        stay = entry.thing
        application, stage = stay.application, stay.stage
        current = _stay(truth, application) == stay.id
        dated = current or truth.past_dates
        entered, left = (stay.entered_at, stay.left_at) if dated else (None, None)
    until = left or truth.company.now
    return stamped(
        entry,
        application_id=int(application),
        job_interview_stage_id=number(stage),
        entered_at=iso(entered),
        exited_at=iso(left),
        days_in_stage=(until - entered).days if entered else 0,
        current=current,
    )


def _rejections(truth: Truth) -> Iterator[Entry]:
    for key in truth.newest("application"):
        one = truth.get("application", key)
        if one is not None and one.status in ("rejected", "withdrawn"):
            at = one.rejected_at or one.updated_at
            yield Entry(derived("rejection_details", key), at, at, one)


def _rejection(_: Truth, entry: Entry) -> Json:
    one = entry.thing
    return stamped(
        entry,
        application_id=int(one.id),
        rejected_by_id=None,
        rejection_reason_id=number(one.reason),
        rejection_note_id=None,
        rejected_at=iso(one.rejected_at),
        question_custom_fields={},
    )


def _reason(_: Truth, entry: Entry) -> Json:
    return stamped(entry, name=entry.thing.name, type=_TYPES.get(entry.thing.kind, _TYPES["other"]))


def _sources(truth: Truth) -> Iterator[Entry]:
    first: dict[str, datetime] = {}
    for key in reversed(truth.newest("application")):
        one = truth.get("application", key)
        if one is not None and one.source:
            first.setdefault(one.source, one.created_at)
    for name in sorted(first, key=source_id, reverse=True):
        yield Entry(source_id(name), first[name], first[name], name)


def _offer(truth: Truth, entry: Entry) -> Json:
    offer = entry.thing
    application = truth.get("application", offer.application)
    sent = offer.sent_on or (offer.sent_at.date() if offer.sent_at else None)
    pay = dict(offer.pay or {})
    value = {"amount": str(float(pay.get("salary", 0))), "unit": pay.get("currency", "EUR")}
    return stamped(
        entry,
        application_id=number(offer.application),
        job_id=number(application.requisition),
        candidate_id=number(application.candidate),
        opening_id=None,
        version=offer.version,
        status=_OFFERS.get(offer.status, "Created"),
        sent_on=on(sent),
        starts_on=on(offer.starts_on),
        resolved_at=iso(offer.resolved_at),
        custom_fields={"base_salary": {"name": "Base salary", "type": "currency", "value": value}},
    )


RESOURCES = (
    Resource(
        name="applications",
        members=members(
            "candidate_id job_id job_post_id prospect prospective_job_ids status stage_id "
            "stage_name job_interview_stage_id needs_decision recruiter_id coordinator_id "
            "source_id referrer_id agency_note_id rejected_at last_activity_at "
            "location_address answers custom_fields"
        ),
        rows=_applications,
        build=application,
        refs={
            "candidate_ids": "candidate_id",
            "job_ids": "job_id",
            "stage_ids": "stage_id",
            "source_ids": "source_id",
            "job_interview_stage_ids": "job_interview_stage_id",
        },
        values={"status": ("active", "rejected", "hired", "converted")},
        reads={"active": "in_process"},
        flags=("prospect",),
        instants=("last_activity_at",),
    ),
    Resource(
        name="application_stages",
        members=members(
            "application_id job_interview_stage_id entered_at exited_at days_in_stage current"
        ),
        rows=_stays,
        build=_application_stage,
        refs={
            "application_ids": "application_id",
            "job_interview_stage_ids": "job_interview_stage_id",
        },
        flags=("current",),
        asks=_stays_of,
        asked_by="application_ids",
    ),
    Resource(
        name="rejection_details",
        members=members(
            "application_id rejected_by_id rejection_reason_id rejection_note_id rejected_at "
            "question_custom_fields"
        ),
        rows=_rejections,
        build=_rejection,
        refs={
            "application_ids": "application_id",
            "rejection_reason_ids": "rejection_reason_id",
        },
    ),
    Resource(
        name="rejection_reasons",
        members=members("name type"),
        rows=of_kind("reason", lambda _, reason: reason.kind != "hired"),
        build=_reason,
        shows={"include_defaults": lambda row: row["id"] % 2 == 1},
    ),
    Resource(
        name="sources",
        members=members("name type"),
        rows=_sources,
        build=lambda _, e: stamped(e, name=e.thing, type={"id": 1, "name": "Other"}),
    ),
    Resource(
        name="offers",
        members=members(
            "application_id job_id candidate_id opening_id version status sent_on starts_on "
            "resolved_at custom_fields"
        ),
        rows=of_kind("offer"),
        build=_offer,
        refs={
            "application_ids": "application_id",
            "job_ids": "job_id",
            "candidate_ids": "candidate_id",
        },
        values={"status": ("Created", "Accepted", "Rejected", "Deprecated")},
        instants=("resolved_at",),
        days=("sent_on", "starts_on"),
        narrows={"current_only": lambda row: row["status"] == "Deprecated"},
    ),
)
