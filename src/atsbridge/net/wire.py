"""The wire itself: a `requests.Session` set up our way, and which addresses may be asked.

Retries and credentials are `session`'s.
"""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from atsbridge import __version__

POOL = 8  # connections kept open: the most that one account's threads use


class Origin(NamedTuple):
    """What must be equal for a credential to go along."""

    scheme: str
    host: str
    port: int


def origin(url: str) -> Origin | None:
    """Where a request to `url` would really go, read as urllib3 reads it. None: nowhere good."""
    if "\\" in url or any(c <= " " for c in url):
        return None
    try:
        parts = parse_url(url)
    except LocationParseError:
        return None
    scheme = (parts.scheme or "").lower()
    if scheme not in ("http", "https") or not parts.host:
        return None
    return Origin(scheme, parts.host.lower(), parts.port or (443 if scheme == "https" else 80))


def connect(wire: requests.Session | None = None) -> requests.Session:
    """A wire with our user agent, gzip, no cookies, no redirects' own credentials, no retries."""
    if wire is None:
        wire = requests.Session()
        for prefix in ("https://", "http://"):
            wire.mount(prefix, HTTPAdapter(pool_connections=2, pool_maxsize=POOL))
    wire.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    wire.headers.update(
        {
            "User-Agent": f"atsbridge/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }
    )
    return wire


def body_of(answer: requests.Response) -> bytes:
    """The whole body, unpacked, read in one go: half the cost of `answer.content`, which takes
    it in pieces of 10 KB. Raises urllib3's errors where the body breaks off."""
    try:
        return bytes(answer.raw.read(decode_content=True))
    except BaseException:
        answer.close()  # what is left in the connection belongs to no other request
        raise


class Credential(AuthBase):
    """Sets the credential's headers. Being requests' `auth`, it also keeps ~/.netrc out."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request
