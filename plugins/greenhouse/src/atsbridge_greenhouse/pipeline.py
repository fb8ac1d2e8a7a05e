"""Applications, stage stays, rejections and offers. Prospects are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import msgspec

from atsbridge.api import Backfill, Fragment, Parent, Stream
from atsbridge_greenhouse.listing import (
    DATES,
    Completed,
    listed,
    partly,
    read_by_ids,
    select_active,
)
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
    money,
    own_id,
    text,
    whole,
    without_money,
)

# Spelled as in answers; a query uses `active` where an answer has `in_process`.
_STATUSES = {"in_process": "active", "active": "active", "rejected": "rejected", "hired": "hired"}
_OFFERS = {"accepted": "accepted", "rejected": "rejected", "deprecated": "deprecated"}
_REASONS = {
    "we_rejected_them": "ours",
    "they_rejected_us": "theirs",
    "none_specified": "other",
    "security_concern": "other",
}


class _Stated(Protocol):
    """A row that says whether its application has ended."""

    @property
    def prospect(self) -> Scalar: ...

    @property
    def status(self) -> Scalar: ...


class Application(Row):
    """GET /v3/applications.

    `stage_id` is the id of an application_stages row. `job_interview_stage_id` was added in July
    2026; where rows lack it, `links` finds it through `stage_id`.
    """

    candidate_id: Scalar = None
    job_id: Scalar = None
    prospect: Scalar = None
    status: Scalar = None
    stage_id: Scalar = None
    job_interview_stage_id: Scalar = None
    recruiter_id: Scalar = None
    coordinator_id: Scalar = None
    source_id: Scalar = None
    rejected_at: Scalar = None
    last_activity_at: Scalar = None
    custom_fields: Any = None
    source: Scalar = None  # of sources: its name


class Candidate(Row):
    """GET /v3/candidates, by ids, and only the name."""

    first_name: Scalar = None
    last_name: Scalar = None
    preferred_name: Scalar = None


class ApplicationStage(Row):
    """GET /v3/application_stages; `days_in_stage` grows by itself and is not asked for."""

    application_id: Scalar = None
    job_interview_stage_id: Scalar = None
    entered_at: Scalar = None
    exited_at: Scalar = None
    current: Scalar = None


class RejectionDetail(Row):
    """GET /v3/rejection_details: one row per rejected application."""

    application_id: Scalar = None
    rejection_reason_id: Scalar = None


class ReasonType(Row):
    """The `type` of a rejection reason."""

    key: Scalar = None


class EndReason(Row):
    """GET /v3/rejection_reasons."""

    name: Scalar = None
    type: ReasonType | None = None


class Offer(Row):
    """GET /v3/offers: every version is a row; pay is in custom fields only."""

    application_id: Scalar = None
    version: Scalar = None
    status: Scalar = None
    sent_on: Scalar = None
    starts_on: Scalar = None
    resolved_at: Scalar = None
    custom_fields: Any = None


def application(app_url: str, row: Application) -> Iterable[Fragment]:
    """An application. Its status is `rejected` also after a withdrawal: the reason decides."""
    if row.prospect is True or text(row.status) == "converted":
        return
    own, candidate = own_id(row), ident(row.candidate_id)
    # Inferred from addresses in webhooks; no v3 row has one.
    page = f"{app_url}/people/{candidate}?application_id={own}" if candidate else None
    created = instant(row, "created_at")
    values = {
        "candidate": candidate,
        "requisition": ident(row.job_id),
        "stage": ident(row.job_interview_stage_id),
        "status": canonical(row.status, _STATUSES),
        "recruiter": ident(row.recruiter_id),
        "coordinator": ident(row.coordinator_id),
        "source": text(row.source),
        "applied_at": created,
        "last_activity_at": instant(row, "last_activity_at"),
        "rejected_at": instant(row, "rejected_at"),
        "custom": custom(row.custom_fields),
        "url": page,
        "created_at": created,
        "updated_at": instant(row, "updated_at"),
    }
    yield Fragment("application", own, values)


def candidate(app_url: str, row: Candidate) -> Iterable[Fragment]:
    """The name of a candidate, for messages."""
    given = text(row.preferred_name) or text(row.first_name)
    names = [w for w in (given, text(row.last_name)) if w]
    values = {
        "display_name": " ".join(names) or None,
        "initials": "".join(w[0].upper() for w in names) or None,
        "url": f"{app_url}/people/{own_id(row)}",
        **dates(row),
    }
    yield Fragment("candidate", own_id(row), values)


def stay(row: ApplicationStage) -> Iterable[Fragment]:
    """A stage somebody stood in.

    The vendor lists every stage of the plan, and may drop the dates of those left. A row without
    `entered_at` that is not the current one therefore says nothing, and what we stored of that
    stay while it was current is kept.
    """
    entered = instant(row, "entered_at")
    if entered is None and flag(row.current) is not True:
        return
    values = {
        "application": ident(row.application_id),
        "stage": ident(row.job_interview_stage_id),
        "entered_at": entered,
        "left_at": instant(row, "exited_at"),
        "origin": "ats",
        **dates(row),
    }
    yield Fragment("stage_stay", own_id(row), values)


def rejection(row: RejectionDetail) -> Iterable[Fragment]:
    """The reason why an application ended, which only this list has."""
    found = ident(row.application_id)
    if found is not None:
        yield Fragment("application", found, {"reason": ident(row.rejection_reason_id)})


def unrejected(running: Mapping[str, Scalar]) -> list[msgspec.Raw]:
    """Rows of rejection_details that say of each application that it has no reason to be over.

    `running`: id -> time of its change.

    The vendor takes the row of an application that is taken up again away without a word; that
    the application changed is all there is to see. They are as new as that change.
    """
    return [
        msgspec.Raw(
            msgspec.json.encode(
                {"id": f"no-{id_}", "application_id": id_, "updated_at": updated_at}
            )
        )
        for id_, updated_at in running.items()
    ]


def reason(row: EndReason) -> Iterable[Fragment]:
    """A reason. `theirs`: the candidate withdrew."""
    kind = canonical(row.type.key, _REASONS) if row.type else None
    yield Fragment("reason", own_id(row), {"name": text(row.name), "kind": kind, **dates(row)})


def offer(row: Offer) -> Iterable[Fragment]:
    """A version of an offer: with a day of sending it is sent, without an answer it is a draft."""
    sent = day(row, "sent_on")
    pending = {"created": "sent" if sent else "draft"}
    values = {
        "application": ident(row.application_id),
        "version": whole(row.version),
        "status": canonical(row.status, _OFFERS | pending),
        "drafted_at": instant(row, "created_at"),
        "sent_on": sent,
        "resolved_at": instant(row, "resolved_at"),
        "starts_on": day(row, "starts_on"),
        "pay": money(row.custom_fields),
        "custom": without_money(row.custom_fields),
        **dates(row),
    }
    yield Fragment("offer", own_id(row), values)


def runs(row: _Stated) -> bool:
    """Whether the application has not ended."""
    return row.prospect is not True and text(row.status) in ("in_process", "active")


def has_stages(row: Application) -> bool:
    """Whether the stages of a changed application are worth reading: a prospect has none.

    One that is over says when it left its last one, and that only.
    """
    return row.prospect is not True and text(row.status) != "converted"


def _never(_: Application) -> bool:
    return False


def _none(_: datetime) -> Sequence[Mapping[str, str]]:
    """Nothing: only closed applications have a row, and they are the past."""
    return ()


# Fields of applications that may be closed by now.
_NEED_THE_PAST = ("requisition.first_submission_at", "requisition.last_submission_at")


_REASON = ("name", "kind", *DATES)
_APPLICATION = (
    *("candidate", "requisition", "stage", "status", "recruiter", "coordinator", "source"),
    *("applied_at", "last_activity_at", "rejected_at", "custom", "url", *DATES),
)
_CANDIDATE = ("display_name", "initials", "url", *DATES)
_STAY = ("application", "stage", "entered_at", "left_at", "origin", *DATES)
_OFFER = (
    *("application", "version", "status", "drafted_at", "sent_on", "resolved_at"),
    *("starts_on", "pay", "custom", *DATES),
)


_END_REASONS = listed(
    "rejection_reasons",
    EndReason,
    reason,
    {"reason": _REASON},
    params={"include_defaults": "true"},  # else only the organization's own are listed
)


def streams(app_url: str) -> tuple[Stream, ...]:
    """The streams of this module, parents first. `app_url`: the base of links."""
    return (
        partly(_END_REASONS),
        replace(
            listed(
                "applications",
                Application,
                partial(application, app_url),
                {"application": _APPLICATION},
                completed=Completed(("source",), ("sources",)),
            ),
            backfill=Backfill(first=select_active, unknown_until_read=_NEED_THE_PAST),
        ),
        read_by_ids(  # read when a message needs a name (`refresh`)
            listed("candidates", Candidate, partial(candidate, app_url), {"candidate": _CANDIDATE}),
            Parent("applications", param="ids", batch=50, wanted=_never),
        ),
        replace(
            read_by_ids(
                listed("application_stages", ApplicationStage, stay, {"stage_stay": _STAY}),
                Parent("applications", param="application_ids", batch=50, wanted=has_stages),
            ),
            required_by=("application",),
        ),
        replace(
            partly(
                listed(
                    "rejection_details", RejectionDetail, rejection, {"application": ("reason",)}
                )
            ),
            backfill=Backfill(first=_none),
        ),
        listed("offers", Offer, offer, {"offer": _OFFER}),
    )
