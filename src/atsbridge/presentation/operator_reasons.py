"""Describe reasons to operators: in explanations, listings and history.

Readers of a message get `resolution_text` instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from atsbridge.model import Reason, ReasonCode

_TEXTS: Mapping[ReasonCode, str] = {
    ReasonCode.STOPPED: "stopped by {path}",
    ReasonCode.CLEARED: "the check finds nothing any more",
    ReasonCode.NEWS_OVER: "its news is over",
    ReasonCode.CANCELLED: "cancelled by {path}",
    ReasonCode.NOT_STARTED: "{path} is no longer set",
    ReasonCode.CONDITION: "it no longer meets the rule's conditions: {path} {value}",
    ReasonCode.DELETED: "deleted in the ATS",
    ReasonCode.EXCEPTION: "no longer tracked: an exception until {until}: {why}",
    ReasonCode.OUTSIDE: "{text}",
    ReasonCode.NOT_HAPPENED: "{path} has not happened",
    ReasonCode.SETTLING: "it has not stood long enough",
    ReasonCode.START_AHEAD: "the start lies ahead",
    ReasonCode.DUE: "its due time has passed",
    ReasonCode.PAUSED: "paused: {path}",
    ReasonCode.FOUND: "{text}",
    ReasonCode.UNREAD: "still to be read: {paths}",
    ReasonCode.UNREADABLE: "cannot be read now: {paths}",
    ReasonCode.UNKNOWN_TERM: "the ATS says {terms} in {paths}, which nobody has translated",
    ReasonCode.UNCOUNTABLE: "this clock cannot be counted: {text}",
    ReasonCode.START_MOVED: "its start moved, so that no step is reached any more",
    ReasonCode.DUE_MOVED: "its target or calendar changed, so that no step is reached any more",
    ReasonCode.STEPS_CHANGED: "the rule's steps changed, so that none is reached any more",
    ReasonCode.RULE_CHANGED: "no longer tracked: the rule was changed and does not cover it",
    ReasonCode.RULE_DISABLED: "no longer tracked: the rule is {status}",
    ReasonCode.RULE_REMOVED: "no longer tracked: the rule was removed",
    ReasonCode.PILOT: "no longer tracked: outside the pilot",
    ReasonCode.MAP_CHANGED: "no longer tracked: the account's map of {path} was changed",
    ReasonCode.STEPS_COME: "{reached}",
    ReasonCode.STEPS_AT_BASELINE: "{reached} before the first run, so it is in the first summary",
    ReasonCode.STEPS_IN_BACKLOG: "{reached} long before the first run, so it is in the backlog",
    ReasonCode.ACTED_ON: "somebody acted on it, so it is followed again",
    ReasonCode.STEPS_LATE: "{reached} before a run looked at it",
    ReasonCode.STEPS_SUPPRESSED: "{reached}; nobody is notified: {text}",
    ReasonCode.DUE_AHEAD: "its due time lies ahead again",
    ReasonCode.KNOWN_AGAIN: "readable again: {clock}",
    ReasonCode.RESUMED: "the clock runs again: {clock}",
    ReasonCode.HANDED_OVER: "from {old_user} to {new_user}",
    ReasonCode.START_SET: "start moved from {old_at} to {new_at}",
    ReasonCode.DUE_SET: "due moved from {old_at} to {new_at}",
    ReasonCode.FACTS_CHANGED: "its facts changed since the false alarm",
    ReasonCode.HANDLING_EXPIRED: "{handling} until now, and still open",
    ReasonCode.HANDLING_OF_OTHER: "{handling} by the former assignee; now another's",
    ReasonCode.HANDLED_UNTIL: "until {until_at}",
    ReasonCode.REPORTED_DONE: "the next run checks it",
    ReasonCode.REPORTED_FALSE: "silent until its facts change",
    ReasonCode.REASSIGNED: "to {to}",
    ReasonCode.REASSIGNED_TO_OWNER: "to the rule's owner",
    ReasonCode.UNDONE: "{transition_name} of {at_at} by {actor}",
    ReasonCode.OTHER: "{text}",
}
# The same reasons without parameters: shorter texts.
_PLAIN: Mapping[ReasonCode, str] = {
    ReasonCode.STOPPED: "done",
    ReasonCode.CANCELLED: "no longer needed",
    ReasonCode.NOT_STARTED: "it has not started",
    ReasonCode.CONDITION: "it no longer meets the rule's conditions",
    ReasonCode.PAUSED: "the clock stands still",
    ReasonCode.UNREADABLE: "cannot be read",
    ReasonCode.MAP_CHANGED: "no longer tracked: the account's map was changed",
    # Transitions by a person whose parameters were erased.
    ReasonCode.HANDLED_UNTIL: "",
    ReasonCode.REASSIGNED: "to somebody else",
    ReasonCode.UNDONE: "",
}


def describe(reason: Reason | None) -> str:
    """ "stopped by seat.scorecard.submitted_at"; "" without a reason."""
    if reason is None:
        return ""
    if reason.code in _PLAIN and not reason.params:
        return _PLAIN[reason.code]
    text = _TEXTS[reason.code].format_map(_Values(reason))
    comment = reason["comment"]
    return f"{text}: {comment}" if comment else text


class _Values(dict[str, str]):
    """What the texts may name: parameters, and forms of them by suffix."""

    def __init__(self, reason: Reason) -> None:
        super().__init__()
        self._reason = reason

    def __missing__(self, name: str) -> str:
        reason = self._reason
        if name == "reached":
            return _reached(reason)
        if name == "value":
            return f"is {reason['value']}" if reason["value"] else "changed"
        base, _, form = name.rpartition("_")
        if form == "user":
            return f"user {reason[base]}" if reason[base] else "nobody"
        if form == "at":
            return _stamp(reason[base])
        if form == "name":
            return reason[base].replace("_", " ")
        return reason[name]


def _reached(reason: Reason) -> str:
    """ "step due was reached", "steps 80%, due were reached"."""
    labels = reason.as_dict().get("steps", "")
    several = isinstance(labels, tuple) and len(labels) > 1
    step, was = ("steps", "were") if several else ("step", "was")
    return f"{step} {reason['steps']} {was} reached"


def _stamp(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC" if at else "unknown"
