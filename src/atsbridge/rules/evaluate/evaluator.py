"""Judging: one rule on one subject at one instant, as a pure function.

Which subjects are looked at is `bounds`' and the store's; what follows is decided in `cases`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from atsbridge.model import Due, EndCode, Found, Key, Span, State, Verdict, because, paths
from atsbridge.rules.evaluate import clock_events, predicates, schedule
from atsbridge.rules.evaluate.check import Check
from atsbridge.rules.evaluate.clock_events import Facts, Reading
from atsbridge.rules.evaluate.end_reasons import ended_by, outside
from atsbridge.rules.evaluate.evaluation_context import Owner, Surroundings
from atsbridge.rules.evaluate.prefilter import ahead, bound, settled
from atsbridge.rules.evaluate.schedule import Ladder
from atsbridge.rules.language import field_paths
from atsbridge.rules.rule import ClockSpec, Rule
from atsbridge.worktime import Amount, Calendar, Pause, Stint, Unit, clock

__all__ = ["Owner", "Surroundings", "ahead", "bound", "judge", "settled"]


@dataclass(frozen=True, slots=True)
class _Subject:
    """One subject while it is judged."""

    rule: Rule
    found: Found
    around: Surroundings

    def verdict(self, state: State, reason: str = "", **more: object) -> Verdict:
        return Verdict(
            rule=self.rule.id,
            subject=Key(self.found.account, self.found.kind, self.found.id),
            at=self.around.now,
            state=state,
            reason=reason,
            evidence=self.found.facts,
            **more,  # type: ignore[arg-type]
        )

    def blind(self, unknown: Sequence[str]) -> Verdict:
        """Nothing can be said; where a parent only waits for its turn, every tick looks again."""
        waits = bool(self.found.unread)
        words = "still to be read" if waits else "cannot be read now"
        return self.verdict(
            State.UNKNOWN,
            f"{words}: {', '.join(unknown)}",
            unknown=tuple(unknown),
            look_at=self.around.now if waits else None,
        )

    def unknown(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Those of the paths of which nothing can be said."""
        return field_paths.unique([path for path in wanted if self._doubtful(path)])

    def _doubtful(self, path: str) -> bool:
        subject, found, around = self.rule.subject, self.found, self.around
        if path in found.missing:
            return True
        if around.unreadable and field_paths.columns(subject, path) & around.unreadable:
            return True
        if found.facts.get(path) is not None:
            return False
        if field_paths.is_interval(subject, path):
            ways = (field_paths.bearer(subject, path)[1], field_paths.origin(subject, path))
            return any(way in found.missing for way in ways)
        return field_paths.silent(subject, path)


def judge(rule: Rule, found: Found, around: Surroundings) -> Verdict:
    """What the rule says of the subject at `around.now`.

    Same rule, facts and surroundings: same verdict. Nothing is read or written but through
    `around`. ConfigError where a calendar's name has no calendar.
    """
    if found.unread:
        around = replace(around, unreadable=around.unreadable | found.unread)
    subject = _Subject(rule, found, around)
    if found.gone:
        return subject.verdict(State.OUTSIDE, "gone", ending=because(EndCode.DELETED))
    unknown = subject.unknown(paths(rule.where))
    holds = predicates.evaluate(rule.where, found.facts, unknown, rule.subject)
    if holds is None:
        return subject.blind(unknown)
    if not holds:
        reason = predicates.failed(rule.where, found.facts, rule.subject, unknown)
        ending = outside(rule, found.facts, unknown)
        return subject.verdict(State.OUTSIDE, reason, ending=ending)
    exempted = _exempted(subject)
    if exempted is not None:
        return exempted
    if unread := schedule.unread_people(rule, around.unreadable):
        return subject.blind(unread)
    if rule.clock is not None:
        return _judge_clock(subject, rule.clock)
    if rule.check is not None:
        return _judge_check(subject, rule.check)
    return subject.verdict(State.UNKNOWN, f'the judge "{rule.judge}" is not this one')


