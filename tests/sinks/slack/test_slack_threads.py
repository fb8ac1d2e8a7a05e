"""Written answers over Socket Mode: which texts are replies to messages of ours."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from atsbridge.model.notice import Receipt
from atsbridge.ports.sink import DeliveredMessage, ReplyOutcome
from atsbridge.sandbox.chat.slack_events import make_event
from atsbridge.sandbox.chat.slack_workspace import BOT

from .slack_line import MARA, TO, Line, line, sent, shared

__all__ = ["line", "shared"]


def test_a_text_in_a_thread_is_a_reply(line: Line) -> None:
    """Acknowledged in time; its mark is the one that polling gives the same text."""
    channel, ts = sent(line.sink)
    delivery = line.slack.write(channel, ts, "not me <@U000001>", MARA)
    assert delivery.acknowledged
    line.desk.wait(lambda: len(line.desk.replies) == 1)
    delivered = DeliveredMessage(
        "k1", TO, Receipt({"channel": channel, "ts": ts}), line.slack.time.now()
    )
    (fetched,) = line.sink.fetch_replies([delivered])
    (heard,) = line.desk.replies
    assert (heard, heard.is_written) == (fetched, True)
    assert heard.text.split() == ["not", "me", MARA]
    assert "not me" not in str(line.desk.lines)


def test_a_written_answer_stays_in_the_thread(line: Line) -> None:
    """Below the message for all, or for its author there; then the desk learns that it was said."""
    channel, ts = sent(line.sink)
    said = threading.Event()
    line.desk.outcome = ReplyOutcome("It was due.", in_thread=True, confirm=said.set)
    line.slack.write(channel, ts, "why", MARA)
    assert said.wait(5)
    answers = [one for one in line.slack.dms(MARA) if one["user"] == BOT]
    assert (answers[1]["thread_ts"], answers[1]["text"]) == (ts, "It was due.")
    line.desk.outcome = ReplyOutcome("Noted.")
    line.slack.write(channel, ts, "seen", MARA)
    line.desk.wait(lambda: line.slack.ephemerals == [(MARA, "Noted.")])
    calls = [arguments for _, path, arguments in line.slack.server.log if "Ephemeral" in path]
    assert calls[-1]["thread_ts"] == [ts]


def test_a_text_that_slack_sends_twice_is_one(line: Line) -> None:
    channel, ts = sent(line.sink)
    message = line.slack.reply(channel, ts, "seen", MARA)
    payload = make_event(message, channel, BOT)
    for attempt in range(2):
        delivery = line.slack.socket_mode.deliver("events_api", payload, retry_attempt=attempt)
        assert delivery.acknowledged
    line.slack.write(channel, ts, "done", MARA)
    line.desk.wait(lambda: [one.text for one in line.desk.replies] == ["seen", "done"])


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B000001"},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"thread_ts": None},
        {"user": "U" * 999},
        {"text": "why " * 100},
        {"text": {"a": 1}},
        {"text": "  "},
        {"parent_user_id": "U000001"},
        {"channel": None},
        {"thread_ts": "1.000001"},
    ],
)
def test_texts_that_answer_no_message_of_ours(line: Line, changes: Mapping[str, Any]) -> None:
    """Of programs, edits, outside threads, in threads of others, and whatever is no text."""
    channel, ts = sent(line.sink)
    message = line.slack.reply(channel, ts, "why", MARA)
    payload = make_event(message, channel, BOT)
    payload["event"] |= changes
    assert line.slack.socket_mode.deliver("events_api", payload).acknowledged
    line.slack.press(channel, ts, "Done", MARA)
    line.desk.wait(lambda: [one.text for one in line.desk.replies] == ["done"])


def test_a_thread_is_looked_up_once(line: Line) -> None:
    """Also one that is not below a message of ours, where the event does not say whose it is."""
    channel, ts = sent(line.sink)
    other = line.slack.reply(channel, ts, "hello", MARA)
    asked = line.slack.server.count("/api/conversations.replies")
    for text in ("why", "done"):
        event = make_event(line.slack.reply(channel, ts, text, MARA), channel, BOT)
        event["event"] |= {"thread_ts": other["ts"], "parent_user_id": None}
        assert line.slack.socket_mode.deliver("events_api", event).acknowledged
    line.slack.write(channel, ts, "seen", MARA)
    line.desk.wait(lambda: [one.text for one in line.desk.replies] == ["seen"])
    assert line.slack.server.count("/api/conversations.replies") - asked == 2
