"""One sandbox for all tests of bad input, made as new for each of them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

_LOST = "SELECT count(*) FROM {table} WHERE account = ?"
_KEPT = ("users", "applications", "interviews", "scorecards", "requisitions", "cases", "changes")


@dataclass
class Sandbox:
    """A world that was read once, an hour ago."""

    world: Any
    text: str

    def fake(self, account: str) -> Any:
        return self.world.standing.fakes[account]

    def tick(self) -> Any:
        return self.world.tick()

    def told(self, outcome: Any) -> str:
        """What was said on stderr; how many lists a tick asks for hangs on what happened."""
        return re.sub(r" and \d+ more:", " and N more:", outcome.err)

    def rewrite(self, old: str, new: str) -> None:
        """Change the configuration."""
        assert old in self.text
        self.world.config.write_text(self.text.replace(old, new), "utf-8")

    def read_now(self, account: str) -> bool:
        """Whether the account was read at the present instant, and nothing failed."""
        now = int(self.world.now.timestamp() * 1000)
        with closing(sqlite3.connect(self.world.store)) as base:
            latest, bad = base.execute(
                "SELECT max(read_at), sum(status <> 'good') FROM streams WHERE account = ?",
                (account,),
            ).fetchone()
        return bool(latest == now and not bad)

    def kept(self, account: str) -> dict[str, int]:
        """How many rows of an account each table holds."""
        with closing(sqlite3.connect(self.world.store)) as base:
            return {
                table: base.execute(_LOST.format(table=table), (account,)).fetchone()[0]
                for table in _KEPT
            }

    def change_rows(self, account: str, path: str, change: Callable[[dict[str, Any]], Any]) -> None:
        """Let the vendor answer other rows wherever the path holds `path`."""
        from atsbridge.sandbox.http.fake_server import Response

        server = self.fake(account).server
        app = server.app

        def answer(request: Any) -> Any:
            response = app(request)
            if path in request.path and isinstance(response.body, list):
                rows = [change(dict(row)) for row in response.body]
                return Response(response.status, rows, response.headers)
            return response

        server.app = answer


@pytest.fixture(scope="module")
def read_once(new_world: Callable[..., Any]) -> Iterator[tuple[Any, str, bytes]]:
    world = new_world(40, both=True)
    first = world.tick()
    assert (first.code, first.err) == (0, "")
    with closing(sqlite3.connect(world.store)) as base:
        base.execute("VACUUM")  # no room is left in the file
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    saved = world.store.read_bytes()
    world.standing.advance(world.now + timedelta(hours=1))
    yield world, world.config.read_text("utf-8"), saved
    world.close()


@pytest.fixture
def sandbox(read_once: tuple[Any, str, bytes]) -> Iterator[Sandbox]:
    """The sandbox as it stands an hour after its first tick, with nothing wrong."""
    world, text, saved = read_once
    for left in world.folder.glob("atsbridge.db*"):
        left.unlink()
    world.store.write_bytes(saved)
    world.config.write_text(text, "utf-8")
    servers = [fake.server for fake in world.standing.fakes.values()]
    servers += [slack.server for slack in world.standing.slacks.values()]
    apps = [server.app for server in servers]
    yield Sandbox(world, text)
    for server, app in zip(servers, apps, strict=True):
        server.app = app
        server.faults.clear()


@pytest.fixture
def certificate() -> Path:
    """A certificate nobody signed, with its key."""
    return Path(__file__).with_name("self-signed.pem")
