"""Where this machine is at fault, the error says so and what to correct: no vendor is blamed."""

from __future__ import annotations

import errno
import socket
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from urllib3 import exceptions as wire

from atsbridge.errors import SourceError
from atsbridge.net.http_session import HttpSession
from atsbridge.net.retries import NO_DNS, NO_NAME, NO_ROUTE, of_exception
from atsbridge.timesource import ManualTime


def _asked(url: str) -> SourceError:
    time = ManualTime(datetime(2026, 3, 2, tzinfo=UTC))
    with closing(HttpSession("acme", url, time=time)) as session:
        with pytest.raises(SourceError) as caught:
            session.get("/jobs")
        assert session.requests == 1, "another try would end the same way"
    return caught.value


BUNDLES = {
    "missing": None,
    "empty": "",
    "no certificates": "garbage",
    "a broken certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
}


@pytest.mark.parametrize("what", BUNDLES)
def test_certificates_that_cannot_be_used_are_ours(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REQUESTS_CA_BUNDLE names a file that is not there, or is none."""
    file, text = tmp_path / "ca.pem", BUNDLES[what]
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with socket.create_server(("127.0.0.1", 0)) as server:
        error = _asked(f"https://127.0.0.1:{server.getsockname()[1]}")
    assert "this machine's file of trusted certificates" in error.what
    assert "REQUESTS_CA_BUNDLE" in error.remedy


@pytest.mark.parametrize(
    "proxy", ["http://", "foo://x:1", "http://[::1", "http://host:port", "://"]
)
def test_a_proxy_that_is_no_address_is_ours(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """base_url is not blamed."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = _asked("https://ats.example")
    assert "proxy" in error.what
    assert "HTTPS_PROXY" in error.remedy
    assert "base_url" not in error.remedy


def test_a_socks_proxy_without_its_library_is_ours() -> None:
    """What to install is said."""
    fault = of_exception(requests.exceptions.InvalidSchema("Missing dependencies for SOCKS"))
    assert "SOCKS" in fault.what
    assert "requests[socks]" in fault.remedy


def test_names_and_routes_are_told_apart() -> None:
    """No such host, name servers that do not answer, and no route (IPv6 alone)."""
    for number, fault in (
        (socket.EAI_NONAME, NO_NAME),
        (socket.EAI_AGAIN, NO_DNS),
    ):
        reason = wire.NameResolutionError("x", None, socket.gaierror(number, "x"))  # type: ignore[arg-type]
        reason.__cause__ = socket.gaierror(number, "x")
        assert of_exception(requests.ConnectionError(reason)) is fault
    for number in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL):
        unreached = wire.NewConnectionError(None, "x")  # type: ignore[arg-type]
        unreached.__cause__ = OSError(number, "x")
        assert of_exception(requests.ConnectionError(unreached)) is NO_ROUTE
