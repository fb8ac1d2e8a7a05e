"""A room whose sink has buttons, and what receives the replies in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from atsbridge.replies.listen_session import ListenSession
from atsbridge.replies.reply_receiver import ReplyReceiver

from .reply_room import MARA, Room


def waiting(room: Room) -> list[str]:
    return [one.reply.text for one in room.store.reply_inbox.read_replies("acme")]


@pytest.fixture
def sink_settings(slack: Any) -> str:
    return f'app_token = "{slack.app_token}"'


@pytest.fixture
def receiver(room: Room) -> ReplyReceiver:
    return ReplyReceiver(room.app, "slack")


@pytest.fixture
def session(room: Room) -> Iterator[ListenSession]:
    """A session at work, in threads as in the command."""
    lines: list[Mapping[str, Any]] = []
    session = ListenSession(room.app, lines.append)
    assert session.open() == ("slack",)
    thread = threading.Thread(target=session.run)
    thread.start()
    assert room.slack.socket_mode.wait_for(1)
    yield session
    session.end()
    thread.join(3)
    assert not thread.is_alive()
    assert session.is_closed
    assert MARA not in str(lines)