def _exempted(subject: _Subject) -> Verdict | None:
    """The verdict on a subject that an exception leaves alone, or may leave alone."""
    rule, found = subject.rule, subject.found
    for one in rule.exemptions:
        if subject.around.now >= one.until:
            continue
        unknown = subject.unknown(paths(one.where))
        holds = predicates.evaluate(one.where, found.facts, unknown, rule.subject)
        if holds is None:
            return subject.blind(unknown)
        if holds:
            reason = f"left alone until {one.until:%Y-%m-%d}: {one.why}"
            day = f"{one.until:%Y-%m-%d}"
            ending = because(EndCode.EXCEPTION, until=day, why=one.why)
            return subject.verdict(State.OUTSIDE, reason, look_at=one.until, ending=ending)
    return None


def _judge_check(subject: _Subject, check: Check) -> Verdict:
    """Breached while the check finds something, from the instant it was found."""
    found, around = subject.found, subject.around
    unread = check.below.unread(around) if check.below is not None else ()
    unknown = (*subject.unknown(check.reads), *unread)
    if unknown:
        return subject.blind(unknown)
    finding = check.look(found, around)
    if finding.unknown and finding.reason:
        return subject.verdict(State.UNKNOWN, finding.reason, unknown=finding.unknown)
    if finding.unknown:
        return subject.blind(finding.unknown)
    if not finding.wrong:
        cleared = because(EndCode.CLEARED)
        return subject.verdict(State.KEPT, finding.reason, look_at=finding.look_at, ending=cleared)
    key = Key(found.account, found.kind, found.id)
    began = finding.since or around.opened(subject.rule.id, key) or around.now
    stints = [Stint(began, around.calendars(None, subject.rule.calendar))]
    climbed = schedule.climb(subject.rule, Amount(timedelta(), Unit.BD), began, stints, ())
    come = tuple(i for i, at in enumerate(climbed.steps) if at is not None and at <= around.now)
    ahead = [at for at in (*climbed.steps, finding.look_at) if at is not None and at > around.now]
    return subject.verdict(
        State.WARNED if subject.rule.news else State.BREACHED,
        finding.reason,
        finding=finding.reason,
        started_at=began,
        due=Due(began, climbed.steps),
        steps_due=come,
        look_at=min(ahead, default=None),
    )


def _judge_clock(subject: _Subject, spec: ClockSpec) -> Verdict:
    found, around = subject.found, subject.around
    unknown = _unread_words(subject, spec)
    if unknown:
        return subject.blind(unknown)
    owed_by = found.facts.get(spec.owed_by) if spec.owed_by else None
    calendar = around.calendars(owed_by, spec.calendar)
    facts = Facts(subject.rule.subject, found.facts, calendar.zone, around.now, around.never)
    try:
        reading = clock_events.read(spec, facts)
        if reading.began is None:
            return _not_started(subject, spec, reading)
        stints = _stints(subject, spec, calendar, reading.began)
        pauses = _pauses(subject, spec)
        target = spec.target_of(found.facts)
        climbed = schedule.climb(subject.rule, target, reading.began, stints, pauses)
        until = _until(spec, climbed, stints, pauses)
        spans = _spans(subject, target, reading, stints, pauses)
    except (ValueError, OverflowError) as error:
        return subject.verdict(State.UNKNOWN, f"this clock cannot be counted: {error}")
    return _weigh(subject, reading, climbed, pauses, owed_by, spans, until)


def _weigh(
    subject: _Subject,
    reading: Reading,
    climbed: Ladder,
    pauses: Sequence[Pause],
    owed_by: str | None,
    spans: tuple[Span, ...],
    until: datetime | None,
) -> Verdict:
    """The state that a counted clock is in; after `until` there is nothing more to say."""
    now, ended, began = subject.around.now, reading.ended, reading.began
    steps, due_at = climbed.steps, climbed.due
    come = tuple(i for i, at in enumerate(steps) if at is not None and at <= now)
    ahead = [*reading.ahead, *(at for at in (due_at, *steps, until) if at is not None and at > now)]
    due = Due(due_at, steps) if due_at is not None else None
    known = {"started_at": began, "due": due, "owed_by": owed_by, "spans": spans}
    if ended is not None:
        kept = ended.rank == clock_events.STOP
        state, word = (State.KEPT, "stopped") if kept else (State.CANCELLED, "cancelled")
        look_at = min(reading.ahead, default=None)
        return subject.verdict(
            state,
            f"{word} by {ended.path}",
            ended_at=ended.at,
            look_at=look_at,
            ending=ended_by(ended.path, kept=kept),
            **known,
        )
    if until is not None and until <= now:
        look_at = min(reading.ahead, default=None)
        over = because(EndCode.NEWS_OVER)
        return subject.verdict(
            State.KEPT, "told", ended_at=until, look_at=look_at, ending=over, **known
        )
    standing = next((p.reason for p in pauses if p.start <= now and p.end is None), None)
    if due_at is not None and due_at <= now:
        state = State.WARNED if subject.rule.news else State.BREACHED
        reason = "due has come"
    elif began is not None and began > now:
        state, reason = (State.WARNED if come else State.PENDING), "the start lies ahead"
    elif standing is not None:
        state, reason = State.PAUSED, f"paused: {standing}"
    else:
        state, reason = (State.WARNED if come else State.RUNNING), ""
    return subject.verdict(state, reason, steps_due=come, look_at=min(ahead, default=None), **known)


