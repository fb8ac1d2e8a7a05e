"""The ladder: of the steps that have come, what each person gets, and when it may go out.

Which steps have come is the judge's to say, and which are new `lifecycle`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from atsbridge.cases.people import Directory, Preferences, recipient
from atsbridge.model.notice import Destination
from atsbridge.model.verdict import Verdict
from atsbridge.rules.rule import Rule
from atsbridge.worktime.calendar import Calendar

_HORIZON = 60  # days


@dataclass(frozen=True, slots=True)
class Rung:
    """One step as it reaches one destination. `morning`: it waits for the next digest time."""

    step: int
    to: Destination
    morning: bool


def rungs(
    steps: Sequence[int], rule: Rule, verdict: Verdict, directory: Directory
) -> tuple[Rung, ...]:
    """What `steps` send, in their order: only the last of them to each destination.

    Where several steps lead to one destination, the reasons of those at the same rung are
    joined, so somebody in two roles gets one message that names both.
    """
    last: dict[tuple[str, str, str], Rung] = {}
    for step in steps:
        to = recipient(rule.steps[step].to, rule, verdict, directory)
        where = (to.sink, to.kind, to.address)
        earlier = last.pop(where, None)
        if earlier is not None and to.why not in earlier.to.why:
            to = replace(to, why=f"{earlier.to.why} and {to.why}")
        elif earlier is not None:
            to = earlier.to
        preferences = directory.preferences.get(to.address, Preferences())
        last[where] = Rung(step, to, rule.steps[step].via == "digest" or preferences.morning)
    return tuple(sorted(last.values(), key=lambda rung: rung.step))


def next_morning(now: datetime, calendar: Calendar, at: time) -> datetime:
    """The first local `at` of a working day that is not before `now`, as an instant in UTC.

    Somebody whose calendar is closed for sixty days on end is told at once.
    """
    zone = ZoneInfo(calendar.zone)
    today = now.astimezone(zone).date()
    for ahead in range(_HORIZON):
        day = today + timedelta(days=ahead)
        moment = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        if moment >= now and calendar.closed(day) is None:
            return moment
    return now
