"""What a session sends, where it lets itself be sent, and what it says of a refusal."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from email.utils import format_datetime

import pytest
import requests

from atsbridge.errors import (
    AuthError,
    DeniedError,
    FatalError,
    RetryableError,
    SourceError,
)
from atsbridge.net import redaction
from atsbridge.net.http_session import ApiCredential, HttpSession, SessionOptions
from atsbridge.net.redaction import hide_known
from atsbridge.timesource import FixedNow

from .conftest import BASE, LIST, NOW, Counting


def test_a_write_goes_out_with_all_that_was_given(vendor, time):
    """Its query and headers, and its body as JSON, as a form or as it is."""
    vendor.post(LIST, json={})
    with closing(HttpSession("acme", BASE, time=time)) as session:
        session.send("POST", "/jobs?a=1", json={"x": 1}, headers={"X-On": "7"})
        session.send("POST", "jobs", data={"b": "ü &"})
        session.send("POST", LIST, data=b"\x00raw")
    first, second, third = (call.request for call in vendor.calls)
    assert (first.url, first.headers["X-On"]) == (f"{LIST}?a=1", "7")
    assert json.loads(first.body) == {"x": 1}
    assert second.body == "b=%C3%BC+%26"
    assert third.body == b"\x00raw"


def test_what_a_connector_knows_of_a_refusal_is_what_is_to_be_done(vendor, time):
    """By method and answer; where it knows nothing, the general remedy names the account."""

    def mend(method, answer):
        known = answer.json().get("reason") == "scope"
        return f"Give it the scope to {method}" if known else ""

    for status in (403, 422):
        vendor.post(LIST, status=status, json={"reason": "scope"})
        vendor.get(LIST, status=status, json={"reason": "else"})
    with closing(
        HttpSession("acme", BASE, time=time, options=SessionOptions(advise=mend))
    ) as session:
        with pytest.raises(DeniedError) as denied:
            session.send("POST", "/jobs", json={})
        with pytest.raises(FatalError) as refused:
            session.send("POST", "/jobs", json={})
        assert {denied.value.remedy, refused.value.remedy} == {"Give it the scope to POST"}
        with pytest.raises(DeniedError) as denied:
            session.get("/jobs")
        assert denied.value.what == "does not allow this (403)"
        remedy = "Give the credential of account acme the permission for it"
        assert (denied.value.remedy, denied.value.names_permission) == (remedy, False)
        with pytest.raises(FatalError) as refused:
            session.get("/jobs")
        assert refused.value.remedy not in ("", "Give it the scope to POST")
    assert (denied.value.where, denied.value.status) == (f"acme: GET {LIST}", 403)


@pytest.mark.parametrize("remedy", ["", "Ask Kim for the key"])
def test_a_refused_credential_says_whose_it_is_and_what_to_do(vendor, time, remedy):
    """In the words of the connector, if it has any."""
    vendor.get(LIST, status=401)
    with (
        closing(
            HttpSession("acme", BASE, time=time, credential=ApiCredential(remedy=remedy))
        ) as session,
        pytest.raises(AuthError) as caught,
    ):
        session.get("/jobs")
    assert caught.value.remedy == (remedy or "Check the credential of account acme")
    assert (caught.value.where, caught.value.status) == (f"acme: GET {LIST}", 401)


def test_what_a_vendor_says_is_quoted_short(vendor, time):
    """After what happened, on one line, two hundred characters of it; nothing of what is none."""
    vendor.get(LIST, status=422, json={"message": "no\x1b[31m\nsuch " + "field " * 500})
    for body in ({"message": "  "}, {}, [1]):
        vendor.get(LIST, status=422, json=body)
    explain = lambda answer: answer.json()["message"]  # noqa: E731
    with closing(
        HttpSession("acme", BASE, time=time, options=SessionOptions(explain=explain))
    ) as session:
        with pytest.raises(FatalError) as caught:
            session.get("/jobs")
        head, _, said = caught.value.what.partition(": ")
        assert said.startswith("no")
        assert "field field" in said
        assert "\x1b" not in said
        assert "\n" not in said
        assert len(said) <= 200
        for _ in range(3):
            with pytest.raises(FatalError) as caught:
                session.get("/jobs")
            assert caught.value.what == head


def test_a_token_nobody_was_told_of_is_hidden_in_what_comes_back(vendor, time):
    """It was in the headers of the request: that is enough."""
    token = "tok-4711-of-another-session"
    vendor.get(LIST, status=422, json={"message": f"bad {token}, sorry"})
    session = HttpSession(
        "acme",
        BASE,
        time=time,
        credential=ApiCredential(headers=lambda: {"Authorization": f"Bearer {token}"}),
        options=SessionOptions(explain=lambda answer: answer.json()["message"]),
    )
    with closing(session), pytest.raises(FatalError) as caught:
        session.get("/jobs")
    assert "bad ***, sorry" in caught.value.what
    assert hide_known(f"{token} again") == "*** again", "by whoever speaks of it later"


def test_tokens_do_not_pile_up(vendor, time, monkeypatch):
    """A process that lives for years remembers the latest ones only."""
    monkeypatch.setattr(redaction, "_PROCESS", redaction.Secrets(most=3))
    vendor.get(LIST, json=[])
    tokens = [f"a-token-of-hour-{hour}" for hour in range(5)]
    left = iter(tokens)
    authorize = lambda: {"Authorization": f"Bearer {next(left)}"}  # noqa: E731
    with closing(
        HttpSession("acme", BASE, time=time, credential=ApiCredential(headers=authorize))
    ) as session:
        for _ in tokens:
            session.get("/jobs")
    assert [hide_known(one) for one in tokens] == [*tokens[:2], "***", "***", "***"]


def test_a_web_page_is_not_quoted(vendor, time):
    """It is no answer of the vendor's, and may hold anything."""
    vendor.get(LIST, body="<html>Dear Ann</html>", content_type="text/html")
    explain = lambda answer: answer.body.decode()  # noqa: E731
    with (
        closing(
            HttpSession("acme", BASE, time=time, options=SessionOptions(tries=1, explain=explain))
        ) as session,
        pytest.raises(RetryableError, match="a web page") as caught,
    ):
        session.get("/jobs")
    assert "Ann" not in str(caught.value)


