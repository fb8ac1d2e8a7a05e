"""A Promise: one run of a rule's clock on one subject, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from atsbridge.model.record import Key


class PromiseOutcome(StrEnum):
    """How a promise stands. Late is decided when due has passed, whatever comes later."""

    RUNNING = "running"
    ON_TIME = "on_time"
    LATE = "late"
    CANCELLED = "cancelled"  # it was not needed any more before it was due
    UNKNOWN = "unknown"  # the data cannot say
    BACKLOG = "backlog"  # overdue long before the first evaluation: in no figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise of `rule` on `subject`. Instants are aware UTC.

    `counted_at`: when the outcome was decided (done or due, whichever came first); None while it
    runs. `worked`: office hours of whoever owed it from start to stop; None where nothing answered
    it. `paused`: how long the clock stood still in between; `holidays`: how much of it were public
    holidays and other closed days. `requisition`, `stage`: where the subject belongs.
    `recruiter`, `manager`: the pair of the requisition when the outcome was decided.
    `why`: the path that is unknown, canceled it or made it unnecessary.
    """

    rule: str
    side: str  # "manager", "recruiter" or ""
    subject: Key
    started_at: datetime
    outcome: PromiseOutcome
    due_at: datetime | None = None
    ended_at: datetime | None = None
    counted_at: datetime | None = None
    worked: timedelta | None = None
    paused: timedelta = timedelta()
    holidays: timedelta = timedelta()
    owed_by: str | None = None
    requisition: str | None = None
    stage: str | None = None
    recruiter: str | None = None
    manager: str | None = None
    why: str = ""
