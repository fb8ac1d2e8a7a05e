"""Replies that arrived wait until a run has applied them, each once."""

from __future__ import annotations

from datetime import timedelta

from atsbridge.ports import ReceivedReply, Reply
from atsbridge.store import SqlStore

from ..conftest import NOON

KIM = "kim@acme.example"


def _received(text: str, key: str = "k1", hours: int = 0, account: str = "acme") -> ReceivedReply:
    reply = Reply(key, f"button {text} U1", KIM, "Kim\x00 Osei", text=text)
    return ReceivedReply(account, reply, NOON + timedelta(hours=hours))


def test_a_reply_waits_once_and_is_removed(store: SqlStore) -> None:
    """Oldest first, by account; the same again changes nothing; texts as both engines hold them."""
    inbox = store.reply_inbox
    assert inbox.add_reply(_received("done", hours=1))
    assert inbox.add_reply(_received("seen"))
    assert not inbox.add_reply(_received("seen", hours=2))
    assert inbox.add_reply(_received("seen", key="k2", account="other"))
    first, second = inbox.read_replies("acme")
    assert [one.reply.text for one in (first, second)] == ["seen", "done"]
    assert (first.at, first.reply.email, first.reply.emoji) == (NOON, KIM, "")
    assert "\x00" not in first.reply.name
    assert inbox.count_replies() == 3
    inbox.remove_replies([first.reply, second.reply])
    inbox.remove_replies([])
    assert (inbox.read_replies("acme"), inbox.count_replies()) == ([], 1)


def test_an_account_with_a_reply_is_not_idle(store: SqlStore) -> None:
    """The next run reads it, whatever else there is to do."""
    assert store.subjects.is_idle("acme", NOON)
    store.reply_inbox.add_reply(_received("seen"))
    assert not store.subjects.is_idle("acme", NOON)
    assert store.subjects.is_idle("other", NOON)


def test_replies_are_erased_with_the_colleague_and_by_age(store: SqlStore) -> None:
    store.reply_inbox.add_reply(_received("seen"))
    assert store.privacy.forget_person(KIM.upper()) == 1
    store.reply_inbox.add_reply(_received("seen"))
    assert store.privacy.expire("acme", NOON + timedelta(hours=1)) == {"replies": 1}
    assert store.reply_inbox.count_replies() == 0
