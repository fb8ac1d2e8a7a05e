"""A first load may be killed, and two runs may meet: each account has one at a time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from atsbridge.sandbox.http.fake_server import Request, Response


def test_a_first_load_that_is_killed_goes_on_where_it_was(
    killer: Callable[..., Any],
    differences: Callable[..., list[str]],
    read_all: Callable[[Any], int],
) -> None:
    """Killed three times at its requests, it ends like one that was not, and what was stored
    by then is not new again."""
    disturbed, peaceful = killer(100), killer(100)
    whole = read_all(peaceful.world)
    for number in (12, 9, 6):
        assert disturbed.at_request(number, "sync", answered=False, which=lambda _: True)
    rest = read_all(disturbed.world)
    assert "\n".join(differences(disturbed.world, peaceful.world)) == ""
    assert 0 < rest < whole


@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
def test_of_two_ticks_at_once_one_goes_home(new_world: Callable[..., Any], stopped: bool) -> None:
    """While every account is at work the other run skips them and exits 4; the first goes on. So
    it is while the first is stopped (SIGSTOP): it holds its accounts until it ends or dies."""
    world = new_world(40)
    inside, go = threading.Barrier(len(world.standing.fakes) + 1), threading.Event()
    for fake in world.standing.fakes.values():
        _hold(fake.server, inside, go)
    command = ("run", "--now", world.now.isoformat())
    try:
        first = world.start(*command)
        inside.wait(60)
        if stopped:
            first.send_signal(signal.SIGSTOP)
        second = world.call(*command)
        go.set()
        first.send_signal(signal.SIGCONT)
        _, err = first.communicate()
        assert (second.code, second.out, second.err) == (4, "", "")
        assert (first.returncode, err) == (0, b"")
    finally:
        go.set()
        world.close()


def _hold(server: Any, inside: threading.Barrier, go: threading.Event) -> None:
    """Let the first request to a server wait until it may go on."""
    app, once = server.app, threading.Lock()

    def answer(request: Request) -> Response:
        if once.acquire(blocking=False):
            inside.wait(60)
            go.wait(60)
        response: Response = app(request)
        return response

    server.app = answer
