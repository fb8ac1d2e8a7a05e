"""The clock judge against a slow oracle that lives through every minute; and bounds against it.

The oracle knows nothing of spans, thresholds or segments: it walks from minute to minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atsbridge.model.query import Found
from atsbridge.model.verdict import State
from atsbridge.rules.evaluate import predicates, schedule
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext, Owner
from atsbridge.rules.evaluate.evaluator import bound, evaluate_rule
from atsbridge.rules.rule import FilePosition, Rule, Step, StepVia, Targets
from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.clock import Pause
from atsbridge.worktime.duration import Duration, Unit

PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    status: live
    title: Feedback
    each: interview.seat
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      pause: [requisition.on_hold]
      reset: [interview.rescheduled_at]
      cancel: [application.closed_at]
      owed_by: seat.user
    target: 1bd
    steps: [{at: due, to: seat.user}]
    message: Please write.
"""
BASE = datetime(2026, 3, 5, tzinfo=UTC)  # a Thursday
HOURS = 24 * 6
MINUTE = timedelta(minutes=1)
SEGMENT = "requisition.priority"
HOLIDAY = datetime(2026, 3, 9, tzinfo=UTC).date()
CALENDARS = {
    "ada": Calendar("ada", "Europe/Lisbon", parse_hours("mon-fri 09:00-12:00 13:00-18:00"), {}),
    "ben": Calendar("ben", "Asia/Tokyo", parse_hours("mon-fri 08:00-16:00"), {HOLIDAY: "Day"}),
}

Minutes = int  # since BASE


@dataclass(frozen=True, slots=True)
class World:
    """One subject's history; instants in minutes since BASE."""

    now: Minutes
    start: Minutes | None
    stop: Minutes | None
    reset: Minutes | None
    cancel: Minutes | None
    pauses: tuple[tuple[Minutes, Minutes | None], ...]
    first: str
    hand_over: Minutes | None
    target: Minutes
    unit: Unit
    percent: int
    after: Minutes
    segment: str  # a value of SEGMENT, "" where the rule has one target for all
    others: Minutes

    def owner(self, minute: Minutes) -> str:
        """Who owes at a minute: the other one, once it was handed over."""
        if self.hand_over is None or minute < self.hand_over:
            return self.first
        return "ben" if self.first == "ada" else "ada"

    def paused(self, minute: Minutes) -> bool:
        """Whether any pause holds at a minute."""
        return any(a <= minute and (b is None or minute < b) for a, b in self.pauses)


def moment(minute: Minutes) -> datetime:
    """A minute as an instant."""
    return BASE + minute * MINUTE


def counts(world: World, minute: Minutes) -> bool:
    """Whether the minute from here counts for who owes."""
    if world.unit in (Unit.H, Unit.D):
        return True
    calendar = CALENDARS[world.owner(minute)]
    local = moment(minute).astimezone(ZoneInfo(calendar.zone))
    if local.weekday() > 4 or local.date() in calendar.holidays:
        return False
    now = local.hour * 60 + local.minute
    return world.unit is Unit.BD or any(a <= now < b for a, b in calendar.hours[0])


@dataclass(slots=True)
class Life:
    """What the oracle has seen so far."""

    begun: bool = False
    ended: State | None = None
    counted: int = 0
    came: tuple[Minutes | None, ...] = (None, None, None)  # percent, due, after


