"""What is asked once more before it is told, and what becomes of what nobody can confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.delivery.confirmation import RecheckResult
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_report import DeliveryReport
from atsbridge.delivery.delivery_run import deliver
from atsbridge.model.case import End
from atsbridge.model.notice import (
    Destination,
    DropCode,
    DropReason,
    Hold,
    Notice,
    NoticeState,
    Purpose,
)
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)
OPS = Destination("post", "channel", "#recruiting-ops")


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Ats:
    """Answers who asks again as it is told: which cases are unsure; it may kill who asks."""

    unsure: set[int] = field(default_factory=set)
    kills: bool = False
    asked: list[int] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)

    def __call__(self, cases: Sequence[int], unsent: frozenset[str]) -> RecheckResult:
        if self.kills:
            raise Killed
        self.asked += cases
        self.unsent += sorted(unsent)
        return RecheckResult(unsure={one: "down" for one in cases if one in self.unsure})


@pytest.fixture
def ats() -> Ats:
    return Ats()


@pytest.fixture
def run(
    store: SqlStore,
    post: Any,
    rules: dict[str, Rule],
    directory: Directory,
    time: ManualTime,
    ats: Ats,
) -> Callable[[], DeliveryReport]:
    return lambda: deliver(
        DeliveryRequest("acme", store, {"post": post}, rules, directory, time, confirm=ats)
    )


@pytest.fixture
def put(store: Any, time: ManualTime, given: tuple[Any, Any]) -> Callable[..., Notice]:
    """A notice on a case of its own, numbered from 1."""
    facts, make = given
    seat = Key("acme", "seat", "s1")

    def go(key: str, to: Destination = MARA, **more: Any) -> Notice:
        subject = Key("acme", "seat", f"s-{key}")
        store.facts[subject] = facts[seat]
        ended = {"end": End.RESOLVED} if more.get("purpose") is Purpose.RESOLVE else {}
        plain = Notice(
            key=key,
            account="acme",
            case=0,
            rule="feedback-late",
            subject=subject,
            destination=to,
            purpose=Purpose.SEND,
            step=1,
            created_at=time.now(),
        )
        notice = replace(plain, **more)
        case = make(subject, **ended)
        store.cases.save_decision(
            Decision(account="acme", at=time.now(), cases=[case], notices=[notice])
        )
        return notice

    return go


def digest(put: Any, key: str = "d1") -> Notice:
    """A digest of what waits for Mara now."""
    dropped: Notice = put(f"of-{key}", state=NoticeState.DROPPED)
    made = replace(dropped, key=key, case=0, rule="", purpose=Purpose.DIGEST)
    return replace(made, state=NoticeState.QUEUED)


def states(store: SqlStore) -> dict[str, tuple[str, str | None]]:
    kinds = (Purpose.SEND, Purpose.RESOLVE)
    return {
        n.key: (n.state, n.hold) for n in store.outbox.read_notices("acme") if n.purpose in kinds
    }


def test_only_what_is_to_be_told_to_people_is_asked_for(put: Any, run: Any, ats: Ats) -> None:
    """Not a channel's notice, nor an end; what may have arrived is not dropped on hearsay."""
    put("k1")
    put("k2", OPS)
    put("k3", purpose=Purpose.RESOLVE, step=-1)
    put("k4", state=NoticeState.RETRY, attempts=1)
    run()
    assert (ats.asked, ats.unsent) == ([1, 4], ["k1"])


def test_a_line_that_cannot_be_confirmed_waits_for_the_next_digest(
    store: SqlStore, put: Any, run: Any, ats: Ats, post: Any, time: ManualTime
) -> None:
    """The others are told; once it can be, the next one brings it."""
    for key in ("k1", "k2", "k3"):
        put(key, state=NoticeState.HELD, hold=Hold.DIGEST, not_before=time.now())
    store.outbox.queue([digest(put)])
    ats.unsure = {2}
    run()
    assert states(store)["k2"] == ("held", "digest")
    assert [states(store)[key][0] for key in ("k1", "k3")] == ["sent", "sent"]
    assert post.messages[-1].body.count("\n• ") == 2
    ats.unsure.clear()
    time.advance(timedelta(minutes=10))
    store.outbox.queue([digest(put, "d2")])
    run()
    assert states(store)["k2"][0] == "sent"


def test_a_digest_of_which_nothing_is_sure_is_not_sent(
    store: SqlStore, put: Any, run: Any, ats: Ats, post: Any, time: ManualTime
) -> None:
    """Its lines stay."""
    put("k1", state=NoticeState.HELD, hold=Hold.DIGEST, not_before=time.now())
    store.outbox.queue([digest(put)])
    ats.unsure = {1}
    run()
    assert post.messages == []
    assert states(store)["k1"] == ("held", "digest")
    assert {n.key: n.drop for n in store.outbox.read_notices("acme")}["d1"] == DropReason(
        DropCode.UNCONFIRMED
    )


def test_a_kill_while_it_is_asked_loses_nothing(
    store: SqlStore, put: Any, run: Any, ats: Ats, post: Any
) -> None:
    """The next tick takes over, asks, and sends once."""
    put("k1")
    ats.kills = True
    with pytest.raises(Killed):
        run()
    assert states(store)["k1"][0] == "sending"
    ats.kills = False
    run()
    assert [key for _, key, _ in post.sent] == ["k1"]


def test_what_may_have_arrived_is_looked_up_after_the_wait(
    store: SqlStore, put: Any, run: Any, ats: Ats, post: Any, time: ManualTime
) -> None:
    """Sent by a tick that died, then unsure: found by its key, not sent again."""
    put("k1")
    store.outbox.claim("acme", time.now())
    store.outbox.depart("k1")
    post.sent.append((MARA.address, "k1", None))
    ats.unsure = {1}
    run()
    assert states(store) == {"k1": ("held", "unconfirmed")}
    ats.unsure.clear()
    time.advance(timedelta(minutes=10))
    run()
    assert states(store)["k1"][0] == "sent"
    assert [key for _, key, _ in post.sent] == ["k1"]
