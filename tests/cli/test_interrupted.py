"""Ctrl-C in the middle of a run: it ends at once, and the next run finds no account locked."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from atsbridge.sandbox.http.fake_server import Request, Response


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40)
    yield made
    made.close()


def hold(server: Any, asked: threading.Semaphore, go: threading.Event) -> None:
    """Let the first request to a server wait until it may go on."""
    app, once = server.app, threading.Lock()

    def answer(request: Request) -> Response:
        if once.acquire(blocking=False):
            asked.release()
            go.wait(60)
        response: Response = app(request)
        return response

    server.app = answer


def test_an_interrupted_run_leaves_no_account_locked(world: Any) -> None:
    """Every account is at work when Ctrl-C comes; the next run takes them all."""
    asked, go = threading.Semaphore(0), threading.Event()
    for fake in world.standing.fakes.values():
        hold(fake.server, asked, go)
    command = ("run", "--now", world.now.isoformat())
    try:
        process = world.start(*command)
        for _ in world.standing.fakes:
            assert asked.acquire(timeout=60), "each account holds its lock and waits for an answer"
        assert world.call(*command).code == 4, "locked while the first run lives"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (130, b"atsbridge: interrupted\n")
        again = world.call(*command)  # before the hosts have answered the interrupted run
        assert (again.code, again.err) == (0, "")
    finally:
        go.set()
