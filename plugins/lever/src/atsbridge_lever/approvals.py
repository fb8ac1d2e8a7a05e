"""The steps of the approval of a requisition: who must approve, and whether they did.

Lever's offers have no approval steps; the offer's status shows the approval (`offers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from atsbridge.api import Fragment
from atsbridge_lever.wire import Ms, instant


class Person(msgspec.Struct, rename="camel", frozen=True):
    """An approver who is a user; one who follows a role is only a label."""

    user_id: str | None = None


class Approver(msgspec.Struct, rename="camel", frozen=True):
    """One person of a step."""

    id: str | None = None
    user: Person | str | None = None
    approved: bool | None = None
    approved_at: Ms = None


class Step(msgspec.Struct, rename="camel", frozen=True):
    """Requested after the step before. `out_of_band_only`: only if pay is out of range."""

    completed: bool | None = None
    status: str | None = None
    out_of_band_only: bool | None = None
    approvers: list[Approver] | None = None


class Approval(msgspec.Struct, rename="camel", frozen=True):
    """`approval` of a requisition; without a chain it has no steps."""

    status: str | None = None
    started_at: Ms = None
    steps: list[Step] | None = None


COLUMNS = ("requisition", "offer", "user", "requested_at", "decided_at", "status")


def approvals(posting: str, need: str, approval: Approval) -> Iterator[Fragment]:
    """A record for each approver who answered or has to; others of a finished step have none.

    A step begins with the last answer to the one before it, the first with the approval.
    """
    steps = approval.steps or []
    present = _present(steps) if approval.status == "inprogress" else None
    asked = instant(approval.started_at)
    for number, step in enumerate(steps):
        for place, one in enumerate(step.approvers or ()):
            status = _status(one, step, number, present)
            if status is None:
                continue
            values = {
                "requisition": posting,
                "offer": None,
                "user": one.user.user_id if isinstance(one.user, Person) else None,
                "requested_at": None if status == "waiting" else asked,
                "decided_at": instant(one.approved_at) if status == "approved" else None,
                "status": status,
            }
            yield Fragment("approval", f"{posting}:{need}:{number}:{one.id or place}", values)
        asked = _answered(step) or asked


def _present(steps: Sequence[Step]) -> int:
    """The open step: the first unfinished one that is not skipped because pay is in range."""
    for number, step in enumerate(steps):
        skipped = step.out_of_band_only and step.status is None
        if not step.completed and not skipped:
            return number
    return len(steps)


def _status(one: Approver, step: Step, number: int, present: int | None) -> str | None:
    """The status of one approver; None for one who was not needed."""
    if one.approved:
        return "approved"
    if step.status == "denied" and one.approved is False:
        return "rejected"
    if present is None or number < present or step.completed:
        return None
    return "due" if number == present else "waiting"


def _answered(step: Step) -> datetime | None:
    """The last approval of a step."""
    instants = (instant(one.approved_at) for one in step.approvers or () if one.approved)
    return max(filter(None, instants), default=None)
