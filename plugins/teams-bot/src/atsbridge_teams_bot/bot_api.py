"""Call the Bot Connector, and Microsoft Graph for who has which address.

Bot Connector: learn.microsoft.com/azure/bot-service/rest-api/
bot-framework-rest-connector-api-reference. Teams wants 412 to be tried again like 429
(learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from atsbridge.api import (
    ApiCredential,
    ClientCredentials,
    DeniedError,
    FatalError,
    HttpBounds,
    HttpResponse,
    HttpSession,
    OAuthClient,
    RetryableError,
    SessionOptions,
    Tools,
)
from atsbridge_teams_bot.bot_settings import TeamsBotSettings

BOT_SCOPE = "https://api.botframework.com/.default"
GRAPH_SCOPE = "https://graph.microsoft.com/.default"
_BOUNDS = HttpBounds(response=8 * 2**20, request=60.0)
_CONFLICT = 412  # another change of the same conversation was faster
_TRIES = 3  # of a request that met one
_CODE = re.compile(r"[A-Za-z_]{1,60}")
_FIELDS = "id,displayName,mail,userPrincipalName,accountEnabled"


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """A user of the tenant. `email`: their mail address, else their user name, in lower case."""

    id: str
    email: str
    name: str


class BotApi:
    """The bot's calls in one tenant."""

    def __init__(self, settings: TeamsBotSettings, tools: Tools) -> None:
        self._settings, self._tools = settings, tools
        self._tokens = {scope: self._sign_in(scope) for scope in (BOT_SCOPE, GRAPH_SCOPE)}
        self._bot = self._open(settings.service_url, self._tokens[BOT_SCOPE])
        self._graph = self._open(settings.graph_url, self._tokens[GRAPH_SCOPE])

    def check_bot(self) -> None:
        """Get a token for the Bot Connector. AuthError where the registration is refused."""
        self._tokens[BOT_SCOPE].headers()

    def find_user(self, email: str) -> DirectoryUser | None:
        """The active user with that mail address or user name; None if there is none.

        Needs the application permission User.Read.All of Microsoft Graph.
        """
        quoted = email.replace("'", "''")
        params = {
            "$filter": f"mail eq '{quoted}' or userPrincipalName eq '{quoted}'",
            "$select": _FIELDS,
            "$top": "2",
        }
        body = self._graph.get("users", params).json()
        rows = body.get("value") if isinstance(body, dict) else None
        users = [_read_user(row) for row in rows or () if isinstance(row, dict)]
        return next((one for one in users if one is not None), None)

    def read_user(self, directory_id: str) -> DirectoryUser | None:
        """The active user with that directory id; None if there is none."""
        try:
            body = self._graph.get(f"users/{quote(directory_id)}", {"$select": _FIELDS}).json()
        except FatalError as error:
            if error.status == 404:
                return None
            raise
        return _read_user(body) if isinstance(body, dict) else None

    def open_conversation(self, directory_id: str) -> str | None:
        """The id of the bot's chat with a user; None where the app is not installed for them.

        learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
        """
        body = {
            "bot": {"id": f"28:{self._settings.app_id}"},
            "members": [{"id": directory_id}],
            "isGroup": False,
            "tenantId": self._settings.directory_id,
            "channelData": {"tenant": {"id": self._settings.directory_id}},
        }
        try:
            answer = self._call("POST", "v3/conversations", body, safe=True)
        except (DeniedError, FatalError) as error:
            if error.status in (403, 404):
                return None
            raise
        return _read_id(answer)

    def post(self, conversation: str, activity: Mapping[str, Any], reply_to: str = "") -> str:
        """Post an activity, or a reply to one; its id, or "" if an answer of success has none.

        AmbiguousError if it may have arrived.
        """
        path = f"v3/conversations/{quote(conversation)}/activities"
        if reply_to:
            path, activity = f"{path}/{quote(reply_to)}", {**activity, "replyToId": reply_to}
        try:
            return _read_id(self._call("POST", path, activity))
        except _NoIdError:
            return ""  # nobody can look it up: to post it again would show it twice

    def update(self, conversation: str, activity_id: str, activity: Mapping[str, Any]) -> None:
        """Replace an activity."""
        path = f"v3/conversations/{quote(conversation)}/activities/{quote(activity_id)}"
        self._call("PUT", path, {**activity, "id": activity_id}, safe=True)

    def close(self) -> None:
        """Close all connections."""
        self._bot.close()
        self._graph.close()
        for tokens in self._tokens.values():
            tokens.close()

    def _call(
        self, method: str, path: str, body: Mapping[str, Any], *, safe: bool = False
    ) -> HttpResponse:
        """One call, repeated while another change of the conversation is at work."""
        for left in reversed(range(_TRIES)):
            try:
                return self._bot.send(method, path, json=body, safe=safe)
            except FatalError as error:
                if error.status != _CONFLICT:
                    raise
                if not left:
                    raise RetryableError(error.what, where=error.where) from None
            self._tools.time.sleep(1.0)
        raise AssertionError("the last try returns or raises")

    def _sign_in(self, scope: str) -> ClientCredentials:
        settings = self._settings
        return ClientCredentials(
            self._tools.name,
            f"{settings.login_url.rstrip('/')}/{quote(settings.directory_id)}/oauth2/v2.0/token",
            OAuthClient(
                settings.app_id, settings.app_secret.get_secret_value(), scope=scope, in_form=True
            ),
            time=self._tools.time,
        )

    def _open(self, base_url: str, tokens: ClientCredentials) -> HttpSession:
        name = self._tools.name
        return HttpSession(
            name,
            base_url,
            time=self._tools.time,
            credential=ApiCredential(
                headers=tokens.headers,
                renew=tokens.refresh,
                secrets=(self._settings.app_secret.get_secret_value(),),
                remedy=f"Check app_id, app_secret and directory_id of sink {name}",
            ),
            options=SessionOptions(bounds=_BOUNDS, explain=_explain),
        )


def _read_user(row: Mapping[str, Any]) -> DirectoryUser | None:
    """An active user; None for any other row."""
    email = str(row.get("mail") or row.get("userPrincipalName") or "").lower()
    if not email or not row.get("id") or row.get("accountEnabled") is False:
        return None
    return DirectoryUser(str(row["id"]), email, str(row.get("displayName") or email))


class _NoIdError(RetryableError):
    """An answer of success names no id."""


def _read_id(answer: HttpResponse) -> str:
    body = answer.json()
    found = str(body.get("id") or "") if isinstance(body, dict) else ""
    if not found:
        raise _NoIdError("the answer names no id")
    return found


def _explain(answer: HttpResponse) -> str:
    """The code of an error, never its text: that may quote an address."""
    body = answer.json()
    error = body.get("error") if isinstance(body, dict) else None
    code = str(error.get("code") or "") if isinstance(error, dict) else ""
    return code if _CODE.fullmatch(code) else ""
