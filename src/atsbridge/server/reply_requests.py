"""Replies that a chat service delivers by requests: POST /replies/SINK."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from atsbridge.context import Services
from atsbridge.errors import AtsbridgeError
from atsbridge.ports import RequestSink, SinkRequest, SinkResponse
from atsbridge.replies import ReplyReceiver
from atsbridge.server.safeguards import (
    BodyTooLargeError,
    BodyTooSlowError,
    RequestLimiter,
    plain_address,
    read_body,
)
from atsbridge.server.site_door import SiteDoor

_BODY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ReplySink:
    """A sink that takes requests, and who receives its replies. It serves one at a time."""

    sink: RequestSink
    receiver: ReplyReceiver
    lock: Lock = field(default_factory=Lock)

    def answer(self, request: SinkRequest) -> SinkResponse:
        """Answer one request."""
        with self.lock:
            return self.sink.answer_request(request, self.receiver.receive)


class ReplyRequests:
    """Answers the requests of chat services. No reader is needed: each sink verifies its own."""

    def __init__(self, door: SiteDoor) -> None:
        self._door = door
        self._sinks = find_reply_sinks(door.services, door.note)
        self._limiter = RequestLimiter(door.bounds.webhooks, door.time.monotonic)

    @property
    def route(self) -> Route:
        """The route."""
        answer = partial(self._door.answer, "/replies", self.receive)
        return Route("/replies/{sink}", answer, methods=["POST"])

    async def receive(self, request: Request) -> Response:
        """Answer one request. A sink that takes none looks like one that does not exist."""
        found = self._sinks.get(request.path_params["sink"])
        if found is None:
            return Response(b"", 404)
        address = plain_address(request.client.host) if request.client else ""
        if wait := self._limiter.take(address):
            return Response(b"", 429, {"retry-after": str(int(wait) + 1)})
        try:
            body = await read_body(request, self._door.bounds.webhook, _BODY_SECONDS)
        except BodyTooLargeError:
            return Response(b"", 413)
        except BodyTooSlowError:
            return Response(b"", 408)
        headers = {key.lower(): value for key, value in request.headers.items()}
        try:
            answer = await self._door.run(partial(found.answer, SinkRequest(headers, body)))
        except AtsbridgeError as error:
            self._door.note({"action": "reply_failed", "what": error.what})
            return Response(b"", 503, {"retry-after": "60"})
        if answer.body is None:
            return Response(b"", answer.status)
        return JSONResponse(answer.body, answer.status)


def find_reply_sinks(
    services: Services, note: Callable[[Mapping[str, Any]], None]
) -> dict[str, ReplySink]:
    """The sinks of the accounts that take requests. One that cannot be opened costs its route."""
    settings = services.settings
    used = {name for account in settings.accounts for name in services.sink_names(account)}
    found: dict[str, ReplySink] = {}
    for name in sorted(used & settings.sinks.keys()):
        if not services.sink_spec(name).takes_requests:
            continue
        try:
            sink = cast("RequestSink", services.open_sink(name))
        except AtsbridgeError as error:
            note({"action": "replies_off", "sink": name, "what": error.what})
            continue
        found[name] = ReplySink(sink, ReplyReceiver(services, name))
    return found
