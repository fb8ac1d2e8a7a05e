"""A strict fake of what the bot talks to: Microsoft's login, Graph and the Bot Connector.

It also signs what Teams would send to the bot. Error bodies have the codes that Microsoft names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from atsbridge.sandbox import FakeServer, RateBucket, Request, Response, find_card_errors
from atsbridge_teams_bot.bot_activities import CHANNEL, ISSUER
from atsbridge_teams_bot.bot_api import BOT_SCOPE, GRAPH_SCOPE
from atsbridge_teams_bot.bot_cards import CARD, VERB

APP, SECRET, DIRECTORY = "app-0001", "not-a-real-secret", "directory-0001"
_LIMIT = 28 * 1024  # bytes of a message
_ACTIONS = 6  # of a card
_KEY = "key-1"
_FILTER = re.compile(r"mail eq '(.*)' or userPrincipalName eq '(.*)'")
_ACTIVITIES = re.compile(r"/teams/v3/conversations/([^/]+)/activities(?:/([^/]+))?")


class Clock(Protocol):
    """What the fake asks of time."""

    def now(self) -> Any:
        """The instant."""
        ...


class Member(Protocol):
    """A user of the tenant."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


class FakeBot:
    """One tenant. `installed`: the e-mail addresses of those who have the bot's app.

    `chats`: id of a chat -> its activities, oldest first. `conflicts`: so many writes are answered
    412. `permitted`: whether Graph may be asked.
    """

    def __init__(self, people: Sequence[Member], time: Any) -> None:
        self._time = time
        self._people = {f"user-{n:04d}": one for n, one in enumerate(people, 1)}
        self.installed = {one.email.lower() for one in people}
        self.left: set[str] = set()
        self.chats: dict[str, list[dict[str, Any]]] = {}
        self.conflicts, self.permitted = 0, True
        self.secret, self.limit = SECRET, RateBucket(50, 200, time, retry_after=True)
        self._tokens: dict[str, str] = {}
        self._count = 0
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.endorsements = [CHANNEL]
        self.server = FakeServer(self._answer, time=time)

    @property
    def settings(self) -> dict[str, str]:
        """The keys of the sink's section."""
        url = self.server.url
        return {
            "app_id": APP,
            "app_secret": SECRET,
            "directory_id": DIRECTORY,
            "service_url": f"{url}/teams",
            "login_url": f"{url}/login",
            "graph_url": f"{url}/graph",
            "openid_url": f"{url}/openid",
        }

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self.server.__exit__(*raised)

    # --- what people do ---

    def messages(self, email: str) -> list[dict[str, Any]]:
        """The activities in the chat with a person, oldest first."""
        return [dict(one) for one in self.chats.get(f"a:{self._id(email)}", ())]

    def press(self, email: str, number: int, label: str, **changes: Any) -> tuple[str, bytes]:
        """(Authorization, body) of the request that a press makes. `number`: of the message."""
        message = self.messages(email)[number]
        action = next(one for one in _actions(message) if one["title"] == label)
        value = {
            "action": {"type": "Action.Execute", "verb": action["verb"], "data": action["data"]},
            "trigger": "manual",
        }
        more = {"type": "invoke", "name": "adaptiveCard/action", "value": value}
        return self.sign({**self.activity(email), "replyToId": message["id"], **more, **changes})

    def activity(self, email: str) -> dict[str, Any]:
        """What every activity of a person has."""
        user = self._id(email)
        self._count += 1
        return {
            "type": "message",
            "id": f"in-{self._count}",
            "channelId": CHANNEL,
            "serviceUrl": f"{self.server.url}/teams/",
            "from": {
                "id": f"29:{user}",
                "aadObjectId": user,
                "name": self._people[user].name,
            },
            "conversation": {
                "id": f"a:{user}",
                "conversationType": "personal",
                "tenantId": DIRECTORY,
            },
            "recipient": {"id": f"28:{APP}"},
            "channelData": {"tenant": {"id": DIRECTORY}},
        }

    def sign(self, activity: Mapping[str, Any], **claims: Any) -> tuple[str, bytes]:
        """(Authorization, body). `claims` differ from those of the Bot Connector if given."""
        now = int(self._time.now().timestamp())
        made = {
            "iss": ISSUER,
            "aud": APP,
            "nbf": now,
            "exp": now + 3600,
            "serviceurl": activity.get("serviceUrl"),
            **claims,
        }
        token = jwt.encode(made, self._private, algorithm="RS256", headers={"kid": _KEY})
        return f"Bearer {token}", json.dumps(activity).encode()

    def _id(self, email: str) -> str:
        return next(n for n, one in self._people.items() if one.email.lower() == email.lower())

    # --- the services ---

    def _answer(self, request: Request) -> Response:
        if request.path == f"/login/{DIRECTORY}/oauth2/v2.0/token":
            return self._sign_in(request)
        if request.path == "/openid":
            return Response(body={"issuer": ISSUER, "jwks_uri": f"{self.server.url}/keys"})
        if request.path == "/keys":
            public = json.loads(RSAAlgorithm.to_jwk(self._private.public_key()))
            return Response(
                body={"keys": [{**public, "kid": _KEY, "endorsements": self.endorsements}]}
            )
        scope = self._tokens.get(request.access_token or "")
        if scope is None:
            return _refuse(401, "InvalidAuthenticationToken")
        if request.path.startswith("/graph/users"):
            return self._graph(request) if scope == GRAPH_SCOPE else _refuse(401, "Unauthorized")
        if scope != BOT_SCOPE:
            return _refuse(401, "Unauthorized")
        return self._connector(request)

    def _sign_in(self, request: Request) -> Response:
        form = request.form()
        if form.get("client_id") != APP or form.get("client_secret") != self.secret:
            return Response(401, {"error": "invalid_client"})
        scope = form.get("scope", "")
        if form.get("grant_type") != "client_credentials" or scope not in (BOT_SCOPE, GRAPH_SCOPE):
            return Response(400, {"error": "invalid_scope"})
        self._count += 1
        self._tokens[token := f"token-{self._count}"] = scope
        return Response(body={"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _graph(self, request: Request) -> Response:
        if not self.permitted:
            return _refuse(403, "Authorization_RequestDenied")
        rows = {user: self._user(user) for user in self._people}
        user = request.path.removeprefix("/graph/users").strip("/")
        if user:
            found = rows.get(unquote(user))
            return Response(body=found) if found else _refuse(404, "Request_ResourceNotFound")
        match = _FILTER.fullmatch(request.param("$filter"))
        if match is None:
            return _refuse(400, "Request_UnsupportedQuery")
        wanted = match[1].lower()
        value = [r for r in rows.values() if wanted in (r["mail"].lower(), r["userPrincipalName"])]
        return Response(body={"value": value})

    def _user(self, user: str) -> dict[str, Any]:
        person = self._people[user]
        return {
            "id": user,
            "displayName": person.name,
            "mail": person.email,
            "userPrincipalName": f"{user}@tenant.example",
            "accountEnabled": person.email.lower() not in self.left,
        }

    def _connector(self, request: Request) -> Response:
        allowance = self.limit.take()
        if not allowance.granted:
            return Response(429, {"error": {"code": "RequestsThrottled"}}, allowance.headers)
        if self.conflicts and request.method in ("POST", "PUT"):
            self.conflicts -= 1
            return _refuse(412, "PreconditionFailed")
        if request.path == "/teams/v3/conversations" and request.method == "POST":
            return self._open_chat(request.json())
        match = _ACTIVITIES.fullmatch(request.path)
        if match is None:
            return _refuse(404, "NotFound")
        chat, activity = unquote(match[1]), unquote(match[2] or "")
        if chat not in self.chats:
            return _refuse(404, "ConversationNotFound")
        if self._people[chat.removeprefix("a:")].email.lower() not in self.installed:
            return _refuse(403, "BotNotInConversationRoster")
        return self._write(request, chat, activity)

    def _open_chat(self, body: Any) -> Response:
        (member,) = body["members"]
        if body["isGroup"] is not False or body["tenantId"] != DIRECTORY:
            return _refuse(400, "BadSyntax")
        person = self._people.get(str(member["id"]))
        if person is None or person.email.lower() not in self.installed:
            return _refuse(403, "ForbiddenOperationException")
        chat = f"a:{member['id']}"
        self.chats.setdefault(chat, [])
        return Response(201, {"id": chat})

    def _write(self, request: Request, chat: str, activity: str) -> Response:
        if len(request.body) > _LIMIT:
            return _refuse(413, "MessageSizeTooBig")
        body = request.json()
        if faults := list(find_activity_errors(body)):
            return Response(400, {"error": {"code": "BadSyntax", "message": "; ".join(faults)}})
        there = {one["id"]: one for one in self.chats[chat]}
        if activity and activity not in there:
            return _refuse(404, "ActivityNotFoundInConversation")
        if request.method == "PUT":
            there[activity].clear()
            there[activity].update(body, id=activity, edited=True)
            return Response(body={"id": activity})
        self._count += 1
        made = {**body, "id": f"out-{self._count}"}
        self.chats[chat].append(made)
        return Response(201, {"id": made["id"]})


def find_activity_errors(activity: Mapping[str, Any]) -> list[str]:
    """What Teams would refuse in a message of the bot."""
    if activity.get("type") != "message":
        return ["type must be message"]
    attachments = activity.get("attachments")
    if not attachments:
        return [] if activity.get("text") else ["neither text nor attachment"]
    (attachment,) = attachments
    if attachment.get("contentType") != CARD:
        return ["no card"]
    card = attachment["content"]
    actions = card.get("actions", ())
    plain = [one for one in actions if one["type"] == "Action.OpenUrl"]
    faults = list(find_card_errors({**card, "actions": plain}))
    if len(actions) > _ACTIONS:
        faults.append(f"more than {_ACTIONS} actions")
    for action in _actions(activity):
        if action.get("verb") != VERB or not action.get("title"):
            faults.append("an action without verb or title")
        if (action.get("fallback") or {}).get("type") != "Action.Submit":
            faults.append("an action without a fallback")
    return faults


def read_text(activity: Mapping[str, Any]) -> str:
    """All text of an activity, a line for each block."""
    lines = [str(activity.get("text") or "")]
    for attachment in activity.get("attachments") or ():
        blocks = attachment["content"]["body"]
        lines += ["".join(run["text"] for run in one.get("inlines", (one,))) for one in blocks]
    return "\n".join(line for line in lines if line)


def _actions(activity: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every Action.Execute of a message, those in menus included."""
    found = []
    for attachment in activity.get("attachments") or ():
        for action in attachment["content"].get("actions", ()):
            if action["type"] == "Action.Execute":
                found.append(action)
            elif action["type"] == "Action.ShowCard":
                found += action["card"]["actions"]
    return found


def list_labels(activity: Mapping[str, Any]) -> list[str]:
    """The titles of all buttons of a message."""
    return [action["title"] for action in _actions(activity)]


def _refuse(status: int, code: str) -> Response:
    return Response(status, {"error": {"code": code, "message": "invented"}})


def serve(people: Sequence[Member], time: Any) -> FakeBot:
    """A fake tenant; a `with` block ends it."""
    return FakeBot(people, time)
