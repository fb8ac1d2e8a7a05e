"""Approvals as Greenhouse stores them: a flow per job or offer, a group per step, approvers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    stamped,
)


def _flow_id(approval: Any) -> int:
    of_offer = approval.offer is not None
    return derived("approval_flows", approval.offer or approval.requisition, int(of_offer))


def _flows(truth: Truth) -> Iterator[Entry]:
    found: dict[int, list[Any]] = {}
    for approval in truth.company.records("approval").values():
        found.setdefault(_flow_id(approval), []).append(approval)
    for key in sorted(found, reverse=True):
        held = found[key]
        yield Entry(key, held[0].created_at, max(a.updated_at for a in held), held)


def _flow(truth: Truth, entry: Entry) -> Json:
    held = entry.thing
    offer = truth.get("offer", held[0].offer)
    application = truth.get("application", offer.application) if offer else None
    statuses = {a.status for a in held}
    status = "rejected" if "rejected" in statuses else "pending"
    if statuses == {"approved"}:
        status = "approved"
    return stamped(
        entry,
        job_id=number(application.requisition if application else held[0].requisition),
        offer_id=number(held[0].offer),
        approval_type="offer_candidate" if offer else "open_job",
        sequential=True,
        version=1,
        requested_by_id=None,
        approval_status=status,
    )


def _groups(truth: Truth) -> Iterator[Entry]:
    for entry in of_kind("approval")(truth):
        key = derived("approver_groups", entry.thing.id)
        yield Entry(key, entry.created_at, entry.updated_at, entry.thing)


def _group(_: Truth, entry: Entry) -> Json:
    return stamped(
        entry,
        approval_flow_id=_flow_id(entry.thing),
        approvals_required=1,
        sort_order=entry.id % 32,
        required_for_exception=False,
        resolved_at=iso(entry.thing.decided_at),
    )


def _approver(_: Truth, entry: Entry) -> Json:
    approval = entry.thing
    return stamped(
        entry,
        approver_group_id=derived("approver_groups", approval.id),
        user_id=number(approval.user),
        status=approval.status,
        sort_order=0,
        request_sent_at=iso(approval.requested_at),
        resolved_at=iso(approval.decided_at),
        resolved_by_id=number(approval.user) if approval.decided_at else None,
        reminder_sent_at=None,
        reminder_sent_by_id=None,
        reminders_sent=0,
        auto_reminders_sent=0,
        send_auto_reminder_at=None,
        version_sent=1,
        added_by_custom_field_id=None,
    )


RESOURCES = (
    Resource(
        name="approval_flows",
        members=members(
            "job_id offer_id approval_type sequential version requested_by_id approval_status"
        ),
        rows=_flows,
        build=_flow,
        refs={"job_ids": "job_id", "offer_ids": "offer_id"},
        values={"approval_type": ("open_job", "offer_job", "offer_candidate")},
    ),
    Resource(
        name="approver_groups",
        members=members(
            "approval_flow_id approvals_required sort_order required_for_exception resolved_at"
        ),
        rows=_groups,
        build=_group,
        refs={"approval_flow_ids": "approval_flow_id"},
    ),
    Resource(
        name="approvers",
        members=members(
            "approver_group_id user_id status sort_order request_sent_at resolved_at "
            "resolved_by_id reminder_sent_at reminder_sent_by_id reminders_sent "
            "auto_reminders_sent send_auto_reminder_at version_sent added_by_custom_field_id"
        ),
        rows=of_kind("approval"),
        build=_approver,
        refs={"approver_group_ids": "approver_group_id", "user_ids": "user_id"},
        values={"status": ("waiting", "due", "approved", "rejected")},
    ),
)
