"""Accounts that share one small fake ATS, a store on PostgreSQL, and workers as processes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from ..conftest import World
from ..store.conftest import Databases, databases, new_database, run_server, server

__all__ = ["databases", "new_database", "server"]

# One rule: with all of them a run takes ten times as long.
PACK = """\
version: 1
defaults: {calendar: office, owner: recruiting_ops}
rules:
  - id: next-step
    kind: sla
    status: live
    title: Next step
    side: recruiter
    each: application
    where: {application.status: active}
    clock:
      start: application.submitted_at
      stop: application.decided_at
      cancel: [application.closed_at]
      owed_by: requisition.recruiter
    target: 6h
    steps:
      - {at: due, to: requisition.recruiter, via: dm}
      - {at: +84h, to: requisition.recruiter, via: dm}
      - {at: +96h, to: requisition.recruiter, via: dm}
      - {at: +120h, to: requisition.recruiter, via: dm}
      - {at: +144h, to: requisition.recruiter, via: dm}
    message: Please decide on the next step. It was due {clock.due}.
"""
MORE = """
[rules]
packs = ["fleet.yaml"]

[worker]
every = "{every}"
concurrency = 2
grace = "5s"
"""
SCRIPT = Path(__file__).with_name("fast_worker.py")
MANY = 20  # accounts: their workers have the intervals that they have in use


@dataclass
class Worker:
    """One worker process, and what it wrote so far."""

    process: subprocess.Popen[str]
    log: Path
    _read: list[dict[str, Any]] = field(default_factory=list)
    _bytes: int = 0  # of the log that were read

    def lines(self, action: str = "") -> list[dict[str, Any]]:
        """The lines of its log with this action; "": all."""
        with self.log.open("rb") as file:
            file.seek(self._bytes)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # it is being written
                assert line.startswith(b"{"), self.log.read_text("utf-8")
                self._read.append(json.loads(line))
                self._bytes += len(line)
        return [one for one in self._read if action in ("", one["action"])]

    def send(self, what: signal.Signals) -> None:
        self.process.send_signal(what)

    def stop(self, within: float = 20.0) -> int:
        """Ask it to stop; its exit code."""
        self.send(signal.SIGTERM)
        return self.process.wait(within)


@dataclass
class Fleet:
    """Some accounts, their store, and the workers that were started."""

    world: World
    url: str
    accounts: tuple[str, ...]
    quick: bool = True  # whether its workers have short intervals
    workers: list[Worker] = field(default_factory=list)

    def start(self, count: int = 1) -> list[Worker]:
        """Start workers; each has a log of its own."""
        begun = []
        for _ in range(count):
            log = self.world.folder / f"worker{len(self.workers)}.log"
            with log.open("w") as out:
                process = subprocess.Popen(
                    [sys.executable, *self._program()],
                    stdout=subprocess.DEVNULL,
                    stderr=out,
                    text=True,
                )
            begun.append(Worker(process, log))
            self.workers.append(begun[-1])
        return begun

    def _program(self) -> list[str]:
        config = str(self.world.config)
        return (
            [str(SCRIPT), config]
            if self.quick
            else ["-m", "atsbridge", "--config", config, "worker"]
        )

    def execute(self, statement: str) -> None:
        """A statement without rows."""
        with self._connected() as connection:
            connection.execute(text(statement))

    def query(self, statement: str, **given: Any) -> list[Any]:
        """Rows of the store; names of the queue's tables are found without their schema."""
        with self._connected() as connection:
            return list(connection.execute(text(statement), given))

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(
            make_url(self.url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        try:
            with engine.connect() as connection:
                connection.execute(text("SET search_path TO public, atsbridge_queue"))
                yield connection
        finally:
            engine.dispose()

    def rounds(self) -> Counter[str]:
        """Account -> rounds that were served to their end, by all workers."""
        return Counter(line["account"] for worker in self.workers for line in worker.lines("round"))

    def until(self, what: Callable[[], object], within: float = 30.0) -> None:
        """Wait until it is so."""
        end = time.monotonic() + within
        while not what():
            assert time.monotonic() < end, self.describe()
            time.sleep(0.05)

    def sent(self) -> dict[str, int]:
        """Account -> messages about cases that were sent."""
        rows = self.query(
            "SELECT account, count(*) FROM notices WHERE state = 'sent' AND case_number <> 0"
            " GROUP BY account"
        )
        return {row.account: row.count for row in rows}

    def is_even(self) -> bool:
        """Whether every account has sent as many messages as the others."""
        sent = self.sent()
        return sent.keys() == set(self.accounts) and len(set(sent.values())) == 1

    def advance(self, hours: float) -> None:
        """Move the clock of the world, and with it what happens in the ATS."""
        self.world.standing.advance(self.world.now + timedelta(hours=hours))

    def served(self, times: int, since: Counter[str] | None = None) -> Callable[[], bool]:
        """Whether every account was served so often since then."""
        before = since or Counter()
        return lambda: all(self.rounds()[name] - before[name] >= times for name in self.accounts)

    def describe(self) -> str:
        """What there is to see when something does not happen."""
        logs = [f"{one.log.name}: {one.log.read_text('utf-8')[-3000:]}" for one in self.workers]
        return "\n".join([str(dict(self.rounds())), *logs])

    def close(self) -> None:
        for one in self.workers:
            if one.process.poll() is None:
                one.process.kill()
            one.process.wait()
        self.world.close()


def make_fleet(world: World, url: str, count: int, every: str = "2s") -> Fleet:
    """Settings with `count` copies of the account acme on a store in PostgreSQL."""
    accounts = tuple(f"acme{number:03d}" for number in range(count))

    def change(before: str) -> str:
        kept = re.sub(r'url = "sqlite[^"]*"', f'url = "{url}"', before)
        sections = [one for one in re.split(r"(?m)^(?=\[)", kept) if "[rules]" not in one]
        own = [one for one in sections if re.match(r"\[accounts\.acme[\].]", one)]
        rest = [one for one in sections if not one.startswith("[accounts.")]
        copies = [
            one.replace("[accounts.acme", f"[accounts.{name}") for name in accounts for one in own
        ]
        notify = ("[notify]\n", '[notify]\nquiet_hours = ""\nmax_interruptions_per_day = 1000\n')
        more = MORE.format(every=every)
        return "".join([*(one.replace(*notify) for one in rest), *copies, more])

    (world.folder / "fleet.yaml").write_text(PACK, "utf-8")
    world.configure(change)
    return Fleet(world, url, accounts)


class OwnServer:
    """A PostgreSQL server of one test, which may be stopped and started again."""

    def __init__(self, running: Any) -> None:
        self._running = running
        self.url: str = running.get_uri()

    def stop(self) -> None:
        """End all sessions and stop, as `pg_ctl stop -m fast` does; return when it has stopped."""
        postmaster = self._running.get_postmaster_info().process
        postmaster.send_signal(signal.SIGINT)
        postmaster.wait(60)

    def start(self) -> None:
        """Start on the same data and socket; return when it takes connections."""
        self._running.ensure_postgres_running()
        assert self._running.get_uri() == self.url


@pytest.fixture
def own_server(server: str) -> Iterator[OwnServer]:
    """A server beside that of the session, in whose folder both have their sockets."""
    del server
    with run_server() as running:
        yield OwnServer(running)


@pytest.fixture
def own_fleet(new_world: Callable[..., World], own_server: OwnServer) -> Iterator[Fleet]:
    """Three accounts on a server that may be restarted; no worker yet."""
    url = make_url(own_server.url).set(drivername="postgresql")
    made = make_fleet(new_world(40), url.render_as_string(hide_password=False), 3)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def fleet(
    new_world: Callable[..., World], databases: Databases, request: pytest.FixtureRequest
) -> Iterator[Fleet]:
    """Three accounts, or as many as the test's parameter says; no worker yet."""
    count = getattr(request, "param", 3)
    with databases.lend() as url:
        made = make_fleet(new_world(40), url, count, every="2s" if count < MANY else "1m")
        made.quick = count < MANY
        try:
            yield made
        finally:
            made.close()
            made.execute("DROP SCHEMA IF EXISTS atsbridge_queue CASCADE")
