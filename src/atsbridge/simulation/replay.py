"""Replay the past of one subject: evaluate it again at each change and each step.

Evaluation, lifecycle and steps are the same code as in a run, at exact instants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from atsbridge.cases import BacklogPolicy, Directory, DueStep, move, route_steps
from atsbridge.model import Case, Change, Clock, Due, Key, State, Verdict, resolve
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
from atsbridge.simulation.past_conditions import FAILED, ConditionTimeline, PastConditions
from atsbridge.simulation.past_rows import BacktestWindow, PastRow
from atsbridge.simulation.rows_below import RowsBelow
from atsbridge.simulation.simulated_case import SimulatedCase, StandingCase, SubjectHistory
from atsbridge.worktime import Duration

_MOST = 400  # evaluations of one subject: more than a year of working days
_RUNS = (State.RUNNING, State.WARNED, State.BREACHED)
# Further people that a step may name, and the path to them.
_ALSO = ("requisition.recruiter", "requisition.coordinator", "application.assignee_role")


def _nothing(_past: PastRow) -> Sequence[PastRow]:
    return ()


class Replay:
    """The replay of one rule on one account: what is the same for all subjects."""

    def __init__(
        self, rule: Rule, window: BacktestWindow, around: EvaluationContext, directory: Directory
    ) -> None:
        """`around` supplies calendars, and fields that can never be read."""
        self.rule, self.window = rule, window
        self.take(around)
        self._directory = directory
        # Steps -> recipients, by the people in the evidence; and of those in the last evidence.
        self._known: dict[object, dict[tuple[int, ...], Sequence[DueStep]]] = {}
        self._evidence: Mapping[str, Any] | None = None
        self._reached: dict[tuple[int, ...], Sequence[DueStep]] = {}
        self._conditions = PastConditions(rule, around)
        to = tuple(step.to for step in rule.steps)
        self._own = tuple(one for one in to if ".custom." in one)
        self._to = field_paths.unique((*(one for one in to if one not in self._own), *_ALSO))
        self._backlog = BacklogPolicy(window.backlog_after)
        spec, check = rule.clock, rule.check
        self._created_at = f"{rule.subject}.created_at"
        self._watched = [path.rpartition(".")[2] for path in (check.watched if check else ())]
        self._pauses = [
            (path, *find_interval_record(rule.subject, path))
            for path in (spec.pause if spec else ())
        ]
        # Whether the recipients of a step depend on more than the people in the evidence.
        self._apart = bool(directory.reassigned) or "ats" in to or _is_reminded(rule, directory)
        self._early = spec is None or any(map(_comes_before_due, rule.steps))
        events = (spec.stop, *spec.reset, *spec.cancel) if spec else ()
        self.steady = (
            spec is not None
            and spec.lasts is None
            and not has_relative(rule.where)
            and not any(planned(rule.subject, path) for path in events if path)
        )

    def take(
        self, around: EvaluationContext, below: Callable[[PastRow], Sequence[PastRow]] = _nothing
    ) -> None:
        """Take the histories of the subjects that come next.

        `around` has their changes, pauses and assignees; `below` supplies the rows that a check
        reads.
        """
        self.around, self.below = around, below
        self.parts = _parts(around)

    def live(self, past: PastRow) -> SubjectHistory:
        """The subject's cases in the window, in order."""
        conditions = None
        if not past.row.found.unread:
            conditions = self._conditions.timeline(past)
            if conditions is None:
                return SubjectHistory()  # nothing ever opens
        life, more = _Life(self, past), None
        now: datetime | None = self._begin(past)
        for _ in range(_MOST):
            if conditions is not None and now is not None and not life.has_case:
                now = self._skip(conditions, life, now)
            if now is None or now >= self.window.end:
                break
            more = sorted({*self._seen(past), *self._held(past)}) if more is None else more
            others = (at for at in more if at > now)
            turn = min(past.next_change(now), next(others, self.window.end))
            ahead = life.look(now, turn)
            coming = past.next(life.unknown_paths, now) if life.unknown_paths else turn
            below = life.below.next() if life.below is not None else None
            known = [at for at in (coming, ahead, below) if at is not None and at > now]
            now = min(known, default=None)
        return life.course

    def _skip(self, conditions: ConditionTimeline, life: _Life, now: datetime) -> datetime | None:
        """The first instant from now on at which a case can open, while none is open.

        Conditions that are unknown meanwhile are noted.
        """
        at: datetime | None = now
        while at is not None and at < self.window.end:
            state = conditions.at(at)
            if state is not FAILED:
                if not (state and self._conditions.whole):
                    return at
                life.course.unknown.update(state)
            at = conditions.next(at)
        return None

    def is_backlog(self, verdict: Verdict) -> bool:
        """Whether a case that is late when the window begins belongs to the backlog."""
        return self._backlog.takes(verdict, self.rule, verdict.at, self.around.calendars)

    def find_reached(self, steps: tuple[int, ...], verdict: Verdict) -> Sequence[DueStep]:
        """The people whom these steps reach."""
        if self._apart:
            return route_steps(steps, self.rule, verdict, self._directory)
        if verdict.evidence is not self._evidence:
            own = (self._value(to, verdict) for to in self._own)
            who = (verdict.owed_by, *map(verdict.evidence.get, self._to), *own)
            self._reached = self._known.setdefault(who, {})
            self._evidence = verdict.evidence
        found = self._reached.get(steps)
        if found is None:
            found = self._reached[steps] = route_steps(steps, self.rule, verdict, self._directory)
        return found

    def _value(self, to: str, verdict: Verdict) -> str:
        """What a key inside a block of keys says of a step's reader, as a part of a key."""
        return repr(field_paths.value_at(self.rule.subject, to, verdict.evidence))

    def _seen(self, past: PastRow) -> Iterator[datetime]:
        """When changes that the rule's check reads became known."""
        if self._watched:
            found = past.row.found
            key = Key(found.account, found.kind, found.id)
            for one in self.around.changes(key, self._watched):
                if self.window.start < one.observed_at < self.window.end:
                    yield one.observed_at

    def _held(self, past: PastRow) -> Iterator[datetime]:
        """When pauses started and ended."""
        found = past.row.found
        for path, kind, to in self._pauses:
            one = found.facts.get(to) if to else found.id
            spans = self.around.intervals(Key(found.account, kind, one), path) if one else ()
            edges = (at for span in spans for at in (span.start, span.end) if at is not None)
            yield from (at for at in edges if self.window.start < at < self.window.end)

    def _begin(self, past: PastRow) -> datetime | None:
        """The first instant to evaluate: the start of the clock, or an earlier step."""
        spec, created = self.rule.clock, past.row.found.facts.get(self._created_at)
        begin = max(self.window.start, created) if created else self.window.start
        if spec is None or self._early:
            return begin
        start = past.first(spec.start)
        return max(begin, start) if start else begin


