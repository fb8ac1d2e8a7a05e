"""The dead man's switch: an address elsewhere that hears of every tick, and misses those that fail.

Only that a tick ended well or not is told; the address is a secret and stands in no message.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

_SECONDS = 10.0


def ping(url: SecretStr, *, good: bool) -> str:
    """Tell it; "" when it was taken, else why not. Never raises.

    A good tick asks for the address itself, any other for it with `/fail` behind its path, as
    healthchecks.io and those like it understand.
    """
    import requests

    address = url.get_secret_value()
    if not good:
        parts = urlsplit(address)
        address = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))
    try:
        answer = requests.get(address, timeout=_SECONDS, allow_redirects=False)
    except (requests.RequestException, ValueError) as error:  # its text has the address
        return f"the ping was not taken: {type(error).__name__}"
    return "" if answer.ok else f"the ping was answered with HTTP {answer.status_code}"
