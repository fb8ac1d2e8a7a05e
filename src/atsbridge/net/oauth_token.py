"""OAuth client credentials: one token at a time, renewed before it expires."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from atsbridge.errors import AuthError, DeniedError, FatalError, SourceError
from atsbridge.net.http_session import ApiCredential, HttpSession, SessionOptions
from atsbridge.net.redaction import remember
from atsbridge.ports import HttpBounds
from atsbridge.timesource import TimeSource

EARLY = 60.0  # seconds before its end at which a token is renewed
LIFETIME = 3600.0  # seconds, where the answer names no end (Greenhouse: about one hour)
SHORTEST, LONGEST = 10.0, 86_400.0  # bounds of the seconds for which a token is believed to last
_TOKEN = re.compile(r"[!-~]{1,8000}")  # what fits into a header: no space, no line break


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """Id and secret of an OAuth 2 client. `sub`: the user it acts for, "" for none.

    `scope`: what the token is asked for, "" for none. `in_form`: send id and secret in the form,
    in place of HTTP Basic.
    """

    id: str
    secret: str = field(repr=False)
    sub: str = ""
    scope: str = ""
    in_form: bool = False


class ClientCredentials:
    """The bearer token of one account's client, shared by all its threads (single flight).

    Requests the token from `token_url` with `grant_type=client_credentials`, and with `sub` or
    `scope` if the client has one. Reads `expires_at` (ISO 8601) or `expires_in` (seconds).
    """

    def __init__(
        self,
        name: str,
        token_url: str,
        client: OAuthClient,
        *,
        time: TimeSource,
        bounds: HttpBounds | None = None,
    ) -> None:
        self._name = name
        self._token_url = token_url
        self._time = time
        self._sub, self._form = client.sub, _make_form(client)
        credential = ApiCredential.basic(client.id, client.secret, remedy=self._remedy)
        if client.in_form:
            credential = replace(credential, headers=dict)
        self._session = HttpSession(
            name,
            token_url,
            time=time,
            credential=credential,
            options=SessionOptions(bounds=bounds or HttpBounds()),
        )
        self._lock = threading.Lock()
        self._mine = threading.local()  # the token each thread used last
        self._token = ""
        self._renew_at = 0.0

    @property
    def _remedy(self) -> str:
        return (
            f"Check client_id and client_secret of account {self._name} "
            f"(a rotated secret ends within a week){', and its sub' if self._sub else ''}"
        )

    def headers(self) -> Mapping[str, str]:
        """The headers of one request; asks for a token first if there is none that lasts."""
        with self._lock:
            if not self._token or self._time.monotonic() >= self._renew_at:
                self._ask()
            self._mine.token = self._token
            return {"Authorization": f"Bearer {self._token}"}

    def refresh(self) -> None:
        """The token this thread used was refused: get a new one, unless another thread did."""
        with self._lock:
            if getattr(self._mine, "token", None) == self._token:
                self._ask()

    def close(self) -> None:
        """Give back the connection."""
        self._session.close()

    def __repr__(self) -> str:
        return f"ClientCredentials({self._name!r})"

    def _ask(self) -> None:
        refused = False
        try:
            answer = self._session.send("POST", self._token_url, data=self._form, safe=True)
        except (DeniedError, FatalError) as error:
            if error.status not in (400, 403):
                raise
            refused = True
        if refused:  # the body repeats the client id: not quoted
            raise self._failed("was refused by the token address (400)")
        token = answer.json()
        found = token.get("access_token") if isinstance(token, dict) else None
        if not isinstance(found, str) or not _TOKEN.fullmatch(found):
            raise self._failed("got no access_token from the token address that can be used")
        lasts = self._lasts(token)
        self._token = found
        remember(found, lasting=False)
        self._renew_at = self._time.monotonic() + max(lasts / 2, lasts - EARLY)

    def _lasts(self, token: Mapping[str, Any]) -> float:
        """Seconds the token is good for, from SHORTEST to LONGEST; LIFETIME where it says nothing.

        An end in the past means that our clock is wrong, and a lifetime that is no positive
        number means nothing.
        """
        seconds = _seconds(token.get("expires_in"))
        if seconds is None:
            try:
                end = datetime.fromisoformat(str(token.get("expires_at"))[:40])
                left = (end if end.tzinfo else end.replace(tzinfo=UTC)) - self._time.now()
            except (ValueError, OverflowError):
                return LIFETIME
            seconds = left.total_seconds()
            if not 0 < seconds <= LONGEST:
                return LIFETIME
        return min(LONGEST, max(SHORTEST, seconds))

    def _failed(self, what: str) -> SourceError:
        return AuthError(f"the credential {what}", where=self._name, remedy=self._remedy)


def _make_form(client: OAuthClient) -> dict[str, str]:
    form = {"grant_type": "client_credentials"}
    form |= {name: value for name in ("sub", "scope") if (value := getattr(client, name))}
    if client.in_form:
        form |= {"client_id": client.id, "client_secret": client.secret}
    return form


def _seconds(value: Any) -> float | None:
    """A positive number of seconds, sent as a number or as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value if not isinstance(value, str) else value[:40])
    except (ValueError, OverflowError):
        return None
    return found if found > 0 and not math.isnan(found) else None
