"""Lever's webhooks: golden deliveries, and those that are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.errors import FatalError
from atsbridge_lever.webhooks import hints

KEY = "9b1f2c"
ONCE = "4f0d2a9b7c6e5d4c3b2a19087f6e5d4c3b2a19087f6e5d4c"
AT = 1793180000500
NOW = datetime(2026, 10, 28, 9, 33, 30, tzinfo=UTC)
# printf '%s' "$ONCE$AT" | openssl dgst -sha256 -hmac "$KEY"
SIGNATURE = "0bf3031232f44932eed93a651cba2428c4a1570ce919613602983058efc90fbc"
IDS = {
    "opportunityId": "6b1d0c7e-1111-4a2b-9c3d-000000000001",
    "candidateId": "6b1d0c7e-1111-4a2b-9c3d-000000000001",
    "contactId": "c0a8f1d2-2222-4b3c-8d4e-000000000002",
}
GOLDEN: dict[str, dict[str, Any]] = {
    "candidateStageChange": {**IDS, "toStageId": "2f6a", "fromStageId": "applicant-new"},
    "candidateArchiveChange": {**IDS, "toArchived": {"reason": "5c6d"}, "fromArchived": None},
    "candidateHired": IDS,
    "applicationCreated": {**IDS, "applicationId": "4c3b2a19"},
    "interviewCreated": {"opportunityId": IDS["opportunityId"], "interviewId": "e5f60718"},
    "interviewUpdated": {"candidateId": IDS["candidateId"]},
    "someEventOfTomorrow": {**IDS, "shape": [1, {"of": "tomorrow"}]},
}


def delivery(event: str, data: dict[str, Any], **other: Any) -> bytes:
    """The bytes of one delivery."""
    signed = {"triggeredAt": AT, "token": ONCE, "signature": SIGNATURE}
    return json.dumps({"id": "70819203", "event": event, **signed, "data": data, **other}).encode()


@pytest.mark.parametrize("event", GOLDEN)
def test_an_event_of_a_candidacy_asks_for_it(event: str) -> None:
    """Whatever happened, the opportunity is what to fetch."""
    (hint,) = hints(delivery(event, GOLDEN[event]), KEY, NOW)
    assert (hint.kind, hint.ids) == ("application", (IDS["opportunityId"],))
    assert hint.key == ONCE
    assert hint.at == datetime(2026, 10, 28, 9, 33, 20, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("candidateStageChange", {}),
        ("contactUpdated", {"contactId": IDS["contactId"]}),
        ("candidateDeleted", IDS),
    ],
)
def test_an_event_with_nothing_to_fetch_gives_no_hint(event: str, data: dict[str, Any]) -> None:
    """A test delivery, a contact alone, what is no more."""
    assert hints(delivery(event, data), KEY, NOW) == ()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"signature": SIGNATURE[:-1] + "0"}, "its signature is wrong"),
        ({"signature": "é"}, "its signature is wrong"),
        ({"token": ONCE[::-1]}, "its signature is wrong"),
        ({"triggeredAt": AT + 1}, "its signature is wrong"),
        ({"signature": None}, "it is not signed"),
        ({"token": ""}, "it is not signed"),
        ({"triggeredAt": None}, "it is not signed"),
        ({"triggeredAt": [1]}, "no webhook"),
    ],
)
def test_what_lever_did_not_sign_is_refused(other: dict[str, Any], said: str) -> None:
    """And nothing of it is quoted."""
    with pytest.raises(FatalError, match=said) as refused:
        hints(delivery("candidateHired", IDS, **other), KEY, NOW)
    assert IDS["opportunityId"] not in str(refused.value)
    assert KEY not in str(refused.value)


DEEP = b'{"more": ' + b"[" * 100_000
HUGE = b'{"triggeredAt": ' + b"9" * 10_000 + b"}"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'"x"', DEEP, HUGE])
def test_what_is_no_webhook_is_refused(body: bytes) -> None:
    """Whatever somebody posts."""
    with pytest.raises(FatalError, match="no webhook"):
        hints(body, KEY, NOW)


@pytest.mark.parametrize(
    ("now", "good"),
    [
        (NOW + timedelta(minutes=59), True),
        (NOW + timedelta(minutes=61), False),
        (NOW - timedelta(minutes=5), True),
        (NOW - timedelta(minutes=6), False),
    ],
)
def test_a_delivery_may_be_replayed_for_an_hour(now: datetime, good: bool) -> None:
    """Lever tries again for a while; what is older comes from somebody else's log."""
    body = delivery("candidateHired", IDS)
    if good:
        assert hints(body, KEY, now)
        return
    with pytest.raises(FatalError, match="too old"):
        hints(body, KEY, now)


def test_a_quoted_instant_is_signed_as_it_is_written() -> None:
    """Some answers of Lever quote their milliseconds."""
    assert hints(delivery("candidateHired", IDS, triggeredAt=str(AT)), KEY, NOW)


def test_without_a_secret_nothing_is_believed() -> None:
    """Anybody can sign with an empty one."""
    with pytest.raises(FatalError, match="not signed"):
        hints(delivery("candidateHired", IDS), "", NOW)
