"""Which requests are tried again, how often, and how long a session waits in between."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
import requests
import responses

from atsbridge.errors import (
    AmbiguousError,
    RetryableError,
)
from atsbridge.net.http_session import ApiCredential, HttpSession, SessionOptions
from atsbridge.ports.http_bounds import HttpBounds

from .conftest import BASE, LIST, Counting


def test_a_request_that_would_wait_too_long_is_not_sent(vendor, time):
    """The limiter says so: at its place, as a refusal of the rate, and untried again."""
    limiter = Counting(refuse=True)
    with closing(HttpSession("acme", BASE, time=time, limiter=limiter)) as session:
        with pytest.raises(RetryableError, match="not today") as caught:
            session.get("/jobs", {"q": "x"})
        assert (caught.value.where, caught.value.status) == (f"acme: GET {LIST}", 429)
        assert (session.requests, limiter.told, time.slept) == (0, [], [])


def test_waits_end_at_half_a_minute_and_a_wait_of_nothing_is_one_of_ours(vendor, time):
    """However many tries an account allows."""
    vendor.get(LIST, status=503, headers={"Retry-After": "0"})
    bounds = HttpBounds(wait=60.0, request=3600.0)
    with (
        closing(
            HttpSession("acme", BASE, time=time, options=SessionOptions(tries=9, bounds=bounds))
        ) as session,
        pytest.raises(RetryableError),
    ):
        session.get("/jobs")
    assert len(time.slept) == 8
    for slept, whole in zip(time.slept, (1, 2, 4, 8, 16, 30, 30, 30), strict=True):
        assert whole / 2 <= slept <= whole


def test_a_wait_of_exactly_the_longest_is_waited(vendor, time):
    """And said nothing of."""
    vendor.get(LIST, status=429, headers={"Retry-After": "120"})
    vendor.get(LIST, json=[])
    with closing(
        HttpSession("acme", BASE, time=time, options=SessionOptions(bounds=HttpBounds(wait=120.0)))
    ) as session:
        session.get("/jobs")
    assert time.slept == [120.0]
    vendor.replace(responses.GET, LIST, status=429, headers={"Retry-After": "120"})
    with (
        closing(
            HttpSession(
                "acme",
                BASE,
                time=time,
                options=SessionOptions(tries=1, bounds=HttpBounds(wait=120.0)),
            )
        ) as session,
        pytest.raises(RetryableError) as caught,
    ):
        session.get("/jobs")
    assert "a run waits" not in caught.value.what


def test_a_renewed_credential_serves_a_write_too(vendor, time):
    """Refused as it was, nothing happened: it is sent once more."""
    renewed = []
    vendor.post(LIST, status=401)
    vendor.post(LIST, status=500)
    session = HttpSession(
        "acme", BASE, time=time, credential=ApiCredential(renew=lambda: renewed.append(1))
    )
    with closing(session), pytest.raises(AmbiguousError):
        session.send("POST", "/jobs", json={})
    assert (renewed, session.requests) == ([1], 2)


def test_an_answer_to_a_write_need_not_be_json(vendor, time):
    """It was done, whatever is said of it."""
    vendor.post(LIST, body="<p>ok</p>", content_type="text/html")
    with closing(HttpSession("acme", BASE, time=time)) as session:
        assert session.send("POST", "/jobs", json={}).status == 200


@pytest.mark.parametrize("left", [0.5, 0.0])
def test_a_fault_is_one_of_time_only_where_the_time_is_over(vendor, time, left):
    """Half a second before that it is what it is."""

    def fail(_request):
        time.advance(timedelta(seconds=60 - left))
        raise requests.ConnectionError("reset")

    vendor.add_callback(responses.GET, LIST, callback=fail)
    bounds = HttpBounds(request=60.0)
    with (
        closing(
            HttpSession("acme", BASE, time=time, options=SessionOptions(tries=1, bounds=bounds))
        ) as session,
        pytest.raises(RetryableError) as caught,
    ):
        session.get("/jobs")
    assert ("60 s" in caught.value.what) == (left == 0.0)


def test_a_part_of_an_answer_is_not_taken_for_the_whole(vendor, time):
    """Nobody asked for a range; what is missing would count as deleted."""
    vendor.get(LIST, status=206, json=[{"id": 1}])
    with (
        closing(HttpSession("acme", BASE, time=time, options=SessionOptions(tries=2))) as session,
        pytest.raises(RetryableError, match="a part of the answer only"),
    ):
        session.get("/jobs")
    assert len(vendor.calls) == 2
