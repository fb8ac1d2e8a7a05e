"""Ping an address after every run, so that a missing ping raises an alarm there.

Only success or failure is sent. The address is a secret and is left out of all messages.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from atsbridge.errors import SourceError
from atsbridge.net import ApiCredential, SessionOptions
from atsbridge.timesource import TimeSource

_SECONDS = 10.0
_RESPONSE = 2**20  # bytes: the answer is not read


def ping(url: SecretStr, time: TimeSource, *, good: bool) -> str:
    """Tell it once; "" when it was taken, else why not.

    A good tick asks for the address itself, any other for it with `/fail` behind its path, as
    healthchecks.io and those like it understand.
    """
    from atsbridge.net import HttpSession
    from atsbridge.ports import HttpBounds

    address = url.get_secret_value()
    try:
        parts = urlsplit(address)
    except ValueError:
        return "the ping was not sent: ping_url is not an address"
    if not good:
        address = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))
    session = HttpSession(
        "ping",
        f"{parts.scheme}://{parts.netloc}",
        time=time,
        options=SessionOptions(
            tries=1,
            timeouts=(_SECONDS, _SECONDS),
            bounds=HttpBounds(response=_RESPONSE, request=_SECONDS, wait=0.0),
        ),
        credential=ApiCredential(secrets=(url.get_secret_value(),)),
    )
    try:
        session.send("GET", address)
    except SourceError as error:
        status = f"answered with HTTP {error.status}" if error.status else "not taken"
        return f"the ping was {status}: its host {error.what}"
    finally:
        session.close()
    return ""
