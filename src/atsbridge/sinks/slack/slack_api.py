"""Call Slack's Web API, read its pages, and raise its error codes as errors.

`net` retries requests and keeps to rate limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atsbridge.errors import (
    AmbiguousError,
    AuthError,
    DeniedError,
    FatalError,
    RetryableError,
    SourceError,
)
from atsbridge.model import Destination
from atsbridge.net import ApiCredential, HttpResponse, HttpSession, PageGuard, SessionOptions
from atsbridge.sinks.secret_endpoint import BOUNDS
from atsbridge.timesource import TimeSource

_PAGES = 2000  # of a list, 200 rows each: four times the members of the largest workspaces
_REFUSED = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}
)
_DENIED = frozenset(
    {"missing_scope", "no_permission", "access_denied", "not_allowed_token_type"}
    | {"restricted_action", "enterprise_is_restricted", "ekm_access_denied"}
    | {"accesslimited", "team_access_not_granted", "two_factor_setup_required"}
)
_CODE = re.compile(r"[a-z_]{1,60}")  # the form of Slack's error codes
# What passes by itself; the last ones while the workspace or the channel moves elsewhere.
_LATER = frozenset(
    {"ratelimited", "rate_limited", "service_unavailable", "request_timeout"}
    | {"message_limit_exceeded", "team_added_to_org", "org_login_required"}
    | {"external_channel_migrating"}
)
_UNSURE = frozenset({"internal_error", "fatal_error"})  # "some aspect … may have succeeded"
_REMEDIES = {
    "not_in_channel": "Invite the app: /invite in the channel",
    "channel_not_found": "Check the channel's name, and invite the app if it is private",
    "is_archived": "Name another channel, or unarchive this one",
    "accesslimited": "Allow this machine's address in the app's settings at Slack",
    "team_access_not_granted": "Let an administrator of Slack approve the app for this workspace",
    "two_factor_setup_required": "Set up two-factor authentication for whoever owns the token",
}


@dataclass(frozen=True, slots=True)
class SlackPage:
    """The rows of one page of a list, and whether more follow."""

    rows: Sequence[Mapping[str, Any]]
    more: bool


class Web:
    """One workspace's API. `name`: of the sink, for errors; `setting`: the key of the token."""

    def __init__(
        self, name: str, base_url: str, token: str, time: TimeSource, setting: str = "token"
    ) -> None:
        self._name, self._setting = name, setting
        self.team = ""  # the workspace's name, set by `granted`
        self._session = HttpSession(
            name,
            base_url,
            time=time,
            credential=ApiCredential(
                headers=lambda: {"Authorization": f"Bearer {token}"},
                secrets=(token,),
                remedy=self._remedy,
            ),
            options=SessionOptions(explain=_explain, bounds=BOUNDS),
        )

    @property
    def _remedy(self) -> str:
        return f"Check the {self._setting} of sink {self._name}"

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def granted(self) -> frozenset[str] | None:
        """The scopes of the token; None if Slack does not list them. AuthError for a bad token.

        Slack names them in a header of every answer: https://docs.slack.dev/authentication
        """
        answer = self._session.get("auth.test", {})
        body = self._checked(answer, "auth.test", "")
        self.team = str(body.get("team") or "")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        scopes = headers.get("x-oauth-scopes")
        if scopes is None:
            return None
        return frozenset(scope.strip() for scope in scopes.split(",") if scope.strip())

    def open_connection(self) -> str:
        """The address of a new Socket Mode connection, for an app-level token. It is a secret.

        Scope connections:write (docs.slack.dev/reference/methods/apps.connections.open).
        FatalError where Slack names no web socket.
        """
        answer = self._session.send("POST", "apps.connections.open", json={}, safe=True)
        url = str(self._checked(answer, "apps.connections.open", "").get("url") or "")
        plain = url.startswith("ws://") and self._session.base_url.startswith("http://")
        if not (url.startswith("wss://") or plain):
            where = f"{self._name}: apps.connections.open"
            raise FatalError("Slack named no secure connection", where=where)
        return url

    def pages(
        self, method: str, params: Mapping[str, Any], of: str, place: str = ""
    ) -> Iterator[SlackPage]:
        """Every page of a list, 200 rows each. `of`: the member with the rows.

        `place` is for errors. RetryableError if that member holds no rows.
        """
        cursor, progress = "", PageGuard(_PAGES)
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self.read(method, {**params, "limit": 200, **more}, place=place)
            after = page.get("response_metadata")
            cursor = str(after.get("next_cursor") or "") if isinstance(after, dict) else ""
            rows = page.get(of)
            if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
                raise self.strange(method)
            try:
                progress.check(rows, cursor or None)
            except FatalError as error:
                error.where = f"{self._name}: {method} {place}".strip()
                raise
            yield SlackPage(rows, more=bool(cursor))
            if not cursor:
                return

    def read(
        self, method: str, params: Mapping[str, Any], *, fine: str = "", place: str = ""
    ) -> Mapping[str, Any]:
        """Read an answer. It is empty if Slack returns the error `fine`."""
        answer = self._session.get(method, params)
        return self._checked(answer, method, place, fine=fine)

    def write(
        self, method: str, body: Mapping[str, Any], to: Destination, *, safe: bool = False
    ) -> Mapping[str, Any]:
        """Write, and return the answer. `safe`: a repetition does no harm, so it is retried."""
        answer = self._session.send("POST", method, json=body, safe=safe)
        return self._checked(answer, method, find_slack_place(to), unsure=not safe)

    def call(self, method: str, body: Mapping[str, Any]) -> None:
        """Write what is of use now only: it is tried once, and errors name no place."""
        self._checked(self._session.send("POST", method, json=body), method, "")

    def _checked(
        self, answer: HttpResponse, method: str, place: str, *, fine: str = "", unsure: bool = False
    ) -> Mapping[str, Any]:
        """Return the answer if Slack says ok, {} for the error `fine`; raise any other error."""
        body = answer.json()
        if not isinstance(body, dict):
            raise self.strange(method)
        if body.get("ok"):
            return body
        error = str(body.get("error") or "unknown_error")
        if not _CODE.fullmatch(error):
            error = "something that is none of its words"  # never quoted
        if error == fine:
            return {}
        raise self.error(error, body, f"{method} {place}".strip(), unsure=unsure)

    def strange(self, method: str) -> RetryableError:
        """The error for an answer that lacks what every answer of Slack to this method holds."""
        return RetryableError("the answer is not Slack's", where=f"{self._name}: {method}")

    def error(
        self, error: str, body: Mapping[str, Any], place: str, *, unsure: bool = False
    ) -> SourceError:
        """Make the error for a code of Slack (docs.slack.dev/reference/methods)."""
        made = self._make_error(error, body, place, unsure=unsure)
        made.vendor_code = error
        return made

    def _make_error(
        self, error: str, body: Mapping[str, Any], place: str, *, unsure: bool
    ) -> SourceError:
        what, where = f"Slack says {error}", f"{self._name}: {place}"
        if error in _REFUSED:
            return AuthError(what, where=where, remedy=self._remedy)
        if error in _DENIED:
            scope = str(body.get("needed") or "what it asks for")
            remedy = _REMEDIES.get(error, f"Give the app the scope {scope}")
            return DeniedError(what, where=where, remedy=remedy)
        if error in _UNSURE and unsure:
            return AmbiguousError(what, where=where)
        if error in _LATER or error in _UNSURE:
            return RetryableError(what, where=where)
        return FatalError(what, where=where, remedy=_REMEDIES.get(error, ""))


def find_slack_place(to: Destination) -> str:
    """Name the destination in an error: the name of a channel, but never a person's address."""
    return to.address if to.kind == "channel" else ""


def _explain(answer: HttpResponse) -> str:
    body = answer.json()
    return str(body.get("error") or "") if isinstance(body, dict) else ""
