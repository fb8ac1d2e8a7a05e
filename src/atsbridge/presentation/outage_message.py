"""Write the messages to ops about an ATS that cannot be read, and about its recovery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atsbridge.model import NoticeText, cut
from atsbridge.presentation.formatting import count

_NAMED = 5  # rules, lists or fields that a message names; the others are counted
_CAUSE = 300  # characters


@dataclass(frozen=True, slots=True)
class Outage:
    """Lists of an account that cannot be read. `title`: the ATS's name; `cause`: the last error.

    `is_whole`: every list that was ever read. `since`: when one of them was last read, in words.
    """

    title: str
    account: str
    lists: Sequence[str]
    is_whole: bool
    since: str
    cause: str


def outage_text(outage: Outage, rules: Sequence[str]) -> NoticeText:
    """What cannot be read, since when, why, the effect, and what to do."""
    body = f"{_cause(outage)} {_paused(rules)} {_remedy(outage.account)}"
    return NoticeText(_headline(outage), body)


def missing_text(
    title: str, account: str, fields: Sequence[str], rules: Sequence[str]
) -> NoticeText:
    """No list failed, but data is too old, or not believed any more."""
    headline = f"{title} ({account}): data that rules need is missing or too old"
    body = f"Missing: {listed(fields)}. {_paused(rules)} {_remedy(account)}"
    return NoticeText(headline, body)


def recovery_text(title: str, account: str, since: str, until: str) -> NoticeText:
    """Reading works again, and reminders continue."""
    headline = f"{title} ({account}) can be read again"
    body = (
        f"It could not be read from {since} to {until}. Reminders continue; what became due"
        " meanwhile is sent now. Nothing is left to do."
    )
    return NoticeText(headline, body)


def listed(names: Sequence[str]) -> str:
    """ "a, b, c, d, e and 2 more"."""
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED:,} more" if len(names) > _NAMED else shown


def _headline(outage: Outage) -> str:
    since = f" since {outage.since}" if outage.since else ""
    if outage.is_whole:
        return f"{outage.title} ({outage.account}) unreachable{since}"
    return f"{outage.title} ({outage.account}): {listed(outage.lists)} cannot be read{since}"


def _cause(outage: Outage) -> str:
    cause = cut(outage.cause, _CAUSE).rstrip(". ")
    return f"{cause[:1].upper()}{cause[1:]}." if cause else "The cause is not known."


def _paused(rules: Sequence[str]) -> str:
    return (
        f"Reminders of {count(len(rules), 'rule')} are paused; nobody is messaged:"
        f" {listed(rules)}. Clocks keep running."
    )


def _remedy(account: str) -> str:
    return f"Run `atsbridge doctor --account {account}`."
