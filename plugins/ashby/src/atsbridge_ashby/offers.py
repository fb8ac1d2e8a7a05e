"""Offers in their latest version, and approvals of jobs, openings and offers.

What Ashby approves of an offer is one version of it. A record of ours is a version, too: its id is
the version's, and a new version takes the place of the last one. Amounts are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from atsbridge.api import Fragment, Instant, RequestCost, read_instant
from atsbridge_ashby.listing import synced
from atsbridge_ashby.wire import Part, Row, read_day

# `offerStatus` tells more than `acceptanceStatus`, which older answers have alone.
_STATUSES = {
    "WaitingOnApprovalStart": "draft",
    "WaitingOnApprovalDefinition": "draft",
    "WaitingOnOfferApproval": "pending_approval",
    "WaitingOnCandidateResponse": "sent",
    "CandidateAccepted": "accepted",
    "CandidateRejected": "rejected",
    "OfferCancelled": "deprecated",
}
_ACCEPTANCE = {
    "Created": "draft",
    "WaitingOnResponse": "sent",
    "Accepted": "accepted",
    "Declined": "rejected",
    "Cancelled": "deprecated",
}
_DECISIONS = {"approve": "approved", "reject": "rejected"}
OPENING = "opening"


class OfferVersion(Part):
    id: str | None = None
    start_date: str | None = None
    approval_status: str | None = None
    created_at: Instant = None


class OfferRow(Row):
    """A row of `offer.list`."""

    application_id: str | None = None
    offer_status: str | None = None
    acceptance_status: str | None = None
    decided_at: Instant = None
    latest_version: OfferVersion | None = None


class Approver(Part):
    id: str | None = None
    user_id: str | None = None
    decision: str | None = None
    requested_at: Instant = None
    decided_at: Instant = None


class Step(Part):
    """Approvers who are asked together; `approvals_required` of them suffice."""

    completed_at: Instant = None
    approvers: list[Approver] | None = None


class ApprovalRow(Row):
    """A row of `approval.list`. The connector adds `requisitions`: the jobs of an opening."""

    entity_type: str | None = None
    entity_id: str | None = None
    completed_at: Instant = None
    steps: list[Step] | None = None
    requisitions: list[str] = msgspec.field(default_factory=list)


def offer(row: OfferRow) -> Iterator[Fragment]:
    """The latest version; nothing before there is one."""
    version = row.latest_version
    if version is None or not version.id:
        return
    drafted = read_instant(version.created_at)
    yield Fragment(
        "offer",
        version.id,
        {
            "application": row.application_id or None,
            "status": _status(row),
            "drafted_at": drafted,
            "resolved_at": read_instant(row.decided_at),
            "starts_on": read_day(version.start_date),
            "created_at": drafted,
        },
    )


def _status(row: OfferRow) -> str | None:
    """By the offer's own status, else by the candidate's answer; approved by its version."""
    for value, known in ((row.offer_status, _STATUSES), (row.acceptance_status, _ACCEPTANCE)):
        if value:
            status = known.get(value, f"other:{value}")
            version = row.latest_version
            agreed = version is not None and version.approval_status == "Approved"
            return "approved" if status == "pending_approval" and agreed else status
    return None


def approval(row: ApprovalRow) -> Iterator[Fragment]:
    """A record for each approver who answered or still has to; nothing for one who was not needed.

    An approval of an opening counts for the first of its jobs.
    """
    target = _target(row)
    for step in row.steps or () if target else ():
        over = step.completed_at is not None or row.completed_at is not None
        for one in step.approvers or ():
            status = _answer(one, over=over)
            if status is not None and one.id:
                yield Fragment(
                    "approval",
                    f"{row.id}:{one.id}",
                    {
                        **(target or {}),
                        "user": one.user_id or None,
                        "requested_at": read_instant(one.requested_at),
                        "decided_at": read_instant(one.decided_at),
                        "status": status,
                    },
                )


def _target(row: ApprovalRow) -> dict[str, Any] | None:
    """What is approved; None where nobody can tell."""
    found: Sequence[str] = row.requisitions if row.entity_type == OPENING else ()
    requisition = row.entity_id if row.entity_type == "job" else next(iter(found), None)
    offer_version = row.entity_id if row.entity_type == "offer" else None
    if not (requisition or offer_version):
        return None
    return {"requisition": requisition or None, "offer": offer_version or None}


def _answer(one: Approver, *, over: bool) -> str | None:
    """The status of one approver; None for one who is not asked any more."""
    if one.decision in _DECISIONS:
        return _DECISIONS[one.decision]
    if over:
        return None
    if one.decision not in (None, "", "pending"):
        return f"other:{one.decision}"
    return "due" if one.requested_at else "waiting"


OFFERS = synced(
    "offers",
    "offer.list",
    OfferRow,
    offer,
    {"offer": ("application", "status", "drafted_at", "resolved_at", "starts_on", "created_at")},
    scope="Offers: read",
)
APPROVALS = synced(
    "approvals",
    "approval.list",
    ApprovalRow,
    approval,
    {"approval": ("requisition", "offer", "user", "requested_at", "decided_at", "status")},
    cost=RequestCost(lookups=("/opening.info",)),
    scope="Approvals: read",
)
STREAMS = (OFFERS, APPROVALS)
