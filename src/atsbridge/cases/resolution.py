"""Who is to hear the end of a case, or that it is another's now, and in which form."""

from __future__ import annotations

from collections.abc import Sequence

from atsbridge.model import Destination, Notice, NoticeState, read
from atsbridge.rules import Rule

OUT = (NoticeState.SENDING, NoticeState.RETRY, NoticeState.SENT)  # has, or may have, arrived


def stays(to: Destination, news: bool) -> bool:
    """Whether what went there is left as it is when the case ends."""
    return read(to.address)[1] is None if to.kind == "ats" else news


def asked(one: Notice, before: str | None, now: str | None, rule: Rule) -> bool:
    """Whether it asked the one who owed it `before`, or who stood in for them, to act."""
    if one.destination.person == before:
        return True
    path = rule.clock.owed_by if rule.clock else None
    theirs = 0 <= one.step < len(rule.steps) and rule.steps[one.step].to == path
    return theirs and one.destination.person != now


def singly(told: Sequence[Notice], to: Destination) -> bool:
    """Whether this reader had a message on the case, not only a line of a digest."""
    return any(
        one.state in OUT and one.destination.place == to.place and not one.digest for one in told
    )
