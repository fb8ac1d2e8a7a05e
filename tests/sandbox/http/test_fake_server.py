"""The HTTP frame of fakes, over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
import requests

from atsbridge.sandbox.http.fake_rate_limits import RateWindow
from atsbridge.sandbox.http.fake_server import FakeServer, Request, Response
from atsbridge.timesource import ManualTime


def echo(request: Request) -> Response:
    if request.path == "/broken":
        raise RuntimeError("a bug of the fake")
    seen = {
        "method": request.method,
        "query": request.query,
        "basic": request.basic,
        "bearer": request.access_token,
        "body": request.body.decode(),
    }
    return Response(201 if request.method == "POST" else 200, seen, {"X-Seen": "yes"})


@pytest.fixture
def server(time: ManualTime) -> Iterator[FakeServer]:
    with FakeServer(echo, time=time) as server:
        yield server


def test_a_request_arrives_as_it_was_sent(server: FakeServer, wire: requests.Session) -> None:
    """Method, repeated query values, Basic credentials and body come through."""
    answer = wire.post(f"{server.url}/x?a=1&a=%7C&b=", data="text", auth=("user", ""), timeout=5)
    assert answer.status_code == 201
    assert answer.headers["x-seen"] == "yes"
    assert answer.json() == {
        "method": "POST",
        "query": {"a": ["1", "|"], "b": [""]},
        "basic": ["user", ""],
        "bearer": None,
        "body": "text",
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_every_method_reaches_the_app(
    server: FakeServer, wire: requests.Session, method: str
) -> None:
    """Which methods there are is the app's to say, not the frame's."""
    assert wire.request(method, f"{server.url}/x", timeout=5).status_code == 200
    assert server.log[0][:2] == (method, "/x")


def test_a_connection_is_kept(server: FakeServer) -> None:
    """Two requests travel on one connection."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", "/")
    connection.getresponse().read()
    socket = connection.sock
    connection.request("GET", "/")
    connection.getresponse().read()
    assert socket is not None
    assert connection.sock is socket
    connection.close()


def test_answers_are_packed_only_where_asked_for(time: ManualTime, wire: requests.Session) -> None:
    """gzip for who accepts it, plain for who does not; the same content."""
    with FakeServer(lambda _: Response(body=["x" * 5000]), time=time) as server:
        packed = wire.get(server.url, headers={"Accept-Encoding": "gzip"}, timeout=5)
        plain = wire.get(server.url, headers={"Accept-Encoding": "identity"}, timeout=5)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_the_limit_is_kept_and_told(time: ManualTime, wire: requests.Session) -> None:
    """Past the limit 429; the app is not asked; free paths do not count."""
    with FakeServer(echo, time=time, limiter=RateWindow(2, 30, time), unlimited=("/free",)) as s:
        codes = [wire.get(f"{s.url}/{p}", timeout=5).status_code for p in ("free", "a", "b", "c")]
        last = wire.get(f"{s.url}/d", timeout=5)
    assert codes == [200, 200, 200, 429]
    assert last.headers["Retry-After"] == "30"
    assert last.headers["X-RateLimit-Remaining"] == "0"
    assert s.statuses == {200: 3, 429: 2}


def test_requests_are_counted_by_path(server: FakeServer, wire: requests.Session) -> None:
    """count() goes by prefix and method."""
    for path in ("jobs", "jobs/1", "users"):
        wire.get(f"{server.url}/{path}", timeout=5)
    wire.post(f"{server.url}/jobs", timeout=5)
    assert (server.count(), server.count("/jobs"), server.count("/jobs", "POST")) == (4, 3, 1)


def test_a_broken_fake_is_loud(time: ManualTime, wire: requests.Session) -> None:
    """Who asks gets 500; the error itself comes up where the fake was started."""
    with (
        pytest.raises(RuntimeError, match="a bug of the fake"),
        FakeServer(echo, time=time) as server,
    ):
        assert wire.get(f"{server.url}/broken", timeout=5).status_code == 500


def test_closing_leaves_nothing_behind(time: ManualTime) -> None:
    """With a client still connected, close() returns and every thread has ended."""
    before = threading.active_count()
    with requests.Session() as wire:
        with FakeServer(echo, time=time) as server:
            wire.get(server.url, timeout=5)
        server.close()
        with pytest.raises(requests.ConnectionError):
            wire.get(server.url, timeout=5)
    assert threading.active_count() == before


def test_a_dropped_connection_has_no_answer(server: FakeServer, wire: requests.Session) -> None:
    """`drop` closes without an answer, once."""
    server.faults.add("/x", drop=True)
    with pytest.raises(requests.ConnectionError):
        wire.get(f"{server.url}/x", timeout=5)
    assert wire.get(f"{server.url}/x", timeout=5).status_code == 200


def test_an_answer_can_be_lost_after_the_work(time: ManualTime, wire: requests.Session) -> None:
    """`handled`: the app has done it, the client never hears of it."""
    done: list[str] = []

    def app(request: Request) -> Response:
        done.append(request.path)
        return Response(201)

    with FakeServer(app, time=time) as server:
        server.faults.add("/note", drop=True, handled=True, method="POST")
        with pytest.raises(requests.ConnectionError):
            wire.post(f"{server.url}/note", timeout=5)
    assert done == ["/note"]


def test_a_truncated_body_is_short(server: FakeServer, wire: requests.Session) -> None:
    """`truncate` promises more than it sends."""
    server.faults.add(truncate=True)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        wire.get(server.url, timeout=5)


def test_an_answer_can_be_replaced(server: FakeServer, wire: requests.Session) -> None:
    """Status, body and headers of the fault come instead, as often as asked, after a skip."""
    server.faults.add("/x", 2, skip=1, status=503, body={"m": 1}, headers={"Retry-After": "7"})
    answers = [wire.get(f"{server.url}/x", timeout=5) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 503, 503, 200]
    assert answers[1].json() == {"m": 1}
    assert answers[1].headers["Retry-After"] == "7"


def test_a_page_for_people_comes_as_200(server: FakeServer, wire: requests.Session) -> None:
    """`html` is what a proxy's error page looks like."""
    server.faults.add(html=True)
    answer = wire.get(server.url, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.text.startswith("<!doctype html>")


def test_a_delay_passes_on_the_fake_clock(
    server: FakeServer, time: ManualTime, wire: requests.Session
) -> None:
    """`delay` costs simulated seconds and leaves the answer as it is."""
    server.faults.add(delay=90)
    assert wire.get(server.url, timeout=5).status_code == 200
    assert time.monotonic() == 90


def test_a_hanging_server_lets_go_when_it_closes(time: ManualTime, wire: requests.Session) -> None:
    """`hang` outlasts the client's patience, and does not keep the server from closing."""
    with FakeServer(echo, time=time) as server:
        server.faults.add(hang=True)
        with pytest.raises(requests.Timeout):
            wire.get(server.url, timeout=0.1)
