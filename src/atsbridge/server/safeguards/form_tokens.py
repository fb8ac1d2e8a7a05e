"""Protects the one form against requests that another site makes in the reader's name.

The page sets a cookie with a random value. The form carries a token that only this process can make
of the cookie, the reader and the form. A post needs both, from this site.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_COOKIE_LENGTH = 64  # hexadecimal digits of 32 random bytes


@dataclass(frozen=True, slots=True)
class FormTokens:
    """Makes and checks the tokens. `public_url`: the address readers use, "" where none is set."""

    public_url: str = ""
    randomness: Callable[[int], bytes] = secrets.token_bytes
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def is_secure(self) -> bool:
        """Whether readers use TLS, so that the cookie may be sent over nothing else."""
        return self.public_url.startswith("https:")

    @property
    def cookie(self) -> str:
        """The name of the cookie; the prefix keeps other hosts of the domain from setting it."""
        return "__Host-atsbridge-form" if self.is_secure else "atsbridge-form"

    def new_cookie(self) -> str:
        """A value for the cookie."""
        return self.randomness(32).hex()

    def is_cookie(self, value: str) -> bool:
        """Whether the value can be one that `new_cookie` made."""
        return len(value) == _COOKIE_LENGTH and value.isascii() and value.isalnum()

    def make(self, cookie: str, reader: str, form: str) -> str:
        """The token of one reader's form."""
        text = "\0".join((cookie, reader, form)).encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()

    def is_valid(self, token: str, cookie: str, reader: str, form: str) -> bool:
        """Whether the token was made for this cookie, reader and form by this process."""
        wanted = self.make(cookie, reader, form)
        good = hmac.compare_digest(wanted.encode(), token.encode("utf-8", "replace"))
        return good and self.is_cookie(cookie)

    def is_own_site(self, headers: Headers) -> bool:
        """Whether a browser says that the request comes from a page of this site."""
        site = headers.get("sec-fetch-site", "same-origin")
        origin = headers.get("origin")
        if site not in ("same-origin", "none") or origin is None:
            return False
        hosts = {headers.get("host", ""), urlsplit(self.public_url).netloc}
        return bool(origin) and urlsplit(origin).netloc in hosts - {""}
