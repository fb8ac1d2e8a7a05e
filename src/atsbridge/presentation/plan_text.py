"""The sentences of a plan: what a notice would do, and why it would wait."""

from __future__ import annotations

from datetime import datetime

from atsbridge.model import Held, Notice, Purpose
from atsbridge.rules import Rule

_HOLDS = {
    Held.SHADOW: "the rule is shadow: kept to look at",
    Held.BREAKER: "the breaker holds the rule: see `atsbridge notices`",
    Held.STOPPED: "its rule has a mistake",
    Held.MUTED: "nobody is to hear of it now",
    Held.UNCONFIRMED: "the ATS could not confirm it",
}
_PURPOSES = {
    Purpose.RESOLVE: "it is over",
    Purpose.HANDED_OVER: "it is another's now",
    Purpose.SUMMARY: "what was late before anybody looked, in one message",
    Purpose.DIGEST: "all that waited for the morning",
    Purpose.ANSWER: "an answer to what somebody said",
}


def describe_notice(notice: Notice, rule: Rule | None) -> str:
    """What the notice is for, and why its reader gets it."""
    step = ""
    if rule is not None and 0 <= notice.step < len(rule.steps):
        step = f"step {rule.steps[notice.step].when.label}"
    text = _PURPOSES.get(notice.purpose) or step or str(notice.purpose)
    if notice.purpose is Purpose.OPS:
        text = str(notice.receipt.get("headline", "word to ops"))
    return f"{text}: {notice.destination.why}" if notice.destination.why else text


def describe_hold(notice: Notice) -> str:
    """Why a held notice waits, and until when."""
    until = f" until {stamp(notice.not_before)}" if notice.not_before else ""
    if notice.reason == Held.DIGEST:
        return f"for the morning digest{until}"
    return next((text for held, text in _HOLDS.items() if held == notice.reason), notice.reason)


def stamp(at: datetime) -> str:
    """ "Mon 09 Mar 08:30 UTC"."""
    return f"{at:%a %d %b %H:%M} UTC"
