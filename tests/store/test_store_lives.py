"""Small companies live through some days: every kind of rule, evaluated from a store, against a
slow reference over plain objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.cases.recipients import Directory
from atsbridge.context.evaluation_inputs import EvaluationInputs
from atsbridge.model.catalog import KINDS
from atsbridge.model.notice import Destination
from atsbridge.model.query import Found
from atsbridge.model.verdict import State
from atsbridge.ports.connector import ConnectorSpec
from atsbridge.ports.stream import Stream
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule
from atsbridge.tick.evaluation import evaluate_account, find_waiting
from atsbridge.worktime.calendar import Calendar

from .reference_company import HOUR, OFFICE, PACK, TABLE, Company, _numbers, founded, open_now

# --- histories ---

Act = Callable[[Company], str]  # does something; the kind of record that changed


def _search(one: str, **values: Any) -> Act:
    return lambda company: company.change("requisition", one, **values)


def _close(one: str, status: str) -> Act:
    def act(company: Company) -> str:
        closed = None if status in ("open", "on_hold") else company.now
        return company.change("requisition", one, status=status, closed_at=closed)

    return act


def _hand_in(card: str, value: int | None) -> Act:
    return lambda company: company.change(
        "scorecard", card, submitted_at=company.now, recommendation=value
    )


def _agree(brief: str, people: tuple[str, ...]) -> Act:
    def act(company: Company) -> str:
        said = {one: company.now.isoformat() for one in people}
        return company.change("brief", brief, agreed=said or None)

    return act


def _move(interview: str, hours: int) -> Act:
    def act(company: Company) -> str:
        at = company.now + hours * HOUR
        return company.change("interview", interview, starts_at=at, ends_at=at + HOUR)

    return act


searches = st.sampled_from(["r1", "r2"])
cards = st.sampled_from([f"c{n}{k}" for n in range(3) for k in (0, 1)])
acts = st.one_of(
    st.builds(_search, searches, priority=st.sampled_from([None, "P1", "P2"])),
    st.builds(_search, searches, headcount=st.sampled_from([1, 2])),
    st.builds(_search, searches, target_on=st.sampled_from([None, date(2026, 7, 1)])),
    st.builds(
        lambda one, low: _search(one, pay_min=low, pay_max=low + 5_000),
        searches,
        st.sampled_from([40_000.0, 60_000.0, 90_000.0]),
    ),
    st.builds(_close, searches, st.sampled_from(["open", "on_hold", "filled", "closed"])),
    st.builds(_hand_in, cards, st.sampled_from([None, -2, -1, 1, 2])),
    st.builds(
        _agree,
        st.sampled_from(["b1", "b2"]),
        st.sampled_from([(), ("recruiter",), ("recruiter", "hiring_manager")]),
    ),
    st.builds(_move, st.sampled_from(["i0", "i1", "i2"]), st.integers(-30, 40)),
    st.builds(
        lambda one, status: lambda company: company.change("application", one, status=status),
        st.sampled_from(["a0", "a1", "a2"]),
        st.sampled_from(["active", "rejected"]),
    ),
)
histories = st.lists(
    st.tuples(st.integers(1, 40), st.lists(acts, max_size=3)), min_size=2, max_size=5
)

# --- the same company in a store ---


class Calendars:
    """One calendar for everybody: whose time counts is held elsewhere."""

    def of(self, _user: str | None, _name: str) -> Calendar:
        return OFFICE

    def every(self, _name: str) -> dict[str, Calendar]:
        return {"": OFFICE}


@dataclass(slots=True)
class Lived:
    """A store that is fed a company's life and ticks after each step."""

    feed: Any
    rules: dict[str, Rule]
    spec: ConnectorSpec

    def load(self, company: Company, kinds: set[str]) -> None:
        """Bring what these kinds hold into the store."""
        self.feed.at = company.now
        for kind in sorted(kinds):
            self.feed.page(kind, *company.of(kind))

    def tick(self, now: datetime, *, everything: bool) -> dict[tuple[str, str], State]:
        """Judge by agenda, or everything without a trace: what is open by the verdicts."""
        store, account = self.feed.store, self.feed.account
        store.subjects.derive(account, now)
        calendars: Any = Calendars()
        cases = store.cases.read_open_cases(account)
        opened = {(case.rule, case.subject): case.opened_at for case in cases}
        inputs = EvaluationInputs(
            account, store, self.spec, calendars, now, opened=opened, market=TABLE
        )
        judged = evaluate_account(inputs, self.rules.values(), cases, everything=everything)
        ops = Destination("chat", "channel", "ops")
        people = Directory(users={}, teams={}, ops=ops, sinks=("chat",))
        options = DecisionOptions(directory=people, calendars=calendars.of)
        decision = decide(account, now, judged.verdicts, cases, self.rules, options)
        if everything:
            assert decision.transitions == [], "the agenda had not named it"
        else:
            looks = [*judged.looks, *find_waiting(judged.verdicts, (*cases, *decision.cases), now)]
            kept = replace(decision, evaluated=judged.ids, looks=looks, ahead=judged.ahead)
            store.cases.save_decision(replace(kept, dirty_done=True))
        return {(v.rule, v.subject.id): v.state for v in judged.verdicts if v.open}


