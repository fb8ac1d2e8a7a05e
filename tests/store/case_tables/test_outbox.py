"""The outbox: what waits, what is claimed, what is counted against a person's day, what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from atsbridge.errors import ErrorCode
from atsbridge.model.case import Case, Clock, End
from atsbridge.model.notice import (
    Destination,
    Hold,
    Notice,
    NoticeError,
    NoticeState,
    NoticeText,
    Purpose,
)
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.outbox_store import Admitted

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BLINK = timedelta(milliseconds=1)
SUBJECT = Key("acme", "seat", "s1")
ANN = Destination(
    "slack",
    "person",
    "Ann@x.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)
ROOM = Destination("slack", "channel", "recruiting")


@pytest.fixture
def case(feed):
    """An open case of the account, not stored yet."""

    def made(rule="late", subject=SUBJECT, **more):
        base = {
            "number": 0,
            "rule": rule,
            "subject": subject,
            "opened_at": feed.at,
            "clock": Clock.BREACHED,
            "steps_done": (0,),
            "due_at": feed.at + HOUR,
            "owed_by": "u1",
        }
        return Case(**{**base, **more})

    return made


@pytest.fixture
def notice(feed):
    """A notice that waits to be sent."""

    def made(key, **more):
        base = {
            "key": key,
            "account": "acme",
            "case": 0,
            "rule": "",
            "subject": SUBJECT,
            "destination": ANN,
            "purpose": Purpose.SEND,
            "step": 0,
            "created_at": feed.at,
        }
        return Notice(**{**base, **more})

    return made


def all_of_them(day=""):
    """Admit whatever waits, counted on that day."""

    def admit(waiting, _spent):
        return [Admitted(replace(n.notice, state=NoticeState.SENDING), day) for n in waiting]

    return admit


def keys(claimed):
    return [one.key for one in claimed]


def test_a_notice_comes_back_as_it_was_put_in(store, notice, feed):
    """Every field of it, whether it was queued, settled or decided; a text no database holds
    is made one that it does."""
    reason = recipient_reason(RecipientCode.IN_PLACE, role="seat.user", name="Zoë")
    first = notice(
        "k1",
        case=7,
        rule="late",
        destination=Destination("slack", "person", "ann@x.example", "u1", (reason,)),
        purpose=Purpose.FOLLOW_UP,
        step=3,
        state=NoticeState.RETRY,
        error=NoticeError(ErrorCode.RETRYABLE, "the sink was busy"),
        not_before=feed.at + HOUR,
        attempts=2,
        sent_at=feed.at - HOUR,
        receipt={"ts": "1", "where": {"channel": "c"}},
        text=NoticeText("", "a reply"),
        digest="d1",
        summary_cases=(7, 9),
        replies=("1.1", "1.2 eyes"),
        help_sent=True,
        handed_on=True,
        refused_edit=True,
        foreign_tag=True,
    )
    bare = notice("k2", created_at=None, step=-1)
    store.outbox.queue([first, bare])
    assert sorted(store.outbox.read_notices("acme"), key=lambda one: one.key) == [first, bare]
    store.outbox.queue([replace(first, attempts=9)])
    assert first in store.outbox.read_notices("acme"), "one that is there stays as it is"
    problem = NoticeError(ErrorCode.FATAL, "gone\0!")
    moved = replace(first, state=NoticeState.DEAD, error=problem, attempts=3, receipt={})
    moved = replace(moved, destination=ROOM, not_before=None, sent_at=feed.at)
    store.outbox.settle(moved)
    (kept,) = [one for one in store.outbox.read_notices("acme") if one.key == "k1"]
    assert kept.error is not None
    assert (kept.error.code, "\0" in kept.error.text) == (ErrorCode.FATAL, False)
    assert replace(kept, error=problem) == moved
    store.outbox.settle()  # nothing to store


@pytest.mark.parametrize("admit", [None, all_of_them()], ids=["plain", "asked"])
def test_a_claim_takes_what_may_go_now_and_leaves_the_rest(store, notice, feed, admit):
    """To the millisecond of its instant; of held ones those whose reason passes by itself."""
    held = {hold: notice(hold.value, state=NoticeState.HELD, hold=hold) for hold in Hold}
    others = [notice(state.value, state=state) for state in NoticeState if state != "held"]
    early = notice("early", not_before=feed.at + BLINK)
    now = notice("now", not_before=feed.at)
    later = {
        hold: replace(one, key=f"later {hold.value}", not_before=feed.at + BLINK)
        for hold, one in held.items()
    }
    store.outbox.queue([*held.values(), *later.values(), *others, early, now])
    store.outbox.queue([notice("elsewhere", account="globex")])
    passing = set(Hold) - {Hold.DIGEST, Hold.BREAKER, Hold.SHADOW}
    expected = {hold.value for hold in passing} | {"queued", "retry", "now", "sending"}
    assert set(keys(store.outbox.claim("acme", feed.at, 100, admit))) == expected
    then = set(keys(store.outbox.claim("acme", feed.at + BLINK, 100, admit))) - expected
    assert then == {"early"} | {f"later {hold.value}" for hold in passing}
    assert keys(store.outbox.claim("globex", feed.at, 100, admit)) == ["elsewhere"]


def test_who_decides_sees_what_waits_oldest_first_with_its_case(store, case, notice, feed):
    """When the case is due and who owes; a message of no case has neither."""
    store.cases.save_decision(
        Decision(
            account="acme",
            at=feed.at,
            cases=[case()],
            notices=[
                notice("young", rule="late", created_at=feed.at + BLINK),
                notice("b old", rule="late"),
                notice("a summary", purpose=Purpose.SUMMARY, subject=Key("acme", "account", "x")),
            ],
        )
    )
    store.outbox.queue([notice("elsewhere", account="globex")])
    seen = []
    store.outbox.claim("acme", feed.at + DAY, 100, lambda waiting, _: seen.extend(waiting) or [])
    (number,) = [one.number for one in store.cases.read_open_cases("acme")]
    assert [(n.notice.key, n.notice.case, n.due_at, n.owed_by) for n in seen] == [
        ("a summary", 0, None, None),
        ("b old", number, feed.at + HOUR, "u1"),
        ("young", number, feed.at + HOUR, "u1"),
    ]
    assert [one.state for one in store.outbox.read_notices("acme")] == [NoticeState.QUEUED] * 3


def test_nobody_is_asked_where_nothing_waits(store, feed):
    """A quiet run costs no counting."""
    asked = []
    assert store.outbox.claim("acme", feed.at, 100, lambda *both: asked.append(both) or []) == []
    assert asked == []


def spent(store, notice, at):
    """What whoever decides is shown of the attention given and promised."""
    seen = []
    store.outbox.queue([notice("question", account="globex")])
    store.outbox.claim("globex", at, 100, lambda _, spent: seen.append(spent) or [])
    return seen[0]


def test_interruptions_are_counted_by_person_and_day_over_all_accounts(store, notice, feed):
    """In whatever letters the address is written; days long past are left out."""
    today = feed.at.date()
    store.outbox.queue([notice(f"a{n}") for n in range(2)])
    store.outbox.queue(
        [notice("c", account="initech", destination=replace(ANN, address="ann@X.example"))]
    )
    store.outbox.claim("acme", feed.at, 100, all_of_them(today.isoformat()))
    store.outbox.claim("initech", feed.at, 100, all_of_them(today.isoformat()))
    store.outbox.queue([notice("free")])
    store.outbox.claim("acme", feed.at, 100, all_of_them())  # as one that interrupts nobody
    for back in (3, 4):
        store.outbox.queue([notice(f"old {back}")])
        store.outbox.claim("acme", feed.at, 100, all_of_them((today - back * DAY).isoformat()))
    assert spent(store, notice, feed.at).interruptions == {
        ("ann@x.example", today.isoformat()): 3,
        ("ann@x.example", (today - 3 * DAY).isoformat()): 1,
    }


def test_digests_that_are_promised_are_known_with_their_mornings(store, notice, feed):
    """Of people only, once for each morning, whichever account waits for it."""
    held = {"state": NoticeState.HELD, "hold": Hold.DIGEST}
    kim = replace(ANN, address="kim@x.example")
    store.outbox.queue(
        [
            notice("a", not_before=feed.at + DAY, **held),
            notice("b", not_before=feed.at + DAY, **held),
            notice("c", not_before=feed.at + 2 * DAY, account="initech", **held),
            notice("d", destination=kim, not_before=None, **held),
            notice("e", destination=ROOM, not_before=feed.at + DAY, **held),
            notice(
                "f", not_before=feed.at + 9 * DAY, state=NoticeState.HELD, hold=Hold.QUIET_HOURS
            ),
            notice("g", not_before=feed.at + 9 * DAY, state=NoticeState.SENT, hold=Hold.DIGEST),
        ]
    )
    promised = spent(store, notice, feed.at).digests
    assert {who: sorted(at) for who, at in promised.items()} == {
        "ann@x.example": [feed.at + DAY, feed.at + 2 * DAY]
    }


@pytest.mark.parametrize("state", [one for one in NoticeState if one != NoticeState.SENT])
def test_only_what_was_sent_keeps_its_place_in_the_day(store, notice, feed, state):
    """One that goes back unsent gives its place back; the one that was sent does not."""
    day = feed.at.date().isoformat()
    store.outbox.queue([notice("back"), notice("sent")])
    back, sent = store.outbox.claim("acme", feed.at, 100, all_of_them(day))
    store.outbox.settle(replace(sent, state=NoticeState.SENT), replace(back, state=state))
    assert spent(store, notice, feed.at).interruptions == {("ann@x.example", day): 1}


def test_one_that_is_decided_again_while_it_is_claimed_counts_once(store, notice, feed):
    """As after a crash between the two."""
    day = feed.at.date().isoformat()
    for _ in range(2):
        store.cases.save_decision(Decision(account="acme", at=feed.at, notices=[notice("k1")]))
        assert keys(store.outbox.claim("acme", feed.at, 100, all_of_them(day))) == ["k1"]
    assert spent(store, notice, feed.at).interruptions == {("ann@x.example", day): 1}


@pytest.mark.parametrize("admit", [None, all_of_them()], ids=["plain", "asked"])
def test_what_a_dead_run_left_is_taken_over_first_and_oldest_first(store, notice, feed, admit):
    """Only what had set off is to be looked up; the limit is of new ones."""
    store.outbox.queue([notice("2nd"), notice("1st", created_at=feed.at - HOUR)])
    store.outbox.queue([notice("elsewhere", account="globex")])
    store.outbox.claim("acme", feed.at, 100, admit)
    store.outbox.claim("globex", feed.at, 100, admit)
    store.outbox.depart("1st")
    store.outbox.queue([notice("new", created_at=feed.at - DAY), notice("newer")])
    taken = store.outbox.claim("acme", feed.at, 1, admit)
    assert [(one.key, one.departed) for one in taken] == [
        ("1st", True),
        ("2nd", False),
        ("new", False),
    ]
    assert {(one.state, one.hold) for one in taken} == {(NoticeState.SENDING, None)}


def test_replies_are_stored_for_the_notice_that_was_answered(store, notice, feed):
    """Inside a decision, and for no other; settling the notice does not take them away."""
    first, other = notice("a", receipt={"ts": "1"}), notice("b", replies=("9",))
    store.outbox.queue([first, other])
    answered = replace(first, replies=("1.1",), help_sent=True)
    store.cases.save_decision(Decision(account="acme", at=feed.at, answered=(answered,)))
    store.outbox.settle(first)
    assert list(store.outbox.read_notices("acme")) == [answered, other]


@pytest.fixture
def told(store, case, notice, feed):
    """Notices of two open cases, one ended one and another account's; their numbers by rule."""
    cases = [case("late"), case("slow"), case("over")]
    notices = [
        notice("late 2", rule="late", created_at=feed.at + HOUR),
        notice("late 1", rule="late", state=NoticeState.SENT, sent_at=feed.at),
        notice("slow", rule="slow", state=NoticeState.SENT, sent_at=feed.at - BLINK),
        notice("over", rule="over", state=NoticeState.SENT, sent_at=feed.at),
        notice("none"),
    ]
    store.cases.save_decision(Decision(account="acme", at=feed.at, cases=cases, notices=notices))
    numbers = {one.rule: one.number for one in store.cases.read_open_cases("acme")}
    (over,) = [one for one in store.cases.read_open_cases("acme") if one.rule == "over"]
    ended = replace(
        over, end=End.RESOLVED, ended_at=feed.at, end_reason=because(ReasonCode.STOPPED)
    )
    store.cases.save_decision(Decision(account="acme", at=feed.at, cases=[ended]))
    other = Key("globex", "seat", "s1")
    store.cases.save_decision(
        Decision(
            account="globex",
            at=feed.at,
            cases=[case("late", other)],
            notices=[notice("else", account="globex", rule="late", subject=other)],
        )
    )
    return numbers


