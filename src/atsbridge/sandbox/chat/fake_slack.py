"""A strict fake of the part of Slack's Web API that a notifier uses.

It keeps messages in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from atsbridge.sandbox.chat.slack_forms import Refused, check_content, parse_arguments, select_page
from atsbridge.sandbox.chat.slack_workspace import BOT, Conversation, Member, Workspace
from atsbridge.sandbox.http import FakeServer, RateBucket, Request, Response
from atsbridge.timesource import TimeSource

# Calls per minute of the methods that are polled (docs.slack.dev/apis/web-api/
# rate-limits: tier 3 is 50 and more, tier 4 is 100 and more).
_A_MINUTE = {
    "conversations.history": 50,
    "conversations.replies": 50,
    "reactions.get": 50,
    "users.info": 100,
}


# Scopes a method needs, and those of conversations.history and .replies by the first letter of the
# conversation's id (docs.slack.dev/reference/scopes).
_SCOPES: Mapping[str, str] = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
    "reactions.get": "reactions:read",
    "conversations.open": "im:write",
}
_BY_APP = frozenset({"apps.connections.open"})  # methods for an app-level token only
_HISTORY = {"C": "channels:history", "D": "im:history", "G": "groups:history"}
_LISTED = {"public_channel": "channels:read", "private_channel": "groups:read"}
ALL_SCOPES = frozenset({*_SCOPES.values(), *_HISTORY.values(), *_LISTED.values()})


class FakeSlack(Workspace):
    """One workspace with one bot and an HTTP API.

    `scopes` are the scopes of the bot's token; every response names them in a header. The bot is a
    member of every channel in `channels`, and not of those in `closed`. Every post calls the
    `listeners` with (conversation, message), in the server's thread.
    """

    def __init__(
        self,
        people: Sequence[Member],
        time: TimeSource,
        channels: Sequence[str] = ("recruiting-ops",),
        closed: Sequence[str] = (),
        port: int = 0,
    ) -> None:
        self.token = "xoxb-sandbox-0001"  # noqa: S105 - an invented token
        self.app_token = "xapp-sandbox-0001"  # noqa: S105 - as above
        self.revoked = False
        self.history_size = 999  # messages of one answer
        self.app_scopes = {"connections:write"}
        self.scopes = set(ALL_SCOPES)
        super().__init__(people, time, channels, closed)
        self.listeners: list[Callable[[Conversation, Mapping[str, Any]], None]] = []
        self._limits = {
            name: RateBucket(rate / 60, rate, time, retry_after=True)
            for name, rate in _A_MINUTE.items()
        }
        self.server = FakeServer(self._answer, time=time, port=port)
        self.url = f"{self.server.url}/api"

    def close(self) -> None:
        self.server.close()
        self.socket_mode.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: Any) -> None:
        self.socket_mode.close()
        self.server.__exit__(*raised)

    def restrict(self) -> None:
        """Treat the app as one that is distributed commercially, but not in Slack's Marketplace.

        https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
        """
        for name in ("conversations.history", "conversations.replies"):
            self._limits[name] = RateBucket(1 / 60, 1, self.time, retry_after=True)
        self.history_size = 15

    # --- the API ---

    def _answer(self, request: Request) -> Response:
        method = request.path.removeprefix("/api/")
        call = _METHODS.get(method)
        try:
            if call is None or not request.path.startswith("/api/"):
                raise Refused("unknown_method", req_method=method)
            arguments = parse_arguments(request)
            self._authorize_call(request, arguments, method)
            if method in self._limits:
                _granted(self._limits[method])
            self._permitted(method, arguments)
            with self._guard:
                body = {"ok": True, **call(self, arguments)}
            return Response(body=body, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes))})
        except Refused as refused:
            if (wait := refused.answer.pop("retry_after", None)) is not None:
                return Response(429, refused.answer, {"Retry-After": str(wait)})
            return Response(body=refused.answer)

    def _authorize_call(self, request: Request, arguments: dict[str, Any], method: str) -> None:
        token = request.access_token or arguments.pop("token", None)
        if not token:
            raise Refused("not_authed")
        if token not in (self.token, self.app_token):
            raise Refused("invalid_auth")
        if (token == self.app_token) != (method in _BY_APP):
            raise Refused("not_allowed_token_type")
        if self.revoked:
            raise Refused("token_revoked")

    def _permitted(self, method: str, arguments: Mapping[str, Any]) -> None:
        if method in _BY_APP and "connections:write" not in self.app_scopes:
            raise Refused("missing_scope", needed="connections:write", provided="")
        needed = [_SCOPES[method]] if method in _SCOPES else []
        if method in ("conversations.history", "conversations.replies"):
            needed = [_HISTORY.get(str(arguments.get("channel", ""))[:1], "channels:history")]
        if method == "conversations.list":
            kinds = str(arguments.get("types") or "public_channel").split(",")
            needed = [_LISTED[kind] for kind in kinds if kind in _LISTED]
        if missing := [scope for scope in needed if scope not in self.scopes]:
            provided = ",".join(sorted(self.scopes))
            raise Refused("missing_scope", needed=missing[0], provided=provided)

    def _auth_test(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "url": "https://sandbox.slack.example/",
            "team": "Sandbox",
            "user": "atsbridge",
            "team_id": "T000001",
            "user_id": BOT,
            "bot_id": "B000001",
        }

    def _lookup(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        email = str(arguments.get("email", "")).lower()
        for user, person in self._users.items():
            if person.email.lower() == email and user not in self._left:
                return {"user": self._member(user)}
        raise Refused("users_not_found")

    def _info(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        user = str(arguments.get("user", ""))
        if user == BOT:
            return {"user": {"id": BOT, "deleted": False, "is_bot": True, "profile": {}}}
        if user not in self._users:
            raise Refused("user_not_found")
        return {"user": self._member(user)}

    def _member(self, user: str) -> dict[str, Any]:
        person = self._users[user]
        return {
            "id": user,
            "team_id": "T000001",
            "name": person.email.lower().partition("@")[0],
            "real_name": person.name,
            "deleted": user in self._left,
            "is_bot": False,
            "tz": person.tz,
            "profile": {"email": person.email, "real_name": person.name},
        }

    def _open(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        user = str(arguments.get("users", ""))
        if user not in self._users:
            raise Refused("user_not_found")
        if user in self._left:
            raise Refused("user_disabled")
        room = f"D{user[1:]}"
        known = room in self._rooms
        if not known:
            self._rooms[room] = Conversation(room, "", email=self._users[user].email.lower())
        return {"channel": {"id": room}, "already_open": known, "no_op": known}

    def _list(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        rooms = [r for r in self._rooms.values() if r.name]
        page, cursor = select_page(rooms, arguments)
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
        found = [m for m in reversed(room.messages) if m.get("thread_ts", m["ts"]) == m["ts"]]
        return self._listed([m for m in found if _within(m, arguments)], arguments)

    def _replies(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        room, ts = self._room(arguments), str(arguments.get("ts", ""))
        found = [m for m in room.messages if ts in (m["ts"], m.get("thread_ts"))]
        if not found or found[0]["ts"] != ts:
            raise Refused("thread_not_found")
        kept = [found[0], *(m for m in found[1:] if _within(m, arguments))]  # always with the first
        return self._listed(kept, arguments)

    def _reactions(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        room = self._room(arguments)
        message = self._message(room, str(arguments.get("timestamp", "")))
        shown = {k: v for k, v in message.items() if k != "metadata"}
        return {"type": "message", "channel": room.id, "message": shown}

    def _listed(self, found: list[Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        size = min(int(arguments.get("limit") or 100), self.history_size)
        page, cursor = select_page(found, {**arguments, "limit": size})
        bare = str(arguments.get("include_all_metadata", "")).lower() not in ("true", "1")
        return {
            "messages": self._shown(page, bare=bare),
            "has_more": bool(cursor),
            "response_metadata": {"next_cursor": cursor},
        }

    def _post(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        room = self._room(arguments)
        content = check_content(arguments)
        thread = arguments.get("thread_ts")
        if thread is not None and not any(m["ts"] == thread for m in room.messages):
            raise Refused("thread_not_found")
        room.limit = room.limit or RateBucket(1, 1, self.time, retry_after=True)
        _granted(room.limit)
        message = {"user": BOT, "bot_id": "B000001", **content}
        message = self._put(room, message | ({"thread_ts": thread} if thread is not None else {}))
        for listener in self.listeners:
            listener(room, message)
        return {"channel": room.id, "ts": message["ts"], "message": message}

    def _post_ephemeral(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Show a text to one member of the conversation; it is not stored in it."""
        room, user = self._room(arguments), str(arguments.get("user", ""))
        if user not in self._users or room.email not in ("", self._users[user].email.lower()):
            raise Refused("user_not_in_channel")
        content = check_content({k: v for k, v in arguments.items() if k != "user"})
        self.ephemerals.append((self._users[user].email.lower(), content["text"]))
        return {"message_ts": self._stamp()}

    def _open_socket(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"url": self.socket_mode.open_ticket()}

    def _update(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        room = self._room(arguments)
        message = self._message(room, str(arguments.get("ts", "")))
        if message["user"] != BOT:
            raise Refused("cant_update_message")
        content = check_content(arguments)
        if "blocks" not in content:
            message.pop("blocks", None)
        message.update(content, edited={"user": BOT, "ts": self._stamp()})
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


def _granted(limit: RateBucket) -> None:
    allowance = limit.take()
    if not allowance.granted:
        raise Refused("ratelimited", retry_after=allowance.headers["Retry-After"])


def _within(message: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
    """Whether the message lies between `oldest` and `latest`, which count if `inclusive`."""
    at = float(message["ts"])
    oldest, latest = float(arguments.get("oldest", 0)), float(arguments.get("latest", "inf"))
    edges = str(arguments.get("inclusive", "")).lower() in ("true", "1")
    return oldest < at < latest or (edges and at in (oldest, latest))


_METHODS: Mapping[str, Callable[[FakeSlack, Mapping[str, Any]], dict[str, Any]]] = {
    "auth.test": FakeSlack._auth_test,
    "users.lookupByEmail": FakeSlack._lookup,
    "users.info": FakeSlack._info,
    "reactions.get": FakeSlack._reactions,
    "conversations.open": FakeSlack._open,
    "conversations.list": FakeSlack._list,
    "conversations.history": FakeSlack._history,
    "conversations.replies": FakeSlack._replies,
    "chat.postMessage": FakeSlack._post,
    "chat.update": FakeSlack._update,
    "chat.postEphemeral": FakeSlack._post_ephemeral,
    "apps.connections.open": FakeSlack._open_socket,
}


def serve(
    people: Sequence[Member],
    time: TimeSource,
    channels: Sequence[str] = ("recruiting-ops",),
    closed: Sequence[str] = (),
    port: int = 0,
) -> FakeSlack:
    """Start a fake Slack. Close it, or use it in a `with` block."""
    return FakeSlack(people, time, channels, closed, port)
