"""The figures of a backtest: cases, messages per person, cases that ended on their own. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from atsbridge.cases import DueStep, next_morning
from atsbridge.model import Destination
from atsbridge.simulation.backtest_run import BacktestOutcome
from atsbridge.simulation.replay import SimulatedCase
from atsbridge.worktime import Calendar, next_open

CLEARED = (timedelta(hours=4), timedelta(hours=24), timedelta(hours=72))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHabits:
    """When people can be messaged: `calendar` of each reader, and the settings of `[notify]`."""

    calendar: Callable[[Destination], Calendar]
    quiet: bool
    digest_at: time
    per_day: int


@dataclass(frozen=True, slots=True)
class ReaderFigures:
    """One person: messages, the most on one of their days, and days over the limit."""

    address: str
    messages: int
    in_digest: int
    most: int
    days_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestFigures:
    """The figures of one rule on one account over a window.

    `opened` excludes `baseline`, the cases that were already late at the start. `cleared`: hours ->
    share of `opened` that ended within them. `messages` were sent at once, `in_digest` waited for a
    digest, `spared` ended before they could be sent. `weeks` may be a fraction.
    """

    subjects: int
    opened: int
    baseline: int
    still_open: int
    messages: int
    in_digest: int
    to_channels: int
    spared: int
    weeks: float
    cleared: Mapping[int, float]
    busiest: tuple[date, int] | None
    readers: tuple[ReaderFigures, ...]  # those with most messages first
    unsure: int
    unknown: Mapping[str, int]

    @property
    def over_budget(self) -> tuple[ReaderFigures, ...]:
        """People who would have had more messages than the daily limit."""
        return tuple(one for one in self.readers if one.days_over)

    @property
    def per_week(self) -> float:
        """Messages per person and week without digests: the mean over people who got any."""
        return self.messages / len(self.readers) / self.weeks if self.readers else 0.0


@dataclass(frozen=True, slots=True)
class _Message:
    """One message that would have been sent; `day`: in the zone of its reader."""

    to: Destination
    day: date
    digest: bool


def figures(outcome: BacktestOutcome, habits: MessageHabits) -> BacktestFigures:
    """Compute the figures of an outcome."""
    fresh = [case for case in outcome.cases if not case.baseline]
    decided = [(case, at, reached) for case in outcome.cases for at, reached in case.reached_steps]
    sent = [message for case in outcome.cases for message in _messages(case, habits)]
    people = [one for one in sent if one.to.kind == "person"]
    at_once = [one for one in people if not one.digest]
    days = Counter(one.day for one in at_once)
    busiest = max(days.items(), key=lambda one: (one[1], one[0])) if days else None
    window = outcome.window
    return BacktestFigures(
        subjects=outcome.subjects,
        opened=len(fresh),
        baseline=len(outcome.cases) - len(fresh),
        still_open=sum(case.ended_at is None for case in outcome.cases),
        messages=len(at_once),
        in_digest=len(people) - len(at_once),
        to_channels=len(sent) - len(people),
        spared=len(decided) - len(sent),
        weeks=(window.end - window.start) / timedelta(weeks=1),
        cleared={int(span / timedelta(hours=1)): _share(fresh, span) for span in CLEARED},
        busiest=busiest,
        readers=tuple(_readers(people, habits.per_day)),
        unsure=outcome.unsure,
        unknown=dict(outcome.unknown.most_common()),
    )


def _messages(case: SimulatedCase, habits: MessageHabits) -> Sequence[_Message]:
    """Messages for a case. They are held over quiet hours, and sent only if the case is still open.

    Of messages that wait for one reader until the same instant, only the last is sent.
    """
    going: dict[tuple[str, datetime], _Message] = {}
    for at, reached in case.reached_steps:
        out = _goes_out(at, reached, habits)
        if case.ended_at is None or out < case.ended_at:
            zone = ZoneInfo(habits.calendar(reached.to).zone)
            local = out.astimezone(zone).date()
            going[reached.to.address, out] = _Message(reached.to, local, reached.morning)
    return list(going.values())


def _goes_out(at: datetime, reached: DueStep, habits: MessageHabits) -> datetime:
    if reached.to.kind != "person":
        return at
    if reached.morning:
        return next_morning(at, habits.calendar(reached.to), habits.digest_at)
    return next_open(habits.calendar(reached.to), at) if habits.quiet else at


def _share(cases: Sequence[SimulatedCase], span: timedelta) -> float:
    """The share of these cases that ended within a duration."""
    ended = (case.ended_at - case.opened_at <= span for case in cases if case.ended_at is not None)
    return sum(ended) / len(cases) if cases else 0.0


def _readers(people: Sequence[_Message], per_day: int) -> Sequence[ReaderFigures]:
    days: dict[str, Counter[date]] = {}
    digests: Counter[str] = Counter()
    for one in people:
        mine = days.setdefault(one.to.address, Counter())
        if one.digest:
            digests[one.to.address] += 1
        else:
            mine[one.day] += 1
    found = [
        ReaderFigures(
            address=address,
            messages=mine.total(),
            in_digest=digests[address],
            most=max(mine.values(), default=0),
            days_over=sum(count > per_day for count in mine.values()),
        )
        for address, mine in days.items()
    ]
    return sorted(found, key=lambda one: (-one.messages, -one.in_digest, one.address))
