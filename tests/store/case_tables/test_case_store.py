"""Cases, agenda, outbox, runs: what a decision stores, and what becomes of it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest

from atsbridge.errors import StoreError
from atsbridge.model.case import Case, Clock, End, FirstLook, Handling, Transition, TransitionName
from atsbridge.model.notice import (
    Destination,
    DropCode,
    Hold,
    Notice,
    NoticeState,
    Purpose,
    drop_notice,
)
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision, Look

HOUR = timedelta(hours=1)
SUBJECT = Key("acme", "seat", "s1")


def _case(at, **more):
    base = {
        "number": 0,
        "rule": "late",
        "subject": SUBJECT,
        "opened_at": at,
        "clock": Clock.WARNED,
        "steps_done": (0,),
        "due_at": at + HOUR,
        "owed_by": "u1",
    }
    return Case(**{**base, **more})


def _notice(at, key="k1", **more):
    base = {
        "key": key,
        "account": "acme",
        "case": 0,
        "rule": "late",
        "subject": SUBJECT,
        "destination": Destination(
            "slack",
            "person",
            "ann@x.example",
            "u1",
            (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
        ),
        "purpose": Purpose.SEND,
        "step": 0,
        "created_at": at,
    }
    return Notice(**{**base, **more})


def _opened(at):
    return (
        SUBJECT,
        "late",
        Transition(0, at, TransitionName.OPENED, because(ReasonCode.STEPS_COME, steps=("80%",))),
    )


@pytest.fixture
def decided(store, feed):
    """A store with one open case, its transition and its queued notice."""
    store.cases.save_decision(
        Decision(
            account="acme",
            at=feed.at,
            cases=[_case(feed.at)],
            transitions=[_opened(feed.at)],
            notices=[_notice(feed.at)],
        )
    )
    return store


def test_a_new_case_takes_its_rows_along(decided, feed):
    """Its number is in its transition and its notice."""
    (case,) = decided.cases.read_open_cases("acme")
    assert case == _case(feed.at, number=case.number)
    assert decided.cases.read_case(case.number) == case
    assert decided.cases.read_transitions(case.number) == [
        Transition(
            case.number,
            feed.at,
            TransitionName.OPENED,
            because(ReasonCode.STEPS_COME, steps=("80%",)),
        )
    ]
    (notice,) = decided.outbox.read_notices("acme", case=case.number)
    assert notice == _notice(feed.at, case=case.number)
    assert decided.cases.read_case(case.number + 1) is None


def test_a_case_changes_and_ends(decided, feed):
    """Every field is kept; an ended case is no longer open."""
    (case,) = decided.cases.read_open_cases("acme")
    held = replace(case, handling=Handling.SNOOZED, handling_until=feed.at + HOUR)
    held = replace(held, first_look=FirstLook.BACKLOG)
    decided.cases.save_decision(Decision(account="acme", at=feed.at, cases=[held]))
    assert decided.cases.read_open_cases("acme") == [held]
    ended = replace(
        held, end=End.RESOLVED, ended_at=feed.at, end_reason=because(ReasonCode.STOPPED)
    )
    decided.cases.save_decision(Decision(account="acme", at=feed.at, cases=[ended]))
    assert decided.cases.read_open_cases("acme") == []
    assert decided.cases.read_cases("acme") == [ended]
    assert decided.cases.read_cases("globex") == []


def test_one_case_is_open_per_rule_and_subject(decided, feed):
    """A second is refused, and nothing of its decision is stored."""
    second = Decision(
        account="acme",
        at=feed.at,
        cases=[_case(feed.at)],
        looks=[],
        notices=[_notice(feed.at, "k2")],
    )
    with pytest.raises(StoreError):
        decided.cases.save_decision(second)
    assert len(decided.cases.read_cases("acme")) == 1
    assert [n.key for n in decided.outbox.read_notices("acme")] == ["k1"]


def test_an_end_and_a_new_beginning_fit_one_decision(decided, feed):
    """The old case ends before the new one opens."""
    (case,) = decided.cases.read_open_cases("acme")
    ended = replace(
        case, end=End.CANCELLED, ended_at=feed.at, end_reason=because(ReasonCode.START_MOVED)
    )
    decided.cases.save_decision(Decision(account="acme", at=feed.at, cases=[_case(feed.at), ended]))
    assert [c.number for c in decided.cases.read_open_cases("acme")] != [case.number]
    assert len(decided.cases.read_cases("acme")) == 2


def test_the_agenda_holds_one_row_per_subject(store, feed):
    """Judged subjects' rows are replaced, others stay; None stands for all of a kind."""
    looks = [Look("seat", i, feed.at + HOUR * n) for n, i in enumerate(["a", "b", "c"])]
    store.cases.save_decision(
        Decision(account="acme", at=feed.at, evaluated={"seat": None}, looks=looks)
    )
    assert store.subjects.find_due("acme", "seat", feed.at + HOUR) == ["a", "b"]
    store.cases.save_decision(
        Decision(
            account="acme",
            at=feed.at,
            evaluated={"seat": ["a", "b"]},
            looks=[Look("seat", "b", feed.at + 9 * HOUR)],
        )
    )
    assert store.subjects.find_due("acme", "seat", feed.at + 8 * HOUR) == ["c"]
    assert store.subjects.find_due("acme", "seat", feed.at + 9 * HOUR) == ["b", "c"]
    store.cases.save_decision(Decision(account="acme", at=feed.at, evaluated={"seat": None}))
    assert store.subjects.find_due("acme", "seat", feed.at + 9 * HOUR) == []


