"""Read texts in threads from Slack's events, and find out which of our messages a thread is below.

Event: docs.slack.dev/reference/events/message. An event names the first message of its thread by
its timestamp only, so each thread is looked up once; its metadata has our key.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from atsbridge.sinks.slack.slack_api import Web
from atsbridge.sinks.slack.slack_replies import WRITTEN

EVENT = "atsbridge_notice"  # the metadata of each message that we send
_MOST = 200  # characters of a text or an id; a longer text is no reply that is understood
_KNOWN = 1000  # threads


@dataclass(frozen=True, slots=True)
class ThreadText:
    """What a member wrote in a thread. `thread`, `at`: Slack's timestamps of its first message and
    of the text, which is the mark that polling gives the same text.
    """

    user: str
    channel: str
    thread: str
    at: str
    text: str

    @property
    def mark(self) -> str:
        """The same whether it is heard or fetched."""
        return self.at


def read_texts(payload: Mapping[str, Any]) -> Iterator[ThreadText]:
    """The text in an event; nothing for other events, programs, edits, and texts of their own."""
    event = payload.get("event")
    if not isinstance(event, dict) or event.get("type") != "message":
        return
    if event.get("bot_id") or event.get("subtype", "") not in WRITTEN:
        return
    names = ("user", "channel", "thread_ts", "ts", "text")
    user, channel, thread, at, text = (_text(event, name) for name in names)
    if not (user and channel and thread and at and text.strip()) or thread == at:
        return
    parent, bots = _text(event, "parent_user_id"), _bots(payload)
    if not (parent and bots) or parent in bots:
        yield ThreadText(user, channel, thread, at, text)


class ThreadKeys:
    """The keys of the messages of ours that have threads, each looked up once."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()

    def find(self, channel: str, thread: str) -> str:
        """The key of the first message of a thread; "" if it is not ours, or was deleted."""
        place = (channel, thread)
        if place not in self._known:
            self._known[place] = self._look_up(channel, thread)
            while len(self._known) > _KNOWN:
                self._known.popitem(last=False)
        self._known.move_to_end(place)
        return self._known[place]

    def _look_up(self, channel: str, thread: str) -> str:
        params = {"channel": channel, "ts": thread, "limit": "1", "include_all_metadata": "true"}
        answer = self._web.read("conversations.replies", params, fine="thread_not_found")
        rows = answer.get("messages")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and str(row.get("ts")) == thread:
                return read_key(row)
        return ""


def read_key(row: Mapping[str, Any]) -> str:
    """The key in the metadata of a message that we sent; "" for other messages."""
    metadata = row.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT:
        return ""
    payload = metadata.get("event_payload")
    return str(payload.get("key") or "") if isinstance(payload, dict) else ""


def _bots(payload: Mapping[str, Any]) -> frozenset[str]:
    """The ids of our own user in the workspaces that the event is for."""
    given = payload.get("authorizations")
    rows = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return frozenset(_text(one, "user_id") for one in rows if one.get("is_bot")) - {""}


def _text(row: Mapping[str, Any], name: str) -> str:
    """A text within bounds; "" for anything else."""
    found = row.get(name)
    return found if isinstance(found, str) and len(found) <= _MOST else ""
