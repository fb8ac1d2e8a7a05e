"""Who may be disturbed is counted over all accounts, one claim at a time, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, BrokenBarrierError

from atsbridge.model.notice import (
    Destination,
    DropCode,
    Hold,
    Notice,
    NoticeState,
    Purpose,
    drop_notice,
)
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.outbox_store import Admitted, PendingNotice, Spent
from atsbridge.store.database.connection import sql
from atsbridge.store.sql_store import SqlStore

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
DAY = "2026-03-09"
CAP = 3
MARA = Destination(
    "post",
    "person",
    "Mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)


def queue(store: SqlStore, account: str, count: int) -> None:
    """So many notices for one person."""
    plain = Notice(
        key="",
        account=account,
        case=0,
        rule="",
        subject=Key(account, "account", account),
        destination=MARA,
        purpose=Purpose.SEND,
        created_at=NOW,
    )
    notices = [replace(plain, key=f"{account}-{number}") for number in range(count)]
    store.cases.save_decision(Decision(account=account, at=NOW, notices=notices))


def admit(waiting: Sequence[PendingNotice], spent: Spent) -> list[Admitted]:
    """As many as the day has room for; the others are held for the digest."""
    room = CAP - spent.interruptions.get(("mara@acme.example", DAY), 0)
    going = [
        Admitted(replace(one.notice, state=NoticeState.SENDING), DAY) for one in waiting[:room]
    ]
    morning = NOW + timedelta(days=1)
    return going + [
        Admitted(replace(one.notice, state=NoticeState.HELD, hold=Hold.DIGEST, not_before=morning))
        for one in waiting[room:]
    ]


def test_two_accounts_that_claim_at_once_share_one_cap(opened: Callable[[], SqlStore]) -> None:
    """Two processes, as it were: neither reads the ledger before the other has written into it."""
    stores = {"acme": opened(), "globex": opened()}
    for account, store in stores.items():
        queue(store, account, 4)
    both = Barrier(2)

    def slowly(waiting: Sequence[PendingNotice], spent: Spent) -> list[Admitted]:
        with suppress(BrokenBarrierError):  # alone, as it should be
            both.wait(timeout=0.3)
        return admit(waiting, spent)

    with ThreadPoolExecutor(2) as pool:
        claims = pool.map(lambda name: stores[name].outbox.claim(name, NOW, 100, slowly), stores)
        assert sum(len(claim) for claim in claims) == CAP
    held = [
        n for name in stores for n in stores[name].outbox.read_notices(name) if n.state == "held"
    ]
    assert len(held) == 8 - CAP


def test_what_is_dropped_with_its_case_gives_its_place_back(store: SqlStore) -> None:
    """Claimed, then dropped in a decision, or settled unsent: the day has room again."""
    queue(store, "acme", CAP)
    first, second, third = store.outbox.claim("acme", NOW, 100, admit)
    dropped = drop_notice(first, DropCode.CASE_ENDED)
    store.cases.save_decision(Decision(account="acme", at=NOW, notices=[dropped]))
    store.outbox.settle(replace(second, state=NoticeState.HELD, hold=Hold.UNCONFIRMED))
    store.outbox.settle(replace(third, state=NoticeState.SENT))
    queue(store, "globex", 4)
    assert len(store.outbox.claim("globex", NOW, 100, admit)) == 2


def test_a_claim_takes_no_more_than_its_limit(opened: Callable[[], SqlStore]) -> None:
    """The rest stays queued, and nobody's attention is spent on it before it is claimed."""
    store = opened()
    queue(store, "acme", 5)

    def all_of_them(waiting: Sequence[PendingNotice], _spent: Spent) -> list[Admitted]:
        return [Admitted(replace(n.notice, state=NoticeState.SENDING), DAY) for n in waiting]

    assert len(store.outbox.claim("acme", NOW, 2, all_of_them)) == 2
    assert [n.state for n in store.outbox.read_notices("acme")].count(NoticeState.QUEUED) == 3
    seen: list[int] = []

    def look(waiting: Sequence[PendingNotice], spent: Spent) -> list[Admitted]:
        seen.append(spent.interruptions["mara@acme.example", DAY])
        return all_of_them(waiting, spent)[:0]

    store.outbox.claim("acme", NOW, 2, look)
    assert seen == [2]


def test_a_claim_without_a_question_keeps_to_its_limit_too(opened: Callable[[], SqlStore]) -> None:
    """As where nobody's attention is counted."""
    store = opened()
    queue(store, "acme", 5)
    assert len(store.outbox.claim("acme", NOW, 2)) == 2
    assert [n.state for n in store.outbox.read_notices("acme")].count(NoticeState.QUEUED) == 3


def test_a_long_queue_is_decided_about_once(opened: Callable[[], SqlStore]) -> None:
    """Each batch reads its own notices, and the last look finds what was queued meanwhile."""
    store = opened()
    queue(store, "acme", 60)
    looked: list[int] = []
    later: list[str] = []

    def all_of_them(waiting: Sequence[PendingNotice], _spent: Spent) -> list[Admitted]:
        looked.append(len(waiting))
        return [Admitted(replace(n.notice, state=NoticeState.SENDING)) for n in waiting]

    sent: list[str] = []
    while batch := store.outbox.claim("acme", NOW, 10, all_of_them, later):
        store.outbox.settle(*(replace(one, state=NoticeState.SENT) for one in batch))
        sent += [one.key for one in batch]
        if len(sent) == 10:
            queue(store, "acme", 65)
    assert (len(sent), len(set(sent))) == (65, 65)
    assert looked == [60, 10, 10, 10, 10, 10, 5]


def test_who_was_interrupted_is_forgotten_after_three_days(opened: Callable[[], SqlStore]) -> None:
    """An address and a day are kept as long as they count, also where nothing waits."""
    store = opened()
    queue(store, "acme", 1)
    store.outbox.claim("acme", NOW, 10, admit)

    def count() -> int:
        with store._database.read() as connection:
            return int(connection.execute(sql("SELECT count(*) FROM interruptions")).scalar_one())

    store.outbox.claim("globex", NOW + timedelta(days=3), 10, admit)
    assert count() == 1
    store.outbox.claim("globex", NOW + timedelta(days=4), 10, admit)
    assert count() == 0
