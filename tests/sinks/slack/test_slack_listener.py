"""Buttons over Socket Mode: slack_sdk's own client against a fake of Slack's servers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.errors import AuthError, ConfigError, DeniedError
from atsbridge.model.notice import Destination, Message
from atsbridge.ports.connector import Tools
from atsbridge.ports.sink import Reply, ReplyOutcome
from atsbridge.presentation.reply_buttons import CASE_BUTTONS
from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
from atsbridge.sandbox.chat.slack_presses import list_buttons
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

    def actions(self) -> list[str]:
        return [str(line["action"]) for line in self.lines]


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(datetime(2026, 3, 9, 16, 5, tzinfo=UTC))


@pytest.fixture
def slack(time: ManualTime) -> Iterator[FakeSlack]:
    with serve((Member("Mara Lind", MARA),), time) as served:
        yield served


@pytest.fixture
def sink(slack: FakeSlack, time: ManualTime) -> Iterator[Slack]:
    settings = SlackSettings(token=slack.token, app_token=slack.app_token, base_url=slack.url)
    opened = Slack(settings, Tools("slack", time))
    yield opened
    opened.close()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def listening(sink: Slack, desk: Desk, slack: FakeSlack) -> Iterator[None]:
    """A listener at work."""
    listener = sink.open_listener(desk.receive, desk.note)
    thread = threading.Thread(target=listener.run)
    thread.start()
    assert slack.socket_mode.wait_for(1)
    yield
    listener.stop()
    thread.join(3)
    assert not thread.is_alive()


def sent(sink: Slack) -> tuple[str, str]:
    """A message with buttons; (channel, ts)."""
    ids = sink.send(TO, MESSAGE).ids
    return str(ids["channel"]), str(ids["ts"])


def test_each_button_is_a_reply(listening: None, sink: Slack, slack: FakeSlack, desk: Desk) -> None:
    """Acknowledged in time, from the person who pressed it, with the text of the button."""
    channel, ts = sent(sink)
    (message,) = slack.dms(MARA)
    for label in list_buttons(message):
        delivery = slack.press(channel, ts, label, MARA)
        assert delivery.acknowledged, label
        assert delivery.seconds is not None
        assert delivery.seconds < slack_listener.ACKNOWLEDGE
    desk.wait(lambda: len(desk.replies) == 7)
    texts = {text for button in CASE_BUTTONS for _, text in button.replies}
    assert {reply.text for reply in desk.replies} == texts
    assert {(one.key, one.email, one.name) for one in desk.replies} == {("k1", MARA, "Mara Lind")}
    assert all(" " in one.mark for one in desk.replies)  # never the place of a text in a thread
    assert MARA not in str(desk.lines)


def test_an_answer_comes_below_the_message_or_to_one_person(
    listening: None, sink: Slack, slack: FakeSlack, desk: Desk
) -> None:
    channel, ts = sent(sink)
    desk.outcome = ReplyOutcome("It was due on Monday.", in_thread=True)
    slack.press(channel, ts, "Why?", MARA)
    desk.outcome = ReplyOutcome("Noted <@U1>.")
    slack.press(channel, ts, "Seen", MARA)
    desk.wait(lambda: len(slack.ephemerals) == 1 and len(slack.dms(MARA)) == 2)
    assert slack.ephemerals == [(MARA, "Noted &lt;@U1&gt;.")]
    answer = slack.dms(MARA)[1]
    assert (answer["thread_ts"], answer["text"]) == (ts, "It was due on Monday.")


def test_what_slack_sends_twice_is_one_press(
    listening: None, sink: Slack, slack: FakeSlack, desk: Desk
) -> None:
    """The second time it is acknowledged, and nothing else happens; a real second press is one."""
    channel, ts = sent(sink)
    payload = slack.make_press(channel, ts, "Seen", MARA)
    for attempt in range(3):
        more = {"retry_attempt": attempt, "retry_reason": "timeout"} if attempt else {}
        assert slack.socket_mode.deliver("interactive", payload, **more).acknowledged
    assert slack.press(channel, ts, "Seen", MARA).acknowledged
    desk.wait(lambda: len(desk.replies) == 2)
    assert len({one.mark for one in desk.replies}) == 1


def test_a_busy_store_is_acknowledged_in_time(
    listening: None,
    sink: Slack,
    slack: FakeSlack,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the reply is stored once the store is free."""
    monkeypatch.setattr(slack_listener, "ACKNOWLEDGE", 0.1)
    channel, ts = sent(sink)
    desk.busy = threading.Event()
    assert slack.press(channel, ts, "Done", MARA).acknowledged
    assert desk.replies == []
    desk.busy.set()
    desk.wait(lambda: len(desk.replies) == 1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of websocket
@pytest.mark.parametrize("way", ["refresh", "drop", "warning", "refused"])
def test_it_connects_again(
    listening: None,
    sink: Slack,
    slack: FakeSlack,
    desk: Desk,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a request to refresh, a lost line, a warning, and a server that refuses at first."""
    monkeypatch.setattr(slack_listener, "BEGINNING", 0.7)
    server = slack.socket_mode
    channel, ts = sent(sink)
    if way == "refused":
        server.refuse += [503, 408]
    if way in ("refresh", "warning"):
        server.disconnect("refresh_requested" if way == "refresh" else "warning")
    else:
        server.drop()
    assert server.wait_for(1, opened=2)
    assert slack.press(channel, ts, "Seen", MARA).acknowledged
    desk.wait(lambda: len(desk.replies) == 1)


def test_frames_may_come_in_pieces(
    listening: None, sink: Slack, slack: FakeSlack, desk: Desk
) -> None:
    """In many TCP segments, as several frames, between pings; in any script."""
    channel, ts = sent(sink)
    server = slack.socket_mode
    server.pieces, server.fragments = 50, 3
    assert server.ping()
    assert slack.press(channel, ts, "2 working days", MARA).acknowledged
    assert server.ping()
    desk.wait(lambda: [one.text for one in desk.replies] == ["snooze 2bd"])


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("events_api", {"type": "event_callback", "event": {"type": "message"}}),
        ("slash_commands", {"command": "/x"}),
        ("interactive", {"type": "view_submission"}),
        ("interactive", {"type": "block_actions", "actions": None}),
        ("interactive", {"type": "block_actions", "user": "U1", "actions": [1, {"value": "x"}]}),
        ("interactive", {"type": "block_actions", "user": {"id": "U" * 999}, "actions": [{}]}),
    ],
)
def test_everything_else_is_acknowledged_and_left_alone(
    listening: None, slack: FakeSlack, desk: Desk, kind: str, payload: Mapping[str, Any]
) -> None:
    assert slack.socket_mode.deliver(kind, payload).acknowledged
    assert desk.replies == []


def test_a_button_of_another_app_is_not_ours(
    listening: None, sink: Slack, slack: FakeSlack, desk: Desk
) -> None:
    channel, ts = sent(sink)
    payload = slack.make_press(channel, ts, "Seen", MARA)
    payload["actions"][0]["block_id"] = "other/k1"
    assert slack.socket_mode.deliver("interactive", payload).acknowledged
    assert desk.replies == []


def test_somebody_who_left_has_no_address(
    listening: None, sink: Slack, slack: FakeSlack, desk: Desk
) -> None:
    """The reply is handed on without one, so that nobody's message is answered by it."""
    channel, ts = sent(sink)
    slack.deactivate(MARA)
    slack.press(channel, ts, "Seen", MARA)
    desk.wait(lambda: [one.email for one in desk.replies] == [""])


def test_a_workspace_that_does_not_answer_costs_the_press(
    listening: None, sink: Slack, slack: FakeSlack, desk: Desk
) -> None:
    """It is acknowledged; the log has what Slack said, and no name."""
    channel, ts = sent(sink)
    slack.scopes.discard("users:read")
    assert slack.press(channel, ts, "Seen", MARA).acknowledged
    desk.wait(lambda: "press_failed" in desk.actions())
    desk.wait(lambda: len(slack.ephemerals) == 1)
    assert "could not save that" in slack.ephemerals[0][1]
    assert desk.replies == []


def test_a_fault_costs_one_press(
    listening: None, sink: Slack, slack: FakeSlack, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, ts = sent(sink)
    desk.outcome = None  # type: ignore[assignment]
    assert slack.press(channel, ts, "Seen", MARA).acknowledged
    desk.wait(lambda: "answer_failed" in desk.actions())
    desk.outcome = ReplyOutcome()
    assert slack.press(channel, ts, "Done", MARA).acknowledged
    desk.wait(lambda: len(desk.replies) == 2)


def test_a_refused_token_ends_it_at_once(sink: Slack, slack: FakeSlack, desk: Desk) -> None:
    """With the setting to look at."""
    slack.revoked = True
    with pytest.raises(AuthError) as caught:
        sink.open_listener(desk.receive, desk.note).run()
    assert caught.value.remedy == "Check the app_token of sink slack"
    assert slack.app_token not in str(desk.lines)


def test_a_missing_scope_is_named(sink: Slack, slack: FakeSlack, desk: Desk) -> None:
    slack.app_scopes.clear()
    with pytest.raises(DeniedError) as caught:
        sink.open_listener(desk.receive, desk.note).run()
    assert "connections:write" in caught.value.remedy


def test_without_an_app_token_there_is_no_listener(slack: FakeSlack, time: ManualTime) -> None:
    settings = SlackSettings(token=slack.token, base_url=slack.url)
    sink = Slack(settings, Tools("slack", time))
    assert (sink.spec.listens, sink.spec.buttons) == (False, False)
    with pytest.raises(ConfigError, match="no app-level token"):
        sink.open_listener(Desk().receive, Desk().note)
    sink.close()


def test_without_its_packages_it_says_what_to_install(
    sink: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atsbridge.sinks.slack.slack_sink._LISTENING", ("no_such_package",))
    with pytest.raises(ConfigError, match="no_such_package") as caught:
        sink.open_listener(Desk().receive, Desk().note)
    assert "atsbridge[slack]" in caught.value.remedy
