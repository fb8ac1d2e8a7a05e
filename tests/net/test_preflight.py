"""What the first request tells `doctor`: each way it can end, in a line with a remedy."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from atsbridge.errors import AuthError, DeniedError, FatalError, RetryableError
from atsbridge.net import retries
from atsbridge.net.http_session import HttpSession
from atsbridge.net.preflight import check_connection
from atsbridge.timesource import ManualTime


def session(url: str = "https://ats.example/v1", ahead: float | None = 2.0) -> HttpSession:
    made = HttpSession("acme", url, time=ManualTime(datetime(2026, 3, 2, tzinfo=UTC)))
    made.clock_lead = ahead
    return made


def failed(kind: type, what: str, status: int = 0):
    error = kind(what, remedy="Do this")
    error.status = status
    return error


def told(*how) -> list[tuple[str, bool]]:
    return [(line.what, line.good) for line in check_connection(*how)]


def test_a_good_answer_is_four_good_lines():
    """Host, TLS, clock, credential."""
    lines = check_connection(session(), None)
    assert [line.what for line in lines if line.good] == ["host", "TLS", "clock", "credential"]
    assert "ats.example" in lines[0].detail


@pytest.mark.parametrize(
    ("error", "bad"),
    [
        (failed(RetryableError, retries.NO_NAME.what), "host"),
        (failed(RetryableError, retries.NO_CONNECTION.what), "host"),
        (failed(FatalError, retries.BAD_CERTIFICATE.what), "TLS"),
        (failed(AuthError, "refused the credential (401)", 401), "credential"),
    ],
)
def test_the_line_that_is_not_good_is_the_last(error, bad):
    """It carries the remedy, and nothing after it is claimed."""
    *before, last = check_connection(session(), error)
    assert (last.what, last.good, last.remedy) == (bad, False, "Do this")
    assert all(line.good for line in before)


def test_a_permission_that_is_missing_is_no_bad_credential():
    """403 on the first list: somebody is known there."""
    assert told(session(), failed(DeniedError, "no", 403))[-1] == ("credential", True)


def test_http_over_the_network_is_told():
    """The credential was readable on the way; on this machine's own loopback it was not."""
    assert told(session("http://ats.example"), None)[-1] == ("TLS", False)
    assert told(session("http://127.0.0.1:8"), None)[1] == ("TLS", True)


@pytest.mark.parametrize(("ahead", "good"), [(None, True), (-59.0, True), (61.0, False)])
def test_a_clock_that_is_off_is_told(ahead, good):
    """By the answer's Date, in seconds and direction; the checks go on."""
    lines = check_connection(session(ahead=ahead), None)
    clock = next(line for line in lines if line.what == "clock")
    assert clock.good is good
    assert lines[-1].what == "credential"
    if ahead == 61.0:
        assert "61 s ahead of" in clock.detail
        assert "NTP" in clock.remedy