def test_marks_are_cleared_by_the_decision_that_judged_them(store, feed):
    """And by no other, nor for another account."""
    feed.page("application", {"id": "1", "status": "active"})
    store.cases.save_decision(Decision(account="acme", at=feed.at))
    store.cases.save_decision(Decision(account="globex", at=feed.at, dirty_done=True))
    assert store.subjects.find_dirty("acme", "application", ()) is None
    feed.settle()
    assert store.subjects.find_dirty("acme", "application", ()) == []


def test_claiming_takes_what_is_due_oldest_first(store, feed):
    """Queued and retried notices whose instant has come, up to the limit."""
    t = feed.at
    notices = [
        _notice(t + HOUR, "younger"),
        _notice(t, "older"),
        _notice(t, "later", not_before=t + HOUR),
        _notice(t, "held", state=NoticeState.HELD, hold=Hold.SHADOW),
        _notice(t, "again", state=NoticeState.RETRY, not_before=t),
    ]
    store.cases.save_decision(Decision(account="acme", at=t, notices=notices))
    assert store.outbox.claim("globex", t) == []
    first = store.outbox.claim("acme", t, limit=2)
    assert [(n.key, n.state, n.departed) for n in first] == [
        ("again", NoticeState.SENDING, False),
        ("older", NoticeState.SENDING, False),
    ]
    for notice in first:
        store.outbox.settle(replace(notice, state=NoticeState.SENT, sent_at=t, receipt={"ts": "1"}))
    assert [n.key for n in store.outbox.claim("acme", t)] == ["younger"]
    sent = store.outbox.read_notices("acme", states=[NoticeState.SENT])
    assert [(n.key, n.receipt) for n in sent] == [("again", {"ts": "1"}), ("older", {"ts": "1"})]


def test_what_a_dead_tick_was_sending_is_taken_over(decided, opened, feed):
    """Whoever claims next gets it first, with the word to look it up if it had set off."""
    (notice,) = decided.outbox.claim("acme", feed.at)
    assert not notice.departed
    assert opened().outbox.claim("acme", feed.at) == [notice]
    decided.outbox.depart(notice.key)
    assert opened().outbox.claim("acme", feed.at) == [replace(notice, departed=True)]


def test_a_sent_notice_is_not_queued_again(decided, feed):
    """The same key decided twice, as after a crash, stays as it was sent."""
    (notice,) = decided.outbox.claim("acme", feed.at)
    sent = replace(notice, state=NoticeState.SENT, sent_at=feed.at, receipt={"ts": "7"})
    decided.outbox.settle(sent)
    decided.cases.save_decision(Decision(account="acme", at=feed.at, notices=[_notice(feed.at)]))
    assert decided.outbox.read_notices("acme") == [sent]


def test_an_unsent_notice_is_dropped_by_a_decision(decided, feed):
    """Cured: the notice and the end of its case in one transaction."""
    (notice,) = decided.outbox.read_notices("acme")
    (case,) = decided.cases.read_open_cases("acme")
    dropped = drop_notice(notice, DropCode.CASE_ENDED)
    ended = replace(
        case, end=End.RESOLVED, ended_at=feed.at, end_reason=because(ReasonCode.STOPPED)
    )
    decided.cases.save_decision(
        Decision(account="acme", at=feed.at, cases=[ended], notices=[dropped])
    )
    assert decided.outbox.read_notices("acme") == [dropped]
    assert decided.outbox.claim("acme", feed.at) == []


def test_what_is_put_into_the_cache_is_kept(store, opened):
    """Bytes by key, the last ones, also for the next process."""
    assert store.run_state.get("k") is None
    store.run_state.put("k", b"\x00one")
    store.run_state.put("k", b"two")
    assert opened().run_state.get("k") == b"two"


def test_false_alarms_are_counted_by_rule(decided, feed):
    """However often one case was called so; of this account only."""
    (case,) = decided.cases.read_open_cases("acme")
    for hours in (1, 2):
        called = Transition(
            case.number,
            feed.at + hours * HOUR,
            TransitionName.FALSE_ALARM,
            because(ReasonCode.REPORTED_FALSE),
        )
        rows = [(SUBJECT, "late", called)]
        decided.cases.save_decision(Decision(account="acme", at=feed.at, transitions=rows))
    assert decided.cases.count_false_alarms("acme") == {"late": 2}
    assert decided.cases.count_false_alarms("globex") == {}


def test_an_open_case_is_read_as_any_other(store, feed):
    """All that are open at once, one by its number, and one that ended since: whole and frozen."""
    now = feed.at
    held = _case(
        now,
        handling=Handling.SNOOZED,
        handling_until=now + HOUR,
        started_at=now - HOUR,
        steps_done=(0, 2),
        finding="2 are missing",
        first_look=FirstLook.SUMMARY,
        false_facts="facts",
    )
    bare = Case(number=0, rule="bare", subject=SUBJECT, opened_at=now, clock=Clock.PENDING)
    store.cases.save_decision(Decision(account="acme", at=now, cases=[held, bare]))
    several = store.cases.read_open_cases("acme")
    assert several == [replace(held, number=1), replace(bare, number=2)]
    assert several == [store.cases.read_case(case.number) for case in several]
    assert {case: type(case) for case in several} == dict.fromkeys(several, Case)
    with pytest.raises(FrozenInstanceError):
        several[0].rule = "other"
    reason = because(ReasonCode.CLEARED)
    ended = replace(several[0], end=End.RESOLVED, ended_at=now + HOUR, end_reason=reason)
    store.cases.save_decision(Decision(account="acme", at=now, cases=[ended]))
    assert store.cases.read_cases("acme") == [ended, several[1]]
