"""The conditions of a rule over time are what an evaluation says of them at each instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.model.change import Change, Origin
from atsbridge.model.query import Found
from atsbridge.model.record import Key
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule
from atsbridge.simulation.field_history import HistoryRow, operand
from atsbridge.simulation.past_conditions import FAILED, MAY_HOLD, ConditionTimeline, PastConditions
from atsbridge.simulation.past_rows import BacktestWindow, PastRow
from atsbridge.worktime.calendar import Calendar, parse_hours

OFFICE = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    title: Late
    each: requisition
    where: {}
    clock: {{start: requisition.opened_at, cancel: [requisition.closed_at]}}
    target: 2bd
    steps: [{{at: due, to: requisition.recruiter}}]
    message: Late.
"""


def at(day: int) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC)


WINDOW = BacktestWindow(at(2), at(16))


def rule_of(where: str) -> Rule:
    kinds = {kind.name: kind for kind in BUILTIN_KINDS}
    return load([("p.yaml", PACK.format(where))], kinds).rules["late"]


def conditions(rule: Rule, unreadable: frozenset[str] = frozenset()) -> PastConditions:
    around = EvaluationContext(
        now=at(2), calendars=lambda _user, _name: OFFICE, unreadable=unreadable
    )
    return PastConditions(rule, around)


def timeline(asked: PastConditions, past: PastRow) -> ConditionTimeline:
    """The conditions over time, where none of them is always false."""
    states = asked.timeline(past)
    assert states is not None
    return states


def row(changes: Sequence[tuple[int, Any, Any]] = (), **facts: Any) -> PastRow:
    """A requisition, first stored on the 4th; (day, old, new) are changes of its status."""
    key = Key("acme", "requisition", "1")
    log = [Change(key, "status", old, new, at(day), Origin.POLL) for day, old, new in changes]
    paths = ("requisition.status", "requisition.priority", "requisition.opened_at")
    known = {"requisition.first_seen_at": at(4), "requisition.closed_at": None}
    known |= dict.fromkeys(paths) | {f"requisition.{name}": value for name, value in facts.items()}
    found = Found("acme", "requisition", "1", known)
    history = HistoryRow(found, {("requisition", "1", "status"): log})
    return PastRow(history, {path: operand("requisition", path) for path in paths}, WINDOW)


def test_a_condition_is_unknown_then_true_then_false() -> None:
    """A status is not known before its record was first stored."""
    asked = conditions(rule_of("{requisition.status: open}"))
    states = timeline(asked, row([(8, "open", "closed")], status="closed"))
    assert asked.whole
    assert states.at(at(3)) == ("requisition.status",)
    assert states.at(at(5)) == MAY_HOLD
    assert states.at(at(8)) is FAILED
    assert states.next(at(2)) == at(4)
    assert states.next(at(4)) is None


def test_one_false_condition_outweighs_an_unknown_one() -> None:
    asked = conditions(rule_of("{requisition.status: open, requisition.priority: high}"))
    assert asked.timeline(row(status="open", priority="low")) is None
    assert timeline(asked, row(status="open", priority="high")).at(at(3)) == ("requisition.status",)


def test_a_column_that_cannot_be_read_is_unknown() -> None:
    unreadable = frozenset({"requisition.priority"})
    asked = conditions(rule_of("{requisition.priority: high}"), unreadable)
    assert timeline(asked, row(priority="low")).at(at(5)) == ("requisition.priority",)


@pytest.mark.parametrize(
    "where",
    [
        "{any: [{requisition.priority: high}, {requisition.status: open}]}",
        "{requisition.opened_at: {older_than: 3d}}",
        "{requisition.custom.level: senior}",
    ],
)
def test_other_conditions_are_left_to_the_evaluation(where: str) -> None:
    """Blocks, relative time and keys inside a field are not judged from one value."""
    asked = conditions(rule_of(where))
    assert not asked.whole
    assert timeline(asked, row(priority="low", opened_at=at(5))).at(at(6)) == MAY_HOLD
