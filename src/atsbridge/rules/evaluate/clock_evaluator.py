"""The evaluator of clocks: from start to stop, in the calendar of the person who has to act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge.errors import require
from atsbridge.model import (
    Ahead,
    Due,
    Found,
    Key,
    Query,
    Reason,
    ReasonCode,
    Span,
    State,
    Verdict,
    because,
)
from atsbridge.rules.evaluate import clock_events, prefilter, schedule
from atsbridge.rules.evaluate.clock_events import ClockReading, Facts
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.rule_subject import RuleSubject, VerdictDetails
from atsbridge.rules.evaluate.schedule import StepTimes
from atsbridge.rules.evaluate.verdict_reasons import ended_by
from atsbridge.rules.language import field_paths
from atsbridge.rules.rule import ClockSpec, Rule
from atsbridge.worktime import Calendar, CalendarSegment, Pause, clock


@dataclass(frozen=True)
class ClockEvaluator:
    """Evaluates rules with a `clock`."""

    def evaluate(self, rule: Rule, found: Found, context: EvaluationContext) -> Verdict:
        """Unknown if an event of the clock is unknown, or if it cannot be counted."""
        subject, spec = RuleSubject.create(rule, found, context), _clock_of(rule)
        context = subject.context
        unknown = _find_unknown_events(subject, spec)
        if unknown:
            return subject.unknown_verdict(unknown)
        owed_by = found.facts.get(spec.owed_by) if spec.owed_by else None
        calendar = context.calendars(owed_by, spec.calendar)
        facts = Facts(rule.subject, found.facts, calendar.zone, context.now, context.never)
        try:
            reading = clock_events.read(spec, facts)
            if reading.began is None:
                return _not_started(subject, spec, reading)
            counted = _count(subject, spec, reading, calendar, owed_by)
        except (ValueError, OverflowError) as error:
            return subject.verdict(State.UNKNOWN, because(ReasonCode.UNCOUNTABLE, text=str(error)))
        return _weigh(subject, counted)

    def prefilter(self, rule: Rule, now: datetime, calendars: Mapping[str, Calendar]) -> Query:
        """Subjects whose clock can have reached its first step by `now`."""
        return prefilter.clock_bound(rule, _clock_of(rule), now, calendars)

    def next_evaluation(
        self, rule: Rule, now: datetime, calendars: Mapping[str, Calendar]
    ) -> Ahead | None:
        """When a clock outside the prefilter reaches its first step at the earliest."""
        return prefilter.clock_ahead(rule, _clock_of(rule), now, calendars)


def _clock_of(rule: Rule) -> ClockSpec:
    return require(rule.clock, f"the clock of the rule {rule.id}")


@dataclass(slots=True)  # made for each verdict: a frozen one takes three times as long
class _Counted:
    """A counted clock. `until`: when a clock with `lasts` is over; None: never."""

    reading: ClockReading
    times: StepTimes
    pauses: Sequence[Pause]
    owed_by: str | None
    spans: tuple[Span, ...]
    until: datetime | None
    now: datetime

    @property
    def steps_come(self) -> tuple[int, ...]:
        """The steps that are due by now."""
        now = self.now
        return tuple([i for i, at in enumerate(self.times.steps) if at is not None and at <= now])

    @property
    def next_evaluation(self) -> datetime | None:
        """The next instant at which time alone changes the verdict."""
        now, instants = self.now, (self.times.due, *self.times.steps, self.until)
        later = [at for at in instants if at is not None and at > now]
        return min((*self.reading.ahead, *later), default=None)


def _count(
    subject: RuleSubject,
    spec: ClockSpec,
    reading: ClockReading,
    calendar: Calendar,
    owed_by: str | None,
) -> _Counted:
    """ValueError or OverflowError where the clock cannot be counted."""
    began = require(reading.began, "the start of a clock that is counted")
    segments = _find_owners(subject, spec, calendar, began)
    pauses = _find_pauses(subject, spec)
    target = spec.target_of(subject.found.facts)
    times = schedule.compute_times(subject.rule, target, began, segments, pauses)
    until: datetime | None = None
    spans: tuple[Span, ...] = ()
    if spec.lasts is not None and times.due is not None:
        until = clock.due(spec.lasts.unit, times.due, spec.lasts.span, segments, pauses)
    now = subject.context.now
    if subject.context.explain:
        end = reading.ended.at if reading.ended else now
        spans = clock.spans(target.unit, began, end, segments, pauses)
    return _Counted(reading, times, pauses, owed_by, spans, until, now)


def _weigh(subject: RuleSubject, counted: _Counted) -> Verdict:
    """The verdict of a counted clock."""
    reading, due_at = counted.reading, counted.times.due
    known: VerdictDetails = {
        "started_at": reading.began,
        "due": Due(due_at, counted.times.steps) if due_at is not None else None,
        "owed_by": counted.owed_by,
        "spans": counted.spans,
    }
    ended, until = reading.ended, counted.until
    over = until is not None and until <= counted.now
    if ended is not None or over:
        state, ending = _end(ended) if ended is not None else _NEWS_OVER
        known["ended_at"] = ended.at if ended is not None else until
        known["look_at"] = min(reading.ahead, default=None)
        known["ending"] = ending
        return subject.verdict(state, ending, **known)
    come = counted.steps_come
    state, reason = _state(subject, counted, warned=bool(come))
    known["steps_due"], known["look_at"] = come, counted.next_evaluation
    return subject.verdict(state, reason, **known)


def _state(subject: RuleSubject, counted: _Counted, *, warned: bool) -> tuple[State, Reason | None]:
    """The state of a running clock, and the reason. `warned`: a step is due."""
    now, began, due_at = counted.now, counted.reading.began, counted.times.due
    if due_at is not None and due_at <= now:
        return (State.WARNED if subject.rule.news else State.BREACHED), _DUE
    if began is not None and began > now:
        return (State.WARNED if warned else State.PENDING), _START_AHEAD
    open_pause = next((p.reason for p in counted.pauses if p.start <= now and p.end is None), None)
    if open_pause is not None:
        return State.PAUSED, because(ReasonCode.PAUSED, path=open_pause)
    return (State.WARNED if warned else State.RUNNING), None


_NEWS_OVER = (State.KEPT, because(ReasonCode.NEWS_OVER))
_DUE = because(ReasonCode.DUE)
_START_AHEAD = because(ReasonCode.START_AHEAD)


def _end(ended: clock_events.EndEvent) -> tuple[State, Reason]:
    """The verdict after a stop or a cancel."""
    kept = ended.rank == clock_events.STOP
    return State.KEPT if kept else State.CANCELLED, ended_by(ended.path, kept=kept)


def _not_started(subject: RuleSubject, spec: ClockSpec, reading: ClockReading) -> Verdict:
    """The verdict without a start. A cancel or stop that happened anyway ended the clock."""
    ended = reading.ended
    if ended is None:
        ending = because(ReasonCode.NOT_STARTED, path=spec.start)
        reason = because(ReasonCode.NOT_HAPPENED, path=spec.start)
        return subject.verdict(State.OUTSIDE, reason, ending=ending)
    state, ending = _end(ended)
    return subject.verdict(state, ending, ended_at=ended.at, ending=ending)


def _find_unknown_events(subject: RuleSubject, spec: ClockSpec) -> tuple[str, ...]:
    """The clock's paths that are unknown; those without a source in this account never happen."""
    never = subject.context.never
    kind, every = subject.rule.subject, (*spec.pause, *spec.reset, *spec.cancel)
    paths = [path for path in every if field_paths.declared(kind, path) not in never]
    start = field_paths.twin(kind, spec.start)
    if start is None or subject.found.facts.get(start) is None:
        start = spec.start
    if spec.targets and _has_source(subject, spec.targets.path):
        paths.append(spec.targets.path)
    return subject.find_unknown(
        path for path in (start, spec.stop, *paths, spec.owed_by) if path is not None
    )


