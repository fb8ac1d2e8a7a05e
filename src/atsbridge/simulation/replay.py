"""Replay the past of one subject: evaluate it again at each change and each step.

Evaluation, lifecycle and steps are the same code as in a run, at exact instants.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from atsbridge.cases import BacklogPolicy, Directory, DueStep, move, route_steps
from atsbridge.model import Case, Change, End, Found, Key, Query, State, Verdict
from atsbridge.rules import (
    EvaluationContext,
    Rule,
    Step,
    evaluate_rule,
    field_paths,
    find_interval_record,
    has_relative,
    planned,
)
from atsbridge.simulation.past_rows import BacktestWindow, PastRow, then
from atsbridge.worktime import Duration

_MOST = 400  # evaluations of one subject: more than a year of working days
_RUNS = (State.RUNNING, State.WARNED, State.BREACHED)
# Further people that a step may name, and the path to them.
_ALSO = ("requisition.recruiter", "requisition.coordinator", "application.assignee_role")


@dataclass(slots=True)
class SimulatedCase:
    """A case that would have existed. `baseline`: already late at the start of the window.

    `backlog`: overdue for so long by then that nobody is reminded of it. `breached_at`: when it
    was first found to be late.
    """

    subject: Key
    opened_at: datetime
    baseline: bool
    backlog: bool = False
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    end: End | None = None
    reached_steps: list[tuple[datetime, DueStep]] = field(default_factory=list)
    reached_cases: list[Case] = field(default_factory=list)  # as it stood at each of those steps


@dataclass(slots=True)
class SubjectHistory:
    """The outcome for one subject. `unknown`: paths whose value was not known at some time."""

    cases: list[SimulatedCase] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)


class Replay:
    """The replay of one rule on one account: what is the same for all subjects."""

    def __init__(
        self,
        rule: Rule,
        window: BacktestWindow,
        around: EvaluationContext,
        directory: Directory,
        below: Callable[[PastRow], Sequence[PastRow]],
        known: dict[object, Sequence[DueStep]],
    ) -> None:
        """`around` supplies calendars; `below` supplies the rows that a check reads.

        `known`: recipients of steps, cached by people; it is filled during the replay.
        """
        self.rule, self.window, self.around, self.below = rule, window, around, below
        self._directory = directory
        self._known = known
        self._to = tuple(step.to for step in rule.steps)
        self._own = frozenset(to for to in self._to if ".custom." in to)
        self._backlog = BacklogPolicy(window.backlog_after)
        self._writes = "ats" in self._to
        self.parts = _parts(around)
        spec = rule.clock
        self._early = spec is None or any(map(_comes_before_due, rule.steps))
        events = (spec.stop, *spec.reset, *spec.cancel) if spec else ()
        self.steady = (
            spec is not None
            and spec.lasts is None
            and not has_relative(rule.where)
            and not any(planned(rule.subject, path) for path in events if path)
        )

    def live(self, past: PastRow) -> SubjectHistory:
        """The subject's cases in the window, in order."""
        life = _Life(self, past, self.below(past))
        below = (at for one in life.under for at in one.times)
        times = sorted({*past.times, *below, *self._seen(past), *self._held(past)})
        now: datetime | None = self._begin(past)
        for _ in range(_MOST):
            if now is None or now >= self.window.end:
                break
            place = bisect_right(times, now)
            coming = times[place] if place < len(times) else None
            ahead = life.look(now, min(coming or self.window.end, self.window.end))
            if life.unknown_paths:
                coming = past.next(life.unknown_paths, now)
            known = [at for at in (coming, ahead) if at is not None and at > now]
            now = min(known, default=None)
        return life.course

    def is_backlog(self, verdict: Verdict) -> bool:
        """Whether a case that is late when the window begins belongs to the backlog."""
        return self._backlog.takes(verdict, self.rule, verdict.at, self.around.calendars)

    def find_reached(self, steps: Sequence[int], verdict: Verdict) -> Sequence[DueStep]:
        """The people whom these steps reach."""
        if self._directory.reassigned or self._writes:
            return route_steps(steps, self.rule, verdict, self._directory)
        also = map(verdict.evidence.get, _ALSO)
        key = (*steps, *(self._value(to, verdict) for to in self._to), *also)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = route_steps(steps, self.rule, verdict, self._directory)
        return found

    def _value(self, to: str, verdict: Verdict) -> object:
        """What the facts say of a step's reader, as a part of a key."""
        if to not in self._own:
            return verdict.evidence.get(to)
        return repr(field_paths.value_at(self.rule.subject, to, verdict.evidence))

    def _seen(self, past: PastRow) -> Iterator[datetime]:
        """When changes that the rule's check reads became known."""
        check = self.rule.check
        names = tuple(path.rpartition(".")[2] for path in (check.watched if check else ()))
        if names:
            found = past.row.found
            for one in self.around.changes(Key(found.account, found.kind, found.id), names):
                if self.window.start < one.observed_at < self.window.end:
                    yield one.observed_at

    def _held(self, past: PastRow) -> Iterator[datetime]:
        """When pauses started and ended."""
        found = past.row.found
        for path in self.rule.clock.pause if self.rule.clock else ():
            kind, to = find_interval_record(found.kind, path)
            one = found.facts.get(to) if to else found.id
            spans = self.around.intervals(Key(found.account, kind, one), path) if one else ()
            edges = (at for span in spans for at in (span.start, span.end) if at is not None)
            yield from (at for at in edges if self.window.start < at < self.window.end)

    def _begin(self, past: PastRow) -> datetime | None:
        """The first instant to evaluate: the start of the clock, or an earlier step."""
        facts, spec = past.row.found.facts, self.rule.clock
        created = facts.get(f"{self.rule.subject}.created_at")
        begin = max(self.window.start, created) if created else self.window.start
        if spec is None or self._early:
            return begin
        start = past.first(spec.start)
        return max(begin, start) if start else begin


