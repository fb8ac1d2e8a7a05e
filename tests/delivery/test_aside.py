"""What a sink says of a message that went out, though not as it was meant to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_run import deliver
from atsbridge.model.notice import Destination, Message, Notice, NoticeState, Purpose, Receipt
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision

SEAT = Key("acme", "seat", "s1")
MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)
FAULT = "templates/mail.html:3: UndefinedError"


@dataclass
class Plainly:
    """Another sink's messages, each in its plain form."""

    behind: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        return replace(self.behind.send(to, message, thread=thread), aside=FAULT)


def test_a_template_with_a_mistake_is_told_to_ops_once(
    store: Any, post: Any, rules: Any, directory: Any, time: Any, given: Any
) -> None:
    """With file and line; the messages themselves are sent."""
    _, make = given
    plain = Notice(key="", account="acme", case=0, rule="feedback-late", subject=SEAT,
                   destination=MARA, purpose=Purpose.SEND, created_at=time.now())  # fmt: skip
    ravi = replace(MARA, address="ravi@acme.example", person="u2")
    notices = [replace(plain, key="k1"), replace(plain, key="k2", destination=ravi)]
    store.cases.save_decision(
        Decision(account="acme", at=time.now(), cases=[make()], notices=notices)
    )
    for _ in range(3):
        deliver(DeliveryRequest("acme", store, {"post": Plainly(post)}, rules, directory, time))
    sent = store.outbox.read_notices("acme", states=[NoticeState.SENT])
    assert {"k1", "k2"} < {one.key for one in sent}
    (word,) = [one for one in post.messages if one.headline.startswith("A template")]
    assert word.headline == "A template for post has a mistake"
    assert word.body.startswith(FAULT)
