"""`atsbridge listen` says what it does, ends within two seconds, and refuses in one line."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40)
    yield made
    made.close()


def with_app_token(config: Path, token: str) -> None:
    text = config.read_text("utf-8")
    config.write_text(text.replace('kind = "slack"\n', f'kind = "slack"\napp_token = "{token}"\n'))


def test_it_ends_at_once_and_says_what_waits(world: Any) -> None:
    """On Ctrl-C, while it is connected to every workspace."""
    slacks = list({id(one): one for one in world.standing.slacks.values()}.values())
    with_app_token(world.config, slacks[0].app_token)
    process = world.start("listen")
    try:
        for one in slacks:
            assert one.socket_mode.wait_for(1)
        for _ in range(100):
            if "`atsbridge listen` is running" in (shown := world.call("doctor").out):
                break
        assert "`atsbridge listen` is running" in " ".join(shown.split())
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    first, *_, last = err.decode().splitlines()
    assert process.returncode == 0
    assert first.startswith("Listening for replies in slack")
    assert last == ("Stopped. Stored 0, explained 0; 0 replies wait for the next `atsbridge run`.")


def test_without_a_token_it_says_what_to_set(world: Any) -> None:
    outcome = world.call("listen")
    assert outcome.code == 2
    assert "no sink receives replies by itself" in outcome.err
    assert "app_token" in outcome.err


def test_a_wrong_kind_of_token_is_found_by_every_command(world: Any) -> None:
    """And the token is not shown."""
    with_app_token(world.config, "xoxb-pasted-into-the-wrong-line")
    outcome = world.call("status")
    assert outcome.code == 2
    assert "this is no app-level token" in outcome.err
    assert "pasted" not in outcome.err


def test_doctor_tries_the_app_token(world: Any) -> None:
    slack = next(iter(world.standing.slacks.values()))
    with_app_token(world.config, slack.app_token)
    good = world.call("doctor")
    assert "app token" in good.out
    assert "nobody receives the buttons" in " ".join(good.out.split())
    assert good.code == 0
    slack.app_scopes.clear()
    bad = world.call("doctor")
    assert bad.code == 1
    assert "connections:write" in bad.out
