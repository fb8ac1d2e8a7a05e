"""What a vendor means by a refusal, in a 200 or under another status than usual."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import responses

from atsbridge.errors import (
    AmbiguousError,
    AuthError,
    CursorError,
    DeniedError,
    FatalError,
    RetryableError,
    SyncTokenError,
)
from atsbridge.net.http_session import ApiCredential, HttpSession, SessionOptions
from atsbridge.net.refusals import RefusalTable
from atsbridge.net.response import HttpResponse
from atsbridge.ports.refusal import Refusal
from atsbridge.timesource import ManualTime

BASE = "https://ats.example"
SECRET = "s3cr3t-of-acme"
TABLE = RefusalTable(
    failed={"success": False},
    code=("error", "code"),
    codes={
        "bad_key": Refusal.CREDENTIAL,
        "no_permission": Refusal.PERMISSION,
        "unknown": Refusal.NOT_FOUND,
        "slow_down": Refusal.RATE_LIMIT,
        "oops": Refusal.TEMPORARY,
        "token_expired": Refusal.SYNC_TOKEN,
        "cursor_expired": Refusal.PAGE_TOKEN,
    },
)


@pytest.fixture
def vendor():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def clock():
    return ManualTime(datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture
def session(clock):
    renewed = []
    made = HttpSession(
        "acme",
        BASE,
        time=clock,
        credential=ApiCredential(
            secrets=(SECRET,), renew=lambda: renewed.append(1), remedy="Make a new key"
        ),
        options=SessionOptions(
            classify=TABLE.classify, explain=lambda a: a.json()["error"]["message"]
        ),
    )
    made.renewed = renewed
    yield made
    made.close()


def refused(code, message="because"):
    return {"success": False, "error": {"code": code, "message": message}}


@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize(
    ("code", "kind", "as_status"),
    [
        ("bad_key", AuthError, 401),
        ("no_permission", DeniedError, 403),
        ("unknown", FatalError, 404),
        ("slow_down", RetryableError, None),
        ("oops", RetryableError, None),
        ("token_expired", SyncTokenError, 410),
        ("cursor_expired", CursorError, 410),
    ],
)
def test_each_code_has_its_error(vendor, session, status, code, kind, as_status):
    """Whatever the status says; with the vendor's reason and without a secret."""
    vendor.post(f"{BASE}/x", json=refused(code, f"because {SECRET}"), status=status)
    with pytest.raises(kind) as caught:
        session.read("POST", "/x")
    assert type(caught.value) is kind
    assert "because ***" in caught.value.what
    assert SECRET not in str(caught.value)
    assert caught.value.remedy
    if as_status:
        assert caught.value.status == as_status


def test_an_unknown_code_in_a_200_is_a_refusal_too(vendor, session):
    """It must not be read as an empty list; elsewhere the status decides."""
    vendor.post(f"{BASE}/x", json=refused("brand_new"))
    with pytest.raises(FatalError) as caught:
        session.read("POST", "/x")
    assert caught.value.status == 422
    vendor.post(f"{BASE}/y", json=refused("brand_new"), status=403)
    with pytest.raises(DeniedError):
        session.read("POST", "/y")


def test_a_limit_inside_a_200_waits_as_asked(vendor, session, clock):
    """`Retry-After` counts there as well."""
    vendor.post(f"{BASE}/x", json=refused("slow_down"), headers={"Retry-After": "37"})
    vendor.post(f"{BASE}/x", json={"success": True})
    assert session.read("POST", "/x").json() == {"success": True}
    assert sum(clock.slept) >= 37


def test_a_refused_credential_inside_a_200_is_renewed_once(vendor, session):
    """As after a 401."""
    vendor.post(f"{BASE}/x", json=refused("bad_key"))
    vendor.post(f"{BASE}/x", json={"success": True})
    assert session.read("POST", "/x").json() == {"success": True}
    assert session.renewed == [1]


def test_a_write_that_was_refused_did_not_happen_but_a_fault_may_have(vendor, session):
    """So that a note is written once."""
    vendor.post(f"{BASE}/x", json=refused("no_permission"))
    with pytest.raises(DeniedError):
        session.send("POST", "/x", json={})
    vendor.post(f"{BASE}/y", json=refused("oops"))
    with pytest.raises(AmbiguousError):
        session.send("POST", "/y", json={})
    vendor.post(f"{BASE}/z", json=refused("slow_down"))
    vendor.post(f"{BASE}/z", json={"success": True})
    session.send("POST", "/z", json={})


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        (b'{"success":true,"error":{"code":"bad_key"}}', None),
        (b'{"error":{"code":"bad_key"}}', None),  # nothing marks it as failed
        (b'{"success":false}', Refusal.INVALID),
        (b'{"success":false,"error":null}', Refusal.INVALID),
        (b'{"success":false,"error":{"code":["bad_key"]}}', Refusal.INVALID),
        (b'{"success":false,"error":"bad_key"}', Refusal.INVALID),
        (b'[{"success":false}]', None),
        (b'{"success":fal', None),  # the session finds that it is cut
        (b"", None),
    ],
)
def test_odd_bodies(body, meaning):
    """Never an exception, and a marked answer is never taken for a good one."""
    assert TABLE.classify(HttpResponse(200, {}, body, "")) is meaning


def test_a_classifier_that_breaks_leaves_it_to_the_status(vendor, clock):
    """As `explain` does."""
    options = SessionOptions(classify=lambda answer: answer.json()["x"]["y"])
    session = HttpSession("acme", BASE, time=clock, options=options)
    vendor.get(f"{BASE}/x", json={"id": 1})
    vendor.get(f"{BASE}/y", json={}, status=403)
    assert session.get("/x").json() == {"id": 1}
    with pytest.raises(DeniedError):
        session.get("/y")
    session.close()
