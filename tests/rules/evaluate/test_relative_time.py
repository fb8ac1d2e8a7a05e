"""Relative time in conditions: what holds now, and when time alone changes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atsbridge.model.query import All, Condition, Operator, Where
from atsbridge.model.verdict import State
from atsbridge.rules.evaluate.evaluator import bound
from atsbridge.rules.evaluate.relative_time import Moment, has_relative, passed
from atsbridge.rules.language.conditions import Parser
from atsbridge.rules.rule import Rule
from atsbridge.worktime.calendar import Calendar, parse_hours

OPENED, TARGET = "requisition.opened_at", "requisition.target_on"
LISBON = Calendar("pt", "Europe/Lisbon", parse_hours("mon-fri 09:00-18:00"), {})
BASE = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
UNITS = ("h", "d", "bd", "bh")
LENGTHS = st.builds(lambda n, unit: f"{n}{unit}", st.integers(1, 60), st.sampled_from(UNITS))
OPERATORS = st.sampled_from(["older_than", "within", "within_next"])
MINUTES = st.integers(-60 * 24 * 40, 60 * 24 * 40).map(lambda n: BASE + timedelta(minutes=n))


def where(path: str, operator: str, length: str) -> Where:
    """One relative condition."""
    parser = Parser("requisition")
    found = parser.block({path: {operator: length}})
    assert not parser.mistakes
    return found


def moment(now: datetime) -> Moment:
    """An instant in Lisbon."""
    return Moment(now, lambda _user, _name: LISBON)


def holds(condition: Where, value: Any, now: datetime) -> bool | None:
    """What the condition says of a value at an instant."""
    path = condition.parts[0].path  # type: ignore[union-attr]
    return moment(now).holds(condition, {path: value}, (), "requisition")


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("operator", "length", "value", "now", "expected"),
    [
        ("older_than", "60d", "2026-01-01T00:00", "2026-03-01T23:59", False),
        ("older_than", "60d", "2026-01-01T00:00", "2026-03-02T00:00", True),
        ("within", "7d", "2026-03-02T12:00", "2026-03-09T11:59", True),
        ("within", "7d", "2026-03-02T12:00", "2026-03-09T12:00", False),
        ("within", "7d", "2026-03-09T12:00", "2026-03-02T12:00", False),
        ("within", "7d", "2026-03-09T12:00", "2026-03-02T12:01", True),
        ("within_next", "7d", "2026-03-09T12:00", "2026-03-02T12:01", True),
        ("within_next", "7d", "2026-03-02T12:00", "2026-03-02T12:00", False),
        ("older_than", "1bd", "2026-03-06T12:00", "2026-03-09T11:59", False),
        ("older_than", "1bd", "2026-03-06T12:00", "2026-03-09T12:00", True),
    ],
)
def test_relative_instant(operator: str, length: str, value: str, now: str, expected: bool) -> None:
    """`older_than` from the full length on, `within` on either side, `within_next` ahead."""
    assert holds(where(OPENED, operator, length), at(value), at(now)) is expected


@pytest.mark.parametrize(
    ("operator", "length", "now", "expected"),
    [
        ("older_than", "1d", "2026-06-11T22:59", False),  # the day ends at 23:00 UTC
        ("older_than", "1d", "2026-06-11T23:00", True),
        ("within", "1d", "2026-06-08T23:00", False),  # the day begins at 23:00 UTC of the 9th
        ("within", "1d", "2026-06-08T23:01", True),
        ("within", "1d", "2026-06-11T22:59", True),
        ("within_next", "5d", "2026-06-10T22:59", True),
        ("within_next", "5d", "2026-06-10T23:00", False),
    ],
)
def test_relative_date(operator: str, length: str, now: str, expected: bool) -> None:
    """A date lasts from its first to its last instant in the calendar's zone."""
    assert holds(where(TARGET, operator, length), date(2026, 6, 10), at(now)) is expected


@given(operator=OPERATORS, length=LENGTHS, value=MINUTES, now=MINUTES, later=st.data())
@settings(max_examples=300, deadline=None)
def test_nothing_flips_before_the_next_flip(
    operator: str, length: str, value: datetime, now: datetime, later: Any
) -> None:
    """Between now and that instant the answer stays; without one it stays for good."""
    for path, known in ((OPENED, value), (TARGET, value.date())):
        condition = where(path, operator, length)
        flip = moment(now).next_flip(condition, {path: known})
        until = flip or now + timedelta(days=400)
        seconds = later.draw(st.integers(0, int((until - now).total_seconds())))
        between = min(now + timedelta(seconds=seconds), until - timedelta(milliseconds=1))
        assert holds(condition, known, max(between, now)) is holds(condition, known, now)


