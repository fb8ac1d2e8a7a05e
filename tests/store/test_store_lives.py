"""Small companies live through some days: every kind of rule, judged from a store, against a slow
reference judge over plain objects that knows nothing of queries, bounds, agendas or Changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
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
from atsbridge.rules.evaluate.market_data import Market, MarketRow
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule
from atsbridge.tick.evaluation import evaluate_account, find_waiting
from atsbridge.worktime.calendar import Calendar, parse_hours

PACK = """\
version: 1
defaults: {status: live, owner: ops}
rules:
  - id: sla
    kind: sla
    title: Feedback
    each: seat
    where: {application.status: active}
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at}
    target: 24h
    steps: [{at: "50%", to: seat.user}, {at: due, to: seat.user}]
    message: Please.
  - id: quiet
    kind: quiet
    title: Profiles
    each: requisition
    clock: {start: requisition.opened_at, cancel: [requisition.closed_at]}
    event: requisition.last_submission_at
    target: 72h
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: order
    kind: order
    title: Criteria
    each: requisition
    where: {requisition.status: open}
    clock:
      first: requisition.criteria_agreed_at
      then: requisition.first_interview_at
    steps: [{at: -24h, to: requisition.recruiter}]
    message: Please.
  - id: celebrate
    kind: celebrate
    title: Filled
    each: requisition
    where: {requisition.status: filled}
    event: requisition.closed_at
    after: 1h
    within: 48h
    steps: [{at: due, to: requisition.recruiter}]
    message: Thanks.
  - id: complete
    kind: complete
    title: Target
    each: requisition
    where: {requisition.status: open}
    needs: [requisition.priority, requisition.target_on]
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: changed
    kind: changed
    title: News
    each: requisition
    fields: [requisition.priority, requisition.headcount]
    since: requisition.opened_at
    within: 48h
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: ratio
    kind: ratio
    title: Misses
    each: requisition
    of: application
    share: {application.status: rejected}
    by: application.applied_at
    last: 3
    least: 2
    over: 60%
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: spread
    kind: spread
    title: Split
    each: application
    where: {application.status: active}
    of: seat
    among: {seat.feedback_required: true}
    value: seat.scorecard.recommendation
    once: seat.scorecard.submitted_at
    apart: 3
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: market
    kind: market
    title: Pay
    each: requisition
    where: {requisition.status: open}
    value: [requisition.pay_min, requisition.pay_max]
    currency: requisition.pay_currency
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
"""
BASE = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = Calendar("", "UTC", parse_hours("mon-fri 09:00-18:00"), {})
TABLE = Market(
    (
        MarketRow(
            title="Cook",
            currency="EUR",
            period="year",
            p25=50_000,
            p75=80_000,
            source="invented",
            as_of=date(2026, 1, 1),
        ),
    )
)
_numbers = count(1)


@dataclass(slots=True)
class Company:
    """Records as plain dicts by kind and id, and what became of two fields; `now` is the time."""

    now: datetime = BASE
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    log: list[tuple[datetime, str, str, Any, Any]] = field(default_factory=list)

    def of(self, kind: str, **same: Any) -> list[dict[str, Any]]:
        """The records of a kind with these values, in order of id."""
        found = (self.rows[kind][one] for one in sorted(self.rows[kind]))
        return [row for row in found if all(row[key] == value for key, value in same.items())]

    def change(self, kind: str, one: str, **values: Any) -> str:
        """Set fields; those of requisitions are written down."""
        row = self.rows[kind][one]
        for name, value in values.items():
            if kind == "requisition" and row[name] != value:
                self.log.append((self.now, one, name, row[name], value))
            row[name] = value
        return kind


def founded() -> Company:
    """Two searches, three candidates, an interview of two for each, nothing handed in."""
    plain = {"priority": "P1", "headcount": 1, "target_on": date(2026, 6, 1), "title": "Cook"}
    pay = {"pay_min": 60_000.0, "pay_max": 70_000.0, "pay_currency": "EUR"}
    company = Company()
    put = company.rows
    put["requisition"] = {
        f"r{n}": {
            "id": f"r{n}",
            "status": "open",
            "opened_at": BASE - n * 50 * HOUR,
            "closed_at": None,
            **plain,
            **pay,
        }
        for n in (1, 2)
    }
    put["team_member"] = {
        f"m{role}{n}": {"id": f"m{role}{n}", "requisition": f"r{n}", "user": role, "role": role}
        for n in (1, 2)
        for role in ("recruiter", "hiring_manager")
    }
    put["brief"] = {
        f"b{n}": {"id": f"b{n}", "requisition": f"r{n}", "version": 1, "agreed": None}
        for n in (1, 2)
    }
    put["stage"] = {"s": {"id": "s", "kind": "review"}}
    put["application"], put["interview"], put["seat"], put["scorecard"] = {}, {}, {}, {}
    put["stage_stay"] = {}
    for n, search in enumerate(["r1", "r1", "r2"]):
        put["application"][f"a{n}"] = {
            "id": f"a{n}",
            "requisition": search,
            "status": "active",
            "stage": "s",
            "applied_at": BASE - (n + 30) * HOUR,
        }
        entered = {"application": f"a{n}", "stage": "s", "entered_at": BASE - (n + 30) * HOUR}
        put["stage_stay"][f"t{n}"] = {"id": f"t{n}", **entered}
        starts = BASE + (n * 30 - 20) * HOUR
        put["interview"][f"i{n}"] = {
            "id": f"i{n}",
            "application": f"a{n}",
            "status": "scheduled",
            "starts_at": starts,
            "ends_at": starts + HOUR,
        }
        for k in (0, 1):
            card = {"id": f"c{n}{k}", "submitted_at": None, "recommendation": None}
            put["scorecard"][f"c{n}{k}"] = card
            put["seat"][f"s{n}{k}"] = {
                "id": f"s{n}{k}",
                "interview": f"i{n}",
                "user": "recruiter",
                "feedback_required": True,
                "scorecard": f"c{n}{k}",
            }
    return company


# --- the reference judge: what is open, by looking at everything ---


def open_now(company: Company) -> dict[tuple[str, str], State]:
    """(rule, subject) -> warned or breached, for all that there is something to say of."""
    found: dict[tuple[str, str], State] = {}
    for search in company.of("requisition"):
        for rule, judge in _OF_SEARCHES.items():
            if (state := judge(company, search)) is not None:
                found[rule, search["id"]] = state
    for one in company.of("application", status="active"):
        seats = [
            s for i in company.of("interview", application=one["id"]) for s in _seats(company, i)
        ]
        cards = [company.rows["scorecard"][seat["scorecard"]] for seat in seats]
        if _split(cards):
            found["spread", one["id"]] = State.BREACHED
        for seat, card in zip(seats, cards, strict=True):
            ends = company.rows["interview"][seat["interview"]]["ends_at"]
            if card["submitted_at"] is None and company.now >= ends + 12 * HOUR:
                late = company.now >= ends + 24 * HOUR
                found["sla", seat["id"]] = State.BREACHED if late else State.WARNED
    return found


def _seats(company: Company, interview: dict[str, Any]) -> list[dict[str, Any]]:
    return company.of("seat", interview=interview["id"])


def _split(cards: list[dict[str, Any]]) -> bool:
    if any(card["submitted_at"] is None for card in cards):
        return False
    said = [card["recommendation"] for card in cards if card["recommendation"] is not None]
    return len(said) > 1 and max(said) - min(said) >= 3


def _quiet(company: Company, search: dict[str, Any]) -> State | None:
    stays = {s["application"]: s["entered_at"] for s in company.of("stage_stay")}
    mine = [stays[a["id"]] for a in company.of("application", requisition=search["id"])]
    since = max([search["opened_at"], *mine])
    silent = search["closed_at"] is None and company.now >= since + 72 * HOUR
    return State.BREACHED if silent else None


def _order(company: Company, search: dict[str, Any]) -> State | None:
    (brief,) = company.of("brief", requisition=search["id"])
    mine = company.of("application", requisition=search["id"])
    starts = [i["starts_at"] for a in mine for i in company.of("interview", application=a["id"])]
    if search["status"] != "open" or len(brief["agreed"] or {}) == 2 or not starts:
        return None
    if company.now >= min(starts):
        return State.BREACHED
    return State.WARNED if company.now >= min(starts) - 24 * HOUR else None


def _celebrate(company: Company, search: dict[str, Any]) -> State | None:
    at = search["closed_at"]
    glad = search["status"] == "filled" and at + HOUR <= company.now < at + 49 * HOUR
    return State.WARNED if glad else None


def _complete(_company: Company, search: dict[str, Any]) -> State | None:
    lacks = search["priority"] is None or search["target_on"] is None
    return State.BREACHED if search["status"] == "open" and lacks else None


def _changed(company: Company, search: dict[str, Any]) -> State | None:
    for name in ("priority", "headcount"):
        fresh = [
            (old, new)
            for at, one, of, old, new in company.log
            if (one, of) == (search["id"], name) and company.now < at + 48 * HOUR
        ]
        if fresh and fresh[0][0] != fresh[-1][1]:
            return State.WARNED
    return None


def _ratio(company: Company, search: dict[str, Any]) -> State | None:
    mine = company.of("application", requisition=search["id"])
    latest = sorted(mine, key=lambda a: (a["applied_at"], a["id"]), reverse=True)[:3]
    misses = sum(one["status"] == "rejected" for one in latest)
    return State.BREACHED if len(latest) > 1 and misses / len(latest) > 0.6 else None


def _market(_company: Company, search: dict[str, Any]) -> State | None:
    off = search["pay_max"] < 50_000 or search["pay_min"] > 80_000
    return State.BREACHED if search["status"] == "open" and off else None


_OF_SEARCHES: dict[str, Callable[[Company, dict[str, Any]], State | None]] = {
    "quiet": _quiet,
    "order": _order,
    "celebrate": _celebrate,
    "complete": _complete,
    "changed": _changed,
    "ratio": _ratio,
    "market": _market,
}

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
    stream = Stream(name="all", path="/", row=object, normalise=iter, owns=owns)
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
