"""`atsbridge webhooks ACCOUNT`: what to configure, and whether webhooks arrive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.app import open_services
from atsbridge.ports import ReceivedHints


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40, both=True)
    yield made
    made.close()


def document(world: Any) -> dict[str, Any]:
    found = world.call("webhooks", "acme", "--json")
    return {**json.loads(found.out), "exit": found.code}


def test_what_to_configure(world: Any) -> None:
    """The address, the secret's setting, the events; never the secret."""
    before = world.call("webhooks", "acme")
    assert before.code == 0
    assert "https://YOUR-HOST/webhooks/acme" in before.out
    assert "webhook_secret_file" in before.out
    secret = '[accounts.acme]\nwebhook_secret = "planted-4711"\n'
    world.configure(lambda text: text.replace("[accounts.acme]\n", secret))
    world.configure(lambda text: text + '\n[serve]\npublic_url = "https://h.acme.example/"\n')
    after = world.call("webhooks", "acme")
    assert "https://h.acme.example/webhooks/acme" in after.out
    assert "candidate_stage_change" in after.out
    assert "None has arrived yet" in after.out
    assert "planted-4711" not in after.out
    assert document(world) | {"events": []} == {
        "version": 1,
        "account": "acme",
        "url": "https://h.acme.example/webhooks/acme",
        "events": [],
        "secret_is_set": True,
        "received": 0,
        "received_at": None,
        "repeated": 0,
        "refused": 0,
        "refused_at": None,
        "refusal": None,
        "waiting": 0,
        "missed": 0,
        "quiet": False,
        "exit": 0,
    }


def test_an_account_that_does_not_exist(world: Any) -> None:
    outcome = world.call("webhooks", "acm")
    assert outcome.code == 2
    assert "acme" in outcome.err


def test_a_vendor_that_goes_quiet_is_reported(world: Any) -> None:
    """By this command, by status and by doctor; not before runs have found enough by themselves."""
    assert world.tick().code == 0
    with open_services(world.config) as services:
        hints = services.store.hints
        hints.receive([ReceivedHints("acme", world.now)], 10)
        hints.note_polled("acme", 2)
    world.standing.clock.advance(world.now + timedelta(hours=7))
    assert (document(world)["quiet"], document(world)["exit"]) == (False, 0)
    with open_services(world.config) as services:
        services.store.hints.note_polled("acme", 1)
    assert (document(world)["quiet"], document(world)["exit"]) == (True, 3)
    assert "They stopped" in world.call("webhooks", "acme").out
    assert "webhooks stopped coming" in world.call("status").out
    accounts = json.loads(world.call("status", "--json").out)["accounts"]
    assert [one["webhooks_quiet"] for one in accounts] == [True, False]
    assert "webhooks  stopped" in " ".join(
        world.call("doctor", "--account", "acme").out.split("\n")
    )
    with open_services(world.config) as services:
        services.store.hints.receive([ReceivedHints("acme", world.now)], 10)
    assert document(world)["quiet"] is False


def test_runs_count_new_applications(world: Any) -> None:
    """Once a webhook has come, what runs find without one is counted."""
    assert world.tick().code == 0
    with open_services(world.config) as services:
        services.store.hints.receive([ReceivedHints("acme", world.now)], 10)
    world.standing.advance(world.now + timedelta(days=6))
    assert world.tick().code == 0
    assert document(world)["missed"] > 0
