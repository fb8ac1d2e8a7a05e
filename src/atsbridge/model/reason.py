"""Reasons as data: a code from a closed set, and the parameters its sentence needs.

A reason is stored as it is; its English is made where it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class EndCode(StrEnum):
    """Why a case ended. The comment names the parameters."""

    STOPPED = "stopped"  # what was owed was done. path: the event
    CLEARED = "cleared"  # a check finds nothing any more
    NEWS_OVER = "news_over"  # the time for its news is over
    CANCELLED = "cancelled"  # it is not needed any more. path: the event
    NOT_STARTED = "not_started"  # what had started the clock is no longer there. path: the event
    CONDITION = "condition"  # a fact no longer meets the rule's conditions. path, value (if open)
    START_MOVED = "start_moved"  # the clock starts later, so that no step has come
    DUE_MOVED = "due_moved"  # the target or a calendar changed, so that no step has come
    STEPS_CHANGED = "steps_changed"  # the rule's steps changed, so that none has come
    DELETED = "deleted"  # the ATS no longer has the record
    RULE_CHANGED = "rule_changed"  # the rule was edited and no longer covers it
    RULE_DISABLED = "rule_disabled"  # nobody watches the rule. status: "draft" or "retired"
    RULE_REMOVED = "rule_removed"  # the rule is in no pack any more
    PILOT = "pilot"  # it is outside the pilot
    EXCEPTION = "exception"  # an exception of the rule leaves it alone. until: ISO date, why
    MAP_CHANGED = "map_changed"  # the account's map was edited. path: the mapped fact
    OTHER = "other"  # written by an older version. text


@dataclass(frozen=True, slots=True)
class Reason:
    """`params`: (name, value) pairs in order of name; build with `because`."""

    code: EndCode
    params: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, name: str) -> str:
        """The parameter, "" where there is none of that name."""
        return dict(self.params).get(name, "")

    def as_dict(self) -> Mapping[str, str]:
        """The parameters by name."""
        return dict(self.params)


def because(code: EndCode, **params: str) -> Reason:
    """A reason with its parameters; empty ones are left out."""
    return Reason(code, tuple(sorted((name, value) for name, value in params.items() if value)))