@given(operator=OPERATORS, length=LENGTHS, value=MINUTES, now=MINUTES)
@settings(max_examples=300, deadline=None)
def test_a_flip_changes_the_answer(
    operator: str, length: str, value: datetime, now: datetime
) -> None:
    """One condition alone says something else from its next flip on."""
    condition = where(OPENED, operator, length)
    flip = moment(now).next_flip(condition, {OPENED: value})
    if flip is not None:
        assert holds(condition, value, flip) is not holds(condition, value, now)


@given(
    operator=st.sampled_from(("within", "within_next")),
    length=LENGTHS,
    value=MINUTES,
    now=MINUTES,
    ahead=st.integers(0, 90),
)
@settings(max_examples=300, deadline=None)
def test_what_sql_leaves_out_never_comes_back(
    operator: str, length: str, value: datetime, now: datetime, ahead: int
) -> None:
    """What the prefilter drops does not hold now or at any later instant."""
    condition = where(OPENED, operator, length)
    kept = all(value > one.value for one in passed(All((condition,)), "requisition", now))
    if not kept:
        assert holds(condition, value, now + timedelta(days=ahead)) is False
        assert moment(now).next_flip(condition, {OPENED: value}) is None


def test_an_absent_value_is_neither_old_nor_near() -> None:
    """Where NULL is a fact; what is unknown stays so."""
    for operator in ("older_than", "within", "within_next"):
        condition = where(OPENED, operator, "5d")
        assert holds(condition, None, BASE) is False
        unknown = {OPENED}
        assert moment(BASE).holds(condition, {OPENED: None}, unknown, "requisition") is None


PACK = """\
version: 1
rules:
  - id: old-role
    kind: complete
    status: live
    title: An old role has no target date
    each: requisition
    where: {requisition.status: open, requisition.opened_at: {older_than: 60d}}
    needs: [requisition.target_on]
    steps: [{at: due, to: requisition.recruiter}]
    message: "{requisition.title} needs a target date."
    tests:
      - name: time alone makes it old
        given: {requisition.status: open, requisition.opened_at: "2026-01-01T00:00Z"}
        expect:
          - {at: "2026-03-01T23:59Z", clock: outside, sent: []}
          - {at: "2026-03-02T00:00Z", clock: breached, sent: [{to: requisition.recruiter}]}
"""


def test_a_rule_looks_again_when_time_makes_it_true(
    rules: Callable[..., dict[str, Rule]], verdict: Callable[..., Any]
) -> None:
    """A subject outside by time alone gets the instant at which it comes in."""
    rule = rules(PACK)["old-role"]
    facts = {"requisition.status": "open", OPENED: at("2026-01-01T00:00")}
    said = verdict(rule, facts, "2026-03-01T12:00")
    assert (said.state, said.look_at) == (State.OUTSIDE, at("2026-03-02T00:00"))
    assert verdict(rule, facts, said.look_at).state is State.BREACHED
    assert has_relative(rule.where)


def test_a_calendar_without_hours_is_unknown(
    rules: Callable[..., dict[str, Rule]], verdict: Callable[..., Any]
) -> None:
    """Working time that nobody counts decides nothing."""
    rule = rules(PACK.replace("60d", "5bh"))["old-role"]
    facts = {"requisition.status": "open", OPENED: at("2026-01-01T00:00")}

    def refuse(_user: str | None, _name: str) -> Calendar:
        raise ValueError("nothing ever counts on this calendar")

    said = verdict(rule, facts, "2026-03-01T12:00", calendars=refuse)
    assert said.state is State.UNKNOWN


def test_the_prefilter_keeps_what_may_come(rules: Callable[..., dict[str, Rule]]) -> None:
    """`older_than` narrows nothing in SQL; a `within` that is over for good does."""
    old, near = rules(PACK)["old-role"], rules(PACK.replace("older_than", "within"))["old-role"]
    assert bound(old, BASE, {}).where == old.open.where
    over = Condition(OPENED, Operator.GT, BASE - timedelta(days=60))
    assert bound(near, BASE, {}).where == All((near.open.where, over))