@pytest.fixture
def lives(store: Any, new_feed: Any) -> Callable[[], Lived]:
    """Makes a new account in the test's store."""
    rules = load([("lives.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
    owns = {kind.name: kind.supplied for kind in KINDS.values()}
    stream = Stream(name="all", path="/", row=object, normalize=iter, owns=owns)
    anything: Any = object
    spec = ConnectorSpec(name="x", title="X", settings=anything, streams=(stream,), open=anything)
    return lambda: Lived(new_feed(store, f"a{next(_numbers)}"), dict(rules), spec)


def _steps(company: Company, history: list[tuple[int, list[Act]]]) -> Iterator[set[str]]:
    """Live on step by step: the kinds of records that changed in each."""
    yield set(company.rows)
    for hours, several in history:
        company.now += hours * HOUR
        yield {act(company) for act in several}


@given(history=histories)
@settings(
    max_examples=5,  # lives of several steps on two engines: a few are worth many
    phases=[Phase.explicit, Phase.generate],  # to shrink a life takes minutes
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_kind_says_what_the_reference_says(
    lives: Callable[[], Lived], history: list[tuple[int, list[Act]]]
) -> None:
    """After each step: the verdicts of a full pass, and the cases that the agenda has led to."""
    company, lived = founded(), lives()
    for kinds in _steps(company, history):
        lived.load(company, kinds)
        lived.tick(company.now, everything=False)
        wanted = open_now(company)
        assert lived.tick(company.now, everything=True) == wanted
        cases = lived.feed.store.cases.read_open_cases(lived.feed.account)
        assert {(c.rule, c.subject.id): str(c.clock) for c in cases} == {
            which: str(state) for which, state in wanted.items()
        }


# These change with time alone or look at many records: they are held to a whole evaluation on both
# stores in tests/store/select/test_rules_over_time.py.
OVER_TIME = {"count", "recurring", "unusual"}
JUDGED_HERE = {kind.name for kind in BUILTIN_KINDS} - OVER_TIME


def test_the_reference_knows_every_kind(lives: Callable[[], Lived]) -> None:
    """A kind that comes is judged here too, and each of them can be open."""
    assert {rule.kind for rule in lives().rules.values()} == JUDGED_HERE
    company = founded()
    open_ = dict(open_now(company))
    company.now += 60 * HOUR
    acts_ = [
        _search("r1", priority=None, pay_max=1.0),
        *(_hand_in(f"c0{k}", value) for k, value in enumerate((2, -2))),
        _close("r2", "filled"),
    ]
    for act in acts_:
        act(company)
    open_ |= open_now(company)
    company.now += 20 * HOUR
    for one in ("a0", "a1"):
        company.change("application", one, status="rejected")
    open_ |= open_now(company)
    assert {rule for rule, _ in open_} == JUDGED_HERE


def test_a_new_recruiter_owes_from_the_hand_over_on(lives: Callable[[], Lived]) -> None:
    """The team is derived; its changes are kept, so the clock knows who owed before."""
    company, lived = founded(), lives()
    lived.load(company, set(company.rows))
    store, account = lived.feed.store, lived.feed.account
    store.subjects.derive(account, company.now)
    company.now += 30 * HOUR
    company.change("team_member", "mrecruiter1", user="eve")
    lived.load(company, {"team_member"})
    store.subjects.derive(account, company.now)
    calendars: Any = Calendars()
    around = EvaluationInputs(
        account, store, lived.spec, calendars, company.now
    ).evaluation_context()
    found = Found(account, "requisition", "r1", {})
    owners = around.owners(found, "requisition.recruiter")
    assert [one.user for one in owners] == ["recruiter", "eve"]
    assert owners[1].since == company.now
