"""Verify and decode the webhooks of a vendor, for `WebhookSpec.parse`."""

from __future__ import annotations

import hashlib
import hmac
from typing import TypeVar

import msgspec

from atsbridge.errors import FatalError
from atsbridge.net.charsets import to_utf8

_T = TypeVar("_T")


def refuse_webhook(where: str, why: str, remedy: str = "") -> FatalError:
    """Make the error for a delivery that is not taken. `where`: the vendor.

    `why` must quote nothing of the delivery: anybody can send one, and it is logged.
    """
    return FatalError(f"a webhook was refused: {why}", where=where, remedy=remedy)


def verify_hmac(signed: bytes, signature: str, secret: str, *, where: str, key_name: str) -> str:
    """Verify an HMAC-SHA256 in hexadecimal digits; return the digits in lower case.

    `signed`: the bytes that the vendor signs, as received: verify before you decode them.
    `where`: the vendor, and `key_name`: what it calls the secret, for errors. FatalError for a
    signature that is missing or wrong, and where no secret is set.
    """
    given = signature.strip().lower()
    if not secret or not given:
        raise refuse_webhook(where, "it is not signed", f"Set a {key_name} at the vendor")
    wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        remedy = f"Compare the {key_name} with the one at the vendor"
        raise refuse_webhook(where, "its signature is wrong", remedy)
    return given


def decode_webhook(body: bytes, type_: type[_T], *, where: str) -> _T:
    """Decode the JSON body of a delivery as `type_`.

    Texts in another charset than UTF-8 lose the letters that do not fit; ids are ASCII.

    FatalError for what is no JSON, has another shape, or is nested too deeply.
    """
    try:
        return msgspec.json.decode(to_utf8(body, "").decode("utf-8", "replace"), type=type_)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise refuse_webhook(where, "the body is no webhook of this vendor") from None
