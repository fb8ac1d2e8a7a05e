"""Relative time in conditions: "older than 60 days", "within 7 working days", "in the next 2 days".

At an instant each such comparison is one with fixed instants. An instant that lies ahead counts
back from itself. A plain date lasts from its first instant to its last in the calendar's zone.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from atsbridge.model import RELATIVE, All, Condition, FieldType, Operator, Where, resolve
from atsbridge.rules.evaluate import predicates
from atsbridge.rules.language import Elapsed, field_paths
from atsbridge.worktime import Calendar, Duration, Unit, reach, threshold

Calendars = Callable[[str | None, str], Calendar]

_TICK = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


def has_relative(where: Where) -> bool:
    """Whether time alone can change what the conditions say."""
    if isinstance(where, Condition):
        return where.operator in RELATIVE
    return any(has_relative(part) for part in where.parts)


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant at which relative comparisons are made. Nobody's own calendar counts them.

    `calendars`: as in an evaluation's context. ValueError where a calendar counts nothing.
    """

    now: datetime
    calendars: Calendars

    def fix(self, where: Where, subject: str) -> Where:
        """The conditions with instants and dates in place of relative time."""
        if not has_relative(where):
            return where
        if isinstance(where, Condition):
            return self._fixed(where, subject)
        return replace(where, parts=tuple(self.fix(part, subject) for part in where.parts))

    def holds(
        self, where: Where, facts: Mapping[str, Any], unknown: Container[str], subject: str
    ) -> bool | None:
        """Whether the conditions hold now; None where that cannot be known."""
        try:
            return predicates.evaluate(self.fix(where, subject), facts, unknown, subject)
        except (ValueError, OverflowError):
            return None

    def next_flip(self, where: Where, facts: Mapping[str, Any]) -> datetime | None:
        """The first instant after now at which time alone changes one of the conditions."""
        flips = (at for one in _relative(where) for at in self._flips(one, facts.get(one.path)))
        return min((at for at in flips if at > self.now), default=None)

    def _fixed(self, one: Condition, subject: str) -> Where:
        span: Elapsed = one.value
        unit, length = span.amount.unit, span.amount.span
        calendar = self.calendars(None, span.calendar)
        is_date = resolve(subject, one.path).field.type is FieldType.DATE
        past = threshold(calendar, unit, self.now, length)
        if one.operator is Operator.OLDER_THAN:
            latest = _local(past, calendar) - _DAY if is_date else past
            return Condition(one.path, Operator.LTE, latest)
        ahead = reach(calendar, unit, self.now, length)
        if is_date:
            start = past if one.operator is Operator.WITHIN else self.now
            bounds = _local(start, calendar), _local(ahead - _TICK, calendar)
            operators = Operator.GTE, Operator.LTE
        else:
            bounds = (past if one.operator is Operator.WITHIN else self.now), ahead
            operators = Operator.GT, Operator.LT
        return All(tuple(map(Condition, (one.path, one.path), operators, bounds)))

    def _flips(self, one: Condition, value: Any) -> Iterator[datetime]:
        span: Elapsed = one.value
        unit, length = span.amount.unit, span.amount.span
        calendar = self.calendars(None, span.calendar)
        if isinstance(value, datetime):
            begin = end = value
        elif isinstance(value, date):
            begin = field_paths.day_start(value, calendar.zone)
            end = field_paths.day_end(value, calendar.zone)
        else:
            return
        if one.operator is Operator.WITHIN_NEXT:
            yield end
        else:
            yield reach(calendar, unit, end, length)
        if one.operator is not Operator.OLDER_THAN:
            yield threshold(calendar, unit, begin, length) + _TICK


def passed(where: Where, subject: str, now: datetime) -> tuple[Condition, ...]:
    """Conditions that every subject meets for which the block holds now or can hold again.

    What happened too long ago does not come back by itself. Working time runs slower than the
    clock on the wall, so that more is left than any calendar counts.
    """
    return tuple(
        Condition(one.path, Operator.GT, _long_ago(one, now))
        for one in _conjuncts(where)
        if one.operator in (Operator.WITHIN, Operator.WITHIN_NEXT)
        and resolve(subject, one.path).field.type is FieldType.INSTANT
    )


def _conjuncts(where: Where) -> Iterator[Condition]:
    """The conditions that must all hold."""
    if isinstance(where, Condition):
        yield where
    elif isinstance(where, All):
        for part in where.parts:
            yield from _conjuncts(part)


def _long_ago(one: Condition, now: datetime) -> datetime:
    """The condition does not hold for this instant or an earlier one, now or later."""
    if one.operator is Operator.WITHIN_NEXT:
        return now
    amount: Duration = one.value.amount
    length = amount.span
    if amount.unit in (Unit.BD, Unit.BH):
        length = length * 10 + timedelta(days=30)
    return now - length


def _local(at: datetime, calendar: Calendar) -> date:
    return at.astimezone(ZoneInfo(calendar.zone)).date()


def _relative(where: Where) -> Iterator[Condition]:
    if isinstance(where, Condition):
        if where.operator in RELATIVE:
            yield where
        return
    for part in where.parts:
        yield from _relative(part)
