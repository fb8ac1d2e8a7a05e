"""A run that loses its account in the middle of delivery, while another run takes it over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_run import deliver
from atsbridge.errors import LockLostError
from atsbridge.model.case import Case, Transition, TransitionName
from atsbridge.model.notice import Destination, Message, Notice, NoticeState, Purpose, Receipt
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.sink import Sink
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

SEAT = Key("acme", "seat", "s1")


@dataclass
class Interrupted:
    """A sink in front of another: while it is asked for the first time, `meanwhile` happens."""

    behind: Any
    meanwhile: Any
    asked: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        receipt: Receipt = self.behind.send(to, message, thread=thread)
        self.asked += 1
        if self.asked == 1:
            self.meanwhile()
        return receipt


def notices(case: Case) -> list[Notice]:
    """One notice of the case to each of three people."""
    people = ("mara", "ravi", "ines")
    return [
        Notice(
            key=f"{number}" * 24,
            account="acme",
            case=0,
            rule=case.rule,
            subject=case.subject,
            destination=Destination(
                "post",
                "person",
                f"{name}@acme.example",
                f"u{number}",
                (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
            ),
            purpose=Purpose.SEND,
            step=1,
        )
        for number, name in enumerate(people, 1)
    ]


@pytest.mark.parametrize("looks_up", [True, False])
def test_two_runs_send_every_message_once_though_one_lost_its_lock(
    store: Any,
    post: Any,
    rules: dict[str, Rule],
    directory: Directory,
    time: ManualTime,
    given: Any,
    looks_up: bool,
) -> None:
    """The first stops before its next message; what it had sent is not sent by the second.

    Only the message on its way in that very moment may come twice, where the sink cannot be asked.
    """
    post.spec = replace(post.spec, looks_up=looks_up)
    case = given[1](SEAT)
    store.cases.save_decision(
        Decision(
            account="acme",
            at=time.now(),
            cases=(case,),
            transitions=((SEAT, case.rule, _opened(time)),),
            notices=tuple(notices(case)),
        )
    )
    path = store._database.path
    other = type(store)(open_store(f"sqlite:///{path}", time)._database)
    other.facts.update(store.facts)

    def another_run() -> None:
        path.with_name(f"{path.name}.acme.lock").unlink()
        with other.lock("acme"):
            _deliver(other, post, rules, directory, time)

    first: Sink = Interrupted(post, another_run)
    with store.lock("acme"), pytest.raises(LockLostError):
        _deliver(store, first, rules, directory, time)
    sent = [address for address, _, _ in post.sent]
    once = ["ines@acme.example", "mara@acme.example", "ravi@acme.example"]
    assert sorted(set(sent)) == once
    assert len(sent) == 3 if looks_up else len(sent) <= 4
    assert {one.state for one in store.outbox.read_notices("acme")} == {NoticeState.SENT}
    other.close()


def _opened(time: ManualTime) -> Transition:
    return Transition(
        0, time.now(), TransitionName.OPENED, because(ReasonCode.STEPS_COME), "atsbridge"
    )


def _deliver(
    store: SqlStore, sink: Any, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> None:
    deliver(DeliveryRequest("acme", store, {"post": sink}, rules, directory, time))


def test_nothing_is_edited_by_a_run_that_lost_its_lock(
    store: Any,
    post: Any,
    rules: dict[str, Rule],
    directory: Directory,
    time: ManualTime,
    given: Any,
) -> None:
    """An edit writes no departure of its own: the lock is asked for all the same."""
    from atsbridge.delivery.sink_guard import Guarded

    path = store._database.path
    with store.lock("acme"):
        guarded = Guarded("post", post, lambda: store.require_lock("acme"))
        to, message = Destination("post", "person", "mara@acme.example"), Message("k", "x", "y")
        guarded.edit(to, Receipt({"id": "m1"}), message)
        path.with_name(f"{path.name}.acme.lock").unlink()
        other = open_store(f"sqlite:///{path}", time)
        with other.lock("acme"), pytest.raises(LockLostError):
            guarded.edit(to, Receipt({"id": "m1"}), message)
        other.close()
    assert len(post.edited) == 1
