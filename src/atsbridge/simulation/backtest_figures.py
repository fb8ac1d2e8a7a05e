"""The figures of a backtest: cases, messages per person, cases that ended on their own. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from atsbridge.cases import DueStep, next_morning
from atsbridge.model import Destination
from atsbridge.simulation.backtest_run import BacktestOutcome
from atsbridge.simulation.past_attention import PastAttention
from atsbridge.simulation.simulated_case import SimulatedCase
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

    `opened` excludes `baseline` and `backlog`, the cases that were already late at the start.
    `put_off`: messages that waited for the end of a silence, a hold or the breach of another rule,
    or were not needed by then. `held`: messages that the circuit breaker held in the runs `trips`
    (run, cases that opened in it). `capped`: messages that joined a digest, because their reader
    had as many as a day allows, those of other rules included. `cleared`: hours ->
    share of `opened` that ended within them. `messages` were sent at once, `in_digest` waited for a
    digest, `spared` ended before they could be sent. `weeks` may be a fraction.
    """

    subjects: int
    opened: int
    baseline: int
    backlog: int
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
    put_off: int = 0
    held: int = 0
    capped: int = 0
    trips: tuple[tuple[datetime, int], ...] = ()

    @property
    def over_budget(self) -> tuple[ReaderFigures, ...]:
        """People who would have had more messages than the daily limit."""
        return tuple(one for one in self.readers if one.days_over)

    @property
    def per_week(self) -> float:
        """Messages per person and week without digests: the mean over people who got any."""
        return self.messages / len(self.readers) / self.weeks if self.readers else 0.0


class _Message(NamedTuple):
    """One message that would have been sent; `day`: in the zone of its reader."""

    to: Destination
    day: date
    digest: bool


def figures(
    outcome: BacktestOutcome, habits: MessageHabits, past: PastAttention | None = None
) -> BacktestFigures:
    """Compute the figures of an outcome. `past`: what a run weighs besides the rule."""
    tally = _Tally(habits, past or PastAttention(), outcome.window.end, outcome.cases)
    fresh = [case for case in outcome.cases if not case.baseline]
    steps = sum(len(case.reached_steps) for case in outcome.cases)
    sent = [message for case in outcome.cases for message in tally.find_messages(case)]
    people = [one for one in sent if one.to.kind == "person"]
    at_once = [one for one in people if not one.digest]
    capped = tally.count_capped(people)
    days = Counter(one.day for one in at_once)
    busiest = max(days.items(), key=lambda one: (one[1], one[0])) if days else None
    window, backlog = outcome.window, sum(case.backlog for case in outcome.cases)
    return BacktestFigures(
        subjects=outcome.subjects,
        opened=len(fresh),
        baseline=len(outcome.cases) - len(fresh) - backlog,
        backlog=backlog,
        still_open=sum(case.ended_at is None for case in outcome.cases),
        messages=len(at_once) - capped,
        in_digest=len(people) - len(at_once) + capped,
        to_channels=len(sent) - len(people),
        spared=steps - len(sent) - tally.held,
        weeks=(window.end - window.start) / timedelta(weeks=1),
        cleared={int(span / timedelta(hours=1)): _share(fresh, span) for span in CLEARED},
        busiest=busiest,
        readers=tuple(_readers(people, habits.per_day)),
        unsure=outcome.unsure,
        unknown=dict(outcome.unknown.most_common()),
        put_off=tally.put_off,
        held=tally.held,
        capped=capped,
        trips=tuple(tally.trips.items()),
    )


@dataclass(slots=True)
class _Tally:
    """Turns steps into messages, and counts those that a run would have kept back."""

    habits: MessageHabits
    past: PastAttention
    until: datetime
    cases: InitVar[Sequence[SimulatedCase]]
    trips: Mapping[datetime, int] = field(init=False)
    put_off: int = 0
    held: int = 0

    def __post_init__(self, cases: Sequence[SimulatedCase]) -> None:
        self.trips = self.past.find_trips(cases)

    def find_messages(self, case: SimulatedCase) -> Sequence[_Message]:
        """Messages for a case. They are held over quiet hours, and sent only if it is still open.

        Of messages that wait for one reader until the same instant, only the last is sent.
        """
        going: dict[tuple[str, datetime], _Message] = {}
        tripped = bool(self.trips) and self.past.find_run(case.opened_at) in self.trips
        for at, reached in case.reached_steps:
            if tripped and at == case.opened_at:
                self.held += 1
                continue
            later = self.past.put_off(case.subject, at)
            self.put_off += later > at
            if later >= self.until:
                continue  # nobody was notified within the window
            calendar = self.habits.calendar(reached.to)
            out = _goes_out(later, reached, self.habits, calendar)
            if case.ended_at is None or out < case.ended_at:
                local = out.astimezone(ZoneInfo(calendar.zone)).date()
                going[reached.to.address, out] = _Message(reached.to, local, reached.morning)
        return list(going.values())

    def count_capped(self, people: Sequence[_Message]) -> int:
        """How many messages at once were more than their readers' days allowed."""
        at_once = Counter((one.to.address, one.day) for one in people if not one.digest)
        digests = {(one.to.address, one.day) for one in people if one.digest}
        over = 0
        for where, number in at_once.items():
            address, day = where
            others = self.past.spent.get((address.lower(), day), 0)
            room = max(self.habits.per_day - others - (where in digests), 0)
            over += max(number - room, 0)
        return over


def _goes_out(
    at: datetime, reached: DueStep, habits: MessageHabits, calendar: Calendar
) -> datetime:
    if reached.to.kind != "person":
        return at
    if reached.morning:
        return next_morning(at, calendar, habits.digest_at)
    return next_open(calendar, at) if habits.quiet else at


def _share(cases: Sequence[SimulatedCase], span: timedelta) -> float:
    """The share of these cases that ended within a duration."""
    ended = (case.ended_at - case.opened_at <= span for case in cases if case.ended_at is not None)
    return sum(ended) / len(cases) if cases else 0.0


def _readers(people: Sequence[_Message], per_day: int) -> Sequence[ReaderFigures]:
    days: dict[str, Counter[date]] = defaultdict(Counter)
    digests: Counter[str] = Counter()
    for one in people:
        mine = days[one.to.address]
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
