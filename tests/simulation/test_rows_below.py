"""A check is evaluated again only where it may find something else, and it misses nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.cases.lifecycle import move
from atsbridge.cases.recipients import Directory
from atsbridge.model.case import Case
from atsbridge.model.notice import Destination
from atsbridge.model.query import All, Condition, Found, Operator, Query
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate import predicates
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import evaluate_rule
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.simulation.field_history import HistoryRow, operand
from atsbridge.simulation.past_rows import BacktestWindow, PastRow
from atsbridge.simulation.replay import Replay
from atsbridge.simulation.rows_below import RowsBelow
from atsbridge.worktime.calendar import Calendar, parse_hours

START = datetime(2026, 3, 2, tzinfo=UTC)
STEP, DAYS = timedelta(minutes=30), 8
WINDOW = BacktestWindow(START, START + timedelta(days=DAYS))
OFFICE = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
PEOPLE = Directory(users={}, teams={}, ops=Destination("chat", "channel", "#ops"), sinks=("chat",))
PACK = """\
version: 1
rules:
  - id: share
    kind: ratio
    title: Off target
    each: requisition
    of: application
    among: {application.submitted_at: {is: set}}
    share: {application.rejected_at: {is: set}}
    by: application.decided_at
    last: 6
    least: 3
    over: 50%
    steps: [{at: due, to: requisition.recruiter}, {at: +1bd, to: requisition.recruiter}]
    message: Off target.
  - id: usual
    kind: unusual
    title: Fewer
    each: requisition
    of: application
    by: application.applied_at
    weeks: 1
    history: 6
    below_usual: 90%
    least: 1
    steps: [{at: due, to: requisition.recruiter}]
    message: Fewer.
"""
RULES = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
NAMES = ("applied_at", "submitted_at", "decided_at", "rejected_at")
PATHS = [f"application.{name}" for name in NAMES]
REQUISITION = Found("acme", "requisition", "1", {"requisition.recruiter": "9"})


def application(
    number: int, *instants: datetime | None, created: datetime | None = None
) -> PastRow:
    """One application on the requisition with these instants, in the order of NAMES."""
    facts = dict(zip(PATHS, instants, strict=True)) | {"application.requisition": "1"}
    facts["application.created_at"] = created
    row = HistoryRow(Found("acme", "application", str(number), facts))
    return PastRow(row, {path: operand("application", path) for path in PATHS}, WINDOW)


def at_random(dice: random.Random) -> Sequence[PastRow]:
    """Applications whose events lie in the window or in the weeks before it."""

    def some() -> datetime | None:
        return dice.choice([None, START + dice.randint(-48 * 50, 48 * DAYS) * STEP])

    def soon() -> datetime:
        return START + dice.randint(-96, 48 * DAYS) * STEP

    def ago() -> datetime:
        return START + dice.randint(-48 * 60, 48 * DAYS) * STEP

    number, born = range(dice.randint(0, 24)), START - 48 * 61 * STEP
    return [application(n, ago(), some(), soon(), some(), created=born) for n in number]


def find(rows: Sequence[PastRow], query: Query, now: datetime) -> Sequence[Found]:
    """The rows as they were, each asked anew."""
    found = [PastRow(row.row, row._operands, WINDOW).at(now) for row in rows]
    there = [one for one in found if one.facts["application.created_at"] <= now]
    return [
        one
        for one in there
        if predicates.evaluate(query.where, one.facts, one.missing, one.kind) is not False
    ]


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("name", sorted(RULES))
def test_leaps_find_what_a_look_at_every_half_hour_finds(name: str, seed: int) -> None:
    """The same cases of a check on rows below, opened, ended and reached at the same instants."""
    rule, rows = replace(RULES[name], status="live"), at_random(random.Random(seed))
    around = EvaluationContext(now=START, calendars=lambda _user, _name: OFFICE)
    slow: list[tuple[datetime, list[tuple[datetime, Case]]]] = []
    case: Case | None = None
    for number in range(DAYS * 48):
        now = START + number * STEP
        opened = case.opened_at if case else None
        context = replace(
            around,
            now=now,
            others=lambda query, now=now: find(rows, query, now),
            opened=lambda _rule, _subject, opened=opened: opened,
        )
        moved = move(case, evaluate_rule(rule, REQUISITION, context), rule, now, now == START)
        if moved.case is None:
            continue
        if case is None:
            slow.append((now, []))
        slow[-1][1].extend((now, moved.case) for _ in moved.steps)
        case = moved.case if moved.case.end is None else None
    replay = Replay(rule, WINDOW, around, PEOPLE)
    replay.take(around, lambda _past: rows)
    course = replay.live(PastRow(HistoryRow(REQUISITION), {}, WINDOW))
    leapt = []
    for one in course.cases:
        reached = zip(one.reached_steps, one.reached_cases, strict=True)
        leapt.append((one.opened_at, [(at, stood) for (at, _), stood in reached]))
    assert leapt == slow


def day(number: int) -> datetime:
    return START + timedelta(days=number)


SUBMITTED = Query("application", All((Condition(PATHS[1], Operator.SET),)), tuple(PATHS))


def test_changes_of_rows_that_are_not_found_are_passed_over() -> None:
    """It was decided on the 3rd day, but counts from the 5th, when it was submitted."""
    below = RowsBelow([application(1, None, day(5), day(3), None)], WINDOW)
    below.look()
    assert (below.find(SUBMITTED, day(1)), below.next()) == ([], day(5))
    below.look()
    (found,) = below.find(SUBMITTED, day(5))
    assert (found.facts[PATHS[2]], below.next()) == (day(3), None)


def test_what_no_query_asked_for_changes_nothing() -> None:
    """A verdict that did not look below depends on no row."""
    below = RowsBelow([application(1, None, day(5), day(3), None)], WINDOW)
    below.look()
    assert below.next() is None


def test_a_row_is_not_found_before_it_was_created() -> None:
    row = application(1, None, day(-9), None, day(6), created=day(2))
    below = RowsBelow([row], WINDOW)
    below.look()
    assert below.find(SUBMITTED, day(1)) == []
    below.look()
    assert below.find(SUBMITTED, day(2)) == [row.at(day(2))]
    assert below.next() == day(6)


def test_another_query_is_answered_by_itself() -> None:
    """What an earlier query found of a row says nothing about this one."""
    rejected = replace(SUBMITTED, where=All((Condition(PATHS[3], Operator.SET),)))
    row = application(1, None, day(-9), None, None)
    below = RowsBelow([row], WINDOW)
    below.look()
    assert len(below.find(SUBMITTED, day(1))) == 1
    below.look()
    assert below.find(rejected, day(1)) == []
