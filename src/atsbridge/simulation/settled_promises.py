"""Promises that have ended, computed from the stored past.

A rule's clock is evaluated at the instant of each stop and cancel, with the facts just before it:
the event that ends a promise may also change its conditions, as a rejection closes the application.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice

from atsbridge.errors import require
from atsbridge.model import (
    All,
    AnyOf,
    Condition,
    Found,
    Key,
    Operator,
    Promise,
    PromiseOutcome,
    Query,
    SpanKind,
    State,
    Verdict,
)
from atsbridge.ports import Store
from atsbridge.rules import EvaluationContext, Rule, RuleStatus, evaluate_rule, field_paths
from atsbridge.simulation.history_loader import HistoryLoader
from atsbridge.simulation.past_rows import BacktestWindow, PastRow
from atsbridge.worktime import CalendarSegment, Pause, Unit, clock

_PIECE = 500
_OWN_SIGHT = ".first_seen_at"
_INSTANT = timedelta(milliseconds=1)


def can_settle(rule: Rule) -> bool:
    """Whether the end of its promises is stored: it has a stop, and no reset."""
    spec = rule.clock
    return spec is not None and spec.stop is not None and not spec.reset and not rule.news


def decide_outcome(
    due: datetime | None, ended: datetime, *, kept: bool
) -> tuple[PromiseOutcome, datetime]:
    """The outcome of a promise that ended, and when it was decided."""
    if due is not None and due < ended:
        return PromiseOutcome.LATE, due
    return (PromiseOutcome.ON_TIME if kept else PromiseOutcome.CANCELLED), ended


@dataclass(frozen=True, slots=True)
class WorkedTime:
    """Office hours between two instants, and the time that did not count."""

    worked: timedelta
    paused: timedelta
    holidays: timedelta

    @classmethod
    def between(
        cls,
        start: datetime,
        end: datetime,
        segments: Sequence[CalendarSegment],
        pauses: Sequence[Pause],
    ) -> WorkedTime:
        """Zero if the end is before the start. ValueError for a calendar without hours."""
        worked = paused = holidays = timedelta()
        for span in clock.spans(Unit.BH, start, end, segments, pauses):
            worked += span.counted
            if span.kind is SpanKind.PAUSED:
                paused += span.end - span.start
            elif span.kind is SpanKind.CLOSED:
                holidays += span.end - span.start
        return cls(worked, paused, holidays)


def measure(
    rule: Rule, found: Found, start: datetime, end: datetime, context: EvaluationContext
) -> WorkedTime | None:
    """The working time of the person who owed the promise; None if it cannot be counted."""
    spec = require(rule.clock, f"the clock of the rule {rule.id}")
    owed_by = found.facts.get(spec.owed_by) if spec.owed_by else None
    owners = context.owners(found, spec.owed_by) if spec.owed_by else ()
    segments = [
        CalendarSegment(one.since, context.calendars(one.user, spec.calendar)) for one in owners
    ]
    segments = segments or [CalendarSegment(start, context.calendars(owed_by, spec.calendar))]
    pauses: list[Pause] = []
    for path in spec.pause:
        kind, to = field_paths.find_interval_record(found.kind, path)
        record = found.facts.get(to) if to else found.id
        if record is not None:
            pauses += context.intervals(Key(found.account, kind, record), path)
    try:
        return WorkedTime.between(start, end, segments, pauses)
    except (ValueError, OverflowError):
        return None


class SettledPromises:
    """Reads the promises of one rule that ended within a window."""

    def __init__(
        self,
        account: str,
        rule: Rule,
        store: Store,
        context: EvaluationContext,
        window: tuple[datetime, datetime],
    ) -> None:
        """`rule` must be one that `can_settle`; `context`: calendars, and what cannot be read.

        `first_sight`: when records were first read. What we only date by our own sight and saw
        then may have happened long before.
        """
        self.account, self.store, self.context = account, store, context
        self.rule, self.window = replace(rule, status=RuleStatus.LIVE), window
        self.spec = require(rule.clock, f"the clock of the rule {rule.id}")
        self.first_sight = window[0]
        self.ends = tuple(p for p in (self.spec.stop, *self.spec.cancel) if p)

    def read(self, ids: Sequence[str] | None = None) -> Iterator[Promise]:
        """Promises that ended in the window, of these subjects if ids are given.

        What is stored with the same end already is left out.
        """
        start, end = self.window
        loader = HistoryLoader(self.account, self.rule, self.store, BacktestWindow(start, end))
        asked = loader.query()
        happened = AnyOf(tuple(Condition(path, Operator.GTE, start) for path in self.ends))
        query = Query(self.rule.subject, All((asked.where, happened)), asked.columns)
        rows = self.store.subjects.select(self.account, query, ids=ids)
        for piece in _pieces(rows):
            known = self.store.promises.read_ends(
                self.account, self.rule.id, [found.id for found in piece]
            )
            fresh = [found for found in piece if not self._is_known(found, known)]
            yield from self._settle(loader, fresh) if fresh else ()

    def _is_known(self, found: Found, known: Mapping[str, datetime]) -> bool:
        end = known.get(found.id)
        return end is not None and end == min(self._instants(found), default=None)

    def _instants(self, found: Found) -> Sequence[datetime]:
        """When something ended the clock, in order."""
        at = (_instant_of(found.facts.get(path)) for path in self.ends)
        return sorted({one for one in at if one is not None and one < self.window[1]})

    def _settle(self, loader: HistoryLoader, piece: Sequence[Found]) -> Iterator[Promise]:
        kept = loader.keep(piece)
        context = replace(
            self.context,
            intervals=kept.intervals,
            changes=kept.changes,
            owners=partial(loader.owners, kept),
        )
        for found in piece:
            promise = self._promise(loader.past(kept, found), context)
            if promise is not None:
                yield promise

    def _promise(self, past: PastRow, context: EvaluationContext) -> Promise | None:
        """The promise that ended first, if one was running then."""
        for at in self._instants(past.row.found):
            found = self._just_before(past, at)
            verdict = evaluate_rule(self.rule, found, replace(context, now=at))
            if verdict.state is State.UNKNOWN and self._may_have_begun(found):
                return self._unknown(found, verdict, at)
            if verdict.state is State.KEPT and self._was_there_before(at):
                return replace(self._unknown(found, verdict, at), why=self.spec.stop or "")
            if verdict.state in (State.KEPT, State.CANCELLED) and verdict.started_at:
                return self._ended(found, verdict, context)
        return None

    def _just_before(self, past: PastRow, at: datetime) -> Found:
        """The facts before `at`, with what ended the clock by then."""
        before, now = past.at(at - _INSTANT), past.row.found
        facts = dict(before.facts)
        for path in self.ends:
            value = now.facts.get(path)
            happened = _instant_of(value)
            facts[path] = value if happened is not None and happened <= at else None
        missing = tuple(path for path in before.missing if path not in self.ends)
        return Found(before.account, before.kind, before.id, facts, False, missing)

    def _was_there_before(self, at: datetime) -> bool:
        stop = self.spec.stop or ""
        return stop.endswith(_OWN_SIGHT) and at <= self.first_sight

    def _may_have_begun(self, found: Found) -> bool:
        start, twin = self.spec.start, field_paths.twin(self.rule.subject, self.spec.start)
        there = found.facts.get(start) is not None or start in found.missing
        return there or (twin is not None and found.facts.get(twin) is not None)

    def _answer(self, found: Found, end: datetime) -> State | None:
        stop = found.facts.get(self.spec.stop) if self.spec.stop else None
        return State.KEPT if _instant_of(stop) == end else None

    def _unknown(self, found: Found, verdict: Verdict, at: datetime) -> Promise:
        start = _instant_of(found.facts.get(self.spec.start))
        return Promise(
            rule=self.rule.id,
            side=self.rule.side,
            subject=verdict.subject,
            started_at=start or at,
            ended_at=at,
            counted_at=at,
            outcome=PromiseOutcome.UNKNOWN,
            owed_by=found.facts.get(self.spec.owed_by) if self.spec.owed_by else None,
            why=verdict.unknown[0] if verdict.unknown else "",
        )

    def _ended(self, found: Found, verdict: Verdict, context: EvaluationContext) -> Promise:
        start = require(verdict.started_at, "the start of a clock that has ended")
        end = require(verdict.ended_at, "the end of a clock that has ended")
        due = verdict.due.at if verdict.due else None
        # An answer that ends the application at the same instant still counts as the answer.
        kept = State.KEPT in (verdict.state, self._answer(found, end))
        outcome, counted_at = decide_outcome(due, end, kept=kept)
        time = measure(self.rule, found, start, end, context) if end >= start else None
        return Promise(
            rule=self.rule.id,
            side=self.rule.side,
            subject=verdict.subject,
            started_at=start,
            due_at=due,
            ended_at=end,
            counted_at=counted_at,
            outcome=outcome,
            worked=time.worked if time and kept else None,
            paused=time.paused if time else timedelta(),
            holidays=time.holidays if time else timedelta(),
            owed_by=verdict.owed_by,
            why="" if kept else _path(verdict),
        )


def _path(verdict: Verdict) -> str:
    return verdict.ending["path"] if verdict.ending else ""


def _instant_of(value: object) -> datetime | None:
    """An instant, or the start of a day in UTC."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _pieces(found: Iterable[Found]) -> Iterator[list[Found]]:
    rows = iter(found)
    while piece := list(islice(rows, _PIECE)):
        yield piece
