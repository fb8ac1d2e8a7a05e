"""Redirects: only to the vendor's hosts, and never a write turned into a read."""

from __future__ import annotations

import pytest

from atsbridge.errors import (
    FatalError,
)
from atsbridge.net.http_session import HttpSession, SessionOptions

from .conftest import BASE, LIST, SECRET


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/jobs",
        "http://ats.example/v3/jobs",
        "https://ats.example:8443/v3/jobs",
        "https://ats.example@evil.example/jobs",
        "https://evil.example\\@ats.example/jobs",
        "ftp://ats.example/jobs",
        "https://ats.example.evil.example/jobs",
    ],
)
def test_an_address_on_another_host_is_refused_unsent(vendor, session, elsewhere):
    """Nothing goes out, so no credential does."""
    with pytest.raises(FatalError):
        session.get(elsewhere)
    assert session.requests == 0
    vendor.get(LIST, status=302, headers={"Location": elsewhere})
    with pytest.raises(FatalError, match="nothing was sent there"):
        session.get("/jobs")
    assert session.requests == 1


def test_a_redirect_on_the_same_host_is_followed(vendor, session):
    """Path redirects are ordinary; the credential goes along."""
    vendor.get(LIST, status=301, headers={"Location": "/v3/roles?x=1"})
    vendor.get(f"{BASE}/roles", json=["here"])
    assert session.get("/jobs").json() == ["here"]
    assert vendor.calls[1].request.headers["Authorization"] == f"Bearer {SECRET}"


def test_a_redirect_to_a_host_the_vendor_names_is_followed(vendor, time):
    """Lever sends European customers to another data center: a connector may name it."""
    session = HttpSession("acme", BASE, time=time, options=SessionOptions(hosts=["eu.ats.example"]))
    vendor.get(LIST, status=307, headers={"Location": "https://eu.ats.example/v3/jobs"})
    vendor.get("https://eu.ats.example/v3/jobs", json=["there"])
    assert session.get("/jobs").json() == ["there"]


def test_redirects_without_end_are_given_up(vendor, session):
    """A loop is an error, not a hang."""
    vendor.get(LIST, status=302, headers={"Location": "/v3/jobs"})
    with pytest.raises(FatalError, match="redirects"):
        session.get("/jobs")
    assert session.requests == 6


def test_a_write_is_not_turned_into_a_read_by_a_redirect(vendor, session):
    """A 302 to a POST would lose the body: refused."""
    vendor.post(LIST, status=302, headers={"Location": "/v3/roles"})
    with pytest.raises(FatalError, match="redirects"):
        session.send("POST", "/jobs", json={})
    assert session.requests == 1
