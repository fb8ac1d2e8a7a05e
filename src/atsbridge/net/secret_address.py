"""A session with an address that is a secret: an incoming webhook, a private calendar."""

from __future__ import annotations

from urllib.parse import urlsplit

from atsbridge.errors import ConfigError
from atsbridge.net.http_session import ApiCredential, HttpSession, SessionOptions
from atsbridge.timesource import TimeSource


def open_secret_address(
    name: str, address: str, *, time: TimeSource, options: SessionOptions, remedy: str = ""
) -> HttpSession:
    """A session with the address's host. Errors and logs show neither its path nor its query.

    `name`: what errors call it. `remedy`: what to do where the service refuses the address.
    ConfigError, which does not quote it, for an address without a host.
    """
    parts = urlsplit(address)
    if not parts.hostname:
        raise ConfigError("the address has no host", where=name)
    host = parts.netloc.rpartition("@")[2]
    return HttpSession(
        name,
        f"{parts.scheme}://{host}",
        time=time,
        options=options,
        credential=ApiCredential(secrets=(address,), remedy=remedy),
    )
