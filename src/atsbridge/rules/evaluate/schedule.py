"""The steps of a rule: parse their times, and compute their instants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from atsbridge.rules.language import field_paths
from atsbridge.rules.rule import Rule, StepWhen, When
from atsbridge.worktime import CalendarSegment, Duration, Pause, clock

_PERCENT = re.compile(r"([1-9]\d?)%")


def parse(text: str) -> StepWhen:
    """ "due", "80%", "+1bd" or "-1bd". ValueError says what it may be."""
    if text == When.DUE:
        return StepWhen(When.DUE, None, text)
    percent = _PERCENT.fullmatch(text)
    if percent:
        return StepWhen(When.PERCENT, int(percent[1]), text)
    if text[:1] in ("+", "-"):
        try:
            return StepWhen(When.AMOUNT, Duration.parse(text), text)
        except ValueError:
            pass
    raise ValueError("a step comes at due, at 1% to 99%, or an amount from due such as +1bd")


def unread_people(rule: Rule, unreadable: frozenset[str]) -> tuple[str, ...]:
    """The unknown "kind.field"s that decide whom the steps go to, in order."""
    if not unreadable:
        return ()
    people = field_paths.addressed(rule.subject, tuple(step.to for step in rule.steps))
    return tuple(sorted(people & unreadable))


class StepTimes(NamedTuple):
    """When a clock and each step are due; None during an open pause."""

    due: datetime | None
    steps: tuple[datetime | None, ...]


def compute_times(
    rule: Rule,
    target: Duration,
    began: datetime,
    segments: Sequence[CalendarSegment],
    pauses: Sequence[Pause],
) -> StepTimes:
    """The instants of the steps, in their order in the rule.

    Percentages are of counted time; amounts run on from due on the same clock with the same
    pauses, negative ones count back from it. ValueError for a calendar without hours.
    """
    due = clock.due(target.unit, began, target.span, segments, pauses)
    steps: list[datetime | None] = []
    for step in rule.steps:
        value = step.when.value
        if isinstance(value, int):
            span = _share(target.span, value)
            steps.append(clock.due(target.unit, began, span, segments, pauses))
        elif due is None or value is None:
            steps.append(due)
        else:
            steps.append(clock.due(value.unit, due, value.span, segments, pauses))
    return StepTimes(due, tuple(steps))


@lru_cache(maxsize=1000)
def _share(span: timedelta, percent: int) -> timedelta:
    """A part of a span; cached because the division is slow and the targets of rules are few."""
    return span * percent / 100
