"""Kind `recurring`: once in every period, the subjects that meet the conditions then.

It is news. A case lasts from the instant of its period until `within` is over, and its notices are
known by the period, so that neither a restart nor a clock that runs backwards repeats one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import ValidationInfo

from atsbridge.model import Found
from atsbridge.ports import RuleSource
from atsbridge.rules.compile import check_rule
from atsbridge.rules.evaluate import Below, EvaluationContext, Finding
from atsbridge.rules.language import (
    CheckKeys,
    Length,
    Mistake,
    example,
    field_paths,
    plain,
    shown,
    wrong,
)
from atsbridge.rules.rule import Rule
from atsbridge.worktime import Duration, reach

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY = re.compile(r"([a-z,-]+) ([01]?[0-9]|2[0-3]):([0-5][0-9])")
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Every:
    """Days of the week (0 is Monday) and a local time."""

    days: frozenset[int]
    at: time

    def starts(self, around: datetime, zone: str) -> Iterator[datetime]:
        """The starts of periods from a week before to a week after an instant, in order."""
        here = ZoneInfo(zone)
        today = around.astimezone(here).date()
        for ahead in range(-_WEEK - 1, _WEEK + 2):
            day = today + timedelta(days=ahead)
            if day.weekday() in self.days:
                yield datetime.combine(day, self.at, tzinfo=here).astimezone(UTC)


@lru_cache(maxsize=256)
def _around(every: Every, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """When the present period began and when the next one begins, in a zone."""
    starts = list(every.starts(now, zone))
    return max(at for at in starts if at <= now), min(at for at in starts if at > now)


def _every(value: object, _info: ValidationInfo) -> Every:
    match = _EVERY.fullmatch(str(value).strip().lower())
    days = _days(match[1]) if match else None
    if match is None or days is None:
        day = str(value).strip().lower()[:3]
        mend = f'Write: every: "{day} 09:30"' if day in _DAYS else f"Write: {example('every')}"
        what = f"{shown(value)} is no day of the week with a time"
        raise wrong([Mistake(what, mend)])
    return Every(days, time(int(match[2]), int(match[3])))


def _days(text: str) -> frozenset[int] | None:
    """The days of "mon", "mon,thu" or "mon-fri"; None if one of them is not a day."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            return None
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        found.update(day % _WEEK for day in range(begin, end + 1 + _WEEK * (end < begin)))
    return frozenset(found)


class RecurringKeys(CheckKeys):
    """When the periods begin, and how long after that the message may still be sent."""

    every: Annotated[Every, plain(_every)]
    within: Length = Duration.parse("1bd")


@dataclass(frozen=True, slots=True)
class Recurring:
    """Finds every subject from the start of a period on, until `within` is over.

    `reader`: the path to the person in whose zone the periods begin, "" for nobody's own.
    """

    every: Every
    within: Duration
    calendar: str
    reader: str
    below: Below | None = None
    reads: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        user = found.id if self.reader == field_paths.PERSON else found.facts.get(self.reader)
        calendar = context.calendars(user, self.calendar)
        begun, coming = _around(self.every, context.now, calendar.zone)
        over = min(reach(calendar, self.within.unit, begun, self.within.span), coming)
        if over <= context.now:
            return Finding(False, "not yet in this period", look_at=coming)
        return Finding(True, since=begun, look_at=over)


class RecurringKind:
    """The kind `recurring`."""

    name = "recurring"
    question = "Which records meet the conditions at a fixed time of the week? Sent once a period."
    schema = RecurringKeys

    def compile(self, keys: RecurringKeys, source: RuleSource) -> Rule:
        """Compile the rule. With `via: digest` a reader gets all subjects in one message."""
        to = keys.steps[0].to
        own = ".custom." in to  # whom a custom field names is found when the step is due
        reader = to if to == field_paths.PERSON or ("." in to and not own) else ""
        check = Recurring(keys.every, keys.within, keys.calendar, reader)
        read = (reader,) if "." in reader else ()
        rule = check_rule(keys, source, check, optional=read, news=True)
        return replace(rule, periodic=True)