def test_each_answer_and_each_missing_one_is_told_to_the_limiter(vendor, time):
    """One for one, redirects and failures included; nothing where nothing was sent."""
    limiter = Counting()
    vendor.get(LIST, status=302, headers={"Location": "/v3/x", "X-RateLimit-Remaining": "9"})
    vendor.get(f"{BASE}/x", body=requests.ConnectionError("x"))
    vendor.get(LIST, json=[], headers={"X-RateLimit-Remaining": "8"})
    with closing(HttpSession("acme", BASE, time=time, limiter=limiter)) as session:
        assert session.get("/jobs").json() == []
        assert limiter.told == [(302, "9"), (0, None), (200, "8")]
        assert limiter.asked == session.requests == 3
        with pytest.raises(FatalError):
            session.get("https://elsewhere.example/v3/jobs")
        assert limiter.asked == 3


def test_five_redirects_are_followed_and_a_query_is_sent_once(vendor, time):
    """The address a redirect names is whole: our own query does not come on top of it."""
    vendor.get(LIST, status=302, headers={"Location": "/v3/1?page=2"})
    for hop in range(1, 5):
        vendor.get(f"{BASE}/{hop}", status=302, headers={"Location": f"/v3/{hop + 1}"})
    vendor.get(f"{BASE}/5", json=["here"])
    with closing(HttpSession("acme", BASE, time=time)) as session:
        assert session.get("/jobs", {"q": "x"}).json() == ["here"]
    assert [call.request.url for call in vendor.calls][:3] == [
        f"{LIST}?q=x",
        f"{BASE}/1?page=2",
        f"{BASE}/2",
    ]


@pytest.mark.parametrize("status", [307, 308])
def test_a_write_is_sent_again_where_a_redirect_keeps_it_whole(vendor, time, status):
    """Method and body stay."""
    vendor.post(LIST, status=status, headers={"Location": "/v3/roles"})
    vendor.post(f"{BASE}/roles", json={"id": 1})
    with closing(HttpSession("acme", BASE, time=time)) as session:
        assert session.send("POST", "/jobs", json={"a": 1}).json() == {"id": 1}
    assert json.loads(vendor.calls[1].request.body) == {"a": 1}


def test_a_redirect_to_nowhere_is_an_answer_like_any_other(vendor, time):
    """Without an address there is nothing to follow."""
    vendor.get(LIST, status=302)
    with closing(HttpSession("acme", BASE, time=time)) as session:
        with pytest.raises(SourceError, match="302"):
            session.get("/jobs")
        assert session.requests == 1


def test_a_host_the_vendor_names_is_good_for_https_only(vendor, time):
    """A credential does not travel in the clear, nor to another port."""
    with closing(
        HttpSession("acme", BASE, time=time, options=SessionOptions(hosts=["eu.ats.example"]))
    ) as session:
        for place in ("http://eu.ats.example:80", "https://eu.ats.example:444"):
            with pytest.raises(FatalError, match="nothing was sent there") as caught:
                session.get(f"{place}/v3/jobs")
            assert caught.value.what.startswith(f"points to {place}: ")
            assert caught.value.status == 0
            assert "base_url" in caught.value.remedy
        assert session.requests == 0


def test_a_vendors_clock_is_compared_with_ours(vendor, time):
    """Seconds that ours is ahead; nothing where it does not tell, or under a fixed instant."""
    date = format_datetime(NOW - timedelta(seconds=90), usegmt=True)
    vendor.get(LIST, json=[])
    vendor.get(LIST, json=[], headers={"Date": date})
    with closing(HttpSession("acme", BASE, time=time)) as session:
        session.get("/jobs")
        assert session.clock_lead is None
        session.get("/jobs")
        assert session.clock_lead == 90.0
    with closing(HttpSession("acme", BASE, time=FixedNow(NOW, time))) as session:
        session.get("/jobs")
        assert session.clock_lead is None


def test_a_session_says_its_account_and_host_only(time):
    """Whatever stands in its address."""
    with closing(HttpSession("acme", f"{BASE}/?token=s3cr3tly", time=time)) as session:
        assert "s3cr3tly" not in repr(session)
        assert "https://ats.example/v3" in repr(session)
    with closing(HttpSession("acme", f"{BASE}/", time=time)) as session:
        assert repr(session) == "HttpSession('acme', 'https://ats.example/v3')"