def live(world: World) -> Life:
    """Every minute up to now: cancel, stop, reset, start, then what has been counted."""
    life = Life()
    for minute in range(world.now + 1):
        ends = {world.stop: State.KEPT, world.cancel: State.CANCELLED}.get(minute)
        if world.reset == minute:  # what came earlier is forgotten, what comes with it is not
            life = Life(begun=life.begun, ended=ends)
        else:
            life.ended = life.ended or ends
        if world.start == minute:
            life.begun = True
        if not life.begun or life.ended:
            continue
        goals = (world.target * world.percent // 100, world.target, world.target + world.after)
        life.came = tuple(
            minute if at is None and life.counted >= goal else at
            for at, goal in zip(life.came, goals, strict=True)
        )
        if not world.paused(minute) and counts(world, minute):
            life.counted += 1
    return life


def expected(world: World) -> tuple[State, tuple[int, ...], Minutes | None]:
    """The state, the steps that have come, and due where it has come."""
    life = live(world)
    if life.ended:
        return life.ended, (), None
    if not life.begun:
        return (State.OUTSIDE if world.start is None else State.PENDING), (), None
    steps = tuple(index for index, at in enumerate(life.came) if at is not None)
    if life.came[1] is not None:
        return State.BREACHED, steps, life.came[1]
    if world.paused(world.now):
        return State.PAUSED, steps, None
    return (State.WARNED if steps else State.RUNNING), steps, None


hours = st.integers(0, HOURS - 1).map(lambda hour: hour * 60)
maybe = st.one_of(st.none(), hours)


@st.composite
def worlds(draw: Any) -> World:
    """Histories of some days, on whole hours so that events often coincide."""
    pauses = []
    for _ in range(draw(st.integers(0, 2))):
        start = draw(hours)
        length = draw(st.one_of(st.none(), st.integers(1, 40)))
        pauses.append((start, None if length is None else start + length * 60))
    now = draw(hours)
    past = maybe.filter(lambda at: at is None or at <= now)  # what is ahead would be clock skew
    return World(
        now=now,
        start=draw(maybe),
        stop=draw(st.one_of(st.none(), past)),
        reset=draw(st.one_of(st.none(), past)),
        cancel=draw(st.one_of(st.none(), st.none(), past)),
        pauses=tuple(pauses),
        first=draw(st.sampled_from(sorted(CALENDARS))),
        hand_over=draw(maybe),
        target=draw(st.integers(1, 24)) * 100,
        unit=draw(st.sampled_from([Unit.H, Unit.BD, Unit.BH])),
        percent=draw(st.sampled_from([25, 50, 80])),
        after=draw(st.integers(0, 8)) * 60,
        segment=draw(st.sampled_from(["", "High"])),
        others=draw(st.integers(1, 24)) * 100,
    )


@pytest.fixture(scope="module")
def template(rules: Callable[..., dict[str, Rule]]) -> Rule:
    """The rule whose target and steps each world sets."""
    return rules(PACK)["late"]


def dressed(template: Rule, world: World) -> Rule:
    """The rule of a world: a percentage, due, and an amount after due."""
    assert template.clock is not None
    unit = world.unit
    labels = (f"{world.percent}%", "due", f"+{Duration(world.after * MINUTE, unit)}")
    place = FilePosition("", 1, 1)
    steps = tuple(
        Step(schedule.parse(label), "seat.user", StepVia.DM, None, place) for label in labels
    )
    own, others = (Duration(of * MINUTE, unit) for of in (world.target, world.others))
    clock = replace(template.clock, target=own)
    if world.segment:  # its target is that of its segment; all others have another
        clock = replace(clock, target=others, targets=Targets(SEGMENT, "", {world.segment: own}))
    return replace(template, clock=clock, steps=steps)


def subject(world: World) -> Found:
    """The facts of a world, as the store would give them."""
    events = {
        "interview.ends_at": world.start,
        "seat.scorecard.submitted_at": world.stop,
        "interview.rescheduled_at": world.reset,
        "application.closed_at": world.cancel,
    }
    facts: dict[str, Any] = {k: None if m is None else moment(m) for k, m in events.items()}
    facts[SEGMENT] = world.segment or "Low"
    facts |= {"seat.user": world.owner(world.now), "application.requisition": "r"}
    return Found("acme", "seat", "1", facts)


def around(world: World, now: Minutes) -> EvaluationContext:
    """What a judge would be told of a world at a minute."""
    pauses = [
        Pause(moment(a), None if b is None else moment(b), "requisition.on_hold")
        for a, b in world.pauses
    ]
    owners = [Owner(BASE - timedelta(days=9), world.first)]
    if world.hand_over is not None and world.hand_over <= now:
        owners.append(Owner(moment(world.hand_over), world.owner(world.hand_over)))
    return EvaluationContext(
        now=moment(now),
        calendars=lambda user, _name: CALENDARS[user or "ada"],
        intervals=lambda *_: pauses,
        owners=lambda *_: owners,
    )


@given(world=worlds())
@settings(max_examples=150, deadline=None)
def test_judge_agrees_with_the_oracle(template: Rule, world: World) -> None:
    """State, steps and the due that has come are those of someone who lived every minute."""
    said = evaluate_rule(dressed(template, world), subject(world), around(world, world.now))
    state, steps, due = expected(world)
    assert (said.state, said.steps_due) == (state, steps)
    if due is not None:
        assert said.due is not None
        assert said.due.at == moment(due)


@given(world=worlds(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_nothing_changes_before_look_at(template: Rule, world: World, data: Any) -> None:
    """Until that instant time alone changes nothing; at it, something does; without it, never."""
    ended = tuple((a, b) for a, b in world.pauses if a <= world.now)
    ended = tuple((a, b if b is not None and b <= world.now else None) for a, b in ended)
    hand_over = world.hand_over if world.hand_over and world.hand_over <= world.now else None
    world = replace(world, pauses=ended, hand_over=hand_over)
    rule, found = dressed(template, world), subject(world)
    said = evaluate_rule(rule, found, around(world, world.now))
    until = said.look_at or said.at + timedelta(days=60)
    seconds = data.draw(st.integers(0, int((until - said.at).total_seconds()) - 1))
    surroundings = around(world, world.now)
    between = replace(surroundings, now=said.at + timedelta(seconds=seconds))
    later = evaluate_rule(rule, found, between)
    assert (later.state, later.steps_due) == (said.state, said.steps_due)
    if said.look_at is not None:
        then = evaluate_rule(rule, found, replace(surroundings, now=said.look_at))
        assert (then.state, then.steps_due) != (said.state, said.steps_due)


@given(world=worlds(), early=st.sampled_from(["", "-1h", "-2bh", "-1bd"]))
@settings(max_examples=150, deadline=None)
def test_whatever_is_open_is_inside_the_bound(template: Rule, world: World, early: str) -> None:
    """The store would find every open subject, by where and by the owner's threshold."""
    rule = dressed(template, world)
    if early:
        step = replace(rule.steps[0], when=schedule.parse(early))
        rule = replace(rule, steps=(step, *rule.steps))
    found = subject(world)
    said = evaluate_rule(rule, found, around(world, world.now))
    query = bound(rule, moment(world.now), CALENDARS)
    assert query.bound is not None
    owner = world.owner(world.now)
    changed = world.hand_over is not None and world.hand_over <= world.now
    limit = query.bound.otherwise if changed else query.bound.thresholds[owner]
    assert limit <= query.bound.otherwise
    if said.open:
        assert predicates.evaluate(query.where, found.facts, (), "seat") is True
        assert found.facts[query.bound.path] <= limit
