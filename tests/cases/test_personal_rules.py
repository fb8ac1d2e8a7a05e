"""Rules on people: told to the person alone, in no list, no summary and no channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.cases.recipients import Directory, Preferences
from atsbridge.model.change import Change, Origin
from atsbridge.model.notice import Destination, DropCode, NoticeState, Purpose
from atsbridge.model.organization import User
from atsbridge.model.query import Found, Query
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.queries.plan import plan_actions
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule
from atsbridge.tick.evaluation import find_subjects

PACK = """\
version: 1
rules:
  - id: load
    kind: count
    status: live
    title: A full week
    owner: ops
    each: user
    of: seat
    more_than: 2
    steps: [{at: due, to: user}]
    message: "You have {check.found}."
"""
RULE: Rule = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules["load"]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA = User(account="acme", id="ana", name="Ana", email="ana@acme.example", active=True)
BEN = User(account="acme", id="ben", name="Ben", email="ben@acme.example", active=True)


def directory(ana: User | None, **more: Any) -> Directory:
    """Ben stands in for Ana, and a team answers for the rule."""
    users = {"ben": BEN} | ({"ana": ana} if ana else {})
    preferences = {ANA.email or "": Preferences(delegate=BEN.email or "")}
    ops = Destination("chat", "channel", "ops")
    return Directory(
        users=users,
        teams={"ops": ops},
        ops=ops,
        sinks=("chat",),
        preferences=preferences,
        **more,
    )


def notices(people: Directory, baseline: bool = False) -> Sequence[Any]:
    """What a run sends of a case about Ana."""
    return decision(people, baseline).notices


def decision(people: Directory, baseline: bool = False) -> Any:
    """What a run decides on a case about Ana."""
    subject = Key("acme", "user", "ana")
    due = Due(NOW, (NOW,))
    said = Verdict("load", subject, NOW, State.BREACHED, started_at=NOW, due=due, steps_due=(0,))
    options = DecisionOptions(
        directory=people,
        calendars=lambda *_: None,  # type: ignore[arg-type,return-value]
        baseline=frozenset({"load"} if baseline else ()),
    )
    return decide("acme", NOW, [said], [], {"load": RULE}, options)


def test_the_person_is_told() -> None:
    """At their own address, and why it comes to them."""
    (notice,) = notices(directory(ANA))
    to = notice.destination
    assert (notice.state, to.kind, to.person) == (NoticeState.QUEUED, "person", "ana")
    assert to.why == (recipient_reason(RecipientCode.ALONE),)


@pytest.mark.parametrize(
    ("people", "why"),
    [
        (directory(None), {"trouble": "unknown"}),
        (directory(ANA, away={"ana": "leave"}), {"trouble": "away", "away": "leave"}),
    ],
)
def test_nobody_stands_in_for_them(people: Directory, why: dict[str, str]) -> None:
    """No delegate and no team: the notice is dropped, with the reason."""
    (notice,) = notices(people)
    assert notice.state is NoticeState.DROPPED
    assert notice.destination.address == ""
    assert notice.drop is not None
    assert notice.drop.code is DropCode.PERSONAL
    assert dict(notice.drop.params) == why


def test_whom_it_was_passed_on_to_hears_nothing() -> None:
    """What somebody finds of a person cannot be handed to another."""
    handed = {(Key("acme", "user", "ana"), "ana"): "ben@acme.example"}
    (notice,) = notices(directory(ANA, reassigned=handed))
    assert notice.destination.person == "ana"


def test_no_team_gets_a_summary_of_people() -> None:
    """The first look at a rule tells its owner nothing."""
    assert [one.purpose for one in notices(directory(ANA), baseline=True)] == []
    assert Purpose.SUMMARY  # what other rules send then


def test_no_plan_shows_people() -> None:
    """Neither the case that would open nor the notice."""
    decided, nobody = decision(directory(ANA)), cast("Any", None)
    assert decided.transitions
    assert decided.notices
    assert plan_actions(decided, [], {"load": RULE}, nobody, NOW) == []


class Store:
    """Seat s1 is dirty: it is Ben's now and was Ana's before."""

    subjects = property(lambda self: self)
    history = property(lambda self: self)

    def find_dirty(self, _account: str, kind: str, _refs: Any) -> list[str]:
        return ["s1"] if kind == "seat" else []

    def find_due(self, *_: Any) -> list[str]:
        return []

    def select(self, account: str, query: Query, *, ids: Any, filtered: bool) -> list[Found]:
        assert (query.columns, filtered) == (("seat.user",), False)
        return [Found(account, "seat", one, {"seat.user": "ben"}) for one in ids]

    def read_many_changes(
        self, account: str, kind: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, list[Change]]:
        assert (kind, ids, fields) == ("seat", ["s1"], ("user",))
        key = Key(account, kind, "s1")
        return {"s1": [Change(key, "user", "ana", "ben", NOW, Origin.POLL)]}


def test_whoever_a_record_named_before_is_evaluated_again() -> None:
    """A seat passed from Ana to Ben changes both counts."""
    inputs: Any = SimpleNamespace(account="acme", store=Store(), now=NOW)
    assert find_subjects(inputs, [RULE], ()) == {"user": frozenset({"ana", "ben"})}
