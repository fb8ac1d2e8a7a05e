"""Who is let in, and who is not."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from atsbridge.server.safeguards.reader_login import ReaderLogin, plain_address
from atsbridge.settings.sections import ServeSettings

TOKEN = "planted-token-of-the-tests-4711"
LOGIN = ReaderLogin(
    ServeSettings(
        user_header="X-Email",
        proxies=("10.0.0.7", "FD00::07"),
        ops=("ops@acme.example",),
    ),
    TOKEN,
)


def headers(*pairs: tuple[str, str]) -> Headers:
    return Headers(raw=[(name.lower().encode(), value.encode("latin-1")) for name, value in pairs])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_token_reads_what_operators_read(scheme: str) -> None:
    reader = LOGIN.recognize(headers(("Authorization", f"{scheme} {TOKEN}")), "203.0.113.9")
    assert reader is not None
    assert (reader.viewer.email, reader.viewer.ops, reader.way) == ("", True, "token")


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}",
     f"Bearer {TOKEN.upper()}", "Bearer \xe9", f"Bearer {TOKEN} {TOKEN}", "Bearer " + "x" * 5000],
)  # fmt: skip
def test_a_wrong_token_is_nobody(value: str) -> None:
    """Also from the proxy with a name: whoever sends a token must send the right one."""
    given = headers(("Authorization", value), ("X-Email", "kim@acme.example"))
    assert LOGIN.recognize(given, "10.0.0.7") is None


def test_no_token_is_no_door() -> None:
    """An empty token in a header does not equal the token that nobody set."""
    login = ReaderLogin(ServeSettings(user_header="X-Email", proxies=("10.0.0.7",)))
    assert login.recognize(headers(("Authorization", "Bearer ")), "10.0.0.7") is None


@pytest.mark.parametrize("address", ["10.0.0.7", "::ffff:10.0.0.7", "fd00::7", "fd00:0::0007%eth0"])
def test_a_proxy_names_the_reader(address: str) -> None:
    """In every form in which a socket shows its address."""
    given = headers(("x-email", "  Kim@ACME.example "))
    reader = LOGIN.recognize(given, plain_address(address))
    assert reader is not None
    assert (reader.viewer.email, reader.viewer.ops, reader.way) == (
        "kim@acme.example",
        False,
        "proxy",
    )


@pytest.mark.parametrize(
    "address", ["10.0.0.70", "10.0.0.8", "fd00::8", "::ffff:10.0.0.71", "", "x"]
)
def test_nobody_else_names_a_reader(address: str) -> None:
    given = headers(("X-Email", "ops@acme.example"))
    assert LOGIN.recognize(given, plain_address(address)) is None


def test_operators_are_in_the_settings() -> None:
    reader = LOGIN.recognize(headers(("X-Email", "OPS@acme.example")), "10.0.0.7")
    assert reader is not None
    assert reader.viewer.ops


@pytest.mark.parametrize(
    "given",
    [
        (),
        (("X-Email", "kim@acme.example"), ("X-Email", "ops@acme.example")),
        (("X-Email", "kim@acme.example, ops@acme.example"),),
        (("X-Email", "kim"),),
        (("X-Email", ""),),
        (("X-Email", "kim@acme.example\x00"),),
        (("X-Email", "k" * 600 + "@acme.example"),),
        (("X-Forwarded-Email", "kim@acme.example"),),
    ],
)
def test_a_header_that_is_not_one_address_is_nobody(given: tuple[tuple[str, str], ...]) -> None:
    """A header that the reader sent beside the proxy's would come twice or be joined."""
    assert LOGIN.recognize(headers(*given), "10.0.0.7") is None


def test_the_token_is_in_no_repr() -> None:
    assert TOKEN not in repr(LOGIN)
