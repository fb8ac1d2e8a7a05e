"""The access log: one JSON line for each request, without names, addresses or query strings."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TextIO

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from atsbridge.server.live_metrics import LiveMetrics

_OTHER = "other"


class AccessLog:
    """ASGI middleware that notes every request in the log and in the metrics.

    The route is written instead of the path, because a path names a requisition or a case.
    `scope["state"]["reader"]` may hold the `PageReader`; only how they were recognized is noted.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        out: TextIO | None,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        metrics: LiveMetrics,
    ) -> None:
        """`out`: where the lines go, None for nowhere. `clock`: seconds that never go back."""
        self._app, self._out, self._now = app, out, now
        self._clock, self._metrics = clock, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note how it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, size = self._clock(), 500, 0

        async def watch(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._note(scope, status, size, self._clock() - begun)

    def _note(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        state = scope.get("state", {})
        route, reader = state.get("route", _OTHER), state.get("reader")
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        self._metrics.count_request(route, method, status, seconds)
        if self._out is None:
            return
        line = {
            "at": self._now().isoformat(timespec="milliseconds"),
            "action": "request",
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "bytes": size,
            "reader": reader.way if reader is not None else None,
        }
        self._out.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._out.flush()


_METHODS = frozenset({"GET", "HEAD", "POST"})
