"""Runs killed at random instants, and what a world holds when they are over."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from tests.torture.warm_runs import WarmRuns

_KEY = re.compile(r"\[atsbridge ([0-9a-f]+)\]")
_PORT = re.compile(r"127\.0\.0\.1:\d+")
# What may differ between two worlds, or between one try and two: numbers given by the database,
# the chat service's own stamps, how often a message was tried, what can be computed again.
_SET_ASIDE = {
    "cases": {"number"},
    "changes": {"number"},
    "notices": {"case_number", "attempts", "receipt", "replies"},
    "own_writes": {"written"},
    "streams": {"number"},
    "transitions": {"number", "case_number"},
}
_OF_CASE = {"transitions", "notices"}
# A row of the agenda may come early: how early depends on which tick wrote it. That it is never
# late is held by the nightly pass, which fails a run where the agenda had missed somebody. Each
# hold of an account takes a fencing number, so that more runs take more of them.
_NOT_COMPARED = {"agenda", "cache", "digests", "fences", "meta", "sqlite_sequence"}


def contents(store: Path) -> dict[str, Counter[Any]]:
    """Every table as a bag of rows, without what is set aside; cases named, not numbered."""
    with closing(sqlite3.connect(store)) as base:
        base.row_factory = sqlite3.Row
        tables = [r[0] for r in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        named = {
            row["number"]: (row["account"], row["rule"], row["kind"], row["id"], row["opened_at"])
            for row in base.execute("SELECT * FROM cases")
        }
        found: dict[str, Counter[Any]] = {}
        for table in sorted(set(tables) - _NOT_COMPARED):
            rows = base.execute(f"SELECT * FROM {table}")
            found[table] = Counter(_row(table, row, named) for row in rows)
    return found


def _row(table: str, row: sqlite3.Row, cases: dict[int, Any]) -> Any:
    aside = _SET_ASIDE.get(table, set())
    values = [(name, _plain(row[name])) for name in row.keys() if name not in aside]  # noqa: SIM118
    if table in _OF_CASE:
        values.append(("case", cases.get(row["case_number"])))
    return tuple(values)


def _plain(value: Any) -> Any:
    return _PORT.sub("HOST", value) if isinstance(value, str) else value


def chat(world: Any) -> Counter[Any]:
    """Every message in every Slack: where it stands, its key, whose thread, what it says now."""
    found: Counter[Any] = Counter()
    for name, slack in world.standing.slacks.items():
        everything = slack.everything()
        keys = {message["ts"]: _key(message) for _, message in everything}
        for room, message in everything:
            thread = keys.get(message.get("thread_ts", ""), "")
            text = _PORT.sub("HOST", repr((message["text"], message.get("blocks"))))
            found[name, room, _key(message), thread, text] += 1
    return found


def _key(message: Any) -> str:
    return str(message["metadata"]["event_payload"]["key"])


def sent(world: Any) -> Counter[str]:
    """How often each message and each note stands in the world, by its key."""
    found: Counter[str] = Counter()
    for slack in world.standing.slacks.values():
        found.update(_key(message) for _, message in slack.everything())
    for company in world.standing.companies.values():
        for note in company.notes:
            found.update(f"note {key}" for key in _KEY.findall(note.body))
    return found


def unsent(store: Path) -> list[Any]:
    """Notices that are due and went nowhere."""
    with closing(sqlite3.connect(store)) as base:
        return base.execute(
            "SELECT key, state, hold, error_text FROM notices"
            " WHERE state NOT IN ('sent', 'dropped')"
            " AND NOT (state IN ('queued', 'held') AND not_before IS NOT NULL)"
            " AND NOT (state = 'held' AND hold = 'shadow')"
        ).fetchall()


def _apart(row: Any, others: Counter[Any]) -> Any:
    """Of a row, what tells it from the nearest of the others; all of it where there is none."""
    nearest = max(
        others, key=lambda o: sum(a == b for a, b in zip(row, o, strict=False)), default=()
    )
    shared = [a == b for a, b in zip(row, nearest, strict=False)]
    if not isinstance(row, tuple) or sum(shared) < len(row) // 2:
        return row
    return tuple(a for number, a in enumerate(row) if number < 3 or not shared[number])


@dataclass
class Killer:
    """Kills runs of one world by SIGKILL; `kills` counts those that were still alive."""

    world: Any
    rng: random.Random
    kills: int = 0
    whole: float = 0.0  # seconds of a run that nobody disturbed
    ends: Counter[str] = field(default_factory=Counter)
    warm: WarmRuns | None = None  # forks the runs, in place of new processes

    def start(self, *command: str) -> Any:
        """A command as a process of its own."""
        if self.warm is None:
            return self.world.start(*command)
        return self.warm.start(*self.world.words(*command))

    def command(self) -> tuple[str, ...]:
        return ("run", "--now", self.world.now.isoformat())

    def at_random(self, *command: str, low: float = 0.0, high: float = 1.0) -> bool:
        """Start a run and kill it after a random share of a whole one; whether it was alive."""
        process = self.start(*(command or self.command()))
        try:
            process.wait(timeout=self.whole * self.rng.uniform(low, high))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            self.kills += 1
        said = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), said
        return process.returncode != 0

    def at_request(
        self,
        number: int,
        *command: str,
        answered: bool,
        which: Callable[[Any], bool] | None = None,
    ) -> bool:
        """Kill a run at its n-th request of delivery: before, or just after, it was granted.

        `which` picks other requests to count. Whether the run came so far.
        """
        counts = which or _delivers
        seen = Counter[str]()
        servers = [slack.server for slack in self.world.standing.slacks.values()]
        servers += [fake.server for fake in self.world.standing.fakes.values()]
        apps = [server.app for server in servers]

        def armed(app: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def answer(request: Any) -> Any:
                if not counts(request):
                    return app(request)
                seen["delivery"] += 1
                if seen["delivery"] != number:
                    return app(request)
                response = app(request) if answered else None
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                return _nothing() if response is None else response

            return answer

        for server in servers:
            server.app = armed(server.app)
        process = self.start(*(command or self.command()))
        process.communicate()
        for server, app in zip(servers, apps, strict=True):
            server.app = app
        killed = process.returncode == -signal.SIGKILL
        self.kills += killed
        assert killed or process.returncode == 0
        return killed

    def at_note(self) -> bool:
        """Kill a run when its first note was accepted, before it hears of it."""
        return self.at_request(1, answered=True, which=_writes_note)

    def undisturbed(self, *command: str) -> None:
        """A whole run as a process, measured; it must succeed."""
        began = perf_counter()
        process = self.start(*(command or self.command()))
        out, err = process.communicate()
        self.whole = max(self.whole, perf_counter() - began)
        assert process.returncode == 0, (out, err)


def found_to_the_end(world: Any) -> int:
    """How many records were found until the past was read too, which goes on sync by sync."""
    found = [_found(world)]
    while found[-1]:
        found.append(_found(world))
    return sum(found)


def _found(world: Any) -> int:
    """How many records a sync found that were not stored yet."""
    synced = world.call("sync", "--json")
    assert synced.code == 0, synced.err
    accounts = json.loads(synced.out)["accounts"]
    return sum(int(stream["new"]) for one in accounts for stream in one["streams"])


@pytest.fixture
def read_all() -> Callable[[Any], int]:
    """Sync a world until its past is read too; how many records that found."""
    return found_to_the_end


def _nothing() -> Any:
    from atsbridge.sandbox.http.fake_server import Response

    return Response(503, {"ok": False, "error": "service_unavailable"})


def _writes_note(request: Any) -> bool:
    """Whether a request leaves a note in an ATS."""
    return request.method == "POST" and request.path.rstrip("/").endswith("notes")


def _delivers(request: Any) -> bool:
    return request.path.startswith("/api/") or _writes_note(request)


@pytest.fixture
def killer(new_world: Callable[..., Any]) -> Iterator[Callable[..., Killer]]:
    """A world with someone who kills its runs; every one made is closed in the end."""
    made: list[Killer] = []

    def make(applications: int, seed: int = 1) -> Killer:
        made.append(Killer(new_world(applications, both=True), random.Random(seed)))
        return made[-1]

    yield make
    for one in made:
        if one.warm is not None:
            one.warm.close()
        one.world.close()


@pytest.fixture
def differences() -> Callable[[Any, Any], list[str]]:
    """What two worlds and their stores do not have in common; empty if they are alike."""

    def compare(one: Any, other: Any) -> list[str]:
        said: list[str] = []
        left, right = contents(one.store), contents(other.store)
        left["slack"], right["slack"] = chat(one), chat(other)
        left["sent"], right["sent"] = sent(one), sent(other)
        for table in sorted({*left, *right}):
            here, there = left[table] - right[table], right[table] - left[table]
            said += [f"{table}, only here: {_apart(row, there)}" for row in here]
            said += [f"{table}, only there: {_apart(row, here)}" for row in there]
        said += [f"{n} times: {key}" for key, n in sent(one).items() if n != 1]
        said += [f"not sent: {row}" for row in unsent(one.store)]
        return said

    return compare
