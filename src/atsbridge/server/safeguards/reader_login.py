"""Who reads: by bearer token, or by the header of a trusted reverse proxy."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

from starlette.datastructures import Headers

from atsbridge.queries import Viewer
from atsbridge.settings import ServeSettings, check_email

_SCHEME = "bearer"
LONGEST = 512  # bytes of a token or address in a header


@dataclass(frozen=True, slots=True)
class PageReader:
    """A reader, how they were recognized, and what their requests are counted under.

    `way`: "token" or "proxy"; it says nothing about the person.
    """

    viewer: Viewer
    way: str
    key: str


@dataclass(frozen=True, slots=True)
class ReaderLogin:
    """Recognizes readers. `token`: the expected one, "" if none is set."""

    settings: ServeSettings
    token: str = field(default="", repr=False)

    def recognize(self, headers: Headers, address: str) -> PageReader | None:
        """The reader of a request, None for anybody else. `address`: of the other side."""
        if (given := headers.get("authorization")) is not None:
            return self._by_token(given)
        if not self.is_proxy(address):
            return None
        values = headers.getlist(self.settings.user_header)
        return self._by_header(values)

    def is_proxy(self, address: str) -> bool:
        """Whether the address is one of the trusted proxies."""
        return bool(self.settings.user_header) and address in self.settings.proxies

    def is_ready(self) -> bool:
        """Whether anybody can be recognized at all."""
        return bool(self.token or self.settings.user_header)

    def _by_token(self, header: str) -> PageReader | None:
        scheme, _, given = header.partition(" ")
        wrong = scheme.lower() != _SCHEME or not self.token or len(given) > LONGEST
        if wrong or not hmac.compare_digest(_digest(given.strip()), _digest(self.token)):
            return None
        return PageReader(Viewer(ops=True), "token", "token")

    def _by_header(self, values: Sequence[str]) -> PageReader | None:
        """A header that comes twice was not written by the proxy alone."""
        if len(values) != 1 or len(values[0]) > LONGEST:
            return None
        try:
            email = check_email(values[0])
        except ValueError:
            return None
        ops = email in self.settings.ops
        return PageReader(Viewer(email, ops), "proxy", email)


def _digest(text: str) -> bytes:
    """Of equal length for every text, so that comparing takes as long for each."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def plain_address(address: str) -> str:
    """An address in the one form in which addresses are compared.

    An IPv4 address that an IPv6 socket shows as "::ffff:10.0.0.7" is "10.0.0.7"; the zone of a
    link-local address is left out. What is no address stays as it is.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed)
