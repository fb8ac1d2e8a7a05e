"""A workspace, a sink in it, and a listener at work over a socket."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import socket
from typing import Any
from unittest import mock

import pytest
from websocket import WebSocket

from atsbridge.model.notice import Destination, Message
from atsbridge.ports.connector import Tools
from atsbridge.ports.sink import Reply, ReplyOutcome
from atsbridge.presentation.reply_buttons import CASE_BUTTONS
from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
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
    """Connect until the block ends; it ends within seconds, with every socket closed."""
    time = ManualTime(datetime(2026, 3, 9, 16, 5, tzinfo=UTC))
    with serve((Member("Mara Lind", MARA),), time) as slack, _noted_sockets() as sockets:
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
    assert [one for one in sockets if one.fileno() != -1] == [], "a socket is left open"


@contextmanager
def _noted_sockets() -> Iterator[list[socket]]:
    """The sockets of all sessions that begin until the block ends."""
    connect, sockets = WebSocket.connect, []

    def noted(self: WebSocket, *args: Any, **more: Any) -> None:
        connect(self, *args, **more)
        sockets.append(self.sock)

    with mock.patch.object(WebSocket, "connect", noted):
        yield sockets


def sent(sink: Slack) -> tuple[str, str]:
    """A message with buttons; (channel, ts)."""
    ids = sink.send(TO, MESSAGE).ids
    return str(ids["channel"]), str(ids["ts"])


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