def _until(
    spec: ClockSpec, climbed: Ladder, stints: Sequence[Stint], pauses: Sequence[Pause]
) -> datetime | None:
    """When a clock that lasts has nothing more to say."""
    if spec.lasts is None or climbed.due is None:
        return None
    return clock.due(spec.lasts.unit, climbed.due, spec.lasts.span, stints, pauses)


def _not_started(subject: _Subject, spec: ClockSpec, reading: Reading) -> Verdict:
    """A clock without a start; a cancel or a stop that happened all the same ended it."""
    ended = reading.ended
    if ended is None:
        ending = because(EndCode.NOT_STARTED, path=spec.start)
        return subject.verdict(State.OUTSIDE, f"{spec.start} has not happened", ending=ending)
    kept = ended.rank == clock_events.STOP
    state, word = (State.KEPT, "stopped") if kept else (State.CANCELLED, "cancelled")
    ending = ended_by(ended.path, kept=kept)
    return subject.verdict(state, f"{word} by {ended.path}", ended_at=ended.at, ending=ending)


def _unread_words(subject: _Subject, spec: ClockSpec) -> tuple[str, ...]:
    """The clock's words that cannot be read now; those without a source here never happen."""
    never = subject.around.never
    kind, every = subject.rule.subject, (*spec.pause, *spec.reset, *spec.cancel)
    words = [word for word in every if field_paths.declared(kind, word) not in never]
    start = field_paths.twin(kind, spec.start)
    if start is None or subject.found.facts.get(start) is None:
        start = spec.start
    words += [spec.targets.path] if spec.targets and _has_source(subject, spec.targets.path) else []
    return subject.unknown(word for word in (start, spec.stop, *words, spec.owed_by) if word)


def _has_source(subject: _Subject, path: str) -> bool:
    """Whether anything here tells the segment; where nothing does, all have the one target."""
    there = subject.found.facts.get(path) is not None
    return there or field_paths.declared(subject.rule.subject, path) not in subject.around.never


def _stints(subject: _Subject, spec: ClockSpec, calendar: Calendar, began: datetime) -> list[Stint]:
    """Whose calendar counts from when: a hand-over changes only time to come."""
    history = subject.around.owners(subject.found, spec.owed_by) if spec.owed_by else ()
    if not history:
        return [Stint(began, calendar)]
    calendars = subject.around.calendars
    return [Stint(owner.since, calendars(owner.user, spec.calendar)) for owner in history]


def _pauses(subject: _Subject, spec: ClockSpec) -> list[Pause]:
    """The pauses as they are known at `now`: one that ends later has not ended."""
    found, now, never = subject.found, subject.around.now, subject.around.never
    pauses = []
    for word in spec.pause:
        if field_paths.declared(found.kind, word) in never:
            continue
        kind, path = field_paths.bearer(found.kind, word)
        bearer = found.facts.get(path) if path else found.id
        if bearer is None:
            continue
        for one in subject.around.intervals(Key(found.account, kind, bearer), word):
            if one.start <= now:
                over = one.end if one.end is not None and one.end <= now else None
                pauses.append(Pause(one.start, over, word))
    return pauses


def _spans(
    subject: _Subject,
    target: Amount,
    reading: Reading,
    stints: Sequence[Stint],
    pauses: Sequence[Pause],
) -> tuple[Span, ...]:
    if not subject.around.explain or reading.began is None:
        return ()
    end = reading.ended.at if reading.ended else subject.around.now
    return clock.spans(target.unit, reading.began, end, stints, pauses)
