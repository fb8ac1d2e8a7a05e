"""Client credentials: one token at a time, renewed in time, refused clearly."""

from __future__ import annotations

import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
import responses

from atsbridge.errors import AuthError, RetryableError
from atsbridge.net.http_session import ApiCredential, HttpSession
from atsbridge.net.oauth_token import ClientCredentials, OAuthClient
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://auth.example/token"
LIST = "https://ats.example/v3/jobs"


@pytest.fixture
def time():
    return ManualTime(NOW)


@pytest.fixture
def vendor():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def token(time):
    made = ClientCredentials("acme", URL, OAuthClient("id-5", "s3cr3t-of-acme", "9021"), time=time)
    yield made
    made.close()


def _bearer(text):
    return {"Authorization": f"Bearer {text}"}


def test_the_token_is_asked_for_as_the_standard_says(vendor, token):
    """HTTP Basic, grant type and acting user in the form."""
    vendor.post(URL, json={"access_token": "one", "expires_in": 3600})
    assert token.headers() == _bearer("one")
    sent = vendor.calls[0].request
    assert sent.headers["Authorization"] == "Basic " + b64encode(b"id-5:s3cr3t-of-acme").decode()
    assert sent.body == "grant_type=client_credentials&sub=9021"


@pytest.mark.parametrize(
    ("end", "lasts"),
    [
        ({"expires_in": 600}, 600),
        ({"expires_at": "2026-03-02T09:10:00.000Z"}, 600),
        ({"expires_at": "2026-03-02T10:10:00+01:00"}, 600),
        ({}, 3600),
        ({"expires_at": "whenever"}, 3600),
        ({"expires_at": "2026-03-02T08:00:00Z"}, 3600),
    ],
)
def test_a_token_is_renewed_a_minute_before_its_end(vendor, token, time, end, lasts):
    """Its end comes in two forms, or not at all, or by a clock that is not ours: then an hour."""
    vendor.post(URL, json={"access_token": "one", **end})
    token.headers()
    vendor.replace(responses.POST, URL, json={"access_token": "two"})
    time.advance(timedelta(seconds=lasts - 61))
    assert token.headers() == _bearer("one")
    time.advance(timedelta(seconds=2))
    assert token.headers() == _bearer("two")


def test_threads_that_find_it_refused_renew_it_once(vendor, token):
    """Four threads with one stale token ask for one new one."""
    numbers = iter(range(9))
    vendor.add_callback(
        responses.POST, URL, lambda _: (200, {}, f'{{"access_token": "{next(numbers)}"}}')
    )
    used = threading.Barrier(4)

    def work():
        token.headers()
        used.wait()
        token.refresh()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(vendor.calls) == 2
    assert token.headers() == _bearer("1")


def test_a_token_another_thread_renewed_is_taken(vendor, token):
    """A thread whose token is no longer the present one asks for nothing."""
    vendor.post(URL, json={"access_token": "one"})
    token.headers()
    vendor.replace(responses.POST, URL, json={"access_token": "two"})
    other = threading.Thread(target=lambda: (token.headers(), token.refresh()))
    other.start()
    other.join()
    token.refresh()
    assert len(vendor.calls) == 2
    assert token.headers() == _bearer("two")


def test_a_session_renews_and_goes_on(vendor, token, time):
    """401, a new token, the same request again with it."""
    session = HttpSession(
        "acme",
        "https://ats.example/v3",
        time=time,
        credential=ApiCredential(headers=token.headers, renew=token.refresh),
    )
    vendor.post(URL, json={"access_token": "one"})
    vendor.get(LIST, status=401)
    vendor.post(URL, json={"access_token": "two"})
    vendor.get(LIST, json=[])
    assert session.get("/jobs").json() == []
    assert vendor.calls[-1].request.headers["Authorization"] == "Bearer two"
    assert session.requests == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "invalid_client"}),
        (400, {"message": "client id id-5 is malformed"}),
        (403, {"message": "Forbidden"}),
        (200, {"token": "in another field"}),
        (200, ["no object"]),
    ],
)
def test_a_refused_credential_is_one_sentence_without_it(vendor, token, status, body):
    """AuthError with account and remedy; neither id nor secret are in it."""
    vendor.post(URL, status=status, json=body)
    with pytest.raises(AuthError) as caught:
        token.headers()
    assert "acme" in caught.value.where
    assert "client_secret of account acme" in caught.value.remedy
    assert "s3cr3t" not in str(caught.value)
    assert "id-5" not in str(caught.value)


def test_a_token_host_that_is_down_is_not_a_refusal(vendor, token):
    """500s of the token host are worth another tick; the credential may be good."""
    vendor.post(URL, status=500)
    with pytest.raises(RetryableError):
        token.headers()


def test_its_repr_shows_nothing(token):
    """Only the account."""
    assert repr(token) == "ClientCredentials('acme')"