class _Life:
    """The replay of one subject."""

    def __init__(self, replay: Replay, past: PastRow, under: Sequence[PastRow]) -> None:
        self.replay, self.past, self.under = replay, past, under
        self.course = SubjectHistory()
        self.unknown_paths: tuple[
            str, ...
        ] = ()  # while no case is open: the paths that have to be known first
        self._case: Case | None = None
        self._lived: SimulatedCase | None = None
        self._now = replay.window.start
        self._around = replay.parts
        if replay.rule.check is not None:
            around = replace(
                replay.around, changes=self._changes, others=self._others, opened=self._opened
            )
            self._around = _parts(around)

    def look(self, now: datetime, until: datetime) -> datetime | None:
        """Evaluate at `now`, and take steps that come before `until` while nothing else can change.

        Returns the next instant at which time alone can change the verdict.
        """
        self._now = now
        rule = self.replay.rule
        around = EvaluationContext(now=now, **self._around)
        verdict = evaluate_rule(rule, self.past.at(now), around)
        self.unknown_paths = ()
        if verdict.state is State.UNKNOWN:
            self.course.unknown.update(verdict.unknown)
            if self._case is None and self.replay.steady:
                self.unknown_paths = verdict.unknown
        self._meet(verdict)
        if not self.replay.steady or verdict.state not in _RUNS or verdict.due is None:
            return verdict.look_at
        for at in sorted({at for at in verdict.due.steps if at is not None and now < at < until}):
            self._meet(_later(verdict, at))
        return None

    def _meet(self, verdict: Verdict) -> None:
        """Apply the verdict to the case, and record what changes."""
        if self._case is None and not verdict.steps_due:
            return  # a case opens only with a step
        now, replay = verdict.at, self.replay
        moved = move(self._case, verdict, replay.rule, now, now == replay.window.start)
        if moved.case is None:
            return
        lived = self._lived
        if lived is None:
            backlog = moved.case.in_summary and replay.is_backlog(verdict)
            lived = SimulatedCase(verdict.subject, now, moved.case.in_summary, backlog)
            self._lived = lived
            self.course.cases.append(lived)
        if lived.breached_at is None and verdict.state is State.BREACHED:
            lived.breached_at = now
        steps = () if lived.backlog else moved.steps
        for reached in replay.find_reached(steps, verdict) if steps else ():
            lived.reached_steps.append((now, reached))
            lived.reached_cases.append(moved.case)
        self._case = moved.case
        if moved.case.end is not None:
            lived.ended_at, lived.end = now, moved.case.end
            self._case = self._lived = None

    def _others(self, query: Query) -> Sequence[Found]:
        return [one for past in self.under if (one := then(past, self._now, query)) is not None]

    def _changes(self, key: Key, fields: Sequence[str]) -> Sequence[Change]:
        found = self.replay.around.changes(key, fields)
        return [one for one in found if one.observed_at <= self._now]

    def _opened(self, _rule: str, _subject: Key) -> datetime | None:
        return self._case.opened_at if self._case else None


def _parts(around: EvaluationContext) -> Mapping[str, Any]:
    """The fields of a context without `now`, to compare or to copy."""
    return {one.name: getattr(around, one.name) for one in fields(around) if one.name != "now"}


def _later(verdict: Verdict, at: datetime) -> Verdict:
    """The verdict at a step, while nothing but time has passed since the last one."""
    assert verdict.due is not None
    come = tuple(i for i, step in enumerate(verdict.due.steps) if step is not None and step <= at)
    state = State.BREACHED if verdict.due.at <= at else State.WARNED
    return Verdict(  # `replace` takes three times as long
        rule=verdict.rule,
        subject=verdict.subject,
        at=at,
        state=state,
        started_at=verdict.started_at,
        due=verdict.due,
        owed_by=verdict.owed_by,
        steps_due=come,
        evidence=verdict.evidence,
        finding=verdict.finding,
    )


def _comes_before_due(step: Step) -> bool:
    return isinstance(step.when.value, Duration) and step.when.value.span < timedelta()
