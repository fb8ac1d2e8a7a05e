"""A Verdict: the result of evaluating one rule on one subject at one instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from atsbridge.model.reason import Reason
from atsbridge.model.record import Key


class State(StrEnum):
    """How a rule stands on a subject."""

    OUTSIDE = "outside"  # `where` does not hold, or the clock has not started: nothing to watch
    PENDING = "pending"  # the start lies ahead
    RUNNING = "running"
    PAUSED = "paused"
    WARNED = "warned"  # a step before the due time is reached
    BREACHED = "breached"  # now >= due
    KEPT = "kept"  # the stop came
    CANCELLED = "cancelled"  # a cancel came first
    UNKNOWN = "unknown"  # the data cannot say


class SpanKind(StrEnum):
    """Whether a clock counted for a while, and if not, why."""

    RAN = "ran"
    PAUSED = "paused"
    OUTSIDE_HOURS = "outside_hours"
    WEEKEND = "weekend"
    CLOSED = "closed"  # a holiday or an absence


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a clock's time: it ran, or it stood still. Instants are aware UTC."""

    start: datetime
    end: datetime
    counted: timedelta
    reason: str  # "ran", "paused: requisition.on_hold", "weekend", "holiday: Epiphany", ...
    kind: SpanKind


@dataclass(frozen=True, slots=True)
class Due:
    """When each step of the rule falls, in order of its steps; None if that cannot be computed."""

    at: datetime
    steps: tuple[datetime | None, ...]


_OPEN = (State.WARNED, State.BREACHED)  # an enum's members are slow to look up


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `rule` says of `subject` at `at`. `look_at`: when time alone could change it."""

    rule: str
    subject: Key
    at: datetime
    state: State
    reason: Reason | None = None  # None where the state says it all
    started_at: datetime | None = None
    ended_at: datetime | None = None  # when it was kept or cancelled
    due: Due | None = None
    owed_by: str | None = None  # user id
    steps_due: tuple[int, ...] = ()  # indices of the steps that are reached
    look_at: datetime | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)  # path -> value
    spans: tuple[Span, ...] = ()
    unknown: tuple[str, ...] = ()  # paths that could not be read
    finding: str = ""  # what a check found, for its message: open facts only
    ending: Reason | None = None  # why an open case ends with it: for KEPT, CANCELLED, OUTSIDE

    @property
    def open(self) -> bool:
        """Whether there is something to do: a step is reached and nothing has ended the clock."""
        return self.state in _OPEN
