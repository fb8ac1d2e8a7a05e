"""Hundreds of forgotten candidates, from the first look to the clean-up, on each engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.cases.recipients import Directory
from atsbridge.context.backlog_reader import BacklogReader
from atsbridge.context.evaluation_inputs import EvaluationInputs
from atsbridge.model.case import Case, End, FirstLook
from atsbridge.model.change import Origin
from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.organization import User
from atsbridge.model.promise import PromiseOutcome
from atsbridge.model.record import Key
from atsbridge.plugins import discover
from atsbridge.ports.promise_store import Dimension
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.tick.decision_stage import find_backlog
from atsbridge.tick.evaluation import evaluate_account
from atsbridge.tick.promise_ledger import PromiseLedger
from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.duration import Duration

from ..conftest import NOON

OFFICE = Calendar("office", "Europe/Lisbon", parse_hours("mon-fri 09:00-18:00"), {})
CALENDARS = SimpleNamespace(of=lambda _user, _name: OFFICE, every=lambda _name: {"office": OFFICE})
PACK = """\
version: 1
rules:
  - id: review
    kind: sla
    status: live
    side: manager
    title: Review
    each: application
    where: {application.status: active}
    clock:
      start: application.applied_at
      stop: application.rejected_at
      owed_by: requisition.hiring_manager
    target: 2bd
    steps: [{at: due, to: requisition.hiring_manager}, {at: +2bd, to: requisition.recruiter}]
    message: "Please look."
"""
RULES = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
USERS = {
    name: User(account="acme", id=name, name=name, email=f"{name}@acme.example", active=True)
    for name in ("rita", "hugo", "rolf")
}
OPS = Destination("chat", "channel", "#ops")
DIRECTORY = Directory(users=USERS, teams={}, ops=OPS, sinks=("chat",))
FORGOTTEN = 300


class Account:
    """Runs of an account: each evaluates, decides and stores as the pipeline does."""

    def __init__(self, feed: Any) -> None:
        self.feed, self.store = feed, feed.store
        self.first: datetime | None = None

    def fill(self) -> None:
        """Two searches with forgotten candidates, one of them with a fresh one, too."""
        self.feed.page("user", *({"id": one, "active": True} for one in USERS))
        people = {"hiring_manager": "hugo", "status": "open"}
        roles = [{"id": "r0", "user": "rita"}, {"id": "r1", "user": "rolf"}]
        self.feed.page("requisition", *({"id": one["id"], "status": "open"} for one in roles))
        team = [
            {"id": f"{role['id']}-{user}", "requisition": role["id"], "user": user, "role": what}
            for role in roles
            for user, what in ((role["user"], "recruiter"), (people["hiring_manager"], "manager"))
        ]
        for one in team:
            one["role"] = {"manager": "hiring_manager"}.get(one["role"], one["role"])
            one["responsible"] = True
        self.feed.page("team_member", *team)
        self.feed.page(
            "application", *(self.application(n) for n in range(FORGOTTEN)), self.fresh()
        )
        self.analyze()

    def analyze(self) -> None:
        """What PostgreSQL's autovacuum does in its time."""
        database = self.store._database
        if not database.sqlite:
            with database.write() as connection:
                connection.execute(text("ANALYZE"))

    def application(self, n: int, **changes: Any) -> dict[str, Any]:
        """A candidate who applied more than a year ago."""
        return {
            "id": f"a{n}",
            "requisition": f"r{n % 2}",
            "stage": "s1",
            "status": "active",
            "applied_at": self.feed.at - timedelta(days=400) if not changes else changes["at"],
            "rejected_at": changes.get("rejected"),
            "last_activity_at": changes.get("acted"),
        }

    def fresh(self) -> dict[str, Any]:
        """A candidate whose review is a day late."""
        return self.application(9999, at=NOON - timedelta(days=5))

    def run(self, now: datetime, *, everything: bool = False) -> tuple[list[Case], list[Notice]]:
        """The open cases after a run, and what it decided to send."""
        store = self.store
        store.subjects.derive("acme", now)
        first = self.first is None
        self.first = self.first or now
        cases = store.cases.read_open_cases("acme")
        spec = discover().connector("greenhouse")
        assert spec is not None
        inputs = EvaluationInputs("acme", store, spec, CALENDARS, now)  # type: ignore[arg-type]
        found = evaluate_account(inputs, RULES.values(), cases, everything=everything or first)
        assert found.failed == {}
        baseline = frozenset(RULES) if first else frozenset[str]()
        reader = BacklogReader(store, "acme", baseline, dict.fromkeys(RULES, self.first), now)
        policy = reader.policy(Duration.parse("20bd"), cases, found.ids)
        options = DecisionOptions(
            directory=DIRECTORY,
            calendars=lambda _user, _name: OFFICE,
            baseline=baseline,
            backlog=policy,
        )
        decision = decide("acme", now, found.verdicts, cases, RULES, options)
        backlog = find_backlog(cases, decision.cases)
        self.ledger(inputs, now, backlog, found)
        store.cases.save_decision(
            type(decision)(
                account="acme",
                at=now,
                cases=decision.cases,
                transitions=decision.transitions,
                notices=decision.notices,
                evaluated=found.ids,
                looks=found.looks,
                ahead=found.ahead,
                dirty_done=True,
            )
        )
        return list(store.cases.read_open_cases("acme")), list(decision.notices)

    def ledger(
        self, inputs: Any, now: datetime, backlog: frozenset[tuple[str, Key]], found: Any
    ) -> None:
        since = dict.fromkeys(("", *RULES), (self.first or now).isoformat())
        state = SimpleNamespace(
            read_promises_since=lambda: since, write_promises_since=lambda _: None
        )
        context: Any = SimpleNamespace(
            account="acme",
            store=self.store,
            run_state=state,
            section=SimpleNamespace(history=timedelta(days=30)),
        )
        PromiseLedger(context, inputs, list(RULES.values()), now, backlog).record(found)

    def outcomes(self) -> Mapping[PromiseOutcome, int]:
        """How many promises have each outcome."""
        from collections import Counter

        found = self.store.promises.read_open_promises("acme", "application")
        return Counter(one.outcome for one in found)

    def counted(self) -> tuple[int, int]:
        """(late, on time) in every figure since the year 2000."""
        window = (NOON - timedelta(days=9000), NOON + timedelta(days=900))
        (rows,) = self.store.promises.count_promises("acme", window, [[Dimension.RULE]])
        return sum(row.late for row in rows), sum(row.on_time for row in rows)