def test_who_was_told_of_open_cases_is_found_by_case(store, told, feed):
    """Oldest first; not of ended cases, nor of another account's; or only what was sent since."""
    found = store.outbox.read_open_notices("acme")
    assert {number: [one.key for one in those] for number, those in found.items()} == {
        told["late"]: ["late 1", "late 2"],
        told["slow"]: ["slow"],
    }
    since = store.outbox.read_open_notices("acme", feed.at)
    assert {number: [one.key for one in those] for number, those in since.items()} == {
        told["late"]: ["late 1"]
    }


def test_notices_are_found_by_account_case_and_state(store, told):
    """Oldest first, each filter alone and both together."""
    late = told["late"]
    everything = [one.key for one in store.outbox.read_notices("acme")]
    assert everything == ["late 1", "none", "over", "slow", "late 2"]
    assert [one.key for one in store.outbox.read_notices("acme", case=late)] == ["late 1", "late 2"]
    assert [one.key for one in store.outbox.read_notices("acme", case=0)] == ["none"]
    queued = [NoticeState.QUEUED, NoticeState.HELD]
    assert [one.key for one in store.outbox.read_notices("acme", states=queued)] == [
        "none",
        "late 2",
    ]
    assert [one.key for one in store.outbox.read_notices("acme", case=late, states=queued)] == [
        "late 2"
    ]
    assert store.outbox.read_notices("acme", states=[]) == []
    assert [one.key for one in store.outbox.read_notices("globex")] == ["else"]
