"""One server process: its socket, its threads, and how it ends."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any, TextIO

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from atsbridge.context import Services
from atsbridge.errors import ConfigError
from atsbridge.server.live_site import LiveSite
from atsbridge.server.reply_requests import ReplyRequests
from atsbridge.server.safeguards import (
    AccessLog,
    ReaderLogin,
    SafeHeaders,
    ServerBounds,
    make_protocol,
)
from atsbridge.server.site_door import SiteDoor
from atsbridge.server.webhook_hints import (
    HintWorker,
    HintWriter,
    WebhookReceiver,
    find_webhook_accounts,
)
from atsbridge.settings import check_token
from atsbridge.timesource import SystemTime, TimeSource

_BACKLOG = 256  # connections that wait to be accepted
_SILENT = 100  # a level above every message: uvicorn's own would quote requests


class LiveServer:
    """Serves the pages of one configuration. Opening it binds the socket.

    ConfigError where nobody could read, the token is unfit, or the address cannot be bound.
    """

    def __init__(
        self,
        services: Services,
        *,
        bind: str = "",
        bounds: ServerBounds | None = None,
        out: TextIO | None = sys.stderr,
        time: TimeSource | None = None,
    ) -> None:
        """`bind`: in place of `[serve] bind`. `out`: where the log goes. `time`: for tests."""
        self.services, self._out = services, out
        self.bounds = bounds or ServerBounds()
        self._time = time or SystemTime()
        self.login = ReaderLogin(services.settings.serve, _read_token(services))
        if not self.login.is_ready():
            raise ConfigError(
                "nobody could read the pages: neither a token nor a user header is set",
                where=services.settings.place("serve"),
                remedy="Set token_file, or user_header and proxies, in [serve]",
            )
        _ = services.store, services.packs.rule_set  # opened before threads share them
        self.door = SiteDoor(services, self.login, self.bounds, self._time, self._note)
        self.accounts = find_webhook_accounts(services, self._note)
        self._writer = HintWriter(services.store.hints)
        self._worker = HintWorker(services, self.accounts, self._time, self._note)
        self._socket = _bind(bind or services.settings.serve.bind)
        self._server = _QuietServer(self._config())

    @property
    def url(self) -> str:
        """The address it listens on."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, or until `stop`. Requests at work are answered first."""
        self._writer.start()
        self._worker.start()
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._socket.close()
            self._writer.stop()
            self._worker.stop()

    def stop(self) -> None:
        """Let `run` end, from another thread."""
        self._server.should_exit = True

    def _app(self) -> ASGIApp:
        receiver = WebhookReceiver(self.door, self.accounts, self._writer, self._worker.wake)
        replies = ReplyRequests(self.door)
        routes = [receiver.route, replies.route, *LiveSite(self.door).routes]
        app: ASGIApp = Starlette(routes=routes)
        app = SafeHeaders(app)
        return AccessLog(
            app,
            out=self._out,
            now=self._time.now,
            clock=self._time.monotonic,
            metrics=self.door.metrics,
        )

    def _config(self) -> uvicorn.Config:
        bounds = self.bounds
        return uvicorn.Config(
            self._app(),
            http=make_protocol(bounds, frozenset(self.services.settings.serve.proxies)),
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level=_SILENT,
            access_log=False,
            proxy_headers=False,  # uvicorn would believe X-Forwarded-For of whoever is local
            server_header=False,
            date_header=True,
            timeout_keep_alive=bounds.idle_seconds,
            timeout_graceful_shutdown=bounds.shutdown_seconds,
            h11_max_incomplete_event_size=bounds.head,
        )

    def _note(self, line: Mapping[str, Any]) -> None:
        if self._out is not None:
            stamped = {"at": self._time.now().isoformat(timespec="milliseconds"), **line}
            self._out.write(json.dumps(stamped, separators=(",", ":")) + "\n")
            self._out.flush()


class _QuietServer(uvicorn.Server):
    """Ends in order on both signals; uvicorn alone would raise them again afterwards."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if current_thread() is not main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {one: signal.signal(one, self.handle_exit) for one in signals}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def _read_token(services: Services) -> str:
    """The token, "" if none is set. ConfigError if its file or command does not give a fit one."""
    serve = services.settings.serve
    if not (serve.token.get_secret_value() or serve.token_file or serve.token_command):
        return ""
    token = services.settings.secret("serve", "token").get_secret_value()
    try:
        check_token(token)
    except ValueError as error:
        raise ConfigError(
            f"the token cannot be used: {error}", where=services.settings.place("serve", "token")
        ) from None
    return token


def _bind(text: str) -> socket.socket:
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family, backlog=_BACKLOG)
    except (OSError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "it is no host and port"
        raise ConfigError(
            f"cannot listen on {text}: {reason}",
            remedy="Choose another address with --bind, such as 127.0.0.1:8080",
        ) from None
