"""A case: one rule on one subject while something is due; and the rows of its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atsbridge.model.reason import Reason
    from atsbridge.model.record import Key


class Clock(StrEnum):
    """State of the clock of an open case."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    WARNED = "warned"
    BREACHED = "breached"
    UNKNOWN = "unknown"


class Handling(StrEnum):
    """What a person did with the case."""

    NONE = "none"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"


class FirstLook(StrEnum):
    """What the first evaluation of a rule on a subject made of the case."""

    NONE = "none"  # it was not late then, or somebody acted on the subject since
    SUMMARY = "summary"  # late: one summary to the rule's owner lists it, and it is followed
    BACKLOG = "backlog"  # overdue for so long that nobody is reminded until somebody acts on it
    PROPOSED = "proposed"  # backlog of which a clean-up message has been decided


class End(StrEnum):
    """How a case ended."""

    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One rule on one subject; at most one is open. The store gives `number` once and for all."""

    number: int
    rule: str
    subject: Key
    opened_at: datetime
    clock: Clock
    handling: Handling = Handling.NONE
    handling_until: datetime | None = None
    end: End | None = None
    ended_at: datetime | None = None
    end_reason: Reason | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    owed_by: str | None = None
    steps_done: tuple[int, ...] = ()  # indices of steps that were decided
    finding: str = ""  # what a check found, as it was last seen
    first_look: FirstLook = FirstLook.NONE
    false_facts: str | None = None  # called a false alarm on these facts; "": on the present ones

    @property
    def in_summary(self) -> bool:
        """Whether the summary of its rule's first run lists it."""
        return self.first_look is FirstLook.SUMMARY

    @property
    def in_backlog(self) -> bool:
        """Whether nobody is reminded of it: it is no promise, and counts in no figure."""
        return self.first_look in (FirstLook.BACKLOG, FirstLook.PROPOSED)


class TransitionName(StrEnum):
    """What happened to a case; each is a row of its history."""

    OPENED = "opened"
    WARNED = "warned"
    BREACHED = "breached"
    PAUSED = "paused"
    RESUMED = "resumed"
    HANDED_OVER = "handed_over"
    RETARGETED = "retargeted"
    FOUND = "found"
    STEP = "step"
    BECAME_UNKNOWN = "became_unknown"
    KNOWN_AGAIN = "known_again"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    HANDLING_ENDED = "handling_ended"
    LEFT_BACKLOG = "left_backlog"
    MARKED_DONE = "said_done"
    FALSE_ALARM = "false_alarm"
    REASSIGNED = "reassigned"
    UNDONE = "undone"
    FALSE_ALARM_UNDONE = "false_alarm_undone"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a case's history. `case` is its number, 0 for a case about to be stored."""

    case: int
    at: datetime
    name: TransitionName
    reason: Reason
    actor: str = "atsbridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No messages about `rule` ("": any rule) on `subject` and what belongs to it until `end`."""

    account: str
    rule: str
    subject: Key | None
    start: datetime
    end: datetime
    author: str
    comment: str
    number: int = 0  # the store's; 0 for one about to be stored
