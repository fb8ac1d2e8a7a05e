"""The HTTP server of every fake: a real server on loopback around one function."""

from __future__ import annotations

import gzip
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

from requests.structures import CaseInsensitiveDict

from atsbridge.ports import Refusal
from atsbridge.sandbox.http.fake_messages import Request, Response
from atsbridge.sandbox.http.fake_rate_limits import Allowance, RateBucket, RateLimit, RateWindow
from atsbridge.sandbox.http.server_faults import HTML, Fault, Faults
from atsbridge.sandbox.http.signed_webhook import SignedWebhook
from atsbridge.timesource import TimeSource

if TYPE_CHECKING:
    from atsbridge.sandbox.company import Company

__all__ = [
    "Fake",
    "FakeServer",
    "Fault",
    "Faults",
    "RateBucket",
    "RateLimit",
    "RateWindow",
    "Request",
    "Response",
]
_MIN_GZIP = 1024


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body are sent together
    fake: FakeServer

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        self.method, self.command = self.command, "ANY"  # one handler for every method
        return True

    def do_ANY(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        body = self.rfile.read(length) if length else b""
        request = Request(self.method, url.path, query, _headers(self.headers), body)
        fault, answer = self.fake.answer(request)
        self.command = self.method  # what send_error and the log of the parent expect
        if answer is None:
            self.close_connection = True
            return
        content, headers = answer.encoded()
        gzip_accepted = "gzip" in request.headers.get("Accept-Encoding", "")
        if gzip_accepted and len(content) >= _MIN_GZIP:
            content = gzip.compress(content, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self.send_response_only(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        if fault and fault.truncate:
            content = content[: len(content) // 2]
            self.close_connection = True
        self.end_headers()
        if self.method != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:  # quiet
        pass


def _headers(message: Message) -> Mapping[str, str]:
    """The headers, read in any case."""
    return CaseInsensitiveDict(message.items())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port: int, handler: type[_Handler]) -> None:
        self.live: set[socket.socket] = set()
        self.idle = threading.Condition()
        self.stopping = threading.Event()
        super().__init__(("127.0.0.1", port), handler)

    def listen(self) -> None:
        """Take connections until `stop`."""
        while not self.stopping.is_set():
            self.handle_request()

    def stop(self) -> None:
        """Let `listen` return. A connection ends its wait: `serve_forever` looks now and then."""
        self.stopping.set()
        socket.create_connection(("127.0.0.1", self.server_port)).close()

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Whether to serve a connection; not the one that ends the wait."""
        return not self.stopping.is_set()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.idle:
            self.live.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self.idle:
            self.live.discard(request)
            self.idle.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect; an error of the fake itself is kept in `errors`."""

    def hang_up(self) -> None:
        """Close all open connections, and wait until their threads have ended."""
        with self.idle:
            for connection in self.live:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # closed already
            self.idle.wait_for(lambda: not self.live, timeout=5)


class FakeServer:
    """Serves `app` over HTTP/1.1 on loopback, each connection in a thread of its own.

    `limiter` limits every request whose path does not start with one of `unlimited`; `refusal` is
    the body of its 429. `log` holds (method, path, arguments) of all requests in order; `statuses`
    counts the responses by status. An app that raises answers 500, and the error is raised again
    when the `with` block ends, so that the test fails.
    """

    def __init__(
        self,
        app: Callable[[Request], Response],
        *,
        time: TimeSource,
        limiter: RateLimit | None = None,
        unlimited: tuple[str, ...] = (),
        refusal: Any = None,
        port: int = 0,
    ) -> None:
        self.app = app
        self.time = time
        self.limiter = limiter
        self.unlimited = unlimited
        self.refusal = {"message": "Too many requests"} if refusal is None else refusal
        self.faults = Faults()
        self.log: list[tuple[str, str, Mapping[str, list[Any]]]] = []
        self.statuses: Counter[int] = Counter()
        self.errors: list[Exception] = []
        self._guard = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(port, type("_FakeHandler", (_Handler,), {"fake": self}))
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.listen, daemon=True)
        self._thread.start()

    def answer(self, request: Request) -> tuple[Fault | None, Response | None]:
        """The fault and the response of a request; without a response the connection closes."""
        with self._guard:
            self.log.append((request.method, request.path, request.arguments))
        fault = self.faults.take(request.method, request.path)
        response = self._respond(request, fault)
        if response is not None:
            with self._guard:
                self.statuses[response.status] += 1
        return fault, response

    def _respond(self, request: Request, fault: Fault | None) -> Response | None:
        if fault is None:
            return self._limited(request)
        if fault.delay:
            self.time.sleep(fault.delay)
        if fault.hang:
            self._closing.wait()
        breaks = fault.drop or fault.hang
        replaced = fault.html or fault.status is not None or fault.body is not None
        done = None if (breaks or replaced) and not fault.handled else self._limited(request)
        if breaks:
            return None
        if fault.html:
            return Response(fault.status or 200, HTML, {"Content-Type": "text/html"})
        if done is None or replaced:
            return Response(fault.status or 200, fault.body, fault.headers)
        return Response(done.status, done.body, {**done.headers, **fault.headers})

    def _limited(self, request: Request) -> Response:
        free = self.limiter is None or request.path.startswith(self.unlimited or ("\0",))
        allowance = Allowance(True) if free or not self.limiter else self.limiter.take()
        response = Response(429, self.refusal) if not allowance.granted else self._run(request)
        return Response(response.status, response.body, {**allowance.headers, **response.headers})

    def _run(self, request: Request) -> Response:
        try:
            return self.app(request)
        except Exception as error:  # noqa: BLE001 - raised again at the end of the block
            self.errors.append(error)
            return Response(500, {"message": "the fake broke"})

    def count(self, prefix: str = "", method: str = "") -> int:
        """How many requests had a path that starts with `prefix`."""
        with self._guard:
            return sum(p.startswith(prefix) and method in ("", m) for m, p, _ in self.log)

    def close(self) -> None:
        """Stop listening, close all connections, and return when all threads have ended."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._server.stop()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.close()
        if self.errors and kind is None:
            raise self.errors[0]


@dataclass(frozen=True, slots=True)
class RefusalExample:
    """How a vendor refuses a request, and what it means by it."""

    refusal: Refusal
    response: Response


@dataclass(frozen=True, slots=True)
class Fake:
    """A running fake: its server, and the account settings that point to it.

    `others` are further servers that it needs, such as a token host; `close` ends them all.
    `sign_webhook(kind, id)`: a delivery about a record, signed with `webhook_secret`; a kind that
    the vendor has no event for makes a test delivery. None where it sends none. `refusals`: what
    the vendor answers instead of a list; the contract plays each of them at each list.
    """

    server: FakeServer
    settings: Mapping[str, Any]
    company: Company
    others: tuple[FakeServer, ...] = ()
    webhook_secret: str = field(default="", repr=False)
    sign_webhook: Callable[[str, str], SignedWebhook] | None = None
    refusals: Sequence[RefusalExample] = ()

    def close(self) -> None:
        """Close every server of the fake."""
        for server in (self.server, *self.others):
            server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
