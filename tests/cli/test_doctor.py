"""`atsbridge doctor`: host, credential, permissions, and which live rule needs what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40)
    yield made
    made.close()


def lines(world: Any, account: str) -> dict[str, dict[str, object]]:
    found = world.call("doctor", "--account", account, "--json")
    return {line["what"]: {**line, "code": found.code} for line in json.loads(found.out)[account]}


def test_a_good_account_is_good(world: Any) -> None:
    """Host, TLS, clock and credential first, then a line for every list; exit 0."""
    for account in ("acme", "globex"):
        found = lines(world, account)
        assert {"host", "TLS", "clock", "credential", "read users"} <= found.keys()
        assert all(line["good"] for line in found.values())
        assert next(iter(found.values()))["code"] == 0


def test_a_list_that_is_missing_names_the_rules_that_need_it(world: Any) -> None:
    """And those that no live rule needs are told as such."""
    for path in ("/scorecards$", "/departments$"):
        world.standing.fakes["acme"].server.faults.add(path, times=None, status=403, body={})
    found = lines(world, "acme")
    assert "needed by feedback-late" in str(found["read scorecards"]["detail"])
    assert "harvest:scorecards:list" in str(found["read scorecards"]["remedy"])
    assert "no live rule needs it" in str(found["read departments"]["detail"])
    assert found["host"]["code"] == 1


def test_what_an_ats_cannot_write_is_told(world: Any) -> None:
    """The account's `write` is held against the connector."""
    world.configure(
        lambda text: (
            text.replace('connector = "lever"', 'connector = "lever"\nwrite = ["tag"]', 1)
            if "write" not in text.split("[accounts.globex]")[1]
            else text.replace('write = ["application_note"]', 'write = ["tag"]')
        )
    )
    found = lines(world, "globex")
    assert found["write tag"]["good"] is False
    assert "application_note" in str(found["write tag"]["remedy"])
