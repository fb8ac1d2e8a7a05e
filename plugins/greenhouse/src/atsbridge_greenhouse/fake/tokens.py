"""The fake's token host: client credentials, tokens that expire after an hour, introspection."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from atsbridge.api import TimeSource
from atsbridge.sandbox import Request, Response
from atsbridge_greenhouse.fake.people import SERVICE_USER
from atsbridge_greenhouse.fake.truth import Truth

HOUR = 3600.0
_GRANTS = "authorization_code, refresh_token, client_credentials, token-exchange"


@dataclass(frozen=True, slots=True)
class Token:
    """One that was given out. `ends` is on the monotonic clock."""

    sub: int
    ends: float


@dataclass(slots=True, eq=False)
class TokenHost:
    """Gives out tokens. `expiry` is "expires_at" or "expires_in": both were seen live."""

    truth: Truth
    time: TimeSource
    client_id: str
    client_secret: str
    scopes: set[str]
    admins: frozenset[str] = frozenset()  # users who may act for the credential
    expiry: str = "expires_at"
    issued: dict[str, Token] = field(default_factory=dict)

    def token(self, request: Request) -> Response:
        """POST /token."""
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        form = request.form()
        if form.get("grant_type", request.param("grant_type")) != "client_credentials":
            return Response(400, {"message": f"grant_type must be one of {_GRANTS}"})
        sub = form.get("sub") or str(SERVICE_USER)
        if sub != str(SERVICE_USER) and self.truth.get("user", sub) is None:
            return Response(400, {"error": "invalid_grant"})
        coined = hashlib.sha256(f"{self.client_secret}{len(self.issued)}".encode()).hexdigest()
        self.issued[coined] = Token(int(sub), self.time.monotonic() + HOUR)
        body: dict[str, object] = {"token_type": "Bearer", "access_token": coined}
        if self.expiry == "expires_in":
            body["expires_in"] = int(HOUR)
        else:
            body["expires_at"] = (self.time.now() + timedelta(seconds=HOUR)).isoformat()
        return Response(200, body)

    def introspect(self, request: Request) -> Response:
        """POST /introspect."""
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        token = self.valid(request.form().get("token"))
        if token is None:
            return Response(200, {"active": False})
        role = "site_admin" if self.may_read(token) else "basic"
        claims: Mapping[str, object] = {
            "organization": {"id": 1, "name": "Northwind Looms"},
            "user_role": "integration_service_user" if token.sub == SERVICE_USER else role,
        }
        body = {
            "active": True,
            "client_id": self.client_id,
            "sub": str(token.sub),
            "scope": " ".join(sorted(self.scopes)),
            "https://auth.greenhouse.io/claims": claims,
        }
        return Response(200, body)

    def valid(self, presented: str | None) -> Token | None:
        """The token, if it was given out and has not ended."""
        token = self.issued.get(presented or "")
        return token if token and self.time.monotonic() < token.ends else None

    def may_read(self, token: Token) -> bool:
        """The credential's own user and Site Admins may read lists."""
        return token.sub == SERVICE_USER or str(token.sub) in self.admins

    def _refuse(self, request: Request) -> Response | None:
        pair = request.basic
        if pair is None:
            return Response(401, {"message": "No credential was sent", "errorId": "e-1"})
        if not pair[0].rpartition("-")[2].isdigit():  # the id carries a checked suffix
            message = f"Malformed client id {pair[0]}"
            return Response(400, {"message": message, "errorId": "e-2"})
        if pair != (self.client_id, self.client_secret):
            return Response(401, {"error": "invalid_client"})
        return None
