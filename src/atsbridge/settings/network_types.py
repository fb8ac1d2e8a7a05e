"""The types of values in [serve]: addresses, headers, tokens and commands."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr

from atsbridge.settings.value_types import check_address

LEAST_TOKEN = 20  # characters; a token can be tried from outside, so it is long and random

_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.IGNORECASE | re.ASCII)
_BIND = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})", re.IGNORECASE | re.ASCII)


def _web_address(text: str) -> str:
    """Empty, or a whole address without a query, without its last slash."""
    address = text.strip().rstrip("/")
    if address:
        check_address(address)
        if re.search(r"[?#@]", address):
            raise ValueError("write an address without user, ? and #, such as https://host/path")
    return address


def _token(token: SecretStr) -> SecretStr:
    """Empty, or a token that nobody guesses and that a header can carry."""
    check_token(token.get_secret_value().strip())
    return SecretStr(token.get_secret_value().strip())


def check_token(text: str) -> None:
    """ValueError if a token is too short or has characters that a header cannot carry."""
    if text and (len(text) < LEAST_TOKEN or not re.fullmatch(r"[\x21-\x7e]+", text)):
        raise ValueError(
            f"write at least {LEAST_TOKEN} letters and digits, such as `openssl rand -hex 32` makes"
        )


def _bind(text: str) -> str:
    match = _BIND.fullmatch(text.strip())
    if match is None or not int(match[2]) <= 65_535:
        raise ValueError("write a host and a port, such as 127.0.0.1:8080 or [::1]:8080")
    return text.strip()


def _header(text: str) -> str:
    name = text.strip()
    if name and not _HEADER.fullmatch(name):
        raise ValueError("write the name of a header, such as X-Forwarded-Email")
    return name


def _ip(text: str) -> str:
    """One address, in the form in which addresses are compared."""
    from ipaddress import ip_address

    try:
        return str(ip_address(text.strip()))
    except ValueError:
        raise ValueError("write one address, such as 10.0.0.7 or fd00::7") from None


def _command(value: Any) -> tuple[str, ...]:
    from atsbridge.settings.secret_commands import parse_command

    return parse_command(value) if value not in ((), []) else ()


WebAddress = Annotated[str, AfterValidator(_web_address)]
BindAddress = Annotated[str, AfterValidator(_bind)]
HeaderName = Annotated[str, AfterValidator(_header)]
IpAddress = Annotated[str, AfterValidator(_ip)]
Token = Annotated[SecretStr, AfterValidator(_token)]
Command = Annotated[tuple[str, ...], BeforeValidator(_command)]
