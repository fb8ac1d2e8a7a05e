"""Requests to a fake server, and its responses."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Header names are case-insensitive; query values are unquoted, in order."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON. ValueError if it is none."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body as form fields; the last value of a repeated field."""
        parsed = parse_qs(self.body.decode(), keep_blank_values=True)
        return {name: values[-1] for name, values in parsed.items()}

    def param(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else default

    @property
    def arguments(self) -> Mapping[str, list[Any]]:
        """What is asked for: the query, and the members of a JSON object in the body.

        Values of the query are text, those of the body keep their types.
        """
        found: dict[str, list[Any]] = {**self.query}
        for name, value in self._members().items():
            found[name] = [*found.get(name, ()), value]
        return found

    def _members(self) -> dict[str, Any]:
        try:
            members = json.loads(self.body) if self.body[:1] == b"{" else {}
        except ValueError:
            members = {}
        return members if isinstance(members, dict) else {}

    def changed(self, arguments: Mapping[str, Any]) -> Request:
        """The same request with other values of arguments that it has."""
        members = self._members()
        query = {n: [str(v)] for n, v in arguments.items() if n in self.query}
        inside = {n: _like(v, members[n]) for n, v in arguments.items() if n in members}
        body = json.dumps({**members, **inside}).encode() if inside else self.body
        return replace(self, query={**self.query, **query}, body=body)

    @property
    def access_token(self) -> str | None:
        """The HTTP bearer token; None if none was sent."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    @property
    def basic(self) -> tuple[str, str] | None:
        """User name and password of HTTP Basic, if they were sent and are well-formed."""
        scheme, _, coded = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, colon, password = base64.b64decode(coded.strip(), validate=True).partition(b":")
            return (user.decode(), password.decode()) if colon else None
        except (binascii.Error, UnicodeDecodeError):
            return None


def _like(value: Any, former: Any) -> Any:
    """The value, as a number where the former value is one."""
    return int(value) if isinstance(former, int) else value


@dataclass(frozen=True, slots=True)
class Response:
    """A response. A `body` that is not bytes becomes JSON; None means no body."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, dict[str, str]]:
        """The body as bytes and all headers but the length."""
        headers = dict(self.headers)
        if self.body is None:
            return b"", headers
        if isinstance(self.body, bytes):
            headers.setdefault("Content-Type", "application/octet-stream")
            return self.body, headers
        headers.setdefault("Content-Type", "application/json; charset=utf-8")
        return json.dumps(self.body, separators=(",", ":")).encode(), headers