def _has_source(subject: RuleSubject, path: str) -> bool:
    """Whether the account has a source for the segment; if not, all have the common target."""
    if subject.found.facts.get(path) is not None:
        return True
    return field_paths.declared(subject.rule.subject, path) not in subject.context.never


def _find_owners(
    subject: RuleSubject, spec: ClockSpec, calendar: Calendar, began: datetime
) -> list[CalendarSegment]:
    """Whose calendar counts from when. A hand-over changes only later time."""
    history = subject.context.owners(subject.found, spec.owed_by) if spec.owed_by else ()
    if not history:
        return [CalendarSegment(began, calendar)]
    calendars = subject.context.calendars
    return [CalendarSegment(owner.since, calendars(owner.user, spec.calendar)) for owner in history]


def _find_pauses(subject: RuleSubject, spec: ClockSpec) -> list[Pause]:
    """The pauses as known at `now`: a pause that ends later is still open."""
    found, now, never = subject.found, subject.context.now, subject.context.never
    pauses = []
    for path in spec.pause:
        if field_paths.declared(found.kind, path) in never:
            continue
        kind, to = field_paths.find_interval_record(found.kind, path)
        record = found.facts.get(to) if to else found.id
        if record is None:
            continue
        for one in subject.context.intervals(Key(found.account, kind, record), path):
            if one.start <= now:
                over = one.end if one.end is not None and one.end <= now else None
                pauses.append(Pause(one.start, over, path))
    return pauses
