"""Types of the settings that most connectors have: a service's address and its secret key.

They are for pydantic models of `[accounts.NAME]`. Errors say what to write, and show no value.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr


def _check_url(value: str) -> str:
    address = value.strip()
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or len(address.split()) != 1 or parts.query or parts.fragment:
        raise ValueError("write an address such as https://api.example.com/v1")
    if "@" in parts.netloc:
        raise ValueError("no user name or password may be in the address")
    return address.rstrip("/")


def _check_secret(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value().strip()
    if not secret:
        raise ValueError("this secret is empty")
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("this secret has a space or a character that no key has: copy it again")
    return SecretStr(secret)


# An http or https address without "/" at its end.
ServiceUrl = Annotated[str, AfterValidator(_check_url)]
# A key, token or client secret, without the spaces around it. Fit for an HTTP header.
ServiceSecret = Annotated[SecretStr, AfterValidator(_check_secret)]
