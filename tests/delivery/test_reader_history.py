"""What has reached a reader before a message: the first of all, a reason, a third reminder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from atsbridge.delivery import reader_history
from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)
TEAM = Destination("post", "channel", "#ops")
SEAT = Key("acme", "seat", "s1")


def notice(key: str, to: Destination = MARA, **more: Any) -> Notice:
    plain = Notice(
        key=key,
        account="acme",
        case=1,
        rule="feedback-late",
        subject=SEAT,
        destination=to,
        purpose=Purpose.SEND,
    )
    return replace(plain, **more)


def test_the_first_message_of_all_stays_the_first_when_it_is_edited(store: SqlStore) -> None:
    """A later one is not; another address in capitals is the same person; a channel has none."""
    first, later = notice("a"), notice("b", rule="stalled-in-stage")
    assert reader_history.read(store, first, MARA).is_first
    reader_history.remember(store, first, MARA)
    reader_history.remember(store, later, MARA)
    assert reader_history.read(store, first, MARA).is_first
    shouting = replace(MARA, sink="mail", address="Mara@Acme.example")
    assert not reader_history.read(store, notice("c"), shouting).is_first
    assert not reader_history.read(store, first, TEAM).is_first


def test_the_reason_of_a_rule_is_known_after_its_first_message(store: SqlStore) -> None:
    """To that reader and of that rule; the message that brought it keeps it."""
    first = notice("a")
    assert not reader_history.read(store, first, MARA).knows_why
    reader_history.remember(store, first, MARA)
    assert not reader_history.read(store, first, MARA).knows_why
    assert reader_history.read(store, notice("b"), MARA).knows_why
    assert not reader_history.read(store, notice("c", rule="other"), MARA).knows_why
    assert not reader_history.read(store, notice("d"), TEAM).knows_why


def test_reminders_of_a_case_are_counted_by_reader(
    store: SqlStore, time: ManualTime, given: tuple[Any, Any]
) -> None:
    """Sent ones before it; not another reader's, and not the end of the case."""
    _, case = given
    now = time.now()
    sent = [
        notice("a", step=0, sent_at=now),
        notice("b", step=1, sent_at=now + timedelta(hours=3)),
        notice("t", TEAM, step=1, sent_at=now + timedelta(hours=3)),
        notice("e", purpose=Purpose.RESOLVE, sent_at=now + timedelta(hours=4)),
    ]
    notices = [replace(one, case=0, state=NoticeState.SENT) for one in sent]
    made = Decision(account="acme", at=now, cases=[case(SEAT)], notices=notices)
    store.cases.save_decision(made)
    assert reader_history.read(store, notice("c", step=2), MARA).reminder == 3
    assert reader_history.read(store, sent[1], MARA).reminder == 2
    assert reader_history.read(store, sent[0], MARA).reminder == 1


def test_a_damaged_value_costs_a_repeated_reason(store: SqlStore) -> None:
    """Nothing is raised: the reader is as new."""
    reader_history.remember(store, notice("a"), MARA)
    for damaged in (b"{", b"[1]", b"\xff"):
        store.run_state.put(reader_history._key(MARA), damaged)
        assert reader_history.read(store, notice("b"), MARA).is_first
