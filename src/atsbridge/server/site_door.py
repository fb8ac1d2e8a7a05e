"""Admits readers, runs what reads the store in a thread, and words every error."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from atsbridge.context import Services
from atsbridge.errors import AtsbridgeError, ConfigError, LockedError
from atsbridge.server.live_metrics import LiveMetrics
from atsbridge.server.pages import (
    LiveData,
    OverviewSnapshots,
    PageNotFoundError,
    PageRenderer,
)
from atsbridge.server.safeguards import (
    FormTokens,
    PageReader,
    ReaderLogin,
    RequestLimiter,
    ServerBounds,
    plain_address,
)
from atsbridge.timesource import TimeSource

_HTML = "text/html; charset=utf-8"
_HEALTH_SECONDS = 2.0  # how long an answer of the store counts, and how long it may take
_LOCK_TRIES, _LOCK_PAUSE = 40, 0.25  # a form waits ten seconds for a run to end
T = TypeVar("T")


class RefusedError(Exception):
    """The request is refused with this status. `wait`: seconds until it may be repeated."""

    def __init__(self, status: int, wait: float = 0.0) -> None:
        super().__init__(status)
        self.status, self.wait = status, wait


class SiteDoor:
    """What all routes share. `time`: the machine's clock. `note`: writes a line of the log.

    `before`: the door in whose place this one comes; figures and open forms go on.
    """

    def __init__(
        self,
        services: Services,
        login: ReaderLogin,
        bounds: ServerBounds,
        time: TimeSource,
        note: Callable[[Mapping[str, Any]], None],
        before: SiteDoor | None = None,
    ) -> None:
        self.services, self.login, self.bounds, self.time = services, login, bounds, time
        self.renderer = PageRenderer()
        self.metrics: LiveMetrics = before.metrics if before is not None else LiveMetrics()
        self.metrics.watch(services)
        tokens: FormTokens = before.tokens if before is not None else FormTokens()
        self.tokens: FormTokens = replace(tokens, public_url=services.settings.serve.public_url)
        self.data = LiveData(services, time.monotonic)
        self.snapshots = OverviewSnapshots(self.data, self.renderer.render_row)
        per_minute = services.settings.serve.requests_per_minute
        self._requests = RequestLimiter(per_minute, time.monotonic)
        self._refusals = RequestLimiter(bounds.refusals, time.monotonic)
        self._threads = anyio.CapacityLimiter(_count_threads(bounds.threads, services))
        self.note = note
        self._health = False, float("-inf")

    def admit(self, request: Request) -> PageReader:
        """The reader of a request. RefusedError for anybody else, and where they ask too often."""
        address = plain_address(request.client.host) if request.client else ""
        reader = self.login.recognize(request.headers, address)
        if reader is None:
            wait = 0.0 if self.login.is_proxy(address) else self._refusals.take(address)
            raise RefusedError(429, wait) if wait else RefusedError(401)
        if wait := self._requests.take(reader.key):
            raise RefusedError(429, wait)
        request.state.reader = reader
        return reader

    async def run(self, work: Callable[[], T]) -> T:
        """Do work that reads the store, in a thread."""
        return await to_thread.run_sync(work, limiter=self._threads)

    def retry_locked(self, work: Callable[[], T]) -> T:
        """Do work that needs the account's lock; wait for a run that has it, but not long."""
        for _ in range(_LOCK_TRIES - 1):
            try:
                return work()
            except LockedError:
                self.time.sleep(_LOCK_PAUSE)
        return work()

    async def is_healthy(self) -> bool:
        """Whether the store can be read; asked at most once in _HEALTH_SECONDS."""
        good, at = self._health
        if self.time.monotonic() - at >= _HEALTH_SECONDS:
            good = False
            with anyio.move_on_after(_HEALTH_SECONDS):
                good = await to_thread.run_sync(
                    self._can_read, limiter=self._threads, abandon_on_cancel=True
                )
            self._health = good, self.time.monotonic()
        return good

    def _can_read(self) -> bool:
        try:
            self.services.store.run_state.get("server/health")
        except AtsbridgeError:
            return False
        return True

    async def answer(
        self, route: str, endpoint: Callable[[Request], Awaitable[Response]], request: Request
    ) -> Response:
        """Answer a request; every error becomes a page in words. `route`: for the log."""
        request.state.route = route
        try:
            if _head_size(request) > self.bounds.head:
                raise RefusedError(431)
            return await endpoint(request)
        except RefusedError as refused:
            return self._refuse(refused)
        except PageNotFoundError:
            return self._say(404, "missing")
        except LockedError:
            return self._say(503, "locked", {"retry-after": "10"})
        except ConfigError as error:
            return self._say(409, "error", what=error.what, remedy=error.remedy)
        except AtsbridgeError as error:
            self.note({"action": "error", "route": route, "what": error.what})
            return self._say(503, "error", what=error.what, remedy=error.remedy)
        except Exception as error:  # noqa: BLE001  one page fails, the server goes on
            self.note(
                {
                    "action": "fault",
                    "route": route,
                    "error": type(error).__name__,
                    "frames": _frames(error),
                }
            )
            return self._say(500, "fault")

    def _refuse(self, refused: RefusedError) -> Response:
        """A status without a word: whoever is refused learns nothing."""
        headers = {"www-authenticate": "Bearer"} if refused.status == 401 else {}
        if refused.wait:
            headers["retry-after"] = str(int(refused.wait) + 1)
        return Response(b"", refused.status, headers)

    def _say(
        self, status: int, name: str, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        body = self.renderer.render("message", page="", viewer=None, name=name, **values)
        return Response(body, status, headers, media_type=_HTML)


def _count_threads(wanted: int, services: Services) -> int:
    """How many pages are made at once: no more than the store has connections for.

    One share is left to the thread that serves webhooks.
    """
    at_once = services.store.at_once
    return wanted if at_once is None else max(min(wanted, at_once - 1), 1)


def _head_size(request: Request) -> int:
    """Bytes of address and headers. h11 bounds only those that do not come in one piece."""
    scope = request.scope
    address = len(scope["raw_path"]) + len(scope["query_string"])
    return address + sum(len(name) + len(value) for name, value in scope["headers"])


def _frames(error: BaseException) -> list[str]:
    """Where it happened: files and lines, without the values, which may be people's data."""
    found = traceback.extract_tb(error.__traceback__)[-5:]
    return [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in found]
