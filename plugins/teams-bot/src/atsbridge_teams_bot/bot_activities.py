"""Verify what Teams sends to the bot, and read it.

The rules, for requests from the Bot Connector service to a bot:
learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from atsbridge.api import FatalError, HttpBounds, HttpSession, SessionOptions, Tools
from atsbridge_teams_bot.bot_settings import TeamsBotSettings

ISSUER = "https://api.botframework.com"
CHANNEL = "msteams"
_SKEW = 300.0  # seconds that the clocks may differ
_KEPT = 86_400.0  # seconds for which keys are believed
_AGAIN = 300.0  # seconds after which an unknown key is looked for again
_BOUNDS = HttpBounds(response=2**20, request=20.0, wait=10.0)


class NotGenuineError(Exception):
    """The request does not come from the Bot Connector. It says nothing of the request."""


@dataclass(frozen=True, slots=True)
class IncomingActivity:
    """A verified activity. `author`: the directory id of who acted, "" if Teams names none.

    `data`: what a button sends. `text`: what was written.
    """

    kind: str
    name: str
    author: str
    author_name: str
    conversation: str
    personal: bool
    data: Any
    text: str
    id: str


class ActivityVerifier:
    """Verifies tokens with the keys that the Bot Connector publishes."""

    def __init__(self, settings: TeamsBotSettings, tools: Tools) -> None:
        self._settings, self._time = settings, tools.time
        self._session = HttpSession(
            tools.name, settings.openid_url, time=tools.time, options=SessionOptions(bounds=_BOUNDS)
        )
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._read_at = float("-inf")

    def verify(self, authorization: str, body: bytes) -> IncomingActivity:
        """The activity of a request. NotGenuineError where it is not signed for this bot.

        SourceError where the keys cannot be read now.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotGenuineError
        try:
            activity = json.loads(body)
        except (ValueError, RecursionError):
            raise NotGenuineError from None
        if not isinstance(activity, dict):
            raise NotGenuineError
        self._check(token.strip(), activity)
        return read_activity(activity)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def _check(self, token: str, activity: Mapping[str, Any]) -> None:
        """Signature, issuer, audience, time, service address, channel and tenant."""
        try:
            key = self._find_key(str(jwt.get_unverified_header(token).get("kid") or ""))
            if CHANNEL not in (key.get("endorsements") or ()):
                raise NotGenuineError
            claims = jwt.decode(
                token,
                jwt.PyJWK(dict(key), algorithm="RS256").key,
                algorithms=["RS256"],
                audience=self._settings.app_id,
                issuer=ISSUER,
                # The clock of the sink decides about these, below.
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.PyJWTError:
            raise NotGenuineError from None
        now = self._time.now().timestamp()
        ends, begins = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(ends, int | float) or not isinstance(begins, int | float):
            raise NotGenuineError
        if not begins - _SKEW <= now <= ends + _SKEW:
            raise NotGenuineError
        service = claims.get("serviceurl") or claims.get("serviceUrl")
        if not service or service != activity.get("serviceUrl"):
            raise NotGenuineError
        if (
            activity.get("channelId") != CHANNEL
            or _find_directory(activity) != self._settings.directory_id
        ):
            raise NotGenuineError

    def _find_key(self, name: str) -> Mapping[str, Any]:
        """The key with that id; read again where it is unknown, but not for every such request."""
        age = self._time.monotonic() - self._read_at
        if age > _KEPT or (name not in self._keys and age > _AGAIN):
            self._keys = self._read_keys()
            self._read_at = self._time.monotonic()
        if name not in self._keys:
            raise NotGenuineError
        return self._keys[name]

    def _read_keys(self) -> dict[str, Mapping[str, Any]]:
        found = self._session.get(self._settings.openid_url).json()
        address = found.get("jwks_uri") if isinstance(found, dict) else None
        if not isinstance(address, str):
            raise FatalError("the OpenID document names no keys", remedy="Check openid_url")
        body = self._session.get(address).json()
        rows = body.get("keys") if isinstance(body, dict) else None
        return {
            str(row["kid"]): row for row in rows or () if isinstance(row, dict) and row.get("kid")
        }


def read_activity(activity: Mapping[str, Any]) -> IncomingActivity:
    """What is of use of an activity; whatever has another shape is empty."""
    author, chat = _table(activity, "from"), _table(activity, "conversation")
    value = _table(activity, "value")
    action = _table(value, "action")
    return IncomingActivity(
        kind=_text(activity, "type"),
        name=_text(activity, "name"),
        author=_text(author, "aadObjectId"),
        author_name=_text(author, "name"),
        conversation=_text(chat, "id"),
        personal=chat.get("conversationType") == "personal",
        data=action.get("data") if action else value,
        text=_text(activity, "text"),
        id=_text(activity, "replyToId"),
    )


def _find_directory(activity: Mapping[str, Any]) -> str:
    found = _table(_table(activity, "channelData"), "tenant")
    return _text(found, "id") or _text(_table(activity, "conversation"), "tenantId")


def _table(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = row.get(name)
    return found if isinstance(found, dict) else {}


def _text(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    return found if isinstance(found, str) and len(found) <= 4000 else ""
