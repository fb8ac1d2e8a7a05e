"""Notices to the operators: they carry their own text and are sent once per topic."""

from __future__ import annotations

from datetime import datetime

from atsbridge.cases.idempotency import hash_parts
from atsbridge.model import Destination, Key, Message, Notice, NoticeText, Purpose


def make_ops_notice(
    account: str, ops: Destination, topic: str, text: NoticeText, now: datetime
) -> Notice:
    """Make a notice to ops. Its key is made from `topic`: a topic is sent once.

    Put into `topic` what makes the problem a new one: an instant, a state, a key. The text must
    not name a candidate. The outbox deletes it once it is sent.
    """
    return Notice(
        key=hash_parts(account, "ops", topic),
        account=account,
        case=0,
        rule="",
        subject=Key(account, "account", account),
        destination=ops,
        purpose=Purpose.OPS,
        created_at=now,
        text=text,
    )


def make_ops_message(notice: Notice) -> Message:
    """Make the message of a notice to ops."""
    text = notice.text or NoticeText("", "")
    return Message(key=notice.key, headline=text.headline, body=text.body, tone="late")