class _Life:
    """The replay of one subject."""

    def __init__(self, replay: Replay, past: PastRow) -> None:
        self.replay, self.past = replay, past
        self.course = SubjectHistory()
        self.unknown_paths: tuple[
            str, ...
        ] = ()  # while no case is open: the paths that have to be known first
        self._open: tuple[SimulatedCase, StandingCase] | None = None
        self._now = replay.window.start
        self._around = replay.parts
        self.below: RowsBelow | None = None  # of a check
        if replay.rule.check is not None:
            self.below = below = RowsBelow(replay.below(past), replay.window)
            around = replace(
                replay.around,
                changes=self._changes,
                others=lambda query: below.find(query, self._now),
                opened=self._opened,
            )
            self._around = _parts(around)

    @property
    def has_case(self) -> bool:
        """Whether a case is open."""
        return self._open is not None

    def look(self, now: datetime, until: datetime) -> datetime | None:
        """Evaluate at `now`, and take steps that come before `until` while nothing else can change.

        Returns the next instant at which time alone can change the verdict.
        """
        self._now = now
        if self.below is not None:
            self.below.look()
        rule = self.replay.rule
        around = EvaluationContext(now=now, **self._around)
        verdict = evaluate_rule(rule, self.past.at(now), around)
        self.unknown_paths = ()
        if verdict.state is State.UNKNOWN:
            self.course.unknown.update(verdict.unknown)
            if self._open is None and self.replay.steady:
                self.unknown_paths = verdict.unknown
        self._meet(verdict)
        if not self.replay.steady or verdict.state not in _RUNS or verdict.due is None:
            return verdict.look_at
        coming = [at for at in verdict.due.steps if at is not None and now < at < until]
        for at in sorted(set(coming)):
            self._take_step(verdict, verdict.due, at)
        return None

    def _meet(self, verdict: Verdict) -> None:
        """Apply the verdict to the case, and record what changes."""
        if self._open is None and not verdict.steps_due:
            return  # a case opens only with a step
        now, replay = verdict.at, self.replay
        lived, case = self._open_case()
        moved = move(case, verdict, replay.rule, now, now == replay.window.start)
        if moved.case is None:
            return
        if lived is None:
            backlog = moved.case.in_summary and replay.is_backlog(verdict)
            lived = SimulatedCase(verdict.subject, now, moved.case.in_summary, backlog)
            self.course.cases.append(lived)
        if lived.breached_at is None and verdict.state is State.BREACHED:
            lived.breached_at = now
        standing = moved.case, moved.case.clock, moved.case.steps_done
        if moved.steps and not lived.backlog:
            lived.reach(now, replay.find_reached(moved.steps, verdict), standing)
        self._open = lived, standing
        if moved.case.end is not None:
            lived.ended_at, lived.end = now, moved.case.end
            self._open = None

    def _open_case(self) -> tuple[SimulatedCase | None, Case | None]:
        """The open case, if there is one, with the steps that it took since the last verdict."""
        if self._open is None:
            return None, None
        lived, (case, clock, done) = self._open
        if (clock, done) != (case.clock, case.steps_done):
            case = replace(case, clock=clock, steps_done=done)
        return lived, case

    def _take_step(self, verdict: Verdict, due: Due, at: datetime) -> None:
        """Take the steps of an instant, while nothing but time has passed since the verdict.

        An open case goes on as with `move`, which makes transitions that nobody reads here.
        """
        come = tuple([i for i, step in enumerate(due.steps) if step is not None and step <= at])
        late = due.at <= at
        if self._open is None:
            self._meet(_later(verdict, at, come, State.BREACHED if late else State.WARNED))
            return
        lived, (case, _, done) = self._open
        new = tuple([step for step in come if step not in done])
        clock = Clock.BREACHED if late else Clock.WARNED
        standing = case, clock, tuple(sorted((*done, *new))) if new else done
        if late and lived.breached_at is None:
            lived.breached_at = at
        if new and not lived.backlog:
            lived.reach(at, self.replay.find_reached(new, verdict), standing)
        self._open = lived, standing

    def _changes(self, key: Key, fields: Sequence[str]) -> Sequence[Change]:
        found = self.replay.around.changes(key, fields)
        return [one for one in found if one.observed_at <= self._now]

    def _opened(self, _rule: str, _subject: Key) -> datetime | None:
        return self._open[0].opened_at if self._open is not None else None


def _parts(around: EvaluationContext) -> Mapping[str, Any]:
    """The fields of a context without `now`, to compare or to copy."""
    return {one.name: getattr(around, one.name) for one in fields(around) if one.name != "now"}


def _is_reminded(rule: Rule, directory: Directory) -> bool:
    """Whether the ATS itself reminds people of what the rule waits for, at times of its own."""
    stop = rule.clock.stop if rule.clock else None
    about = resolve(rule.subject, stop).field.path if stop else ""
    return any(one.about == about for one in directory.reminders)


def _later(verdict: Verdict, at: datetime, come: tuple[int, ...], state: State) -> Verdict:
    """The verdict at a step, while nothing but time has passed since the last one."""
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
