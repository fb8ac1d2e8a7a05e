"""One server process: its socket, its threads, and how it ends."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO, TypeAlias

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from atsbridge.context import Services
from atsbridge.errors import AtsbridgeError, ConfigError
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
_LOOK = 10.0  # seconds between looks whether settings or packs have changed
_SILENT = 100  # a level above every message: uvicorn's own would quote requests

Reload: TypeAlias = Callable[[Callable[[Services], None]], bool]


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
        reload: Reload = lambda _: False,
    ) -> None:
        """`bind`: in place of `[serve] bind`. `out`: where the log goes. `time`: for tests.

        `reload`: hands over new services where settings or packs have changed.
        """
        self.services, self._out, self._reload = services, out, reload
        self.bounds = bounds or ServerBounds()
        self._time = time or SystemTime()
        self.door = self._open_door(services)
        self.accounts = find_webhook_accounts(services, self.note)
        self._writer = HintWriter(services.store.hints)
        self._worker = HintWorker(services, self.accounts, self._time, self.note)
        self._site = self._make_site()
        self._socket = _bind(bind or services.settings.serve.bind)
        self._server = _QuietServer(self._config())
        self._ended, self._looking = threading.Event(), threading.Lock()
        self._watcher = threading.Thread(target=self._watch, name="settings", daemon=True)

    def _open_door(self, services: Services, before: SiteDoor | None = None) -> SiteDoor:
        """The door of these services. ConfigError as in the class."""
        login = ReaderLogin(services.settings.serve, _read_token(services))
        if not login.is_ready():
            raise ConfigError(
                "nobody could read the pages: neither a token nor a user header is set",
                where=services.settings.place("serve"),
                remedy="Set token_file, or user_header and proxies, in [serve]",
            )
        _ = services.store, services.packs.rule_set  # opened before threads share them
        return SiteDoor(services, login, self.bounds, self._time, self.note, before)

    @property
    def url(self) -> str:
        """The address it listens on."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, or until `stop`. Requests at work are answered first."""
        self._writer.start()
        self._worker.start()
        self._watcher.start()
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._ended.set()
            self._watcher.join()
            self._socket.close()
            self._writer.stop()
            self._worker.stop()

    def stop(self) -> None:
        """Let `run` end, from another thread."""
        self._server.should_exit = True

    def look_at_files(self) -> None:
        """Serve with changed settings and packs from now on; those with mistakes are left alone."""
        try:
            with self._looking:
                changed = self._reload(self._adopt)
            if changed:
                self.note({"action": "settings_read"})
        except AtsbridgeError as error:
            self.note({"action": "settings_kept", "what": str(error)})
        except Exception as error:  # noqa: BLE001  a fault costs one look, not the thread
            self.note({"action": "settings_failed", "error": type(error).__name__})

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK):
            self.look_at_files()

    def _adopt(self, services: Services) -> None:
        """Serve these services. Requests and webhooks at work end with those before."""
        self.door = self._open_door(services, self.door)
        accounts = find_webhook_accounts(services, self.note)
        before, now = self.services.settings.serve, services.settings.serve
        if (before.bind, before.proxies) != (now.bind, now.proxies):
            self.note({"action": "restart_needed", "what": "[serve] bind or proxies has changed"})
        self.services, self.accounts = services, accounts
        self._writer.hints = services.store.hints
        self._worker.services, self._worker.accounts = services, accounts
        self._site = self._make_site()

    def _make_site(self) -> ASGIApp:
        """Every route of the present services."""
        receiver = WebhookReceiver(self.door, self.accounts, self._writer, self._worker.wake)
        replies = ReplyRequests(self.door)
        return Starlette(routes=[receiver.route, replies.route, *LiveSite(self.door).routes])

    def _app(self) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await self._site(scope, receive, send)

        return AccessLog(
            SafeHeaders(serve),
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

    def note(self, line: Mapping[str, Any]) -> None:
        """Write a line of the log, with the machine's time."""
        if self._out is not None:
            stamped = {"at": self._time.now().isoformat(timespec="milliseconds"), **line}
            self._out.write(json.dumps(stamped, separators=(",", ":")) + "\n")
            self._out.flush()


class _QuietServer(uvicorn.Server):
    """Ends in order on both signals; uvicorn alone would raise them again afterwards."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
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
