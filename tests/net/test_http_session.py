"""What a session does with every way an answer can go wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import requests
import responses

from atsbridge import __version__
from atsbridge.errors import (
    AmbiguousError,
    AuthError,
    DeniedError,
    FatalError,
    RetryableError,
    SourceError,
)
from atsbridge.net.http_session import ApiCredential, HttpSession
from atsbridge.net.response import HttpResponse

from .conftest import BASE, LIST, SECRET


def test_a_good_answer_is_given_back_as_it_came(vendor, session):
    """Status, headers and body arrive, and one request is counted."""
    vendor.get(LIST, json=[{"id": 1}], headers={"X-Thing": "yes"})
    answer = session.get("/jobs", {"per_page": 500})
    assert (answer.status, answer.json(), answer.headers["x-thing"]) == (200, [{"id": 1}], "yes")
    assert answer.url == f"{LIST}?per_page=500"
    assert session.requests == 1


def test_every_request_says_who_asks_and_takes_gzip(vendor, session):
    """User agent, accepted encodings and the credential are on the request."""
    vendor.get(LIST, json=[])
    session.get("jobs")
    sent = vendor.calls[0].request.headers
    assert sent["User-Agent"] == f"atsbridge/{__version__}"
    assert "gzip" in sent["Accept-Encoding"]
    assert sent["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    ("status", "error", "sent"),
    [
        (400, FatalError, 1),
        (401, AuthError, 1),
        (403, DeniedError, 1),
        (404, FatalError, 1),
        (408, RetryableError, 5),
        (409, FatalError, 1),
        (422, FatalError, 1),
        (425, RetryableError, 5),
        (429, RetryableError, 5),
        (500, RetryableError, 5),
        (502, RetryableError, 5),
        (503, RetryableError, 5),
        (504, RetryableError, 5),
    ],
)
def test_a_read_that_fails_is_retried_by_its_status(vendor, session, status, error, sent):
    """Each status is tried as often as its row in the table says, then ends in its own error."""
    vendor.get(LIST, status=status, json={"message": "so it is"})
    with pytest.raises(error) as caught:
        session.get("/jobs")
    assert type(caught.value) is error
    assert caught.value.status == status
    assert (session.requests, str(status) in str(caught.value)) == (sent, True)
    assert "so it is" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "error", "sent"),
    [
        (400, FatalError, 1),
        (401, AuthError, 1),
        (403, DeniedError, 1),
        (408, AmbiguousError, 1),
        (422, FatalError, 1),
        (429, RetryableError, 5),
        (500, AmbiguousError, 1),
        (503, AmbiguousError, 1),
    ],
)
def test_a_write_is_repeated_only_where_nothing_happened(vendor, session, status, error, sent):
    """After a 408 or 5xx nobody knows whether it was written: asked once, then ambiguous."""
    vendor.post(LIST, status=status, json={"message": "so it is"})
    with pytest.raises(error) as caught:
        session.send("POST", "/jobs", json={"a": 1})
    assert type(caught.value) is error
    assert session.requests == sent


def test_a_safe_write_is_repeated(vendor, session):
    """`safe` says that doing it twice does no harm: then a 500 is tried again."""
    vendor.put(LIST, status=500)
    vendor.put(LIST, json={"ok": True})
    assert session.send("PUT", "/jobs", json={}, safe=True).json() == {"ok": True}


@pytest.mark.parametrize(
    ("fault", "sentence", "read", "write"),
    [
        (requests.ReadTimeout("x"), "did not answer in time", 5, AmbiguousError),
        (requests.ConnectTimeout("x"), "did not take the connection", 5, RetryableError),
        (requests.ConnectionError("reset"), "dropped the connection", 5, AmbiguousError),
        (requests.exceptions.ChunkedEncodingError("x"), "breaks off", 5, AmbiguousError),
        (requests.exceptions.ContentDecodingError("x"), "breaks off", 5, AmbiguousError),
        (requests.exceptions.ProxyError("x"), "proxy", 5, RetryableError),
        (requests.exceptions.SSLError("x"), "TLS", 5, AmbiguousError),
        (requests.exceptions.InvalidURL("x"), "not an address", 1, FatalError),
        (requests.exceptions.RequestException("x"), "could not be asked", 1, FatalError),
    ],
)
def test_a_fault_of_the_network_is_one_sentence(vendor, session, fault, sentence, read, write):
    """Each exception of the wire is retried by its row and told with account and remedy."""
    vendor.get(LIST, body=fault)
    vendor.post(LIST, body=fault)
    with pytest.raises(SourceError) as caught:
        session.get("/jobs")
    assert sentence in caught.value.what
    assert caught.value.where.startswith("acme: GET https://ats.example/v3/jobs")
    assert caught.value.remedy
    assert session.requests == read
    with pytest.raises(write) as caught:
        session.send("POST", "/jobs", json={})
    assert type(caught.value) is write


def test_retry_after_in_seconds_is_waited_on_the_given_clock(vendor, session, time):
    """Retry-After: 7 means that the second request goes out seven seconds later."""
    vendor.get(LIST, status=429, headers={"Retry-After": "7"})
    vendor.get(LIST, json=[])
    session.get("/jobs")
    assert time.slept == [7.0]


def test_retry_after_as_a_date_is_measured_by_the_vendors_clock(vendor, session, time):
    """A wrong clock on our side does not change how long we wait."""
    theirs = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
    until = datetime(2026, 3, 2, 11, 30, 12, tzinfo=UTC)
    headers = {
        "Date": format_datetime(theirs, usegmt=True),
        "Retry-After": format_datetime(until, usegmt=True),
    }
    vendor.get(LIST, status=503, headers=headers)
    vendor.get(LIST, json=[])
    session.get("/jobs")
    assert time.slept == [12.0]


def test_a_wait_beyond_patience_is_left_to_the_next_tick(vendor, session, time):
    """An hour's Retry-After is reported, not slept."""
    vendor.get(LIST, status=429, headers={"Retry-After": "3600"})
    with pytest.raises(RetryableError) as caught:
        session.get("/jobs")
    assert caught.value.retry_after == 3600 > session.bounds.wait
    assert (session.requests, time.slept) == (1, [])


