"""uvicorn's HTTP protocol with deadlines and a bound on connections.

uvicorn alone waits without end for the rest of a request's headers, and a single byte resets its
time-out for idle connections. Whoever sends slowly would hold a connection for ever.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Container
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from atsbridge.server.safeguards.reader_login import plain_address
from atsbridge.server.safeguards.server_bounds import ServerBounds


class GuardedProtocol(H11Protocol):
    """One connection. `make_protocol` makes the class for one server."""

    bounds: ClassVar[ServerBounds]
    proxies: ClassVar[Container[str]]
    open_by_address: ClassVar[Counter[str]]

    _deadline: asyncio.TimerHandle | None = None
    _address = ""
    _reading_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse the connection where too many are open."""
        super().connection_made(transport)
        self._address = plain_address(self.client[0]) if self.client else ""
        self.open_by_address[self._address] += 1
        many = self.open_by_address[self._address] > self.bounds.by_address
        crowded = many and self._address not in self.proxies
        if crowded or len(self.connections) > self.bounds.connections:
            transport.abort()
            return
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        self.open_by_address[self._address] -= 1
        if not self.open_by_address[self._address]:
            del self.open_by_address[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The first bytes of a request start its deadline; later bytes do not move it."""
        if self._is_idle() and not self._reading_head:
            self._wait_for_head()
        super().data_received(data)
        if self._reading_head and not self._is_idle():
            self._reading_head = False
            self._set_deadline(self.bounds.exchange_seconds)

    def on_response_complete(self) -> None:
        self._cancel()
        self._reading_head = False
        super().on_response_complete()

    def _is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _wait_for_head(self) -> None:
        self._reading_head = True
        self._set_deadline(self.bounds.head_seconds)

    def _set_deadline(self, seconds: float) -> None:
        self._cancel()
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        """End the connection at once, unsent bytes included: the other side does not read."""
        self.transport.abort()


def make_protocol(bounds: ServerBounds, proxies: Container[str]) -> type[Any]:
    """The class of the connections of one server."""
    members = {"bounds": bounds, "proxies": proxies, "open_by_address": Counter()}
    return type("ServerConnection", (GuardedProtocol,), members)
