"""Greenhouse's webhooks: golden deliveries, and those that are refused."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec
import pytest

from atsbridge.errors import FatalError
from atsbridge_greenhouse.webhooks import hints

SECRET = "planted-4711"  # noqa: S105  signs nothing but these bytes
# Escaped as the vendor sends it: a body that was parsed and written again has another signature.
MOVED = (
    b'{"action": "candidate_stage_change", "payload": {"application": {"id": 5601001,'
    b' "status": "active", "current_stage": {"id": 650012, "name": "R\\u0026D talk"},'
    b' "candidate": {"id": 7702001}, "jobs": [{"id": 410233}]}}, "organization_id": 9}'
)
# openssl dgst -sha256 -hmac planted-4711, over exactly those bytes
GOLDEN = "sha256 668593b94b5022766288299f5ca89560d5def1ec5e57d909af77d866381701ed"


def signed(body: bytes) -> str:
    return "sha256 " + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def told(action: str, payload: Any) -> dict[str, tuple[str, ...]]:
    """What one delivery asks for: kind -> ids."""
    body = msgspec.json.encode({"action": action, "payload": payload})
    return {hint.kind: hint.ids for hint in hints(body, signed(body), SECRET)}


def test_a_golden_delivery() -> None:
    """The documented body with a signature computed elsewhere; the key is that signature."""
    (hint,) = hints(MOVED, GOLDEN, SECRET)
    assert (hint.kind, hint.ids, hint.at) == ("application", ("5601001",), None)
    assert hint.key == GOLDEN.partition(" ")[2]


@pytest.mark.parametrize(
    ("action", "payload", "wanted"),
    [
        ("hire_candidate", {"application": {"id": 5}}, {"application": ("5",)}),
        ("delete_application", {"application": {"id": 6}}, {"application": ("6",)}),
        ("delete_candidate", {"candidate": {"id": 9, "application_ids": [1, 2, 2]}},
         {"application": ("1", "2")}),
        ("offer_created", {"id": 3, "application_id": 5}, {"offer": ("3",), "application": ("5",)}),
        ("offer_deleted", {"offer": {"id": 3, "application_id": 5}},
         {"offer": ("3",), "application": ("5",)}),
        ("job_updated", {"job": {"id": 7}}, {"requisition": ("7",)}),
        ("job_approved", {"approval_flow": {}, "job": {"id": 7}}, {"requisition": ("7",)}),
        ("interview_deleted", {"interview": {"id": 8}}, {"interview": ("8",)}),
        ("scorecard_deleted", {"scorecard": {"id": 4}}, {"scorecard": ("4",)}),
        ("ping", {"web_hook_id": 1, "application": {"id": 5}}, {}),
        ("department_deleted", {"child_ids": [1]}, {}),
        ("of_tomorrow", {"application": [1], "job": {"id": {"a": 1}}, "offer": None}, {}),
    ],
)  # fmt: skip
def test_what_an_event_asks_for(
    action: str, payload: Any, wanted: dict[str, tuple[str, ...]]
) -> None:
    """The records it is about, each once; nothing for a test or what is not stored."""
    assert told(action, payload) == wanted


DEEP = b'{"payload": ' + b'{"a":' * 100_000


@pytest.mark.parametrize(
    ("body", "signature", "why"),
    [
        (MOVED + b" ", GOLDEN, "signature is wrong"),
        (MOVED, signed(MOVED).replace("sha256", "sha1"), "not signed"),
        (MOVED, "", "not signed"),
        (MOVED, "sha256 ", "not signed"),
        (MOVED, "sha256 é", "signature is wrong"),
        (b"[1]", signed(b"[1]"), "no webhook"),
        (b"\xff", signed(b"\xff"), "no webhook"),
        (DEEP, signed(DEEP), "no webhook"),
    ],
)
def test_what_is_refused(body: bytes, signature: str, why: str) -> None:
    """One byte more, another method, no signature, no webhook; the error quotes none of it."""
    with pytest.raises(FatalError, match=why) as caught:
        hints(body, signature, SECRET)
    assert "R\\u0026D" not in str(caught.value)
    assert SECRET not in str(caught.value)
