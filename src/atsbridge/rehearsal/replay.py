"""One subject's past lived through again: judged whenever something changed or a step came.

The same judge, lifecycle and ladder as in a tick, at exact instants. Which subjects, and what their
past is made of, is `backtest`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from atsbridge.cases.ladder import Rung, rungs
from atsbridge.cases.lifecycle import move
from atsbridge.cases.people import Directory
from atsbridge.model.case import Case, End
from atsbridge.model.change import Change
from atsbridge.model.query import Found, Query
from atsbridge.model.record import Key
from atsbridge.model.verdict import State
from atsbridge.rehearsal.operands import Operand, Row
from atsbridge.rehearsal.track import UNKNOWN, Track
from atsbridge.rules import truth
from atsbridge.rules.judge import Owner, Surroundings, judge
from atsbridge.rules.rule import Rule, Step
from atsbridge.rules.vocabulary import bearer
from atsbridge.worktime.amount import Amount
from atsbridge.worktime.clock import Pause

_MOST = 400  # looks at one subject: more than a year of working days


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to before `end`."""

    start: datetime
    end: datetime


@dataclass(slots=True)
class Lived:
    """A case that would have been. `baseline`: it was late already when the window begins."""

    subject: Key
    opened_at: datetime
    baseline: bool
    ended_at: datetime | None = None
    end: End | None = None
    rungs: list[tuple[datetime, Rung]] = field(default_factory=list)


@dataclass(slots=True)
class Course:
    """What became of one subject. `unknown`: the paths nobody knew at some time in the window."""

    cases: list[Lived] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)


class Past:
    """A row with the track of everything that moves in it: the row as it was at any instant."""

    def __init__(self, row: Row, operands: Iterable[Operand], window: Window) -> None:
        self.row = row
        self._steady = dict(row.found.facts)
        self._lost: set[str] = set(row.found.missing)
        self._moving: list[tuple[str, Track]] = []
        times: set[datetime] = set()
        for one in operands:
            track = one.read(row)
            if track.starts:
                self._moving.append((one.path, track))
                times.update(track.starts)
            elif track.values[0] is UNKNOWN:
                self._steady[one.path] = None
                self._lost.add(one.path)
            else:
                self._steady[one.path] = track.values[0]
        self.times = sorted(at for at in times if window.start < at < window.end)

    def at(self, now: datetime) -> Found:
        """What was true then; `missing` are the paths of which nobody kept it."""
        facts, lost = dict(self._steady), self._lost
        for path, track in self._moving:
            value = track.at(now)
            if value is UNKNOWN:
                value, lost = None, {*lost, path}
            facts[path] = value
        found = self.row.found
        return Found(found.account, found.kind, found.id, facts, False, tuple(lost))

    def first(self, path: str) -> datetime | None:
        """The first instant at which the path is anything; None: it always was, or never is."""
        track = next((track for moving, track in self._moving if moving == path), None)
        if track is None or track.values[0] is not None:
            return None
        return track.starts[0]


@dataclass(slots=True)
class Replay:
    """Everything that is the same for all subjects of one rule and account."""

    rule: Rule
    window: Window
    around: Surroundings
    directory: Directory
    below: Callable[[Past], Sequence[Past]]
    intervals: Callable[[Key, str], Sequence[Pause]]
    changes: Callable[[Key, Sequence[str]], Sequence[Change]]
    owners: Callable[[Found, str], Sequence[Owner]]

    def live(self, past: Past) -> Course:
        """The subject's cases in the window, in order."""
        course = Course()
        under = self.below(past)
        below = (at for one in under for at in one.times)
        times = sorted({*past.times, *below, *self._seen(past), *self._held(past)})
        now = self._begin(past)
        lived: Lived | None = None
        case: Case | None = None
        for _ in range(_MOST):
            if now is None or now >= self.window.end:
                break
            case, lived, ahead = self._look(past, under, now, case, lived, course)
            coming = [at for at in times if at > now][:1]
            coming += [ahead] if ahead is not None and ahead > now else []
            now = min(coming, default=None)
        return course

    def _seen(self, past: Past) -> Iterator[datetime]:
        """When Changes that the rule's check itself reads came to light."""
        check = self.rule.check
        names = tuple(path.rpartition(".")[2] for path in getattr(check, "fields", ()))
        if names:
            found = past.row.found
            for one in self.changes(Key(found.account, found.kind, found.id), names):
                if self.window.start < one.observed_at < self.window.end:
                    yield one.observed_at

    def _held(self, past: Past) -> Iterator[datetime]:
        """When pauses began and ended."""
        found = past.row.found
        for word in self.rule.clock.pause if self.rule.clock else ():
            kind, to = bearer(found.kind, word)
            one = found.facts.get(to) if to else found.id
            spans = self.intervals(Key(found.account, kind, one), word) if one else ()
            edges = (at for span in spans for at in (span.start, span.end) if at is not None)
            yield from (at for at in edges if self.window.start < at < self.window.end)

    def _begin(self, past: Past) -> datetime | None:
        """Before its start a clock says nothing, unless a step comes ahead of it."""
        facts, spec = past.row.found.facts, self.rule.clock
        created = facts.get(f"{self.rule.subject}.created_at")
        begin = max(self.window.start, created) if created else self.window.start
        if spec is None or any(map(_comes_before_due, self.rule.steps)):
            return begin
        start = past.first(spec.start)
        return max(begin, start) if start else begin

    def _look(
        self,
        past: Past,
        under: Sequence[Past],
        now: datetime,
        case: Case | None,
        lived: Lived | None,
        course: Course,
    ) -> tuple[Case | None, Lived | None, datetime | None]:
        """One look at the subject: judged, moved, told."""
        rule = self.rule
        verdict = judge(rule, past.at(now), self._around(now, under, case))
        if verdict.state is State.UNKNOWN:
            course.unknown.update(verdict.unknown)
        moved = move(case, verdict, rule, now, now == self.window.start)
        if moved.case is None:
            return case, lived, verdict.look_at
        if lived is None:
            lived = Lived(verdict.subject, now, moved.case.baseline)
            course.cases.append(lived)
        for rung in rungs(moved.steps, rule, verdict, self.directory) if moved.steps else ():
            lived.rungs.append((now, rung))
        if moved.case.end is not None:
            lived.ended_at, lived.end = now, moved.case.end
            return None, None, verdict.look_at
        return moved.case, lived, verdict.look_at

    def _around(self, now: datetime, under: Sequence[Past], case: Case | None) -> Surroundings:
        def others(query: Query) -> Sequence[Found]:
            return [one for past in under if (one := _then(past, now, query)) is not None]

        def changes(key: Key, fields: Sequence[str]) -> Sequence[Change]:
            return [one for one in self.changes(key, fields) if one.observed_at <= now]

        return replace(
            self.around,
            now=now,
            intervals=self.intervals,
            owners=self.owners,
            changes=changes,
            others=others,
            opened=lambda _rule, _subject: case.opened_at if case else None,
        )


def _comes_before_due(step: Step) -> bool:
    return isinstance(step.when.value, Amount) and step.when.value.span < timedelta()


def _then(past: Past, now: datetime, query: Query) -> Found | None:
    """The row below as it was then, if it was there and the Query would have found it."""
    found = past.row.found
    created = found.facts.get(f"{found.kind}.created_at")
    if found.kind != query.subject or (created is not None and created > now):
        return None
    was = past.at(now)
    holds = truth.evaluate(query.where, was.facts, was.missing, found.kind)
    return None if holds is False else was
