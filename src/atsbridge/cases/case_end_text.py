"""How a case ended, for whoever runs atsbridge: one sentence part for each reason.

What readers of a message are told is in `delivery.endings`.
"""

from __future__ import annotations

from collections.abc import Mapping

from atsbridge.model import EndCode, Reason

_TEXTS: Mapping[EndCode, str] = {
    EndCode.STOPPED: "stopped by {path}",
    EndCode.CLEARED: "the check finds nothing any more",
    EndCode.NEWS_OVER: "its news is over",
    EndCode.CANCELLED: "cancelled by {path}",
    EndCode.NOT_STARTED: "{path} is no longer set",
    EndCode.CONDITION: "it no longer meets the rule's conditions: {path} {value}",
    EndCode.START_MOVED: "no step has come any more: its start moved",
    EndCode.DUE_MOVED: "no step has come any more: its target or calendar changed",
    EndCode.STEPS_CHANGED: "no step has come any more: the rule's steps changed",
    EndCode.DELETED: "deleted in the ATS",
    EndCode.RULE_CHANGED: "no longer tracked: the rule was changed and does not cover it",
    EndCode.RULE_DISABLED: "no longer tracked: the rule is {status}",
    EndCode.RULE_REMOVED: "no longer tracked: the rule was removed",
    EndCode.PILOT: "no longer tracked: outside the pilot",
    EndCode.EXCEPTION: "no longer tracked: an exception until {until}: {why}",
    EndCode.MAP_CHANGED: "no longer tracked: the account's map of {path} was changed",
    EndCode.OTHER: "{text}",
}
# Without the parameters they name, these say less.
_PLAIN: Mapping[EndCode, str] = {
    EndCode.STOPPED: "done",
    EndCode.CANCELLED: "no longer needed",
    EndCode.NOT_STARTED: "it has not started",
    EndCode.CONDITION: "it no longer meets the rule's conditions",
    EndCode.MAP_CHANGED: "no longer tracked: the account's map was changed",
    EndCode.OTHER: "ended",
}


def ended_because(reason: Reason | None) -> str:
    """ "stopped by seat.scorecard.submitted_at"; "" for a case that has not ended."""
    if reason is None:
        return ""
    given = reason.as_dict()
    if reason.code in _PLAIN and not given:
        return _PLAIN[reason.code]
    known = dict.fromkeys(("path", "value", "status", "until", "why", "text"), "") | dict(given)
    known["value"] = f"is {known['value']}" if known["value"] else "changed"
    return _TEXTS[reason.code].format_map(known)
