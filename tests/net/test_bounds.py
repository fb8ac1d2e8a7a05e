"""What a host sends or asks for has an end, whoever's host it is."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from contextlib import closing
from datetime import timedelta

import pytest
import requests

from atsbridge.errors import AmbiguousError, CursorError, FatalError, RetryableError, SourceError
from atsbridge.net.http_session import HttpSession, SessionOptions
from atsbridge.net.pagination import CursorPages, LinkHeaderPages
from atsbridge.net.retries import of_exception
from atsbridge.ports.http_bounds import HttpBounds

from .conftest import BASE, LIST

SMALL = HttpBounds(response=100_000)


@pytest.fixture
def session(time):
    with closing(
        HttpSession("acme", BASE, time=time, options=SessionOptions(bounds=SMALL))
    ) as made:
        yield made


class Host:
    """A host on loopback that answers each connection with what a script sends."""

    def __init__(self, script):
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.asked += 1
            with connection:
                connection.recv(65536)
                try:
                    for piece in self._script():
                        connection.sendall(piece)
                except OSError:
                    continue

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def host():
    made = []

    def host(script):
        made.append(Host(script))
        return made[-1]

    yield host
    for one in made:
        one.close()


def _head(*lines):
    return "\r\n".join(
        ("HTTP/1.1 200 OK", "Content-Type: application/json", *lines, "", "")
    ).encode()


# --- size -----------------------------------------------------------------------------------------


def _raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS = {
    "gzip": ("gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "deflate": ("deflate", _raw_deflate),
    "members": ("gzip", lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:])),
    "padded": ("gzip", lambda body: gzip.compress(body) + b"\0" * 50),
}


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_every_way_of_packing_is_unpacked_in_pieces(host, time, name, step):
    """However few bytes come at a time, and with several members or padding behind them."""
    encoding, pack = PACKERS[name]
    packed = pack(b'[{"id": 1}, {"id": 22}]')
    head = _head(f"Content-Encoding: {encoding}", f"Content-Length: {len(packed)}")
    pieces = [packed[at : at + step] for at in range(0, len(packed), step)]
    session = HttpSession("acme", host(lambda: [head, *pieces]).url, time=time)
    assert session.get("/jobs").json() == [{"id": 1}, {"id": 22}]
    session.close()


@pytest.mark.parametrize("name", ["gzip", "zlib", "deflate"])
def test_a_bomb_is_not_unpacked_beyond_the_bound(host, time, name):
    """A few KB that unpack to 20 MB cost that list an error, asked once, and no memory."""
    encoding, pack = PACKERS[name]
    packed = pack(b"[" + b" " * 20 * 2**20 + b"]")
    bomb = host(lambda: [_head(f"Content-Encoding: {encoding}", "Connection: close"), packed])
    with closing(
        HttpSession("acme", bomb.url, time=time, options=SessionOptions(bounds=SMALL))
    ) as session:
        with pytest.raises(FatalError, match=r"sent more than 0\.0954 MB in one answer") as caught:
            session.get("/jobs")
        assert "max_response" in caught.value.remedy
        assert bomb.asked == 1


def test_members_of_nothing_without_end_are_given_up(host, time):
    """Empty gzip members unpack to no byte at all, and are still counted."""
    head, empty = _head("Content-Encoding: gzip", "Connection: close"), gzip.compress(b"") * 1000
    endless = host(lambda: [head, *([empty] * 1000)])
    session = HttpSession("acme", endless.url, time=time)
    with closing(session), pytest.raises(FatalError, match="sent more than"):
        session.get("/jobs")


@pytest.mark.parametrize("lines", [("Connection: close",), ("Transfer-Encoding: chunked",)])
def test_a_body_without_end_is_not_read_to_it(host, time, lines):
    """With no length, or in chunks for ever."""
    piece = b"1000\r\n" + b"[" * 4096 + b"\r\n"

    def script():
        yield _head(*lines)
        while True:
            yield piece

    session = HttpSession("acme", host(script).url, time=time, options=SessionOptions(bounds=SMALL))
    with closing(session), pytest.raises(FatalError, match="sent more than"):
        session.get("/jobs")


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_what_nobody_asked_for_is_not_unpacked(vendor, session, encoding):
    """Only what was offered is taken; packed twice is none of it."""
    vendor.get(LIST, body=b"\x0b\x02\x80", headers={"Content-Encoding": encoding})
    with pytest.raises(FatalError, match="packed its answer in a way"):
        session.get("/jobs")
    assert session.requests == 1


@pytest.mark.parametrize(
    "body",
    [b"\x1f\x8b\x08nonsense", gzip.compress(b"[1]" * 999)[:-9], b"\x1f", b"plain"],
    ids=["nonsense", "cut", "a byte", "not packed"],
)
def test_broken_packing_is_tried_again(vendor, session, body):
    """Not gzip at all, or cut off: the next try may be whole."""
    vendor.get(LIST, body=body, headers={"Content-Encoding": "gzip"})
    with pytest.raises(RetryableError, match="breaks off"):
        session.get("/jobs")
    assert session.requests == 5


@pytest.mark.parametrize("body", [b"x" * 3 * 2**20, b"\x1f\x8bnonsense"])
def test_the_status_of_a_refusal_counts_whatever_its_body(vendor, session, body):
    """A page of 3 MB, or broken gzip, behind a 403 is a 403."""
    packed = {"Content-Encoding": "gzip"} if body[:1] == b"\x1f" else {}
    vendor.get(LIST, status=403, body=body, headers=packed)
    with pytest.raises(SourceError) as caught:
        session.get("/jobs")
    assert caught.value.status == 403


def test_a_write_that_is_answered_with_too_much_may_have_happened(vendor, session):
    """Its 200 came, so it is looked up before it is written again."""
    vendor.post(LIST, body=b"x" * 200_000)
    with pytest.raises(AmbiguousError):
        session.send("POST", "/jobs", json={})


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" + b"9" * 100_000 + b"]", b'["\xff"]'])
def test_json_nobody_can_read_is_one_error(body):
    """Nested without end, a number of 100,000 digits, bytes that are no UTF-8."""
    from atsbridge.net.response import HttpResponse

    answer = HttpResponse(200, {}, body, LIST)
    with pytest.raises(RetryableError, match="not JSON"):
        answer.json()


@pytest.mark.parametrize("paginator", [LinkHeaderPages(), CursorPages("items", ("next",))])
def test_a_row_nested_without_end_is_one_row_without_an_id(paginator):
    """RecursionError of the decoder passes no further, and the other rows are read."""
    from atsbridge.net.response import HttpResponse

    rows = b'[{"id": 1}, ' + b"[" * 100_000 + b"]" * 100_000 + b"]"
    body = b'{"items": ' + rows + b"}" if isinstance(paginator, CursorPages) else rows
    found, _ = paginator.rows(HttpResponse(200, {}, body, LIST))
    assert list(map(bytes, found)) == [b'{"id": 1}', b"null"]


# --- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["headers", "body", "status", "chunks"])
def test_a_host_that_drips_is_given_up_in_time(host, time, where):
    """A byte a second outlasts every read time-out; the whole exchange has one, too."""

    def script():
        begun = {"status": b"", "headers": b"HTTP/1.1 200 OK\r\n", "body": _head()}
        yield begun.get(where, _head("Transfer-Encoding: chunked"))
        drip = {"status": b"H", "headers": b"X", "chunks": b"1\r\n[\r\n"}.get(where, b"[")
        while True:
            time.advance(timedelta(seconds=1))
            yield drip

    dripping = host(script)
    bounds = HttpBounds(request=20.0)
    session = HttpSession("acme", dripping.url, time=time, options=SessionOptions(bounds=bounds))
    with (
        closing(session),
        pytest.raises(RetryableError, match="took longer than 20 s to answer in full"),
    ):
        session.get("/jobs")
    assert dripping.asked == 1, "another try in this run would take as long again"


def test_tries_end_with_the_time_of_a_request(vendor, session, time):
    """Five tries of a minute each would be five minutes for one list."""
    vendor.add_callback(
        "GET", LIST, lambda _: (time.advance(timedelta(seconds=61)), (500, {}, ""))[1]
    )
    with pytest.raises(RetryableError):
        session.get("/jobs")
    assert session.requests == 2


# --- waiting --------------------------------------------------------------------------------------


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        "https://ats.example:port/v3",
        "https://ats.example:99999999/v3",
        "https://ats.example:-1/v3",
        "https://[::1/v3",
        "https://[nonsense]/v3",
        "//[::1",
        "//ats.example:x/",
        "https://user:hunter22@ats.example/v3/jobs",
        "https://user@ats.example/v3/jobs",
        "ftp://ats.example/v3",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://\u2068evil.example/",
        "https://ats.example\n.evil.example/",
        f"https://{'a' * 300}.example/",
        "https:\\\\evil.example\\x",
    ],
)
def test_a_malformed_place_is_a_clear_error_and_asked_by_nobody(vendor, session, place):
    """As the target of a redirect and as the link to a next page."""
    vendor.get(LIST, status=302, headers={"Location": place.replace("\u2068", "x").strip()})
    with pytest.raises(FatalError) as caught:
        session.get("/jobs")
    assert caught.value.where == "acme: GET https://ats.example/v3/jobs"
    assert "hunter22" not in str(caught.value)
    assert session.requests == 1
    with pytest.raises(SourceError):
        session.get(f"https:{place}" if place.startswith("//") else place)
    assert session.requests == 1


def test_a_next_page_that_is_no_address_is_one_error(vendor, session):
    """`Link` with half an IPv6 address."""
    vendor.get(LIST, json=[1], headers={"Link": '<https://[::1>; rel="next"'})
    with pytest.raises(CursorError, match="no address"):
        LinkHeaderPages().rows(session.get("/jobs"))


def test_a_base_url_with_a_password_is_refused(time):
    """Credentials have keys of their own; this one is not shown either."""
    with closing(HttpSession("acme", "https://kim:hunter22@ats.example", time=time)) as session:
        with pytest.raises(FatalError, match="user name or password") as caught:
            session.get("/jobs")
        assert "hunter22" not in f"{caught.value}{session!r}"
        assert session.requests == 0


# --- pages ----------------------------------------------------------------------------------------


# --- exceptions -----------------------------------------------------------------------------------


def _kinds():
    from requests import exceptions as http
    from urllib3 import exceptions as wire

    found = [one for one in vars(http).values() if isinstance(one, type)]
    found += [one for one in vars(wire).values() if isinstance(one, type)]
    found += [OSError, TimeoutError, ConnectionResetError, UnicodeError, PermissionError]
    return [one for one in found if issubclass(one, Exception) and not issubclass(one, Warning)]


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_exception_of_the_wire_is_a_sentence_with_no_arguments_at_all(kind):
    """Libraries raise them bare, with one argument, or with another error inside."""
    assert _kinds()
    for args in ((), ("x",), (requests.ConnectionError(),), (None, None)):
        error = kind.__new__(kind)
        error.args = args
        fault = of_exception(error)
        assert fault.what
        assert fault.remedy
