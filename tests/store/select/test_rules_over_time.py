"""Rules with relative time, counts and people: evaluated in part they say what a whole one says.

Twenty days of a small company on each engine; whatever time or a change moves is looked at then.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.context.evaluation_inputs import EvaluationInputs
from atsbridge.plugins import discover
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.tick.evaluation import evaluate_account
from atsbridge.worktime.calendar import Calendar, parse_hours

from ..conftest import NOON

OFFICE = Calendar("office", "Europe/Lisbon", parse_hours("mon-fri 09:00-18:00"), {})
CALENDARS = SimpleNamespace(of=lambda _user, _name: OFFICE, every=lambda _name: {"office": OFFICE})
HEAD = """
  - id: {id}
    kind: {kind}
    status: live
    title: Something is to be done
    each: {each}
"""
RULES = {
    ("old", "complete", "requisition"): """
        where: {requisition.status: open, requisition.opened_at: {older_than: 5d}}
        needs: [requisition.target_on]
        """,
    ("near", "complete", "requisition"): """
        where: {requisition.status: open, requisition.target_on: {within_next: 6bd}}
        needs: [requisition.priority]
        """,
    ("fresh", "complete", "application"): """
        where: {application.status: active, application.applied_at: {within: 2bd}}
        needs: [application.source]
        """,
    ("text", "complete", "application"): """
        where: {requisition.title: {contains: SENIOR}, application.tags: {like: "ref*"}}
        needs: [application.source]
        """,
    ("level", "complete", "application"): """
        where: {requisition.custom.level: {in: [senior, lead]}, application.status: active}
        needs: [application.source]
        """,
    ("few", "count", "requisition"): """
        where: {requisition.status: open}
        of: application
        among: {application.status: active, application.applied_at: {within: 6d}}
        fewer_than: 2
        """,
    ("load", "count", "user"): """
        of: seat
        among: {interview.starts_at: {within_next: 3d}, seat.response: {not_in: [declined]}}
        more_than: 0
        """,
    ("weekly", "recurring", "application"): """
        where: {application.status: active}
        every: "mon,thu 09:30"
        within: 6h
        """,
    ("before", "sla", "requisition"): """
        where: {requisition.status: open}
        clock: {start: requisition.opened_at, stop: requisition.closed_at}
        target: -3bd before requisition.target_on
        """,
    ("settled", "complete", "requisition"): """
        where: {requisition.status: open}
        needs: [requisition.priority]
        settle: 5h
        """,
}
STEPS = 'steps: [{{at: due, to: {to}}}]\nmessage: "Please look."\n'


def pack() -> str:
    """All the rules as one file."""
    text = "version: 1\nrules:"
    for (name, kind, each), keys in RULES.items():
        to = "user" if each == "user" else "requisition.recruiter"
        body = dedent(keys).strip() + "\n" + STEPS.format(to=to)
        text += HEAD.format(id=name, kind=kind, each=each)
        text += "".join(f"    {line}\n" for line in body.splitlines())
    return text


RULE_SET = list(
    load([("p.yaml", pack())], {kind.name: kind for kind in BUILTIN_KINDS}).rules.values()
)
TITLES = ("Senior Engineer", "Senior Planner", "Engineer")


class Company:
    """Records that change at random; `feed` writes them."""

    def __init__(self, feed: Any, dice: random.Random) -> None:
        self.feed, self.dice = feed, dice

    def begin(self) -> None:
        """Two people, eight requisitions, twelve applications, eight seats."""
        self.feed.page("user", *({"id": name, "active": True} for name in ("ana", "ben")))
        self.feed.page("requisition", *(self.requisition(n) for n in range(8)))
        self.feed.page("application", *(self.application(n) for n in range(12)))
        self.feed.page("interview", *(self.interview(n) for n in range(8)))
        self.feed.page("seat", *(self.seat(n) for n in range(8)))

    def change(self) -> None:
        """One record is read anew."""
        kind = self.dice.choice(["requisition", "application", "interview", "seat"])
        most = {"requisition": 8, "application": 12, "interview": 8, "seat": 8}[kind]
        self.feed.page(kind, getattr(self, kind)(self.dice.randrange(most)))

    def about(self, days: int) -> datetime:
        """An instant up to so many days away."""
        minutes = self.dice.randrange(-days * 1440, days * 1440)
        return self.feed.at + timedelta(minutes=minutes)

    def requisition(self, n: int) -> dict[str, Any]:
        target = (self.about(9) + timedelta(days=6)).date() if self.dice.random() < 0.7 else None
        return {
            "id": f"r{n}",
            "status": self.dice.choice(["open", "open", "on_hold"]),
            "title": self.dice.choice(TITLES),
            "opened_at": self.about(8),
            "target_on": target,
            "closed_at": None,
            "priority": self.dice.choice(["High", None]),
            "custom": self.dice.choice([{"level": "senior"}, {"level": 3}, {}, None]),
        }

    def application(self, n: int) -> dict[str, Any]:
        return {
            "id": f"a{n}",
            "requisition": f"r{self.dice.randrange(8)}",
            "status": self.dice.choice(["active", "active", "rejected"]),
            "applied_at": self.about(5),
            "source": None,
            "tags": self.dice.choice([("Referral",), ("Referred", "Remote"), None]),
        }

    def interview(self, n: int) -> dict[str, Any]:
        return {"id": f"i{n}", "application": f"a{n}", "starts_at": self.about(6)}

    def seat(self, n: int) -> dict[str, Any]:
        response = self.dice.choice(["accepted", "declined", "tentative"])
        user = self.dice.choice(["ana", "ben"])
        return {"id": f"s{n}", "interview": f"i{n}", "user": user, "response": response}


def evaluate(store: Any, now: datetime, *, everything: bool) -> Any:
    """What a run evaluates at that instant."""
    spec = discover().connector("greenhouse")
    assert spec is not None
    inputs = EvaluationInputs("acme", store, spec, CALENDARS, now)  # type: ignore[arg-type]
    found = evaluate_account(inputs, RULE_SET, (), everything=everything)
    assert found.failed == {}
    return found


def is_open(found: Any) -> Mapping[tuple[str, str], str]:
    """(rule, subject) -> the finding of each that is open."""
    return {
        (one.rule, one.subject.id): one.finding
        for one in found.verdicts
        if one.open and one.steps_due
    }


@pytest.mark.parametrize("seed", [3])
def test_evaluated_in_part_they_say_what_a_whole_evaluation_says(feed, seed: int) -> None:
    """At every look of twenty days, with a change of a record before one in two."""
    dice, store = random.Random(seed), feed.store
    company = Company(feed, dice)
    company.begin()
    known: dict[tuple[str, str], str] = {}
    kinds = {rule.id: rule.subject for rule in RULE_SET}
    seen: set[str] = set()
    for step in range(60):
        feed.at = now = NOON + timedelta(minutes=487 * step)
        if dice.random() < 0.5:
            company.change()
        found = evaluate(store, now, everything=step == 0)
        looked = {kind: None if ids is None else set(ids) for kind, ids in found.ids.items()}
        known = {
            (rule, one): text
            for (rule, one), text in known.items()
            if (ids := looked[kinds[rule]]) is not None and one not in ids
        } | is_open(found)
        store.cases.save_decision(
            Decision(
                account="acme",
                at=now,
                evaluated=found.ids,
                looks=found.looks,
                ahead=found.ahead,
                dirty_done=True,
            )
        )
        assert known == is_open(evaluate(store, now, everything=True)), f"step {step}"
        seen |= {rule for rule, _ in known}
    assert seen == set(kinds)
