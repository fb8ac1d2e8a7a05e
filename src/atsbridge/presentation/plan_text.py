"""Write the sentences of a plan: what a notice would do, and why it would wait."""

from __future__ import annotations

from datetime import datetime

from atsbridge.model import Hold, Notice, Purpose
from atsbridge.presentation.recipient_text import describe_recipient
from atsbridge.rules import Rule

_HOLDS = {
    Hold.QUIET_HOURS: "quiet hours",
    Hold.AWAY: "everybody it concerns is away, and its reader is the first who is back",
    Hold.DAILY_LIMIT: "its reader got as many messages as a day allows",
    Hold.SHADOW: "the rule is shadow: kept to look at",
    Hold.BREAKER: "the breaker holds the rule: see `atsbridge notices`",
    Hold.STOPPED: "its rule has an error",
    Hold.SUPPRESSED: "nobody is to be notified now",
    Hold.UNCONFIRMED: "the ATS could not confirm it",
}
_PURPOSES = {
    Purpose.RESOLVE: "it is over",
    Purpose.HANDED_OVER: "it is another's now",
    Purpose.SUMMARY: "what was already late at the first run, in one message",
    Purpose.CLEANUP: "a proposal to clean up the backlog, in one message",
    Purpose.DIGEST: "all that waited for the morning",
    Purpose.ANSWER: "an answer to a reply",
}


def describe_notice(notice: Notice, rule: Rule | None) -> str:
    """What the notice is for, and why its reader gets it."""
    step = ""
    if rule is not None and 0 <= notice.step < len(rule.steps):
        step = f"step {rule.steps[notice.step].when.label}"
    text = _PURPOSES.get(notice.purpose) or step or str(notice.purpose)
    if notice.purpose is Purpose.OPS:
        text = notice.text.headline if notice.text else "message to ops"
    why = describe_recipient(notice.destination)
    return f"{text}: {why}" if why else text


def describe_hold(notice: Notice) -> str:
    """Why a held notice waits, and until when."""
    until = f" until {stamp(notice.not_before)}" if notice.not_before else ""
    if notice.hold is Hold.DIGEST:
        return f"for the morning digest{until}"
    return _HOLDS[notice.hold] if notice.hold else ""


def stamp(at: datetime) -> str:
    """ "Mon 09 Mar 08:30 UTC"."""
    return f"{at:%a %d %b %H:%M} UTC"
