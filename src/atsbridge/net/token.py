"""OAuth client credentials: one token at a time, renewed before it ends.

Sending it along and asking for a new one after a 401 is `session`'s.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests

from atsbridge.errors import AuthError, DeniedError, FatalError, SourceError
from atsbridge.net.session import Session
from atsbridge.timesource import TimeSource

EARLY = 60.0  # seconds before its end at which a token is renewed
LIFETIME = 3600.0  # seconds, where the answer names no end (Greenhouse: about one hour)


class ClientCredentials:
    """The bearer token of one credential, shared by all its threads (single flight).

    Asks `token_url` with HTTP Basic and `grant_type=client_credentials`, and `sub` where an
    acting user is named; reads `expires_at` (ISO 8601) or `expires_in` (seconds).
    """

    def __init__(
        self,
        name: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        time: TimeSource,
        sub: str = "",
        wire: requests.Session | None = None,
    ) -> None:
        self._name = name
        self._token_url = token_url
        self._time = time
        self._sub = sub
        pair = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._session = Session(
            name,
            token_url,
            time=time,
            authorise=lambda: {"Authorization": f"Basic {pair}"},
            wire=wire,
            secrets=(client_id, client_secret, pair),
            remedy=self._remedy,
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
        form = {"grant_type": "client_credentials"}
        if self._sub:
            form["sub"] = self._sub
        refused = False
        try:
            answer = self._session.send("POST", self._token_url, form=form, safe=True)
        except (DeniedError, FatalError) as error:
            if error.status not in (400, 403):
                raise
            refused = True
        if refused:  # the body repeats the client id: not quoted
            raise self._failed("was refused by the token address (400)")
        token = answer.json()
        if not isinstance(token, dict) or not isinstance(token.get("access_token"), str):
            raise self._failed("got no access_token from the token address")
        self._token = token["access_token"]
        self._renew_at = self._time.monotonic() + max(1.0, self._lasts(token) - EARLY)

    def _lasts(self, token: Mapping[str, Any]) -> float:
        """Seconds the token is good for. An end in the past means our clock is wrong: an hour."""
        seconds = token.get("expires_in")
        if isinstance(seconds, int | float) and seconds > 0:
            return float(seconds)
        try:
            end = datetime.fromisoformat(str(token.get("expires_at")))
        except ValueError:
            return LIFETIME
        left = (end if end.tzinfo else end.replace(tzinfo=UTC)) - self._time.now()
        return left.total_seconds() if 0 < left.total_seconds() <= LIFETIME * 24 else LIFETIME

    def _failed(self, what: str) -> SourceError:
        return AuthError(f"the credential {what}", where=self._name, remedy=self._remedy)
