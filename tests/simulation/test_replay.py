"""Living a subject through again by leaps is the same as looking at it every half an hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from atsbridge.cases.escalation import DueStep, route_steps
from atsbridge.cases.lifecycle import move
from atsbridge.cases.recipients import Directory
from atsbridge.model.case import Case
from atsbridge.model.change import Change, Origin
from atsbridge.model.notice import Destination
from atsbridge.model.query import Found
from atsbridge.model.record import Key
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import evaluate_rule
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule
from atsbridge.simulation.field_history import HistoryRow, operand
from atsbridge.simulation.past_rows import BacktestWindow, PastRow
from atsbridge.simulation.replay import Replay
from atsbridge.simulation.simulated_case import SimulatedCase
from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.clock import Pause

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
DAYS, STEP = 8, timedelta(minutes=30)
WINDOW = BacktestWindow(START, START + timedelta(days=DAYS))
OFFICE = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
PEOPLE = Directory(users={}, teams={}, ops=Destination("chat", "channel", "#ops"), sinks=("chat",))
PACK = """\
version: 1
rules:
  - id: plain
    kind: sla
    title: Late
    each: application
    where: {application.status: active}
    clock:
      start: application.applied_at
      stop: application.decided_at
      pause: [requisition.on_hold]
      cancel: [application.closed_at]
    target: 2bd
    steps:
      - {at: "50%", to: application.recruiter}
      - {at: due, to: application.recruiter}
      - {at: +1bd, to: requisition.recruiter, max: 1}
    message: Late.
  - id: again
    kind: sla
    title: Late again
    each: application
    clock:
      start: application.applied_at
      reset: [application.rejected_at]
      cancel: [application.closed_at]
    target: 1bd
    steps: [{at: due, to: application.recruiter}, {at: +1bd, to: application.recruiter}]
    message: Late again.
  - id: picky
    kind: sla
    title: Late where it is urgent
    each: application
    where:
      application.status: active
      requisition.priority: {in: [high, urgent]}
      none: [{requisition.priority: urgent, application.recruiter: "9"}]
    clock: {start: application.applied_at, stop: application.decided_at}
    target: 1bd
    steps: [{at: "50%", to: application.recruiter}, {at: due, to: application.recruiter}]
    message: Late.
"""
RULES = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
PATHS = [
    f"application.{name}"
    for name in ("applied_at", "decided_at", "closed_at", "rejected_at", "status")
]
PRIORITY = "requisition.priority"
PRIORITIES = ("low", "high", "urgent", None)
instants = st.integers(-96, DAYS * 48 + 10).map(lambda n: START + n * STEP)


def by_half_hours(
    rule: Rule, past: PastRow, around: EvaluationContext
) -> list[tuple[datetime, datetime | None, list[tuple[datetime, int, Case]]]]:
    """Every case as (opened, ended, steps told and the case then) by looking at every half hour."""
    found: list[Any] = []
    case = None
    for n in range(DAYS * 48):
        now = START + n * STEP
        verdict = evaluate_rule(rule, past.at(now), replace(around, now=now))
        moved = move(case, verdict, rule, now, now == START)
        if moved.case is None:
            continue
        if case is None:
            found.append([now, None, []])
        told = route_steps(moved.steps, rule, verdict, PEOPLE) if moved.steps else ()
        found[-1][2] += [(now, rung.step, moved.case) for rung in told]
        case = moved.case
        if case.end is not None:
            found[-1][1], case = now, None
    return [tuple(one) for one in found]


def told(case: SimulatedCase) -> Iterator[tuple[tuple[datetime, DueStep], Case]]:
    return zip(case.reached_steps, case.reached_cases, strict=True)


def logged(values: list[tuple[datetime, str | None]]) -> Sequence[Change]:
    """The changes of the priority, from None to each of these in turn."""
    ordered, key = sorted(dict(values).items()), Key("acme", "requisition", "1")
    before = [None, *(value for _, value in ordered)]
    return [
        Change(key, "priority", old, new, at, Origin.POLL)
        for old, (at, new) in zip(before, ordered, strict=False)
        if old != new
    ]


def past_row(
    rule: Rule, times: list[Any], status: str, seen: datetime, changes: Sequence[Change]
) -> PastRow:
    """An application with these instants and this present status, first stored at `seen`."""
    facts = dict.fromkeys(rule.open.columns) | dict(zip(PATHS, [*times, status], strict=True))
    facts |= {"application.requisition": "1", "application.first_seen_at": seen}
    facts |= {"application.recruiter": "9", PRIORITY: changes[-1].new if changes else "urgent"}
    found = Found("acme", "application", "1", facts)
    row = HistoryRow(found, {("requisition", "1", "priority"): changes})
    paths = (*PATHS, PRIORITY, "application.recruiter")
    return PastRow(row, {path: operand("application", path) for path in paths}, WINDOW)


@settings(max_examples=60, deadline=None)
@given(
    rule=st.sampled_from(sorted(RULES)),
    times=st.lists(st.none() | instants, min_size=4, max_size=4),
    holds=st.lists(st.tuples(instants, st.integers(1, 150)), max_size=2),
    closed=st.booleans(),
    seen=st.just(WINDOW.end) | instants,
    priorities=st.lists(st.tuples(instants, st.sampled_from(PRIORITIES)), max_size=4),
)
def test_leaps_and_small_steps_agree(
    rule: str,
    times: list[Any],
    holds: list[tuple[datetime, int]],
    closed: bool,
    seen: datetime,
    priorities: list[tuple[datetime, str | None]],
) -> None:
    """The same cases, opened, ended and told at the same instants."""
    chosen = replace(RULES[rule], status="live")
    status = "rejected" if closed and times[2] else "active"
    past = past_row(chosen, times, status, seen, logged(priorities))
    pauses = [Pause(at, at + length * STEP, "requisition.on_hold") for at, length in holds]

    def held(_key: Key, _word: str) -> Sequence[Pause]:
        return pauses

    around = EvaluationContext(now=START, calendars=lambda _user, _name: OFFICE, intervals=held)
    course = Replay(chosen, WINDOW, around, PEOPLE).live(past)
    leapt = [
        (one.opened_at, one.ended_at, [(at, rung.step, case) for (at, rung), case in told(one)])
        for one in course.cases
    ]
    assert leapt == by_half_hours(chosen, past, around)
