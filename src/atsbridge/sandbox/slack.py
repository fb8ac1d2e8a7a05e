"""A strict fake of the part of Slack's Web API that a notifier uses.

It keeps what it was told in one process; how notices are worded is the Slack sink's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from atsbridge.sandbox.http import FakeServer, RateBucket, Request, Response
from atsbridge.sandbox.slack_form import Refused, arguments_of, content_of, page_of
from atsbridge.timesource import TimeSource


class Member(Protocol):
    """Whoever has an account in the workspace."""

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


class FakeSlack:
    """One workspace with one bot. `messages` and `dms` are what people in it would see.

    The bot is in every channel of `channels`; those of `closed` exist, but it was not invited.
    Every post is told to `listeners` as (conversation, message), in the server's thread.
    """

    def __init__(
        self,
        people: Sequence[Member],
        time: TimeSource,
        channels: Sequence[str] = ("recruiting-ops",),
        closed: Sequence[str] = (),
        port: int = 0,
    ) -> None:
        self.token = "xoxb-sandbox-0001"  # noqa: S105 - of the fake, and known to all
        self.revoked = False
        self.time = time
        self.listeners: list[Callable[[Conversation, Mapping[str, Any]], None]] = []
        self._users = {f"U{n:06d}": person for n, person in enumerate(people, 1)}
        self._guard = threading.RLock()
        self._ticks = 0
        self._rooms: dict[str, Conversation] = {}
        for number, name in enumerate((*channels, *closed), 1):
            room = Conversation(f"C{number:06d}", name, joined=name not in closed)
            self._rooms[room.id] = room
        self.server = FakeServer(self._answer, time=time, port=port)
        self.url = f"{self.server.url}/api"

    # --- for those who look at the workspace from outside ---

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """What stands in a channel (its name), oldest first, replies too."""
        with self._guard:
            return [dict(m) for m in self._named(channel).messages]

    def dms(self, email: str) -> list[dict[str, Any]]:
        """What the bot wrote to a person, oldest first."""
        with self._guard:
            rooms = [r for r in self._rooms.values() if r.email == email.lower()]
            return [dict(m) for r in rooms for m in r.messages]

    def everything(self) -> list[tuple[str, dict[str, Any]]]:
        """All messages as (channel name or e-mail address, message), in order of their time."""
        with self._guard:
            found = [(r.name or r.email, dict(m)) for r in self._rooms.values() for m in r.messages]
        return sorted(found, key=lambda pair: pair[1]["ts"])

    def react(self, channel: str, ts: str, name: str, email: str) -> None:
        """A person puts an emoji on a message. `channel`: id, as the receipt has it."""
        with self._guard:
            message = self._message(self._rooms[channel], ts)
            message.setdefault("reactions", []).append(
                {"name": name, "users": [self._user_id(email)], "count": 1}
            )

    def reply(self, channel: str, ts: str, text: str, email: str) -> None:
        """A person answers in the thread of a message. `channel`: id."""
        with self._guard:
            room = self._rooms[channel]
            self._message(room, ts)
            room.messages.append(
                {"type": "message", "user": self._user_id(email), "text": text}
                | {"ts": self._stamp(), "thread_ts": ts}
            )

    def close(self) -> None:
        self.server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: Any) -> None:
        self.server.__exit__(*raised)

    # --- the API ---

    def _answer(self, request: Request) -> Response:
        method = request.path.removeprefix("/api/")
        call = _METHODS.get(method)
        try:
            if call is None or not request.path.startswith("/api/"):
                raise Refused("unknown_method", req_method=method)
            arguments = arguments_of(request)
            self._authorised(request, arguments)
            with self._guard:
                return Response(body={"ok": True, **call(self, arguments)})
        except Refused as refused:
            if (wait := refused.answer.pop("retry_after", None)) is not None:
                return Response(429, refused.answer, {"Retry-After": str(wait)})
            return Response(body=refused.answer)

    def _authorised(self, request: Request, arguments: dict[str, Any]) -> None:
        token = request.bearer or arguments.pop("token", None)
        if not token:
            raise Refused("not_authed")
        if token != self.token:
            raise Refused("invalid_auth")
        if self.revoked:
            raise Refused("token_revoked")

    def _auth_test(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "url": "https://sandbox.slack.example/",
            "team": "Sandbox",
            "user": "atsbridge",
            "team_id": "T000001",
            "user_id": "U000000",
            "bot_id": "B000001",
        }

    def _lookup(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        email = str(arguments.get("email", "")).lower()
        for user, person in self._users.items():
            if person.email.lower() == email:
                profile = {"email": person.email, "real_name": person.name}
                return {
                    "user": {
                        "id": user,
                        "team_id": "T000001",
                        "name": email.partition("@")[0],
                        "real_name": person.name,
                        "deleted": False,
                        "is_bot": False,
                        "tz": person.tz,
                        "profile": profile,
                    }
                }
        raise Refused("users_not_found")

    def _open(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        user = str(arguments.get("users", ""))
        if user not in self._users:
            raise Refused("user_not_found")
        room = f"D{user[1:]}"
        known = room in self._rooms
        if not known:
            self._rooms[room] = Conversation(room, "", email=self._users[user].email.lower())
        return {"channel": {"id": room}, "already_open": known, "no_op": known}

    def _list(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        rooms = [r for r in self._rooms.values() if r.name]
        page, cursor = page_of(rooms, arguments)
        return {
            "channels": [
                {"id": r.id, "name": r.name, "is_channel": True, "is_member": r.joined}
                | {"is_archived": False}
                for r in page
            ],
            "response_metadata": {"next_cursor": cursor},
        }

    def _history(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        room = self._room(arguments)
        oldest, latest = float(arguments.get("oldest", 0)), float(arguments.get("latest", "inf"))
        found = [
            m
            for m in reversed(room.messages)
            if m.get("thread_ts", m["ts"]) == m["ts"] and oldest < float(m["ts"]) < latest
        ]
        return self._listed(found, arguments)

    def _replies(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        room, ts = self._room(arguments), str(arguments.get("ts", ""))
        found = [m for m in room.messages if ts in (m["ts"], m.get("thread_ts"))]
        if not found or found[0]["ts"] != ts:
            raise Refused("thread_not_found")
        return self._listed(found, arguments)

    def _listed(self, found: list[Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        page, cursor = page_of(found, arguments)
        bare = str(arguments.get("include_all_metadata", "")).lower() not in ("true", "1")
        return {
            "messages": [
                {k: v for k, v in m.items() if not (bare and k == "metadata")} for m in page
            ],
            "has_more": bool(cursor),
            "response_metadata": {"next_cursor": cursor},
        }

    def _post(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        room = self._room(arguments)
        content = content_of(arguments)
        thread = arguments.get("thread_ts")
        if thread is not None and not any(m["ts"] == thread for m in room.messages):
            raise Refused("thread_not_found")
        room.limit = room.limit or RateBucket(1, 1, self.time, tells=True)
        allowance = room.limit.take()
        if not allowance.granted:
            raise Refused("ratelimited", retry_after=allowance.headers["Retry-After"])
        message = {"type": "message", "user": "U000000", "bot_id": "B000001", **content}
        message["ts"] = self._stamp()
        if thread is not None:
            message["thread_ts"] = thread
        room.messages.append(message)
        for listener in self.listeners:
            listener(room, message)
        return {"channel": room.id, "ts": message["ts"], "message": message}

    def _update(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        room = self._room(arguments)
        message = self._message(room, str(arguments.get("ts", "")))
        if message["user"] != "U000000":
            raise Refused("cant_update_message")
        content = content_of(arguments)
        if "blocks" not in content:
            message.pop("blocks", None)
        message.update(content, edited={"user": "U000000", "ts": self._stamp()})
        return {
            "channel": room.id,
            "ts": message["ts"],
            "text": message["text"],
            "message": message,
        }

    # --- looking things up ---

    def _room(self, arguments: Mapping[str, Any]) -> Conversation:
        asked = str(arguments.get("channel", ""))
        if asked in self._users:  # a user's id stands for the direct message with them
            asked = str(self._open({"users": asked})["channel"]["id"])
        room = self._rooms.get(asked)
        if room is None:
            raise Refused("channel_not_found")
        if not room.joined:
            raise Refused("not_in_channel")
        return room

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
        """Seconds on the sandbox clock; the microseconds make it unique and keep the order."""
        self._ticks += 1
        return f"{int(self.time.now().timestamp())}.{self._ticks:06d}"


_METHODS: Mapping[str, Callable[[FakeSlack, Mapping[str, Any]], dict[str, Any]]] = {
    "auth.test": FakeSlack._auth_test,
    "users.lookupByEmail": FakeSlack._lookup,
    "conversations.open": FakeSlack._open,
    "conversations.list": FakeSlack._list,
    "conversations.history": FakeSlack._history,
    "conversations.replies": FakeSlack._replies,
    "chat.postMessage": FakeSlack._post,
    "chat.update": FakeSlack._update,
}


def serve(
    people: Sequence[Member],
    time: TimeSource,
    channels: Sequence[str] = ("recruiting-ops",),
    closed: Sequence[str] = (),
    port: int = 0,
) -> FakeSlack:
    """Start it; close it, or use it as a context."""
    return FakeSlack(people, time, channels, closed, port)
