"""Buttons over Socket Mode: slack_sdk's own client against a fake of Slack's servers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from atsbridge.errors import AuthError, ConfigError, DeniedError
from atsbridge.ports.connector import Tools
from atsbridge.ports.sink import ReplyOutcome
from atsbridge.presentation.reply_buttons import CASE_BUTTONS
from atsbridge.sandbox.chat.slack_events import list_buttons
from atsbridge.sinks.slack import slack_listener
from atsbridge.sinks.slack.slack_sink import Slack, SlackSettings

from .slack_line import MARA, Desk, Line, alone, line, sent, shared

__all__ = ["alone", "line", "shared"]


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
