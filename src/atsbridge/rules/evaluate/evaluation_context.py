"""What a verdict depends on besides the rule and the subject's own facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from atsbridge.model import Change, Found, Key, Query
from atsbridge.rules.evaluate.market_data import Market
from atsbridge.worktime import Calendar, Pause


class Owner(NamedTuple):
    """The assignee from an instant on: a user id, or None for no single person."""

    since: datetime
    user: str | None


def _no_intervals(_record: Key, _path: str) -> Sequence[Pause]:
    return ()


def _no_history(_found: Found, _path: str) -> Sequence[Owner]:
    return ()


def _no_changes(_of: Key, _fields: Sequence[str]) -> Sequence[Change]:
    return ()


def _nobody(_query: Query) -> Sequence[Found]:
    return ()


def _never_opened(_rule: str, _subject: Key) -> datetime | None:
    return None


_NO_MARKET = Market()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationContext:
    """All that a verdict depends on besides the rule and the subject's facts.

    `now` is UTC. `calendars`: user id (or None) and a calendar's name -> the calendar that counts
    for them. `intervals`: a record and a path to an interval -> its spans, in any order.
    `owners`: the history of who owed, for the path `owed_by`, oldest first; none: who owes now
    always did. `unreadable`: "kind.field"s that cannot be believed now, derived ones included.
    `never`: the "kind.field"s of pause, reset and cancel that never had a source here.
    `changes`: of a record and some of its fields, oldest first. `others`: what a Query finds,
    for checks that look at records below the subject. `opened`: when the open case of a rule
    and subject opened, None where there is none: a check is due since then. `market`: what is
    known of pay and of days to fill.
    `explain`: fill in the verdict's spans, which takes a walk over every day.
    """

    now: datetime
    calendars: Callable[[str | None, str], Calendar]
    intervals: Callable[[Key, str], Sequence[Pause]] = _no_intervals
    owners: Callable[[Found, str], Sequence[Owner]] = _no_history
    changes: Callable[[Key, Sequence[str]], Sequence[Change]] = _no_changes
    others: Callable[[Query], Sequence[Found]] = _nobody
    opened: Callable[[str, Key], datetime | None] = _never_opened
    unreadable: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    market: Market = _NO_MARKET
    explain: bool = False
