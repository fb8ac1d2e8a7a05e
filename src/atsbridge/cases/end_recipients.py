"""Who gets the end of a case or a hand-over, and as a message or a digest line."""

from __future__ import annotations

from collections.abc import Sequence

from atsbridge.model import Destination, Notice, NoticeState, read
from atsbridge.rules import Rule

MAY_HAVE_ARRIVED = (NoticeState.SENDING, NoticeState.RETRY, NoticeState.SENT)


def needs_no_end(to: Destination, news: bool) -> bool:
    """Whether nothing is sent there when the case ends: a note in the ATS, or news."""
    return read(to.address)[1] is None if to.kind == "ats" else news


def was_asked_to_act(one: Notice, before: str | None, now: str | None, rule: Rule) -> bool:
    """Whether the notice asked the former assignee, or who stood in for them, to act."""
    if one.destination.person == before:
        return True
    path = rule.clock.owed_by if rule.clock else None
    theirs = 0 <= one.step < len(rule.steps) and rule.steps[one.step].to == path
    return theirs and one.destination.person != now


def had_own_message(notices: Sequence[Notice], to: Destination) -> bool:
    """Whether this reader got a message about the case, not only a digest line."""
    return any(
        one.state in MAY_HAVE_ARRIVED and one.destination.place == to.place and not one.digest
        for one in notices
    )
