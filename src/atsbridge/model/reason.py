"""Reasons as data: a code from a closed set, and the parameters that its sentence needs.

A reason is stored as code and parameters; `presentation` makes the English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Parameter = str | tuple[str, ...]


class ReasonCode(StrEnum):
    """Why something is so. The comment names the parameters; instants are ISO 8601 in UTC."""

    # Of a verdict, and of the end of a case with it.
    STOPPED = "stopped"  # what was owed was done. path: the event
    CLEARED = "cleared"  # a check finds nothing any more
    NEWS_OVER = "news_over"  # the time for its news is over
    CANCELLED = "cancelled"  # it is not needed any more. path: the event
    NOT_STARTED = "not_started"  # what had started the clock is no longer there. path: the event
    CONDITION = "condition"  # a fact no longer meets the rule's conditions. path, value (if open)
    DELETED = "deleted"  # the ATS no longer has the record
    EXCEPTION = "exception"  # an exception of the rule leaves it alone. until: ISO date, why

    # Of a verdict alone.
    OUTSIDE = "outside"  # the rule's conditions do not hold. text: the failed part
    NOT_HAPPENED = "not_happened"  # the clock has no start. path: the event
    SETTLING = "settling"  # what decides has not stood long enough
    START_AHEAD = "start_ahead"  # the clock starts later
    DUE = "due"  # the due time has passed
    PAUSED = "paused"  # path: the pause
    FOUND = "found"  # what a check says. text: of open facts only
    UNREAD = "unread"  # still to be read. paths
    UNREADABLE = "unreadable"  # cannot be read now. paths
    UNKNOWN_TERM = "unknown_term"  # nobody knows what the ATS says there. paths, terms
    UNCOUNTABLE = "uncountable"  # the clock cannot be counted. text: why

    # Of the end of a case alone.
    START_MOVED = "start_moved"  # the clock starts later, so that no step is reached
    DUE_MOVED = "due_moved"  # the target or a calendar changed, so that no step is reached
    STEPS_CHANGED = "steps_changed"  # the rule's steps changed, so that none is reached
    RULE_CHANGED = "rule_changed"  # the rule was edited and no longer covers it
    RULE_DISABLED = "rule_disabled"  # nobody watches the rule. status: "draft" or "retired"
    RULE_REMOVED = "rule_removed"  # the rule is in no pack any more
    PILOT = "pilot"  # it is outside the pilot
    MAP_CHANGED = "map_changed"  # the account's map was edited. path: the mapped fact

    # Of another transition of a case.
    STEPS_COME = "steps_come"  # steps: their labels
    STEPS_AT_BASELINE = "steps_at_baseline"  # they had come before the first evaluation. steps
    STEPS_IN_BACKLOG = "steps_in_backlog"  # they had come long before the first evaluation. steps
    ACTED_ON = "acted_on"  # somebody acted on a subject of the backlog
    STEPS_LATE = "steps_late"  # they had come while nobody watched. steps
    STEPS_SUPPRESSED = "steps_suppressed"  # nobody is notified. steps, text: the suppression
    DUE_AHEAD = "due_ahead"  # due lies ahead again
    KNOWN_AGAIN = "known_again"  # clock: its state now
    RESUMED = "resumed"  # the clock runs again. clock: its state now
    HANDED_OVER = "handed_over"  # old, new: user ids; absent for nobody
    START_SET = "start_set"  # the clock has another start. old, new; absent if unknown
    DUE_SET = "due_set"  # the clock has another due instant. old, new; absent if unknown
    FACTS_CHANGED = "facts_changed"  # they are others than at the false alarm
    HANDLING_EXPIRED = "handling_expired"  # its time is up. handling
    HANDLING_OF_OTHER = "handling_of_other"  # the assignee changed. handling

    # Of a transition that a person made.
    HANDLED_UNTIL = "handled_until"  # acknowledged or snoozed. until, comment
    REPORTED_DONE = "reported_done"  # the next run checks it. comment
    REPORTED_FALSE = "reported_false"  # silent until the facts change. comment
    REASSIGNED = "reassigned"  # to: the name of the new assignee, comment
    REASSIGNED_TO_OWNER = "reassigned_to_owner"  # to the rule's owner. comment
    UNDONE = "undone"  # transition: what was taken back, at, actor: whose it was

    OTHER = "other"  # written by an older version. text


# The codes with which a case can end; each has a sentence for the readers of its messages.
END_CODES = frozenset(
    {
        ReasonCode.STOPPED,
        ReasonCode.CLEARED,
        ReasonCode.NEWS_OVER,
        ReasonCode.CANCELLED,
        ReasonCode.NOT_STARTED,
        ReasonCode.CONDITION,
        ReasonCode.DELETED,
        ReasonCode.EXCEPTION,
        ReasonCode.START_MOVED,
        ReasonCode.DUE_MOVED,
        ReasonCode.STEPS_CHANGED,
        ReasonCode.RULE_CHANGED,
        ReasonCode.RULE_DISABLED,
        ReasonCode.RULE_REMOVED,
        ReasonCode.PILOT,
        ReasonCode.MAP_CHANGED,
        ReasonCode.OTHER,
    }
)


class Parameters:
    """Access to the parameters of a reason by name."""

    __slots__ = ()
    params: tuple[tuple[str, Parameter], ...]

    def __getitem__(self, name: str) -> str:
        """The parameter, several joined by commas; "" where there is none of that name."""
        value = dict(self.params).get(name, "")
        return value if isinstance(value, str) else ", ".join(value)

    def as_dict(self) -> Mapping[str, Parameter]:
        """The parameters by name."""
        return dict(self.params)


@dataclass(frozen=True, slots=True)
class Reason(Parameters):
    """`params`: (name, value) pairs in order of name; build with `because`."""

    code: ReasonCode
    params: tuple[tuple[str, Parameter], ...] = ()


def because(code: ReasonCode, **params: Parameter) -> Reason:
    """A reason with its parameters; empty ones are left out."""
    return Reason(code, sort_parameters(params))


def sort_parameters(params: Mapping[str, Parameter]) -> tuple[tuple[str, Parameter], ...]:
    """The parameters in order of name, without the empty ones."""
    return tuple(sorted([(name, value) for name, value in params.items() if value]))


def stored_reason(code: str, params: Mapping[str, str | list[str]]) -> Reason:
    """The reason of a code and parameters from JSON. ValueError for an unknown code."""
    return because(ReasonCode(code), **read_parameters(params))


def read_parameters(params: Mapping[str, str | list[str]]) -> dict[str, Parameter]:
    """Parameters from JSON."""
    return {
        name: value if isinstance(value, str) else tuple(value) for name, value in params.items()
    }
