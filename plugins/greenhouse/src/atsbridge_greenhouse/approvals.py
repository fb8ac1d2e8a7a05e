"""Approvals of jobs and offers: who must approve, and whether they did.

`links` adds what flows and groups say to the approver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from atsbridge.api import Backfill, Fragment
from atsbridge_greenhouse.listing import DATES, Completed, listed
from atsbridge_greenhouse.values import (
    Row,
    Scalar,
    canonical,
    dates,
    ident,
    instant,
    own_id,
)

_STATUSES = {w: w for w in ("waiting", "due", "approved", "rejected")}


class Approver(Row):
    """GET /v3/approvers, completed with the job and offer of its flow."""

    approver_group_id: Scalar = None
    user_id: Scalar = None
    status: Scalar = None
    request_sent_at: Scalar = None
    resolved_at: Scalar = None
    job_id: Scalar = None  # of approval_flows
    offer_id: Scalar = None  # of approval_flows, for an offer only


def approval(row: Approver) -> Iterable[Fragment]:
    """One person's answer; `due` means it sits with them now.

    The flow of an offer names its job too, but what is asked for is the offer.
    """
    offer = ident(row.offer_id)
    values = {
        "requisition": None if offer else ident(row.job_id),
        "offer": offer,
        "user": ident(row.user_id),
        "requested_at": instant(row, "request_sent_at"),
        "decided_at": instant(row, "resolved_at"),
        "status": canonical(row.status, _STATUSES),
        **dates(row),
    }
    yield Fragment("approval", own_id(row), values)


def _undecided(_: datetime) -> Sequence[Mapping[str, str]]:
    return ({"status": "due"}, {"status": "waiting"})


_APPROVAL = ("requisition", "offer", "user", "requested_at", "decided_at", "status", *DATES)

STREAMS = (
    replace(
        listed(
            "approvers",
            Approver,
            approval,
            {"approval": _APPROVAL},
            completed=Completed(("job_id", "offer_id"), ("approver_groups", "approval_flows")),
        ),
        backfill=Backfill(first=_undecided),
    ),
)
