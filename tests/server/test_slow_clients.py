"""Clients that send slowly, too much, or never read: each costs itself only."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.server.conftest import TOKEN, Site, site

from atsbridge.server import ServerBounds

# Short enough for a test, long enough for a busy machine.
BOUNDS = ServerBounds(
    head_seconds=0.8, exchange_seconds=6.0, idle_seconds=2, by_address=6, head=4096
)
GOOD = f"GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n".encode()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from tests.server.conftest import SERVE

    folder = tmp_path_factory.mktemp("slow")
    with site(folder, bounds=BOUNDS, serve=SERVE.replace("127.0.0.1", "10.0.0.7")) as made:
        yield made


def connect(made: Site) -> socket.socket:
    parts = urlsplit(made.url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=10)
    connection.settimeout(10)
    return connection


def rest(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection; a test that hangs here fails."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def test_headers_that_never_end_are_given_up(small: Site) -> None:
    with connect(small) as one:
        one.sendall(GOOD)
        assert rest(one) == b""


def test_a_byte_now_and_then_moves_no_deadline(small: Site) -> None:
    """The slow loris: a header that grows byte by byte, on a fresh and on a kept connection."""
    for first in (b"", GOOD + b"\r\n"):
        with connect(small) as one:
            one.sendall(first)
            if first:
                assert one.recv(65536).startswith(b"HTTP/1.1 200")
            one.settimeout(0.1)
            closed = False
            for byte in GOOD * 2:
                try:
                    one.sendall(bytes([byte]))
                    closed = one.recv(1) == b""
                except TimeoutError:
                    continue
                except (ConnectionResetError, BrokenPipeError):
                    closed = True
                if closed:
                    break
            assert closed


def test_nothing_at_all_is_given_up(small: Site) -> None:
    with connect(small) as one:
        assert rest(one) == b""


def test_a_body_that_does_not_come_is_given_up(small: Site) -> None:
    with connect(small) as one:
        one.sendall(
            b"POST /briefs/acme/r0 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            + f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()
        )
        assert b"200 OK" not in rest(one)


def test_headers_that_are_too_long_are_refused(small: Site) -> None:
    with connect(small) as one:
        one.sendall(GOOD + b"X: " + b"y" * 20_000 + b"\r\n\r\n")
        assert rest(one).startswith(b"HTTP/1.1 4")


def test_what_is_no_http_is_refused(small: Site) -> None:
    for text in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"A / HTTP/9.9\r\n\r\n"):
        with connect(small) as one:
            one.sendall(text)
            assert b" 200 " not in rest(one)


def test_one_address_has_a_few_connections(small: Site) -> None:
    """The next is closed at once; when others end, there is room again."""
    many = [connect(small) for _ in range(BOUNDS.by_address)]
    try:
        with connect(small) as one:
            assert rest(one) == b""
    finally:
        for other in many:
            other.close()
    for _ in range(50):
        with connect(small) as one:
            one.sendall(GOOD + b"Connection: close\r\n\r\n")
            if rest(one).startswith(b"HTTP/1.1 200"):
                return
    raise AssertionError("there is no room again")


def test_who_does_not_read_is_given_up(tmp_path: Path) -> None:
    """Other readers are served meanwhile."""
    with site(tmp_path, bounds=BOUNDS) as made, connect(made) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        request = f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
        for _ in range(200):
            try:
                one.sendall(request)
            except (ConnectionResetError, BrokenPipeError, TimeoutError):
                break
        assert made.get("/").status_code == 200
        made.server.door.metrics.render()
        assert len(made.server._server.server_state.connections) <= 3
