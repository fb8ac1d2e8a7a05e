"""Signatures of webhooks, and bodies that somebody made to break the reader."""

from __future__ import annotations

import hashlib
import hmac

import msgspec
import pytest

from atsbridge.api import FatalError, decode_webhook, verify_hmac

SECRET, BODY = "planted-4711", b'{"action": "ping"}'
GOOD = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()


class Event(msgspec.Struct):
    """A delivery."""

    action: str = ""
    count: int = 0


def verify(body: bytes, signature: str, secret: str = SECRET) -> str:
    """As a plugin calls it."""
    return verify_hmac(body, signature, secret, where="acme", key_name="secret key")


def test_a_right_signature_comes_back_in_lower_case() -> None:
    """It is the key of the delivery, however the vendor wrote it."""
    assert verify(BODY, f" {GOOD.upper()} ") == GOOD


@pytest.mark.parametrize(
    ("body", "signature", "secret", "why"),
    [
        (BODY, "", SECRET, "not signed"),
        (BODY, GOOD, "", "not signed"),
        (BODY + b" ", GOOD, SECRET, "signature is wrong"),
        (BODY, GOOD[:-1], SECRET, "signature is wrong"),
        (BODY, GOOD, "another", "signature is wrong"),
        (BODY, "\ud800\xff", SECRET, "signature is wrong"),
    ],
)
def test_a_wrong_signature_is_refused(body: bytes, signature: str, secret: str, why: str) -> None:
    """The error names the vendor and the remedy, and nothing of the delivery or the secret."""
    with pytest.raises(FatalError, match=why) as caught:
        verify(body, signature, secret)
    assert "acme" in str(caught.value)
    assert "secret key" in caught.value.remedy
    assert not [one for one in (SECRET, GOOD) if one in str(caught.value)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"planted words",
        b"[]",
        b'{"action": 7}',
        b'{"count": 1' + b"0" * 5_000 + b"}",
        b'{"more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"action": "\\ud800"}',
        b"\xff\xfe",
    ],
    ids=["empty", "text", "list", "type", "huge number", "deep", "surrogate", "no UTF-8"],
)
def test_what_is_no_webhook_is_refused(body: bytes) -> None:
    """Whatever it is, one error that quotes nothing."""
    with pytest.raises(FatalError, match="no webhook") as caught:
        decode_webhook(body, Event, where="acme")
    assert "planted" not in str(caught.value)


def test_a_good_body_is_decoded() -> None:
    """Members that the type does not name are left out."""
    assert decode_webhook(b'{"action": "ping", "more": 1}', Event, where="acme") == Event("ping")


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "shift_jis"])
def test_a_body_in_another_charset_still_names_its_record(charset: str) -> None:
    """Only ids are read of it, and those are ASCII."""
    body = '{"name": "José ①", "action": "ping"}'.encode(charset, "replace")
    assert decode_webhook(body, Event, where="acme") == Event("ping")
