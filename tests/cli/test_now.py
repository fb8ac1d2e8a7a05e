"""`--now`: which instants it takes, and that a made-up time never sends by surprise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.cli.options import parse_instant
from atsbridge.cli.run import _guard_now
from atsbridge.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-03-07T10:00Z", 10),
        ("2026-03-07T10:00:00+00:00", 10),
        ("2026-03-07T10:00+02:00", 8),
        ("2026-07-07T10:00[Europe/Lisbon]", 9),
        (" 2026-03-07 10:00Z ", 10),
    ],
)
def test_an_instant_is_taken_as_packs_write_it(text: str, hour: int) -> None:
    """With an offset, or with a zone behind it."""
    assert parse_instant(text).hour == hour
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["2026-03-07", "2026-03-07Z", "2026-03-07T10:00", "2026-03-07 10:00"]
)
def test_what_is_advised_is_taken(text: str) -> None:
    """Both forms that the error writes, on the day that was meant."""
    with pytest.raises(ConfigError) as caught:
        parse_instant(text)
    first, second = caught.value.remedy.removeprefix("Write ").split(", or with a zone ")
    advised = (first, second)
    assert {parse_instant(one).date() for one in advised} == {
        datetime(2026, 3, 7, tzinfo=UTC).date()
    }


@pytest.mark.parametrize(
    "text", ["", "noon", "yesterday", "07.03.2026", "2026-13-01T10:00Z", "9" * 99]
)
def test_what_is_no_instant_is_refused_in_one_line(text: str) -> None:
    """With an example."""
    with pytest.raises(ConfigError, match="is not an instant") as caught:
        parse_instant(text)
    assert "2026-03-06T16:00Z" in caught.value.remedy


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40)
    yield made
    made.close()


def test_servers_on_this_machine_get_nothing_unless_it_is_meant(world: Any) -> None:
    """They may be a tunnel to real ones: --dry-run or --yes. The sandbox is known by its clock."""
    world.configure(lambda text: re.sub(r"clock_file = .*\n", "", text))
    refused = world.call("run", "--now", world.now.isoformat())
    assert refused.code == 2
    assert "--dry-run" in refused.err
    assert "--yes" in refused.err
    assert not any(slack.everything() for slack in world.standing.slacks.values())


@pytest.mark.parametrize(
    ("sandboxed", "clock_file", "yes", "allowed"),
    [
        (True, "clock", False, True),
        (True, "", True, True),
        (True, "", False, False),
        (False, "", True, False),
    ],
)
def test_yes_is_believed_on_this_machine_only(
    sandboxed: bool, clock_file: str, yes: bool, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To servers elsewhere a made-up time never sends, whatever is said."""
    run = SimpleNamespace(clock_file=clock_file)
    monkeypatch.setattr("atsbridge.app.is_sandboxed", lambda _: sandboxed, raising=False)
    app: Any = SimpleNamespace(settings=SimpleNamespace(run=run))
    if allowed:
        _guard_now(app, yes=yes)
        return
    with pytest.raises(ConfigError, match="--now"):
        _guard_now(app, yes=yes)
