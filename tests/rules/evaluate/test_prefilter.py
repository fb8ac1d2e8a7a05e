"""The query for one instant: the last start that counts in each calendar, and never less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from atsbridge.model.query import All, Condition, NoneOf, Operator
from atsbridge.rules.evaluate.evaluator import ahead, bound
from atsbridge.rules.evaluate.prefilter import settled
from atsbridge.rules.rule import Rule

PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    status: live
    title: Feedback is late
    each: interview.seat
    where: {{application.status: active}}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      reset: [interview.rescheduled_at]
      cancel: [application.closed_at]
      owed_by: seat.user
    target: {target}
    steps: [{steps}]
    message: Please write.
"""
START, RESET = "interview.ends_at", "interview.rescheduled_at"
TICK = timedelta(milliseconds=1)
DAY = timedelta(days=1)  # how much too wide it may be around a night
ZONES = ("Europe/Lisbon", "Asia/Tokyo", "America/New_York")
NOW = "2026-03-05T15:30"  # a Thursday
SHAPES = [
    ("10h", ("due",)),
    ("10h", ("50%", "due")),
    ("2bd", ("due",)),
    ("2bd", ("-1bd", "due")),
    ("2bd", ("-5bh", "+1bd")),
    ("9bh", ("80%", "due")),
    ("3d", ("-1d", "due")),
]


@pytest.fixture
def made(rules: Callable[..., dict[str, Rule]]) -> Callable[..., Rule]:
    """The rule of this target, with these steps."""

    def make(target: str, *steps: str) -> Rule:
        listed = ", ".join(f'{{at: "{step}", to: seat.user}}' for step in steps)
        return rules(PACK.format(target=target, steps=listed))["late"]

    return make


def has_come(verdict: Any, rule: Rule, start: datetime, now: datetime, calendar: Any) -> bool:
    """Whether any step of the rule has come by then, as the evaluation says."""
    facts = {"application.status": "active", START: start, "seat.user": "ada"}
    said = verdict(rule, facts, now, calendars=lambda *_: calendar)
    return bool(said.steps_due)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("target", "steps"), SHAPES)
def test_no_step_has_come_from_a_start_after_the_threshold(
    made: Any, verdict: Any, at: Any, calendar: Any, zone: str, target: str, steps: tuple[str, ...]
) -> None:
    """After it the evaluation finds no step: the query misses nothing. A day before it does."""
    rule, its, now = made(target, *steps), calendar(zone), at(NOW)
    found = bound(rule, now, {"ada": its}).bound
    assert found is not None
    last = found.thresholds["ada"]
    assert has_come(verdict, rule, last - DAY, now, its)
    assert not has_come(verdict, rule, last + TICK, now, its)
    assert found.otherwise >= last


@pytest.mark.parametrize(("target", "steps"), SHAPES)
def test_an_owner_without_a_calendar_is_given_all_the_time_there_was(
    made: Any, at: Any, calendar: Any, target: str, steps: tuple[str, ...]
) -> None:
    """`otherwise` lies after what any calendar says, also one that is not given."""
    rule, now = made(target, *steps), at(NOW)
    alone = bound(rule, now, {}).bound
    assert alone is not None
    assert (alone.thresholds, alone.path, alone.owner) == ({}, START, "seat.user")
    for zone in ZONES:
        found = bound(rule, now, {"ada": calendar(zone)}).bound
        assert found is not None
        assert found.thresholds["ada"] <= alone.otherwise <= found.otherwise


def test_the_query_keeps_the_rule_s_own_and_adds_the_resets(made: Any, at: Any) -> None:
    """A reset after the last start that counts leaves the subject out; so does nothing else."""
    rule, now = made("10h", "due"), at(NOW)
    query = bound(rule, now, {})
    assert query.bound is not None
    recent = NoneOf((Condition(RESET, Operator.GT, query.bound.otherwise),))
    assert query.where == All((rule.open.where, recent))
    assert query.columns == rule.open.columns


@pytest.mark.parametrize(("target", "steps"), SHAPES)
def test_what_lies_ahead_is_never_too_late(
    made: Any, verdict: Any, at: Any, calendar: Any, target: str, steps: tuple[str, ...]
) -> None:
    """The grid holds the thresholds of instants to come; `least` is what any calendar counts."""
    rule, now = made(target, *steps), at(NOW)
    calendars = {zone: calendar(zone) for zone in ZONES}
    found, narrowed = ahead(rule, now, calendars), bound(rule, now, calendars).bound
    assert found is not None
    assert narrowed is not None
    assert (found.resets, found.query.columns) == ((RESET,), ())
    assert found.query.bound == narrowed
    assert found.query.where == rule.open.where
    assert found.least <= min(now - one for one in narrowed.thresholds.values())
    assert found.grid.keys() == calendars.keys()
    for zone, pairs in found.grid.items():
        assert len(pairs) >= 5
        assert [instant for _, instant in pairs] == sorted({instant for _, instant in pairs})
        for threshold, instant in pairs:
            assert instant > now
            assert has_come(verdict, rule, threshold - DAY, instant, calendars[zone])
            assert not has_come(verdict, rule, threshold + TICK, instant, calendars[zone])


def test_what_was_settled_in_a_span_is_asked_for_by_its_end(made: Any, at: Any) -> None:
    """From its start on, and before its end; the rule's own conditions stay."""
    rule, start, end = made("10h", "due"), at("2026-03-01T00:00"), at("2026-03-08T00:00")
    query = settled(rule, start, end)
    path = rule.settled_by
    assert path
    window = (Condition(path, Operator.GTE, start), Condition(path, Operator.LT, end))
    assert query == replace(rule.settled, where=All((rule.settled.where, *window)))
    whole = replace(rule, settled_by="")
    assert settled(whole, start, end) == rule.settled
