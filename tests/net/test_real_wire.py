"""The session against real sockets on loopback: what a mock cannot break."""

from __future__ import annotations

import gc
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from tenacity import Retrying

from atsbridge.errors import AmbiguousError, FatalError, RetryableError, SourceError
from atsbridge.net.http_session import ApiCredential, HttpSession, SessionOptions
from atsbridge.sandbox.http.fake_server import FakeServer, Response
from atsbridge.timesource import ManualTime

SECRET = "s3cr3t-of-acme"


@pytest.fixture
def time():
    return ManualTime(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def seen():
    return []


@pytest.fixture
def server(time, seen):
    def app(request):
        seen.append(request)
        return Response(200, [{"id": n, "text": "x" * 100} for n in range(50)])

    with FakeServer(app, time=time) as running:
        yield running


@pytest.fixture
def open_session(time):
    made = []

    def open_session(url, **more):
        headers = {"Authorization": f"Bearer {SECRET}"}
        made.append(
            HttpSession(
                "acme", url, time=time, **more, credential=ApiCredential(headers=lambda: headers)
            )
        )
        return made[-1]

    yield open_session
    for session in made:
        session.close()


def test_a_packed_answer_is_unpacked(server, seen, open_session):
    """gzip goes over the wire, JSON comes out."""
    answer = open_session(server.url).get("/jobs", {"a": ["1", "2"]})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.json()) == 50
    assert seen[0].query == {"a": ["1", "2"]}


@pytest.mark.parametrize("fault", ["truncate", "drop", "html"])
def test_a_read_gets_over_a_broken_answer(server, open_session, fault):
    """Cut in half, not there at all, or a page for people: asked again."""
    server.faults.add("/jobs", 2, **{fault: True})
    session = open_session(server.url)
    assert len(session.get("/jobs").json()) == 50
    assert session.requests == 3


def test_a_lost_answer_to_a_write_is_ambiguous(server, open_session, seen):
    """It was handled, and nobody told us: not sent again."""
    server.faults.add("/notes", 1, drop=True, handled=True)
    with pytest.raises(AmbiguousError):
        open_session(server.url).send("POST", "/notes", json={"a": 1})
    assert len(seen) == 1


def test_connections_are_kept(server, open_session):
    """Ten requests, one connection."""
    session = open_session(server.url)
    sizes = {session.get("/jobs") and len(server._server.live) for _ in range(10)}
    assert sizes == {1}


def test_requests_leave_no_cycles(server, open_session):
    """While a list is read the collector rarely looks: what a request leaves would pile up."""

    def alive():
        return sum(isinstance(one, Retrying) for one in gc.get_objects(generation=0))

    session = open_session(server.url)
    session.get("/jobs")
    gc.disable()  # new objects stay in generation 0; a test worker holds millions of older ones
    try:
        before = alive()
        for _ in range(5):
            session.get("/jobs")
        assert alive() == before
    finally:
        gc.enable()


def test_a_silent_host_is_given_up_after_the_time_out(server, open_session):
    """The read time-out is kept, and told as such."""
    server.faults.add("/jobs", None, hang=True)
    session = open_session(server.url, options=SessionOptions(timeouts=(1.0, 0.05), tries=2))
    with pytest.raises(RetryableError, match="did not answer in time"):
        session.get("/jobs")
    assert session.requests == 2


def test_a_dead_port_a_dead_name_and_no_tls_are_each_one_sentence(server, open_session):
    """Three ways a base_url can be wrong, told apart, each with account and remedy."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    wrong = {
        f"http://127.0.0.1:{port}": "cannot be reached",
        "http://nobody.invalid": "could not be looked up",
        server.url.replace("http:", "https:"): "TLS",
    }
    for url, sentence in wrong.items():
        with pytest.raises(SourceError, match=sentence) as caught:
            open_session(url).get("/jobs?email=ann@x.example")
        assert caught.value.where.startswith("acme: GET ")
        assert caught.value.remedy
        assert "ann@" not in str(caught.value)


def test_a_redirect_never_carries_the_credential_elsewhere(server, time, open_session):
    """The other server hears nothing at all."""
    heard = []
    with FakeServer(lambda request: heard.append(request) or Response(), time=time) as evil:
        server.faults.add("/jobs", 1, status=302, headers={"Location": f"{evil.url}/jobs"})
        with pytest.raises(FatalError):
            open_session(server.url).get("/jobs")
    assert heard == []


@pytest.fixture
def say():
    """A host that says the same bytes to everybody; returns its address."""
    hosts = []

    def say(answer):
        host = socket.create_server(("127.0.0.1", 0))
        hosts.append(host)

        def go():
            with suppress(OSError):
                while True:
                    caller, _ = host.accept()
                    with caller:
                        caller.recv(65536)
                        caller.sendall(answer)

        threading.Thread(target=go, daemon=True).start()
        return f"http://127.0.0.1:{host.getsockname()[1]}"

    yield say
    for host in hosts:
        host.shutdown(socket.SHUT_RDWR)
        host.close()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        CHUNKED + b"-5\r\n[1,2]\r\n0\r\n\r\n",
        CHUNKED + b"zz\r\n[1,2]\r\n0\r\n\r\n",
        CHUNKED + b"f" * 20 + b"\r\n[1,2]",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n[1,2]",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 300 + b"\r\n[]",
        b"SSH-2.0-OpenSSH_9.0\r\n",
    ],
    ids=["below zero", "no number", "huge", "length", "header", "headers", "another protocol"],
)
def test_an_answer_that_is_no_good_http_is_one_error(say, open_session, answer):
    """The next try, or the next run, may find the host well again."""
    session = open_session(say(answer))
    with pytest.raises(RetryableError):
        session.get("/jobs")
    assert session.requests == 5
