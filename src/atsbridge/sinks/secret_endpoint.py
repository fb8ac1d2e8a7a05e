"""An address to which a sink posts messages. The address is a secret and is never shown.

The sink makes the body. `net` retries requests and keeps to rate limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import SecretStr

from atsbridge.errors import SourceError
from atsbridge.net import SessionOptions, open_secret_address
from atsbridge.ports import HttpBounds
from atsbridge.timesource import TimeSource

BOUNDS = HttpBounds(response=8 * 2**20, request=60.0)  # of a chat service: its lists have 200 rows
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def checked(url: SecretStr) -> SecretStr:
    """Return the address if it is https, or http to this machine. ValueError otherwise."""
    try:
        parts = urlsplit(url.get_secret_value())
        parts.port  # noqa: B018  raises for what is no number
    except ValueError:
        raise ValueError("this is no address") from None
    at_home = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if parts.username is not None or parts.password is not None:
        raise ValueError("no user name or password may be in the address")
    if not parts.hostname or not (parts.scheme == "https" or at_home):
        raise ValueError("write a whole https address")
    return url


class Endpoint:
    """Takes bodies; raises `errors` that name the sink, and nothing of the address."""

    def __init__(self, name: str, url: SecretStr, time: TimeSource) -> None:
        self._name = name
        self._url = url
        self._session = open_secret_address(
            name, url.get_secret_value(), time=time, options=SessionOptions(bounds=BOUNDS)
        )

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Post a body; any 2xx is success. AmbiguousError if it may have arrived."""
        url = self._url.get_secret_value()
        try:
            self._session.send("POST", url, data=body, headers=headers)
        except SourceError as error:
            error.where = self._name
            error.remedy = f"Check the url of sink {self._name}" if error.status else error.remedy
            raise

    def close(self) -> None:
        """Close all connections."""
        self._session.close()
