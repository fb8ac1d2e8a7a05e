"""Queries at an instant: subjects that can be open now, may be open later, or were settled.

All find a superset of what the evaluation says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge.model import Ahead, All, Bound, Condition, NoneOf, Operator, Query
from atsbridge.rules.language import field_paths
from atsbridge.rules.rule import ClockSpec, Rule
from atsbridge.worktime import Calendar, Duration, reach, threshold

_SLACK = timedelta(hours=2)  # the most by which daylight saving time ever shortens a day
_GRID = tuple(timedelta(hours=hours) for hours in (1, 3, 8, 16, 24, 48, 72, 120))
_TICK = timedelta(milliseconds=1)


def clock_bound(
    rule: Rule, spec: ClockSpec, now: datetime, calendars: Mapping[str, Calendar]
) -> Query:
    """`rule.open`, narrowed to subjects whose clock can have reached its first step by `now`.

    `calendars`: key, as users carry it, -> the rule's calendar as it counts there. Pauses,
    resets, absence and a start that moved only delay, so every subject whose verdict is open
    is found. An owner who changed since the start, and one whose
    calendar is not given, may have counted all the time there was: `otherwise` allows for that.
    """
    thresholds = {key: _threshold(rule, spec, now, one) for key, one in calendars.items()}
    latest = max([*thresholds.values(), _threshold(rule, spec, now, None)])
    narrowed = Bound(
        path=spec.start,
        owner=spec.owed_by or "",
        thresholds=thresholds,
        otherwise=latest,
        day=field_paths.twin(rule.subject, spec.start) or "",
    )
    recent = tuple(
        NoneOf((Condition(path, Operator.GT, latest),))
        for path in spec.reset
        if not field_paths.planned(rule.subject, path)
    )
    where = All((rule.open.where, *recent)) if recent else rule.open.where
    return replace(rule.open, where=where, bound=narrowed)


def clock_ahead(
    rule: Rule, spec: ClockSpec, now: datetime, calendars: Mapping[str, Calendar]
) -> Ahead:
    """When subjects that `clock_bound` leaves out may have to be evaluated.

    Too early costs one more look; too late would cost a reminder. So the least is what any
    calendar can have counted, and the grid says how much of the time ahead will not count.
    """
    narrowed = clock_bound(rule, spec, now, calendars)
    return Ahead(
        query=replace(rule.open, columns=(), bound=narrowed.bound),
        resets=tuple(p for p in spec.reset if not field_paths.planned(rule.subject, p)),
        least=now - _threshold(rule, spec, now, None),
        grid={
            key: tuple((_threshold(rule, spec, now + on, one), now + on) for on in _GRID)
            for key, one in calendars.items()
        },
    )


def settled(rule: Rule, start: datetime, end: datetime) -> Query:
    """`rule.settled`, narrowed to what was answered in [start, end)."""
    if not rule.settled_by:
        return rule.settled
    window = (
        Condition(rule.settled_by, Operator.GTE, start),
        Condition(rule.settled_by, Operator.LT, end),
    )
    return replace(rule.settled, where=All((rule.settled.where, *window)))


def _threshold(rule: Rule, spec: ClockSpec, now: datetime, calendar: Calendar | None) -> datetime:
    """The last start whose first step is due by `now`, in any segment."""
    return max(_threshold_of(rule, target, now, calendar) for target in spec.amounts)


def _threshold_of(
    rule: Rule, target: Duration, now: datetime, calendar: Calendar | None
) -> datetime:
    starts = [_last_start(target, now, calendar)]
    for value in (step.when.value for step in rule.steps):
        if isinstance(value, int):
            part = Duration(target.span * value / 100, target.unit)
            starts.append(_last_start(part, now, calendar))
        elif value is not None and value.span < timedelta():
            last_due = _first_end(Duration(_TICK - value.span, value.unit), now, calendar)
            starts.append(_last_start(target, last_due, calendar))
    return max(starts)


def _last_start(amount: Duration, end: datetime, calendar: Calendar | None) -> datetime:
    """Without a calendar: the last start from which any calendar can have counted the amount.

    A negative amount counts back from an event: the last event that is no further away.
    """
    if amount.span < timedelta():
        return _first_end(Duration(_TICK - amount.span, amount.unit), end, calendar)
    if calendar is not None:
        return threshold(calendar, amount.unit, end, amount.span)
    return end - max(amount.span - _SLACK, timedelta())


def _first_end(amount: Duration, start: datetime, calendar: Calendar | None) -> datetime:
    """Without a calendar: no working day lasts longer than a weekend apart from the next."""
    if calendar is not None:
        return reach(calendar, amount.unit, start, amount.span)
    return start + amount.span * 10 + timedelta(days=30)