def test_waits_double_and_are_jittered(vendor, session, time):
    """Without Retry-After: about 1, 2, 4, 8 seconds, each less up to half."""
    vendor.get(LIST, status=500)
    with pytest.raises(RetryableError):
        session.get("/jobs")
    assert len(time.slept) == 4
    for slept, whole in zip(time.slept, (1, 2, 4, 8), strict=True):
        assert whole / 2 <= slept <= whole


def test_a_dead_host_costs_the_following_requests_one_try_each(vendor, session):
    """Having given up on a host, the rest of the tick does not wait for it stream by stream."""
    vendor.get(LIST, body=requests.ConnectTimeout("x"))
    for sent in (5, 6, 7):
        with pytest.raises(RetryableError):
            session.get("/jobs")
        assert session.requests == sent


def test_a_host_that_answers_again_is_tried_in_full(vendor, session):
    """One answer of whatever kind ends the short tries."""
    for fault in [requests.ConnectTimeout("x")] * 5:
        vendor.get(LIST, body=fault)
    vendor.get(LIST, json=[])
    vendor.get(LIST, status=500)
    with pytest.raises(RetryableError):
        session.get("/jobs")
    session.get("/jobs")
    with pytest.raises(RetryableError):
        session.get("/jobs")
    assert session.requests == 5 + 1 + 5


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
    [
        ("<!doctype html><title>Sign in</title>", "text/html", "a web page"),
        ("  <html></html>", "application/json", "a web page"),
        ('[{"id": 1}, {"id"', "application/json", "breaks off"),
        ('{"data": [1, 2', "application/json", "breaks off"),
    ],
)
def test_a_body_that_is_no_whole_json_is_tried_again(vendor, session, body, kind, sentence):
    """Web pages and broken-off bodies are retried, then reported as what they are."""
    vendor.get(LIST, body=body, content_type=kind)
    with pytest.raises(RetryableError, match=sentence):
        session.get("/jobs")
    assert session.requests == 5


def test_a_401_renews_the_credential_once(vendor, time):
    """The second answer counts, whatever it is: no loop."""
    renewed = []
    session = HttpSession(
        "acme",
        BASE,
        time=time,
        credential=ApiCredential(headers=dict, renew=lambda: renewed.append(1)),
    )
    vendor.get(LIST, status=401)
    vendor.get(LIST, json=[])
    assert session.get("/jobs").json() == []
    assert renewed == [1]
    vendor.replace(responses.GET, LIST, status=401)
    with pytest.raises(AuthError, match="credential"):
        session.get("/jobs")
    assert (renewed, session.requests) == ([1, 1], 4)


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_no_error_shows_a_secret_or_a_query(vendor, session, status):
    """Not in the text, nor in the repr, nor in any exception that hangs on it."""
    vendor.get(LIST, status=status, json={"message": f"bad {SECRET} at {LIST}?email=ann@x.example"})
    with pytest.raises(SourceError) as caught:
        session.get("/jobs", {"email": "ann@x.example"})
    at: BaseException | None = caught.value
    while at is not None:
        assert SECRET not in f"{at} {at!r}"
        assert "ann@" not in f"{at} {at!r}"
        at = at.__cause__ or at.__context__
    assert SECRET not in repr(session)


def test_an_answer_does_not_show_where_it_came_from():
    """Its address has a query string: the repr leaves it out."""
    assert repr(HttpResponse(200, {}, b"[]", f"{LIST}?email=x")) == "HttpResponse(200, 2 bytes)"


def test_an_error_body_nobody_foresaw_says_nothing(vendor, session):
    """`explain` may stumble over it; the error stands all the same."""
    vendor.get(LIST, status=422, json=["no message here"])
    with pytest.raises(FatalError, match=r"refused the request \(422\)"):
        session.get("/jobs")


def test_netrc_never_speaks_for_an_account(vendor, session, tmp_path, monkeypatch):
    """requests would put ~/.netrc over the credential; here it does not."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine ats.example login them password theirs\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    vendor.get(LIST, json=[])
    session.get("/jobs")
    assert vendor.calls[0].request.headers["Authorization"] == f"Bearer {SECRET}"


def test_cookies_are_not_kept(vendor, session):
    """An ATS's session cookie has no business with an API credential."""
    vendor.get(LIST, json=[], headers={"Set-Cookie": "sid=1; Path=/"})
    session.get("/jobs")
    session.get("/jobs")
    assert "Cookie" not in vendor.calls[1].request.headers
