"""Buttons over Socket Mode: slack_sdk's own client against a fake of Slack's servers."""

from __future__ import annotations

import gc
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.errors import AuthError, ConfigError, DeniedError
from atsbridge.model.notice import Destination, Message, Receipt
from atsbridge.ports.connector import Tools
from atsbridge.ports.sink import DeliveredMessage, Reply, ReplyOutcome
from atsbridge.presentation.reply_buttons import CASE_BUTTONS
from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
from atsbridge.sandbox.chat.slack_events import list_buttons, make_event
from atsbridge.sandbox.chat.slack_workspace import BOT
from atsbridge.sinks.slack import slack_listener
from atsbridge.sinks.slack.slack_sink import Slack, SlackSettings
from atsbridge.timesource import ManualTime

MARA = "mara@acme.example"
TO = Destination("slack", "person", MARA)
MESSAGE = Message("k1", "Feedback is due", "Please submit it.", buttons=CASE_BUTTONS)


@dataclass(frozen=True)
class Member:
    name: str
    email: str
    tz: str = "Europe/Lisbon"


@dataclass
class Desk:
    """Takes replies, and says what it is told to."""

    outcome: ReplyOutcome = field(default_factory=ReplyOutcome)
    replies: list[Reply] = field(default_factory=list)
    busy: threading.Event | None = None
    lines: list[Mapping[str, Any]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def receive(self, reply: Reply) -> ReplyOutcome:
        if self.busy is not None:
            self.busy.wait(10)
        with self.changed:
            self.replies.append(reply)
            self.changed.notify_all()
        return self.outcome

    def note(self, line: Mapping[str, Any]) -> None:
        with self.changed:
            self.lines.append(line)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Until the condition holds; the fake of Slack notifies nobody, so look often."""
        with self.changed:
            for _ in range(500):
                if condition():
                    return
                self.changed.wait(0.02)
        pytest.fail("it did not come about")

    def reset(self) -> None:
        self.outcome, self.busy = ReplyOutcome(), None
        self.replies.clear()
        self.lines.clear()

    def actions(self) -> list[str]:
        return [str(line["action"]) for line in self.lines]


@dataclass
class Line:
    """A workspace, a sink in it, and a listener at work."""

    slack: FakeSlack
    sink: Slack
    desk: Desk


@contextmanager
def connected() -> Iterator[Line]:
    """Connect until the block ends; it ends within seconds."""
    time = ManualTime(datetime(2026, 3, 9, 16, 5, tzinfo=UTC))
    with serve((Member("Mara Lind", MARA),), time) as slack:
        settings = SlackSettings(token=slack.token, app_token=slack.app_token, base_url=slack.url)
        line = Line(slack, Slack(settings, Tools("slack", time)), Desk())
        listener = line.sink.open_listener(line.desk.receive, line.desk.note)
        thread = threading.Thread(target=listener.run)
        thread.start()
        try:
            assert slack.socket_mode.wait_for(1)
            yield line
        finally:
            listener.stop()
            thread.join(3)
            line.sink.close()
        assert not thread.is_alive()
    with warnings.catch_warnings():  # websocket leaves the socket of a lost line to the collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def shared() -> Iterator[Line]:
    """One line for all tests that leave it as it was."""
    with connected() as line:
        yield line


@pytest.fixture
def line(shared: Line) -> Line:
    """The shared line, with nothing sent yet."""
    shared.desk.reset()
    shared.slack.ephemerals.clear()
    for room in shared.slack._rooms.values():
        room.messages.clear()
    return shared


@pytest.fixture
def alone() -> Iterator[Line]:
    """A line of its own, for a test that breaks it."""
    with connected() as line:
        yield line


def sent(sink: Slack) -> tuple[str, str]:
    """A message with buttons; (channel, ts)."""
    ids = sink.send(TO, MESSAGE).ids
    return str(ids["channel"]), str(ids["ts"])


def test_each_button_is_a_reply(line: Line) -> None:
    """Acknowledged in time, from the person who pressed it, with the text of the button."""
    channel, ts = sent(line.sink)
    (message,) = line.slack.dms(MARA)
    for label in list_buttons(message):
        delivery = line.slack.press(channel, ts, label, MARA)
        assert delivery.acknowledged, label
        assert delivery.seconds is not None
        assert delivery.seconds < slack_listener.ACKNOWLEDGE
    line.desk.wait(lambda: len(line.desk.replies) == 7)
    texts = {text for button in CASE_BUTTONS for _, text in button.replies}
    assert {reply.text for reply in line.desk.replies} == texts
    assert {(one.key, one.email, one.name) for one in line.desk.replies} == {
        ("k1", MARA, "Mara Lind")
    }
    assert all(
        " " in one.mark for one in line.desk.replies
    )  # never the place of a text in a thread
    assert MARA not in str(line.desk.lines)


def test_an_answer_comes_below_the_message_or_to_one_person(line: Line) -> None:
    channel, ts = sent(line.sink)
    line.desk.outcome = ReplyOutcome("It was due on Monday.", in_thread=True)
    line.slack.press(channel, ts, "Why?", MARA)
    line.desk.outcome = ReplyOutcome("Noted <@U1>.")
    line.slack.press(channel, ts, "Seen", MARA)
    line.desk.wait(lambda: len(line.slack.ephemerals) == 1 and len(line.slack.dms(MARA)) == 2)
    assert line.slack.ephemerals == [(MARA, "Noted &lt;@U1&gt;.")]
    answer = line.slack.dms(MARA)[1]
    assert (answer["thread_ts"], answer["text"]) == (ts, "It was due on Monday.")


def test_what_slack_sends_twice_is_one_press(line: Line) -> None:
    """The second time it is acknowledged, and nothing else happens; a real second press is one."""
    channel, ts = sent(line.sink)
    payload = line.slack.make_press(channel, ts, "Seen", MARA)
    for attempt in range(3):
        more = {"retry_attempt": attempt, "retry_reason": "timeout"} if attempt else {}
        assert line.slack.socket_mode.deliver("interactive", payload, **more).acknowledged
    assert line.slack.press(channel, ts, "Seen", MARA).acknowledged
    line.desk.wait(lambda: len(line.desk.replies) == 2)
    assert len({one.mark for one in line.desk.replies}) == 1


def test_a_busy_store_is_acknowledged_in_time(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the reply is stored once the store is free."""
    monkeypatch.setattr(slack_listener, "ACKNOWLEDGE", 0.1)
    channel, ts = sent(line.sink)
    line.desk.busy = threading.Event()
    assert line.slack.press(channel, ts, "Done", MARA).acknowledged
    assert line.desk.replies == []
    line.desk.busy.set()
    line.desk.wait(lambda: len(line.desk.replies) == 1)


@pytest.mark.parametrize("way", ["refresh", "drop", "warning", "refused"])
def test_it_connects_again(alone: Line, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a request to refresh, a lost line, a warning, and a server that refuses at first."""
    monkeypatch.setattr(slack_listener, "BEGINNING", 0.7)
    server = alone.slack.socket_mode
    channel, ts = sent(alone.sink)
    if way == "refused":
        server.refuse += [503, 408]
    if way in ("refresh", "warning"):
        server.disconnect("refresh_requested" if way == "refresh" else "warning")
    else:
        server.drop()
    assert server.wait_for(1, opened=2)
    assert alone.slack.press(channel, ts, "Seen", MARA).acknowledged
    alone.desk.wait(lambda: len(alone.desk.replies) == 1)


def test_frames_may_come_in_pieces(line: Line) -> None:
    """In many TCP segments, as several frames, between pings; in any script."""
    channel, ts = sent(line.sink)
    server = line.slack.socket_mode
    server.pieces, server.fragments = 50, 3
    assert server.ping()
    assert line.slack.press(channel, ts, "2 working days", MARA).acknowledged
    assert server.ping()
    line.desk.wait(lambda: [one.text for one in line.desk.replies] == ["snooze 2bd"])
    server.pieces = server.fragments = 1


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("events_api", {"type": "event_callback", "event": {"type": "message"}}),
        ("events_api", {"type": "event_callback", "event": {"type": "app_mention", "text": "why"}}),
        ("events_api", {"type": "event_callback", "event": None, "authorizations": [1]}),
        ("slash_commands", {"command": "/x"}),
        ("interactive", {"type": "view_submission"}),
        ("interactive", {"type": "block_actions", "actions": None}),
        ("interactive", {"type": "block_actions", "user": "U1", "actions": [1, {"value": "x"}]}),
        ("interactive", {"type": "block_actions", "user": {"id": "U" * 999}, "actions": [{}]}),
    ],
)
def test_everything_else_is_acknowledged_and_left_alone(
    line: Line, kind: str, payload: Mapping[str, Any]
) -> None:
    assert line.slack.socket_mode.deliver(kind, payload).acknowledged
    assert line.desk.replies == []


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
    line.desk.outcome = ReplyOutcome("It was due.", in_thread=True, on_said=said.set)
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


def test_a_button_of_another_app_is_not_ours(line: Line) -> None:
    channel, ts = sent(line.sink)
    payload = line.slack.make_press(channel, ts, "Seen", MARA)
    payload["actions"][0]["block_id"] = "other/k1"
    assert line.slack.socket_mode.deliver("interactive", payload).acknowledged
    assert line.desk.replies == []


def test_somebody_who_left_has_no_address(alone: Line) -> None:
    """The reply is handed on without one, so that nobody's message is answered by it."""
    channel, ts = sent(alone.sink)
    alone.slack.deactivate(MARA)
    alone.slack.press(channel, ts, "Seen", MARA)
    alone.desk.wait(lambda: [one.email for one in alone.desk.replies] == [""])


def test_a_workspace_that_does_not_answer_costs_the_press(alone: Line) -> None:
    """It is acknowledged; the log has what Slack said, and no name."""
    channel, ts = sent(alone.sink)
    alone.slack.scopes.discard("users:read")
    assert alone.slack.press(channel, ts, "Seen", MARA).acknowledged
    alone.desk.wait(lambda: "press_failed" in alone.desk.actions())
    alone.desk.wait(lambda: len(alone.slack.ephemerals) == 1)
    assert "could not save that" in alone.slack.ephemerals[0][1]
    assert alone.desk.replies == []


def test_a_fault_costs_one_press(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    channel, ts = sent(line.sink)
    line.desk.outcome = None  # type: ignore[assignment]
    assert line.slack.press(channel, ts, "Seen", MARA).acknowledged
    line.desk.wait(lambda: "answer_failed" in line.desk.actions())
    line.desk.outcome = ReplyOutcome()
    assert line.slack.press(channel, ts, "Done", MARA).acknowledged
    line.desk.wait(lambda: len(line.desk.replies) == 2)


def test_a_refused_token_ends_it_at_once(alone: Line) -> None:
    """With the setting to look at."""
    alone.slack.revoked = True
    with pytest.raises(AuthError) as caught:
        alone.sink.open_listener(alone.desk.receive, alone.desk.note).run()
    assert caught.value.remedy == "Check the app_token of sink slack"
    assert alone.slack.app_token not in str(alone.desk.lines)


def test_a_missing_scope_is_named(alone: Line) -> None:
    alone.slack.app_scopes.clear()
    with pytest.raises(DeniedError) as caught:
        alone.sink.open_listener(alone.desk.receive, alone.desk.note).run()
    assert "connections:write" in caught.value.remedy


def test_without_an_app_token_there_is_no_listener(line: Line) -> None:
    settings = SlackSettings(token=line.slack.token, base_url=line.slack.url)
    sink = Slack(settings, Tools("slack", line.slack.time))
    assert (sink.spec.listens, sink.spec.buttons) == (False, False)
    with pytest.raises(ConfigError, match="no app-level token"):
        sink.open_listener(Desk().receive, Desk().note)
    sink.close()


def test_without_its_packages_it_says_what_to_install(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atsbridge.sinks.slack.slack_sink._LISTENING", ("no_such_package",))
    with pytest.raises(ConfigError, match="no_such_package") as caught:
        line.sink.open_listener(Desk().receive, Desk().note)
    assert "atsbridge[slack]" in caught.value.remedy
