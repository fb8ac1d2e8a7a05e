"""Kind `count`: limits, a condition that must be met first, unknown records, time alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.model.query import Condition, Found, Operator, Query
from atsbridge.model.verdict import State

PACK = """\
version: 1
rules:
  - id: slate
    kind: count
    status: live
    title: Few candidates in interview
    each: requisition
    where: {requisition.status: open}
    of: application
    among: {application.status: active, stage.kind: interview}
    fewer_than: 3
    more_than: 4
    steps: [{at: due, to: requisition.recruiter}]
    message: "{check.found}"
"""
OPEN = {"requisition.status": "open"}
NOW = "2026-03-02T09:00"


def applications(*rows: dict[str, Any]) -> Callable[[Query], Sequence[Found]]:
    """Applications of requisition 1 in stage interview, unless a row says otherwise."""
    usual = {"application.status": "active", "stage.kind": "interview"}

    def others(query: Query) -> Sequence[Found]:
        facts = [dict.fromkeys(query.columns) | usual | row for row in rows]
        return [
            Found("acme", "application", str(n), one | {"application.requisition": "1"})
            for n, one in enumerate(facts)
        ]

    return others


@pytest.mark.parametrize(
    ("number", "finding"),
    [
        (0, "0 candidates"),
        (1, "1 candidate"),
        (3, ""),
        (4, ""),
        (5, "5 candidates"),
    ],
)
def test_the_number_meets_its_limits(rules: Any, verdict: Any, number: int, finding: str) -> None:
    """Below the one and above the other something is found; a record more or less decides."""
    said = verdict(rules(PACK)["slate"], OPEN, NOW, others=applications(*[{}] * number))
    assert (said.state is State.BREACHED, said.finding) == (bool(finding), finding)


def test_a_record_that_may_count_makes_it_unknown(rules: Any, verdict: Any) -> None:
    """Three are sure and a fourth has a stage that nobody can tell; one that is out is no doubt."""
    rule = rules(PACK)["slate"]
    doubtful = applications({}, {}, {}, {"stage.kind": None})
    assert verdict(rule, OPEN, NOW, others=doubtful).state is State.UNKNOWN
    out = applications({}, {}, {}, {"stage.kind": None, "application.status": "hired"})
    assert verdict(rule, OPEN, NOW, others=out).state is State.KEPT


def test_a_list_that_cannot_be_read_makes_it_unknown(rules: Any, verdict: Any) -> None:
    """There may be more records than are stored."""
    unread = frozenset({"application.status"})
    said = verdict(rules(PACK)["slate"], OPEN, NOW, others=applications(), unreadable=unread)
    assert said.state is State.UNKNOWN


def test_a_record_whose_parent_waits_is_in_doubt(rules: Any, verdict: Any) -> None:
    """What a record says is not believed while it is still to be read."""

    def others(query: Query) -> Sequence[Found]:
        return [
            Found(one.account, one.kind, one.id, one.facts, unread=frozenset({"stage.kind"}))
            for one in applications({}, {}, {})(query)
        ]

    assert verdict(rules(PACK)["slate"], OPEN, NOW, others=others).state is State.UNKNOWN


def test_nothing_is_compared_before_any_record_meets_the_first_condition(
    rules: Any, verdict: Any
) -> None:
    """One in the final round makes the others count."""
    final = "    while_any: {stage.name: {contains: final}}\n    fewer_than"
    rule = rules(PACK.replace("    fewer_than", final))["slate"]
    early = applications({"stage.name": "Onsite"})
    assert verdict(rule, OPEN, NOW, others=early).state is State.KEPT
    late = applications({"stage.name": "Final round"})
    said = verdict(rule, OPEN, NOW, others=late)
    assert (said.state, said.finding) == (State.BREACHED, "1 candidate")


def test_time_alone_changes_which_records_count(rules: Any, verdict: Any) -> None:
    """The verdict is looked at again when a relative condition on any record flips."""
    young = PACK.replace(
        "stage.kind: interview}", "stage.kind: interview, application.applied_at: {within: 2d}}"
    )
    rule = rules(young)["slate"]
    applied = [datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (8, 7, 9)]
    three = applications(*({"application.applied_at": at} for at in applied))
    said = verdict(rule, OPEN, NOW, others=three)
    assert (said.state, said.look_at) == (State.KEPT, datetime(2026, 3, 3, 7, tzinfo=UTC))
    assert verdict(rule, OPEN, said.look_at, others=three).state is State.BREACHED


def test_records_that_time_has_passed_are_not_asked_for(rules: Any) -> None:
    """They cannot count again, and may be nearly all there are."""
    young = PACK.replace(
        "stage.kind: interview}", "stage.kind: interview, application.applied_at: {within: 2d}}"
    )
    now = datetime(2026, 3, 10, tzinfo=UTC)
    under = rules(young)["slate"].check.below
    *_, last = under.query(Found("acme", "requisition", "r1", {}), now).where.parts
    oldest = now - timedelta(days=2)
    assert last == Condition("application.applied_at", Operator.GT, oldest)
