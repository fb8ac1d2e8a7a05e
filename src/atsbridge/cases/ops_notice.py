"""Word to ops: a notice that brings its own words, said once per topic.

When ops must be told is decided where the trouble is seen; the rest of the outbox speaks of cases.
"""

from __future__ import annotations

from datetime import datetime

from atsbridge.cases.idempotency import made_of
from atsbridge.model import Destination, Key, Message, Notice, NoticeText, Purpose


def word(
    account: str, ops: Destination, topic: str, headline: str, body: str, now: datetime
) -> Notice:
    """A notice to ops. Its key comes of the topic: the same topic is told once, whenever queued.

    Whoever calls puts into `topic` what makes trouble new: an instant, a state, a key. No word
    may name a candidate. The words stay in the outbox until they are sent, no longer.
    """
    return Notice(
        key=made_of(account, "ops", topic),
        account=account,
        case=0,
        rule="",
        subject=Key(account, "account", account),
        destination=ops,
        purpose=Purpose.OPS,
        created_at=now,
        text=NoticeText(headline, body),
    )


def words(notice: Notice) -> Message:
    """The message a notice to ops brings."""
    text = notice.text or NoticeText("", "")
    return Message(key=notice.key, headline=text.headline, body=text.body, tone="late")
