"""Written answers that a listener hears: counted once, whether heard, read by a run, or both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from atsbridge.context import AccountContext, AccountSummary
from atsbridge.errors import StoreError
from atsbridge.model.case import End, TransitionName
from atsbridge.model.reason import ReasonCode, because
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.sink import Reply, ReplyOutcome
from atsbridge.replies.listen_session import ListenSession
from atsbridge.replies.poll import ReplyPoller
from atsbridge.replies.reply_receiver import ReplyReceiver
from atsbridge.store.case_tables.sql_reply_inbox import SqlReplyInbox

from .listening_room import receiver, session, sink_settings, waiting
from .reply_room import MARA, RAVI, Room

__all__ = ["receiver", "session", "sink_settings"]


def written(text: str, key: str = "k1", email: str = MARA) -> Reply:
    return Reply(key, "1773072000.000900", email, "Mara Lind", text=text)


def test_a_written_why_is_answered_once(room: Room, session: ListenSession) -> None:
    """At once, while a run holds the account; the next run finds it there and leaves it."""
    channel, ts = room.tell()
    with room.store.lock("acme"):
        assert room.slack.write(channel, ts, "Why?", MARA).acknowledged
        assert room.slack.wait_until(lambda: len(room.replies()) == 1)
        assert room.slack.wait_until(lambda: not room.store.reply_inbox.count_replies())
    assert "1 working day" in room.replies()[0]
    for _ in range(2):
        room.tick()
    assert len(room.replies()) == 1
    assert (waiting(room), room.history()) == ([], [])


def test_a_written_answer_is_applied_once(room: Room, session: ListenSession) -> None:
    """Heard, and found by the run that reads the thread: one transition, one confirmation."""
    channel, ts = room.tell()
    assert room.slack.write(channel, ts, "on it", MARA).acknowledged
    noted = (MARA, "Thank you, Mara. I noted “Seen” and confirm it below the message.")
    assert room.slack.wait_until(lambda: room.slack.ephemerals == [noted])
    for _ in range(2):
        room.tick()
    assert room.history() == [(TransitionName.ACKNOWLEDGED, "Mara Lind in slack")]
    assert len(room.replies()) == 1


def test_a_written_why_that_was_not_said_is_said_by_the_run(
    room: Room, receiver: ReplyReceiver
) -> None:
    """Killed between the inbox and Slack: the run answers. Said: the run keeps the mark only."""
    room.tell()
    outcome = receiver.receive(written("why"))
    assert outcome.in_thread
    assert receiver.receive(written("why")) == ReplyOutcome()
    room.tick()
    assert [outcome.text == one for one in room.replies()] == [True]
    assert receiver.receive(written("why")) == ReplyOutcome()
    again = replace(written("why"), mark="1773072000.000901")
    said = receiver.receive(again).confirm
    assert said is not None
    said()
    room.tick()
    assert len(room.replies()) == 1
    assert again.mark in room.notices()["k1"].replies


def test_a_run_leaves_a_text_that_was_just_heard(room: Room, receiver: ReplyReceiver) -> None:
    """It came between the two readings of the run: only the next run applies it."""
    channel, ts = room.tell()
    message = room.slack.reply(channel, ts, "done", MARA)
    heard = replace(written("done"), mark=message["ts"])
    inbox = room.store.reply_inbox
    poller = ReplyPoller(
        room.app, AccountSummary("acme"), AccountContext(room.app, "acme").directory
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ReplyPoller, "_apply_received", lambda _: receiver.receive(heard))
        poller.poll()
    assert (room.history(), inbox.count_replies()) == ([], 1)
    room.tick()
    assert [name for name, _ in room.history()] == [TransitionName.MARKED_DONE]


@pytest.mark.parametrize(
    "text", ["hello", "thanks, will look into it tomorrow", "weekly on", "4 5"]
)
def test_other_texts_are_left_to_the_run(room: Room, receiver: ReplyReceiver, text: str) -> None:
    """Nothing of what people write to each other is stored."""
    room.tell()
    assert receiver.receive(written(text)) == ReplyOutcome()
    assert waiting(room) == []


def test_a_written_answer_that_cannot_count(room: Room, receiver: ReplyReceiver) -> None:
    """Said of a message to somebody else and of an ended case; a lost message says nothing."""
    room.tell()
    assert "for somebody else" in receiver.receive(written("seen", email=RAVI)).text
    assert receiver.receive(written("seen", key="k9")) == ReplyOutcome()
    (case,) = room.store.cases.read_cases("acme")
    ended = replace(case, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    room.store.cases.save_decision(Decision(account="acme", at=room.app.time.now(), cases=[ended]))
    assert "Nothing is left to do here" in receiver.receive(written("why")).text
    assert waiting(room) == []


def test_a_store_that_does_not_answer_leaves_a_text_to_the_run(
    room: Room, receiver: ReplyReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any) -> bool:
        raise StoreError("busy")

    room.tell()
    monkeypatch.setattr(SqlReplyInbox, "add_reply", busy)
    assert receiver.receive(written("done")) == ReplyOutcome()
