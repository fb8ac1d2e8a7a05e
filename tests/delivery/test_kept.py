"""What stays in the store of a message that went out: ids, and none of its words."""

from __future__ import annotations

from typing import Any

from atsbridge.cases.ops_notice import make_ops_notice
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_run import deliver
from atsbridge.model.notice import Destination, Notice, NoticeText, Purpose
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


def test_no_word_of_a_message_is_kept_once_it_is_sent(
    store: Any, post: Any, rules: Any, directory: Any, time: Any, given: Any
) -> None:
    """Neither in a table nor anywhere in the file: what stood there is overwritten."""
    _, make = given
    notice = Notice(
        key="k1",
        account="acme",
        case=0,
        rule="feedback-late",
        subject=SEAT,
        destination=MARA,
        purpose=Purpose.SEND,
        step=1,
        created_at=time.now(),
    )
    text = NoticeText("headline-zq", "body-zq: a token")
    told = make_ops_notice("acme", directory.ops, "topic", text, time.now())
    store.cases.save_decision(
        Decision(account="acme", at=time.now(), cases=[make()], notices=[notice])
    )
    store.outbox.queue([told])
    deliver(DeliveryRequest("acme", store, {"post": post}, rules, directory, time))
    words = [text for one in post.messages for text in (one.headline, one.body, one.why) if text]
    assert "headline-zq" in words
    store.close()  # the write-ahead log goes into the file
    file = store._database.path
    raw = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    assert [text for text in words if text.encode() in raw] == []
    assert b'"id":"m-k1"' in raw
