"""The people and conversations of the fake Slack, and what people do in them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from atsbridge.sandbox.chat.slack_events import list_buttons, make_event, make_payload
from atsbridge.sandbox.chat.slack_forms import Refused
from atsbridge.sandbox.chat.socket_mode import Delivery, SocketModeServer
from atsbridge.sandbox.http import RateBucket
from atsbridge.timesource import TimeSource

BOT = "U000000"


class Member(Protocol):
    """A member of the workspace."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def tz(self) -> str: ...


@dataclass(slots=True)
class Conversation:
    """A channel, or a direct message between the bot and one person."""

    id: str
    name: str
    joined: bool = True
    email: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    limit: RateBucket | None = None


class Workspace:
    """One workspace with one bot. `messages` and `dms` show what people see."""

    def __init__(
        self,
        people: Sequence[Member],
        time: TimeSource,
        channels: Sequence[str],
        closed: Sequence[str],
    ) -> None:
        self.time = time
        self._users = {f"U{n:06d}": person for n, person in enumerate(people, 1)}
        self._left: set[str] = set()  # ids of deactivated members
        self._guard = threading.RLock()
        self.socket_mode = SocketModeServer()
        self.ephemerals: list[tuple[str, str]] = []  # (e-mail, text) that one person saw
        self._ticks = 0
        self._rooms: dict[str, Conversation] = {}
        for number, name in enumerate((*channels, *closed), 1):
            room = Conversation(f"C{number:06d}", name, joined=name not in closed)
            self._rooms[room.id] = room

    def channels(self) -> list[str]:
        """The names of the channels."""
        with self._guard:
            return [room.name for room in self._rooms.values() if room.name]

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """All messages of a channel (by name), replies included, oldest first."""
        with self._guard:
            return [dict(m) for m in self._named(channel).messages]

    def dms(self, email: str) -> list[dict[str, Any]]:
        """The bot's direct messages to a person, oldest first."""
        with self._guard:
            rooms = [r for r in self._rooms.values() if r.email == email.lower()]
            return [dict(m) for r in rooms for m in r.messages]

    def everything(self) -> list[tuple[str, dict[str, Any]]]:
        """All messages as (channel name or e-mail address, message), in order of their time."""
        with self._guard:
            found = [(r.name or r.email, dict(m)) for r in self._rooms.values() for m in r.messages]
        return sorted(found, key=lambda pair: pair[1]["ts"])

    # --- what people do ---

    def react(self, channel: str, ts: str, name: str, email: str) -> None:
        """Let a person add an emoji to a message. `channel`: its id, as in the receipt."""
        with self._guard:
            found = self._message(self._rooms[channel], ts).setdefault("reactions", [])
            reaction = next((one for one in found if one["name"] == name), None)
            if reaction is None:
                found.append(reaction := {"name": name, "users": [], "count": 0})
            if (user := self._user_id(email)) not in reaction["users"]:
                reaction["users"].append(user)
                reaction["count"] += 1

    def reply(self, channel: str, ts: str, text: str, email: str) -> dict[str, Any]:
        """Let a person reply in the thread of a message. `channel`: its id. Returns the reply."""
        with self._guard:
            room = self._rooms[channel]
            parent = self._message(room, ts).get("user", "")
            more = {"thread_ts": ts, "parent_user_id": parent}
            return self._put(room, {"user": self._user_id(email), "text": text, **more})

    def write(self, channel: str, ts: str, text: str, email: str) -> Delivery:
        """As `reply`, in a workspace whose app is subscribed to messages: it gets the event."""
        message = self.reply(channel, ts, text, email)
        return self.socket_mode.deliver("events_api", make_event(message, channel, BOT))

    def press(self, channel: str, ts: str, label: str, email: str) -> Delivery:
        """Let a person press a button, or choose from a menu. `channel`: its id.

        Returns what Slack knows afterwards. Refused where the message has no such button.
        """
        return self.socket_mode.deliver("interactive", self.make_press(channel, ts, label, email))

    def make_press(self, channel: str, ts: str, label: str, email: str) -> dict[str, Any]:
        """The payload of a press, to be delivered any number of times."""
        with self._guard:
            message = self._message(self._rooms[channel], ts)
            return make_payload(message, channel, self._user_id(email), label, self._stamp())

    def find_buttons(self, channel: str, ts: str) -> list[str]:
        """The labels of the buttons and options below a message; [] where it was deleted."""
        with self._guard:
            found = [one for one in self._rooms[channel].messages if one["ts"] == ts]
            return [label for one in found for label in list_buttons(one)]

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Wait for what a listening process says after a press, for five seconds at most."""
        pause = threading.Event()
        return condition() or any(pause.wait(0.02) or condition() for _ in range(250))

    def delete(self, channel: str, ts: str) -> None:
        """Delete a message. `channel`: its id."""
        with self._guard:
            room = self._rooms[channel]
            room.messages.remove(self._message(room, ts))

    def rename(self, channel: str, name: str) -> None:
        """Rename a channel; both arguments are names."""
        with self._guard:
            self._named(channel).name = name

    def deactivate(self, email: str) -> None:
        """Deactivate a member."""
        with self._guard:
            self._left.add(self._user_id(email))

    # --- looking things up ---

    def _named(self, name: str) -> Conversation:
        return next(r for r in self._rooms.values() if r.name == name.removeprefix("#"))

    def _message(self, room: Conversation, ts: str) -> dict[str, Any]:
        for message in room.messages:
            if message["ts"] == ts:
                return message
        raise Refused("message_not_found")

    def _user_id(self, email: str) -> str:
        return next(u for u, p in self._users.items() if p.email.lower() == email.lower())

    def _stamp(self) -> str:
        """A unique timestamp: seconds of the sandbox clock, with a counter as microseconds."""
        self._ticks += 1
        return f"{int(self.time.now().timestamp())}.{self._ticks:06d}"

    def _put(self, room: Conversation, message: dict[str, Any]) -> dict[str, Any]:
        """Add a message at the present instant, and update its thread."""
        whole = {"type": "message", **message, "ts": self._stamp()}
        room.messages.append(whole)
        for first in room.messages:
            if first["ts"] == whole.get("thread_ts"):
                first["reply_count"] = first.get("reply_count", 0) + 1
                first["latest_reply"] = whole["ts"]
        return whole

    def _shown(self, messages: Iterable[dict[str, Any]], *, bare: bool) -> list[dict[str, Any]]:
        """Messages as lists return them; `bare`: without metadata."""
        return [{k: v for k, v in m.items() if not (bare and k == "metadata")} for m in messages]