@pytest.fixture
def account(feed: Any) -> Account:
    made = Account(feed)
    made.fill()
    return made


def in_backlog(cases: Sequence[Case]) -> int:
    return sum(case.in_backlog for case in cases)


def test_from_the_first_look_to_the_clean_up(account: Account, feed: Any) -> None:
    """300 forgotten candidates: two messages, no figure, no reminder; then one is touched."""
    cases, notices = account.run(NOON)
    assert (len(cases), in_backlog(cases)) == (FORGOTTEN + 1, FORGOTTEN)
    assert [one.purpose for one in notices] == [Purpose.SUMMARY]
    assert account.outcomes() == {PromiseOutcome.BACKLOG: FORGOTTEN, PromiseOutcome.LATE: 1}
    assert account.counted() == (1, 0)
    assert account.store.cases.count_backlog("acme") == {"review": FORGOTTEN}
    assert account.store.cases.count_open_cases("acme") == {("review", "breached"): 1}

    hour = NOON + timedelta(hours=1)
    cases, notices = account.run(hour, everything=True)
    assert [(one.purpose, one.destination.address) for one in notices] == [
        (Purpose.CLEANUP, "rita@acme.example"),
        (Purpose.CLEANUP, "rolf@acme.example"),
    ]
    assert {case.first_look for case in cases if case.in_backlog} == {FirstLook.PROPOSED}

    week = NOON + timedelta(days=7)
    cases, notices = account.run(week, everything=True)
    assert in_backlog(cases) == FORGOTTEN  # nothing but time has passed
    assert [one.purpose for one in notices] == [Purpose.SEND]  # +2bd of the fresh one

    feed.at = acted = week + timedelta(hours=1)
    old = NOON - timedelta(days=400)
    feed.page(
        "application",
        account.application(0, at=old, acted=acted),  # a note
        {**account.application(1, at=old), "stage": "s2"},  # moved, by an ATS without activity
        account.application(2, at=old, rejected=acted),  # answered at last
        {**account.application(3, at=old), "status": "rejected"},  # archived
    )
    cases, notices = account.run(acted + timedelta(minutes=5))
    assert in_backlog(cases) == FORGOTTEN - 4
    assert {case.subject.id for case in cases if not case.in_backlog} == {"a0", "a1", "a9999"}
    sent = [one for one in notices if one.state is NoticeState.QUEUED]
    assert {(one.destination.address, one.subject.id) for one in sent} == {
        ("hugo@acme.example", "a0"),
        ("hugo@acme.example", "a1"),
    }
    ended = [case for case in account.store.cases.read_cases("acme") if case.end]
    assert {case.end for case in ended} == {End.RESOLVED, End.CANCELLED}
    assert account.counted() == (3, 0)  # the fresh one, and the two that are promises again
    account.run(acted + timedelta(minutes=10), everything=True)
    assert account.counted() == (3, 0)


def test_what_is_read_late_is_backlog_too(account: Account, feed: Any) -> None:
    """The rule looks at it for the first time, whenever that is."""
    account.run(NOON)
    feed.at = NOON + timedelta(days=2)
    feed.page("application", account.application(500, at=NOON - timedelta(days=200)))
    cases, notices = account.run(feed.at)
    (found,) = [case for case in cases if case.subject.id == "a500"]
    assert found.first_look is FirstLook.BACKLOG
    assert "a500" not in {one.subject.id for one in notices}


def test_a_search_that_is_reopened_is_no_backlog(account: Account, feed: Any) -> None:
    """The rule knew it, and somebody acted since the rule began to look."""
    account.run(NOON)
    feed.at = NOON + timedelta(days=1)
    applied = NOON - timedelta(days=5)
    feed.page("application", {**account.fresh(), "status": "rejected"})
    account.run(feed.at)
    feed.at = NOON + timedelta(days=60)
    feed.page("application", {**account.fresh(), "applied_at": applied})
    cases, notices = account.run(feed.at)
    (found,) = [case for case in cases if case.subject.id == "a9999"]
    assert found.first_look is FirstLook.NONE
    assert {one.purpose for one in notices} == {Purpose.SEND}


def test_an_edited_map_is_no_act(account: Account, feed: Any) -> None:
    """The values moved because they are read from elsewhere."""
    account.run(NOON)
    feed.at = NOON + timedelta(days=1)
    old = NOON - timedelta(days=400)
    feed.page(
        "application", {**account.application(0, at=old), "stage": "s2"}, origin=Origin.MAPPING
    )
    cases, _ = account.run(feed.at)
    assert in_backlog(cases) == FORGOTTEN
