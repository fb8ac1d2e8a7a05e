"""Live pages over filled stores, served on loopback."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from benchmarks.report_store import StoreSize, fill, write_settings

from atsbridge.app import open_services
from atsbridge.context import Services
from atsbridge.server import LiveServer, ServerBounds
from atsbridge.timesource import ManualTime, TimeSource

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
TOKEN = "planted-token-of-the-tests-4711"
OPS = "ops@acme.example"
HEADER = "X-Forwarded-Email"
SERVE = f"""
[serve]
token = "{TOKEN}"
user_header = "{HEADER}"
proxies = ["127.0.0.1"]
ops = ["{OPS}"]
requests_per_minute = 10000
"""
SMALL = StoreSize(requisitions=12, applications=120, promises=200, cases=10, pairs=4)


@dataclass(slots=True)
class Site:
    """A running server and how to ask it."""

    server: LiveServer
    services: Services
    folder: Path
    log: io.StringIO = field(default_factory=io.StringIO)
    calls: list[str] = field(default_factory=list)  # accounts that a worker was called for

    @property
    def url(self) -> str:
        return self.server.url

    def get(self, path: str, reader: str = "", **more: Any) -> requests.Response:
        """A page as a reader sees it: by e-mail address, or with the token."""
        headers = {HEADER: reader} if reader else {"Authorization": f"Bearer {TOKEN}"}
        headers |= more.pop("headers", {})
        return requests.get(f"{self.url}{path}", headers=headers, timeout=20, **more)

    def plain(self, path: str, **headers: str) -> requests.Response:
        """A request with these headers only."""
        return requests.get(f"{self.url}{path}", headers=headers, timeout=20)


@contextmanager
def serving(
    services: Services,
    folder: Path,
    bounds: ServerBounds | None = None,
    time: TimeSource | None = None,
    **more: Any,
) -> Iterator[Site]:
    """Serve these services in a thread until the block ends. `more`: of the server."""
    log = io.StringIO()
    server = LiveServer(services, bind="127.0.0.1:0", bounds=bounds, out=log, time=time, **more)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Site(server, services, folder, log)
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


@contextmanager
def opened(folder: Path, size: StoreSize = SMALL, serve: str = SERVE) -> Iterator[Services]:
    """Services over a filled store with these settings."""
    config = write_settings(folder, size)
    config.write_text(config.read_text("utf-8") + serve, "utf-8")
    with open_services(config, time=ManualTime(NOW)) as services:
        fill(services, folder, size, NOW)
        yield services


@contextmanager
def site(
    folder: Path,
    size: StoreSize = SMALL,
    bounds: ServerBounds | None = None,
    time: TimeSource | None = None,
    serve: str = SERVE,
) -> Iterator[Site]:
    """A site over a filled store."""
    with opened(folder, size, serve) as services, serving(services, folder, bounds, time) as made:
        yield made


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A small site that tests only read."""
    with site(tmp_path_factory.mktemp("live")) as made:
        yield made
