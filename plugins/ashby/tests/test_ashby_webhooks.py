"""Webhooks: signed over the raw body, and hints only."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.errors import FatalError
from atsbridge.ports import WebhookDelivery
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge_ashby.webhooks import EVENTS, WEBHOOKS, hints

SECRET = "the secret token"  # noqa: S105  of this test


def signature(body: bytes, secret: str = SECRET) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def found(action: str, data: Any) -> list[tuple[str, tuple[str, ...]]]:
    """(kind, ids) of each hint of a signed delivery."""
    body = json.dumps({"action": action, "data": data}).encode()
    return [(hint.kind, hint.ids) for hint in hints(body, signature(body), SECRET)]


@pytest.mark.parametrize(
    ("action", "data", "expected"),
    [
        ("applicationUpdate", {"application": {"id": "a1"}}, [("application", ("a1",))]),
        (
            "candidateHire",
            {"application": {"id": "a1"}, "offer": {"id": "o1", "applicationId": "a1"}},
            [("application", ("a1",))],
        ),
        (
            "interviewScheduleUpdate",
            {"interviewSchedule": {"id": "s1", "applicationId": "a2"}},
            [("application", ("a2",))],
        ),
        ("offerDelete", {"offer": {"applicationId": "a3"}}, [("application", ("a3",))]),
        ("jobUpdate", {"job": {"id": "j1"}}, [("requisition", ("j1",))]),
        ("interviewPlanTransition", {"jobId": "j2"}, [("requisition", ("j2",))]),
        ("candidateDelete", {"candidate": {"id": "c1"}}, []),
        ("surveySubmit", {"surveySubmission": {"id": "x"}}, []),
        ("ping", {"webhookActionType": "applicationUpdate"}, []),
        ("applicationUpdate", {"application": {"id": 7}}, []),
        ("applicationUpdate", {"application": ["a1"]}, []),
        ("applicationUpdate", {}, []),
    ],
)
def test_a_delivery_names_what_to_read_again(action: str, data: Any, expected: list[Any]) -> None:
    """Offers and interviews through their application; nothing of what is not stored."""
    assert found(action, data) == expected


@pytest.mark.parametrize(
    "given", ["", "sha256=", "sha1=00", signature(b"another body"), signature(b"{}", "another")]
)
def test_what_is_not_signed_is_refused(given: str) -> None:
    """The error quotes nothing of the delivery."""
    body = b'{"action": "applicationUpdate", "data": {"application": {"id": "planted"}}}'
    with pytest.raises(FatalError) as caught:
        hints(body, given, SECRET)
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"action": 7}', b'{"data": []}', b"[" * 9_000])
def test_a_signed_body_that_is_no_webhook_is_refused(body: bytes) -> None:
    """However deep it is."""
    with pytest.raises(FatalError, match="no webhook"):
        hints(body, signature(body), SECRET)


def test_without_a_secret_nothing_is_accepted() -> None:
    """Not even what is signed with an empty one."""
    with pytest.raises(FatalError):
        hints(b"{}", signature(b"{}", ""), "")


def test_what_the_fake_signs_is_accepted(fake: Fake) -> None:
    """A repeated delivery has the same key, another change another one; a ping has no hint."""
    assert fake.sign_webhook is not None
    at = datetime(2026, 3, 2, tzinfo=UTC)

    def parsed(kind: str, id_: str) -> Any:
        assert fake.sign_webhook is not None
        made = fake.sign_webhook(kind, id_)
        headers = {name.lower(): value for name, value in made.headers.items()}
        delivery = WebhookDelivery(headers, made.body, at)
        return WEBHOOKS.parse(delivery, fake.webhook_secret)

    (one,) = parsed("application", "a1")
    (again,) = parsed("application", "a1")
    (other,) = parsed("requisition", "j1")
    assert (one.kind, one.ids, one.key) == ("application", ("a1",), again.key)
    assert (other.kind, other.key == one.key) == ("requisition", False)
    assert parsed("seat", "x") == ()
    assert len(set(EVENTS)) == len(EVENTS)
