"""Targets before an event: due counts back on working time, and the prefilter finds them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from atsbridge.model.query import Found
from atsbridge.model.verdict import State
from atsbridge.rules.evaluate import predicates
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import ahead, bound, evaluate_rule
from atsbridge.worktime.calendar import Calendar, parse_hours

PACK = """\
version: 1
rules:
  - id: close-in-time
    kind: sla
    status: live
    title: Close in time
    each: requisition
    where: {requisition.status: open}
    clock:
      start: requisition.opened_at
      stop: requisition.closed_at
      owed_by: requisition.recruiter
    target: -5bd before requisition.target_on
    multiplier: {field: requisition.priority, by: {High: 2}}
    steps: [{at: -2bd, to: requisition.recruiter}, {at: due, to: requisition.recruiter}]
    message: "Due {clock.due}."
"""
OPENED = datetime(2026, 1, 5, 9, tzinfo=UTC)
FACTS = {
    "requisition.status": "open",
    "requisition.opened_at": OPENED,
    "requisition.target_on": date(2026, 3, 20),
    "requisition.recruiter": "ana",
}
LISBON = Calendar("pt", "Europe/Lisbon", parse_hours("mon-fri 09:00-18:00"), {})


def test_due_counts_back_from_the_end_of_the_day(rules: Any, verdict: Any) -> None:
    """Five working days before the end of a Friday begin on Monday; High has ten."""
    rule = rules(PACK)["close-in-time"]
    said = verdict(rule, FACTS, "2026-03-12T00:00")
    assert (said.state, said.steps_due) == (State.WARNED, (0,))
    assert said.due.at == said.look_at == datetime(2026, 3, 16, tzinfo=UTC)
    high = verdict(rule, FACTS | {"requisition.priority": "High"}, "2026-03-10T00:00")
    assert (high.state, high.due.at) == (State.BREACHED, datetime(2026, 3, 9, tzinfo=UTC))


def test_without_its_start_or_its_date_nothing_is_due(rules: Any, verdict: Any) -> None:
    """A role that is not open yet, and one without a date; a stop keeps it."""
    rule = rules(PACK)["close-in-time"]
    for missing in ("requisition.opened_at", "requisition.target_on"):
        said = verdict(rule, FACTS | {missing: None}, "2026-03-18T00:00")
        assert said.state is State.OUTSIDE
    closed = FACTS | {"requisition.closed_at": datetime(2026, 3, 2, tzinfo=UTC)}
    assert verdict(rule, closed, "2026-03-18T00:00").state is State.KEPT


@given(now=st.integers(0, 24 * 120), day=st.integers(0, 120), high=st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_is_open_is_inside_the_bound(rules: Any, now: int, day: int, high: bool) -> None:
    """SQL finds every open subject, and what it leaves out is looked at in time."""
    rule, instant = rules(PACK)["close-in-time"], OPENED + timedelta(hours=now)
    target = OPENED.date() + timedelta(days=day)
    facts = FACTS | {"requisition.target_on": target}
    facts |= {"requisition.priority": "High" if high else "Low"}
    found = Found("acme", "requisition", "1", dict.fromkeys(rule.open.columns) | facts)
    said = evaluate_rule(rule, found, EvaluationContext(now=instant, calendars=lambda *_: LISBON))
    query = bound(rule, instant, {"pt": LISBON})
    assert query.bound is not None
    limits = (query.bound.thresholds["pt"], query.bound.otherwise)
    inside = all(target <= limit.date() for limit in limits)
    if said.open:
        assert inside
        assert predicates.evaluate(query.where, found.facts, (), "requisition") is True
    elif not inside and said.look_at is not None:
        later = ahead(rule, instant, {"pt": LISBON})
        assert later is not None
        begun = datetime(target.year, target.month, target.day, 10, tzinfo=UTC)
        waits = [at for limit, at in later.grid["pt"] if begun > limit]
        assert max([begun + later.least, *waits]) <= said.look_at
