"""What a host sends or asks for has an end, whoever's host it is."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest
import requests
import responses

from atsbridge.errors import AmbiguousError, CursorError, FatalError, RetryableError, SourceError
from atsbridge.net.http_connector import HttpConnector
from atsbridge.net.http_session import HttpSession, SessionOptions
from atsbridge.net.pagination import EMPTY, CursorPages, LinkHeaderPages, PageGuard
from atsbridge.net.rate_limits import LONGEST, FixedWindow, TokenBucket, retry_after
from atsbridge.net.retries import of_exception
from atsbridge.ports.connector import ConnectorSpec
from atsbridge.ports.http_bounds import HttpBounds
from atsbridge.ports.stream import Stream
from atsbridge.timesource import ManualTime

BASE = "https://ats.example/v3"
LIST = f"{BASE}/jobs"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SMALL = HttpBounds(response=100_000)


@pytest.fixture
def time():
    return ManualTime(NOW)


@pytest.fixture
def vendor():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


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

_EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        ("7200", 7200.0),
        ("1e9", LONGEST),
        ("inf", LONGEST),
        ("Infinity", LONGEST),
        ("9" * 30, LONGEST),
        ("9" * 5000, None),
        ("-5", 0.0),
        ("-inf", 0.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("30 seconds", None),
        (str(_EPOCH + 45), 45.0),
        (str((_EPOCH + 45) * 1000), 45.0),
        (str(_EPOCH - 45), 0.0),
        (format_datetime(NOW + timedelta(seconds=45), usegmt=True), 45.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Mon, 02 Mar 2026 09:00:07 +9999", None),
    ],
)
def test_what_a_host_asks_to_wait_is_a_span_or_nothing(text, seconds):
    """From 0 to a day, whatever it writes: never infinite, never negative, never an exception."""
    found = retry_after({"Retry-After": text}, NOW)
    assert found == (None if seconds is None else pytest.approx(seconds)) or (
        seconds is None and found == 0.0 and "9999" in text
    )


@pytest.mark.parametrize("wait", ["7200", "1e9", "inf", "Fri, 31 Dec 9999 23:59:59 GMT"])
@pytest.mark.parametrize("make", [FixedWindow, TokenBucket])
def test_a_wait_beyond_the_bound_ends_the_list_at_once(vendor, time, wait, make):
    """Nobody sleeps, then or before the next request, and the error says what was asked."""
    limiter = make(50, 30, time)
    vendor.get(LIST, status=429, headers={"Retry-After": wait})
    with closing(HttpSession("acme", BASE, time=time, limiter=limiter)) as session:
        for sent in (1, 1):
            with pytest.raises(RetryableError, match="asks to wait") as caught:
                session.get("/jobs")
            assert "2 min at most" in caught.value.what
            assert caught.value.status == 429
            assert caught.value.where == "acme: GET https://ats.example/v3/jobs"
            assert (session.requests, time.slept) == (sent, [])


def test_the_bound_of_waiting_is_the_accounts_own(vendor, time):
    """`max_wait` of ten minutes waits for seven."""
    vendor.get(LIST, status=429, headers={"Retry-After": "420"})
    vendor.get(LIST, json=[])
    bounds = HttpBounds(wait=600.0, request=1200.0)
    with closing(
        HttpSession("acme", BASE, time=time, options=SessionOptions(bounds=bounds))
    ) as session:
        assert session.get("/jobs").json() == []
    assert time.slept == [420.0]


@pytest.mark.parametrize("make", [FixedWindow, TokenBucket])
def test_a_wait_that_was_refused_is_over_when_it_has_passed(time, make):
    """What nobody waited for leaves nothing behind: later requests go out."""
    limiter = make(50, 30, time)
    limiter.acquire()
    limiter.learn(429, {"Retry-After": "7200"})
    with pytest.raises(RetryableError):
        limiter.acquire()
    time.advance(timedelta(hours=2, seconds=1))
    limiter.acquire()
    assert time.slept == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Limit": "²", "Remaining": "²", "Reset": "²"},
        {"Limit": "9" * 5000, "Remaining": "9" * 5000, "Reset": "9" * 5000},
        {"Limit": "-1", "Remaining": "-1", "Reset": "-1"},
        {"Limit": "nan", "Remaining": "inf", "Reset": "nan"},
        {"Limit": "0", "Remaining": "0", "Reset": "0"},
        {"Limit": "1e300", "Remaining": "5", "Reset": "1e300"},
        {"Limit": "50", "Remaining": "0", "Reset": "soon"},
    ],
)
def test_absurd_limits_neither_stop_nor_hold_up(time, headers):
    """Twenty requests go out in twenty windows at most, whatever the headers say."""
    limiter = FixedWindow(50, 30, time)
    for _ in range(20):
        limiter.acquire()
        limiter.learn(200, {f"X-RateLimit-{name}": value for name, value in headers.items()})
    assert time.monotonic() <= 20 * 31


@pytest.mark.parametrize("unit", [1, 1000])
def test_a_reset_hours_away_ends_the_list(time, unit):
    """Used up for the day: said at once, in seconds as in milliseconds."""
    limiter = FixedWindow(50, 30, time)
    limiter.acquire()
    reset = str(int((_EPOCH + 7200) * unit))
    date = format_datetime(NOW, usegmt=True)
    limiter.learn(200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset, "Date": date})
    with pytest.raises(RetryableError, match="asks to wait 2 h"):
        limiter.acquire()
    assert time.slept == []


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

_STREAM = Stream(name="jobs", path="/jobs", row=dict, owns={}, normalise=lambda row: iter(()))


def _endless(vendor, time, page):
    """A connector over a vendor whose n-th page is `page(n)`; there is always another one."""
    count = iter(range(10**6))

    def answer(_):
        n = next(count)
        return 200, {}, msgspec.json.encode({"items": page(n), "next": f"token-{n}"}).decode()

    vendor.add_callback("GET", LIST, answer)
    session = HttpSession(
        "acme", BASE, time=time, options=SessionOptions(bounds=HttpBounds(pages=200))
    )
    spec = ConnectorSpec(
        name="x", title="X", settings=None, streams=(_STREAM,), open=lambda *_: None
    )
    return HttpConnector(spec, "acme", session, CursorPages("items", ("next",)))


@pytest.mark.parametrize(
    ("page", "error", "sentence", "asked"),
    [
        (lambda n: [], CursorError, "empty pages", EMPTY),
        (lambda n: [{"id": 1}], CursorError, "same page twice", 2),
        (lambda n: [{"id": n % 3}], CursorError, "same page twice", 4),
        (lambda n: [{"id": n}], FatalError, "does not end: 200 pages", 200),
    ],
)
def test_ever_new_tokens_without_end_cost_that_list(vendor, time, page, error, sentence, asked):
    """Empty pages, one page again and again, a few in a circle, or ever more rows."""
    connector = _endless(vendor, time, page)
    with closing(connector), pytest.raises(error, match=sentence) as caught:
        list(connector.pages(_STREAM))
    assert caught.value.where == "acme/jobs"
    assert connector.requests == asked


def test_some_empty_pages_and_a_repeated_last_page_are_ordinary():
    """Vendors filter after they cut pages; what ends the list is not held against it."""
    progress = PageGuard(1000)
    for n in range(EMPTY - 1):
        progress.check([], f"a{n}")
    progress.check([{"id": 1}], "b")
    for n in range(EMPTY - 1):
        progress.check([], f"c{n}")
    progress.check([{"id": 1}], None)


@pytest.mark.parametrize("token", [b"[1]", b'{"a":1}', b'"' + b"x" * 5000 + b'"', b"1" * 5000])
def test_a_page_token_that_cannot_be_one_is_an_error(token):
    """A list, an object, 5,000 characters, 5,000 digits."""
    from atsbridge.net.response import HttpResponse

    with pytest.raises((CursorError, RetryableError)):
        CursorPages("items", ("next",)).rows(
            HttpResponse(200, {}, b'{"items": [], "next": ' + token + b"}", LIST)
        )


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
