"""A company that never wrote a zone down: the chat is asked for who owes, the rest is named."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest


def bare(text: str) -> str:
    """The configuration without any zone, country or region."""
    text = re.sub(r"(?m)^\[offices\.[^\n]*\n(\w+ = [^\n]*\n)*", "", text)
    return re.sub(r"(?m)^(timezone|country|region) = [^\n]*\n", "", text)


@pytest.fixture(scope="module")
def lived(new_world: Callable[..., Any]) -> Iterator[Any]:
    """One that was read, and then ran for two days."""
    made = new_world(400)
    made.configure(bare)
    made.call("sync")
    doctor = json.loads(made.call("doctor", "--account", "acme", "--json").out)["sections"]["acme"]
    summaries = [run(made, hours) for hours in (0, 30, 24)]
    with sqlite3.connect(made.store) as store:
        number, place = store.execute(
            "SELECT c.number, u.calendar FROM cases c JOIN users u"
            " ON u.account = c.account AND u.id = c.owed_by WHERE c.ending IS NULL"
        ).fetchone()
    explained = made.call("explain", str(number)).out
    yield SimpleNamespace(
        world=made, doctor=doctor, summaries=summaries, place=place, explained=explained
    )
    made.close()


def run(world: Any, hours: int) -> dict[str, Any]:
    """The summary of a run so many hours later, by account."""
    world.standing.advance(world.now + timedelta(hours=hours))
    outcome = world.call("run", "--json", "--now", world.now.isoformat())
    assert outcome.code in (0, 3), outcome.err
    return {one["account"]: one for one in json.loads(outcome.out)["accounts"]}


def test_the_doctor_names_who_has_no_zone(lived: Any) -> None:
    """Some of them, how many more, and what to write."""
    zones = next(check for check in lived.doctor if check["what"] == "time zones")
    assert not zones["good"]
    assert re.search(r"not known of \d+ people: \S+@\S+,.* and \d+ more", zones["detail"])
    assert "[accounts.acme]" in zones["remedy"]


def test_the_zone_of_who_owes_comes_from_the_chat(lived: Any) -> None:
    """Asked for before anything is decided; `explain` says where it comes from."""
    for summary in lived.summaries:
        for account in summary.values():
            assert account["people_without_zone"] == []
    assert lived.summaries[-1]["acme"]["people_without_country"]
    assert lived.place.partition("|")[0] not in ("", "UTC")
    assert "(the profile in the chat)" in lived.explained


def test_who_is_not_in_the_chat_either_is_named(lived: Any) -> None:
    """In every summary, and to ops once."""
    slack = lived.world.standing.find_slack("acme")
    for person in lived.world.standing.companies["acme"].people:
        slack.deactivate(person.email)
    with sqlite3.connect(lived.world.store) as store:
        store.execute("DELETE FROM cache WHERE key LIKE 'zones/%'")
    for hours in (1, 24):
        assert run(lived.world, hours)["acme"]["people_without_zone"]
    said = [message["text"] for _, message in slack.everything()]
    assert sum("without a time zone" in text for text in said) == 1
