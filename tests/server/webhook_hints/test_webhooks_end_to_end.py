"""From a signed webhook of the sandbox's ATS to a message in the chat, by the server alone."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import requests
from tests.conftest import World

from atsbridge.app import open_services
from atsbridge.context import FailureCode, RunState
from atsbridge.ports import ReceivedHints, RefreshHint
from atsbridge.server import LiveServer
from atsbridge.tick import refresh_hinted

TOKEN = "planted-token-of-the-tests-4711"


@pytest.fixture
def world(new_world: Callable[..., World]) -> Iterator[World]:
    """A company after a day of runs, whose account takes webhooks."""
    made = new_world(100, seed=5)
    fake = made.standing.fakes["acme"]
    secret = f'[accounts.acme]\nwebhook_secret = "{fake.webhook_secret}"\n'
    made.configure(lambda text: text.replace("[accounts.acme]\n", secret))
    made.configure(lambda text: text + f'\n[serve]\ntoken = "{TOKEN}"\n')
    for _ in range(2):
        assert made.tick().code == 0
        made.standing.clock.advance(made.now + timedelta(hours=9))
    assert made.tick().code == 0
    yield made
    made.close()


@contextmanager
def served(world: World) -> Iterator[tuple[LiveServer, io.StringIO]]:
    log = io.StringIO()
    with open_services(world.config) as services:
        server = LiveServer(services, bind="127.0.0.1:0", out=log)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield server, log
        finally:
            server.stop()
            thread.join(20)


def live_applications(world: World) -> list[str]:
    """Ids of the company's applications that are not closed, as the ATS writes them."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(world.store)) as connection:
        rows = connection.execute(
            "SELECT id FROM applications WHERE account = 'acme' AND status = 'active'"
        )
        return [row[0] for row in rows]


def stored(world: World) -> list[Any]:
    """Everything of the active applications that runs compare."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(world.store)) as connection:
        return connection.execute(
            "SELECT id, status, stage, last_activity_at FROM applications"
            " WHERE account = 'acme' ORDER BY id"
        ).fetchall()


def send(world: World, server: LiveServer, kind: str, id_: str) -> int:
    fake = world.standing.fakes["acme"]
    assert fake.sign_webhook is not None
    body, headers = fake.sign_webhook(kind, id_)
    url = f"{server.url}/webhooks/acme"
    return requests.post(url, data=body, headers=dict(headers), timeout=20).status_code


def count_messages(world: World) -> int:
    """Messages that were sent to the chat or edited there."""
    log = world.standing.find_slack("acme").server.log
    return sum(path.endswith(("chat.postMessage", "chat.update")) for _, path, _ in log)


def until(condition: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)  # polls a condition of another thread


def actions(log: io.StringIO, action: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [one for one in lines if one["action"] == action]


def test_a_change_is_read_and_told_without_a_run(world: World) -> None:
    """Every hint is read; the chat is edited or written to; the next run finds nothing more."""
    before, messages = stored(world), count_messages(world)
    ids = live_applications(world)
    assert ids
    world.standing.advance(world.now + timedelta(days=3))
    with served(world) as (server, log):
        assert [send(world, server, "application", one) for one in ids] == [200] * len(ids)
        assert send(world, server, "ping", "1") == 200
        until(lambda: sum(one["hints"] for one in actions(log, "hints")) >= len(ids))
    after = stored(world)
    assert after != before
    assert count_messages(world) > messages
    assert actions(log, "hints_failed") == []
    known = {row[0]: row for row in after}
    assert world.call("run", "--now", world.now.isoformat()).code == 0
    assert [row for row in stored(world) if row[0] in ids] == [known[one] for one in sorted(ids)]


def test_a_run_that_holds_the_account_is_waited_for(world: World) -> None:
    """And the pages stay readable meanwhile."""
    world.standing.clock.advance(world.now + timedelta(minutes=1))
    one = live_applications(world)[0]
    with served(world) as (server, log):
        with server.services.store.lock("acme"):
            assert send(world, server, "application", one) == 200
            page = requests.get(
                server.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20
            )
            assert page.status_code == 200
            time.sleep(1.5)  # the worker tries meanwhile
            assert actions(log, "hints") == []
        until(lambda: bool(actions(log, "hints")))
    assert actions(log, "hints")[0]["hints"] == 1


def test_what_an_earlier_process_stored_is_read(world: World) -> None:
    """By the next server, or by the next run."""
    world.standing.clock.advance(world.now + timedelta(minutes=1))
    first, second, *_ = live_applications(world)
    with served(world) as (server, _):
        server._worker.stop()
        assert send(world, server, "application", first) == 200
    with served(world) as (server, log):
        until(lambda: bool(actions(log, "hints")))
        server._worker.stop()
        assert send(world, server, "application", second) == 200
    assert world.tick().code == 0
    with open_services(world.config) as services:
        assert services.store.hints.count_pending() == {}


@pytest.mark.parametrize("answers", [False, True])
def test_a_jump_of_the_clock_is_believed_once_the_ats_answers(world: World, answers: bool) -> None:
    """As in a whole run: until then nothing is evaluated, and the next run doubts it as well."""
    assert world.tick().code == 0
    before = world.now
    world.standing.clock.advance(before + timedelta(days=2))
    hint = RefreshHint("application", (live_applications(world)[0],), f"key-{answers}", None)
    fake = world.standing.fakes["acme"]
    if not answers:
        fake.server.faults.add("", None, status=503)
    with open_services(world.config) as services:
        services.store.hints.receive([ReceivedHints("acme", world.now, [hint])], 10)
        done = refresh_hinted(services, "acme")
        last = RunState(services.store.run_state, "acme").read_last_run()
    fake.server.faults.clear()
    assert [one.code for one in done.failures] == [FailureCode.CLOCK_JUMP] * (not answers)
    assert (last == before) is not answers


def test_an_ats_that_does_not_answer_costs_no_hint(world: World) -> None:
    """It is tried again after a pause; pages and other accounts go on."""
    world.standing.clock.advance(world.now + timedelta(minutes=1))
    one = live_applications(world)[0]
    fake = world.standing.fakes["acme"]
    with served(world) as (server, log):
        fake.server.faults.add("/v3/applications", method="GET", status=403)
        assert send(world, server, "application", one) == 200
        until(lambda: sum(hit["hints"] for hit in actions(log, "hints")) == 1)
        assert any(hit["left"] == 1 for hit in actions(log, "hints"))
