"""Open cases are judged when something can move them, and not at every tick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.model.case import Case, Clock, End, Handling
from atsbridge.model.record import Key
from atsbridge.model.verdict import State, Verdict
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.tick.evaluation import find_subjects, find_waiting

PACK = """\
version: 1
rules:
  - id: review
    kind: sla
    status: live
    title: A profile waits
    each: application
    clock: {start: application.submitted_at, stop: application.decided_at}
    target: 2bd
    steps: [{at: due, to: requisition.hiring_manager}, {at: +1bd, to: requisition.recruiter}]
    message: "Late"
"""
NOW = datetime(2026, 3, 3, tzinfo=UTC)
CASE = Case(
    number=7,
    rule="review",
    subject=Key("acme", "application", "a1"),
    opened_at=NOW,
    clock=Clock.BREACHED,
    steps_done=(0,),
)


class Still:
    """A store in which nothing changed and nothing is due. `waiting`: whose parents wait."""

    waiting: tuple[str, ...] = ()

    @property
    def subjects(self) -> Any:
        return self

    def find_unread(self, _account: str, _kind: str, ids: Any) -> list[str]:
        return [one for one in ids if one in self.waiting]

    def find_dirty(self, _account: str, _kind: str, _refs: Any) -> list[str]:
        return []

    def find_due(self, _account: str, _kind: str, _now: datetime) -> list[str]:
        return []

    def select(self, *_: Any, **__: Any) -> Iterator[Any]:
        return iter(())


def _inputs(store: Any) -> Any:
    return SimpleNamespace(account="acme", store=store, now=NOW)


@pytest.mark.parametrize(
    ("case", "judged"),
    [
        (CASE, set()),
        (replace(CASE, handling=Handling.SNOOZED), {"a1"}),
        (replace(CASE, clock=Clock.UNKNOWN), {"a1"}),
    ],
)
def test_a_case_that_nothing_can_have_moved_is_left_alone(case: Case, judged: set[str]) -> None:
    """Somebody's word may have run out, what was unknown may be known: only those are judged."""
    rules = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
    store: Any = Still()
    assert find_subjects(_inputs(store), rules.values(), (case,)) == {"application": judged}


@pytest.mark.parametrize(("waiting", "judged"), [((), set()), (("a1", "a2"), {"a1"})])
def test_a_case_below_a_parent_that_waits_is_judged(
    waiting: tuple[str, ...], judged: set[str]
) -> None:
    """It is unknown now, whatever it was: a pass over everything would say so, too."""
    rules = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
    store: Any = Still()
    store.waiting = waiting
    assert find_subjects(_inputs(store), rules.values(), (CASE,)) == {"application": judged}


@pytest.mark.parametrize(
    ("case", "looks"),
    [
        (CASE, True),
        (replace(CASE, steps_done=(0, 1)), False),
        (replace(CASE, end=End.RESOLVED), False),
    ],
)
def test_a_rung_that_waits_is_looked_at_by_the_next_tick(case: Case, looks: bool) -> None:
    """What a silence kept from being told is told at the first tick after it."""
    verdict = Verdict("review", case.subject, NOW, State.BREACHED, steps_due=(0, 1))
    found = list(find_waiting([verdict], [case], NOW))
    assert [(one.id, one.at) for one in found] == ([("a1", NOW)] if looks else [])
