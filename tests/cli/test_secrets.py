"""Secrets, and candidates' names and addresses: planted, then looked for in all that leaves."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(700, both=True)
    yield made
    made.close()


def secrets(world: Any) -> dict[str, str]:
    """What must never be seen: name -> text."""
    settings = {name: fake.settings for name, fake in world.standing.fakes.items()}
    found = {
        "client_secret": settings["acme"]["client_secret"],
        "client_id": settings["acme"]["client_id"],
        "api_key": settings["globex"]["api_key"],
    }
    for name, slack in world.standing.slacks.items():
        slack.token = found[name] = f"xoxb-{name}-c0ffee4711"
    return found


def candidates(world: Any) -> dict[str, str]:
    """The full names and addresses of all candidates."""
    found: dict[str, str] = {}
    for account, company in world.standing.companies.items():
        for one in company.records("candidate"):
            found[f"{account} {one} name"] = " ".join(company.candidate_name(one))
            found[f"{account} {one} e-mail"] = company.candidate_email(one)
    staff = {one.name for company in world.standing.companies.values() for one in company.people}
    return {what: value for what, value in found.items() if value not in staff}  # namesakes


def planted(world: Any, secret: Mapping[str, str], person: str) -> None:
    """Every kind of fault, each with an answer that repeats what it was sent."""
    told = f"no {secret['client_secret']} {secret['client_id']} for {person}"
    mine = f"no {secret['api_key']} for {person}"
    acme, globex = (world.standing.fakes[name].server for name in ("acme", "globex"))
    acme.faults.add("/v3/offers", 1, status=422, body={"message": told, "errors": [told]})
    acme.faults.add("/v3/scorecards", 1, status=403, body={"message": told})
    acme.faults.add("/v3/jobs$", 5, status=500, body={"message": told})
    acme.faults.add("/v3/interviews", 5, truncate=True)
    globex.faults.add("/v1/opportunities", 1, status=400, body={"code": "X", "message": mine})
    globex.faults.add("/v1/postings", 5, html=True)


def planted_on_the_way_out(world: Any, secret: Mapping[str, str], person: str) -> None:
    """The same for what is written: a note of which the answer is lost, refused messages."""
    told = f"no {secret['client_secret']} for {person}"
    notes = world.standing.fakes["acme"].server.faults
    notes.add("/v3/notes", 1, method="POST", status=500, body={"message": told}, handled=True)
    for name, slack in world.standing.slacks.items():
        body = {"ok": False, "error": f"internal_error {secret[name]} {person}"}
        slack.server.faults.add("/api/chat.postMessage", 1, body=body)


def stored(world: Any) -> str:
    """Everything the store says of what was done, as one text."""
    texts = []
    with closing(sqlite3.connect(world.store)) as base:
        for table in ("notices", "transitions", "cases", "streams", "cache", "own_writes"):
            texts += [repr(row) for row in base.execute(f"SELECT * FROM {table}")]
    return "\n".join(texts)


def test_nothing_planted_comes_out(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Outputs, logs at the highest verbosity, the store's own tables, chats and notes."""
    secret = secrets(world)
    people = candidates(world)
    reports = f'[run]\nping_url = "{PING}"\nlog_file = "log"\nmetrics_file = "metrics"'
    settings = world.standing.config().replace("[run]", reports, 1)
    world.config.write_text(settings + RULES, "utf-8")
    company = world.standing.companies["acme"]
    person = company.candidate_email(next(iter(company.records("candidate"))))
    caplog.set_level(logging.DEBUG)
    texts: dict[str, str] = {}
    for number, hours in enumerate((0, 20, 20, 20, 20)):
        world.standing.advance(world.now + timedelta(hours=hours))
        planted_on_the_way_out(world, secret, person)
        if number % 2:  # in between everything can be read, so that something is said
            planted(world, secret, person)
        outcome = world.call("run", "--now", world.now.isoformat(), *(["--json"] * (number == 2)))
        texts[f"output of tick {number}"] = outcome.out + outcome.err
    for command in ("doctor", "plan", "cases list", "sync --full", "rules list"):
        outcome = world.call(*command.split())
        texts[command] = outcome.out + outcome.err
    texts["log"] = caplog.text
    texts["log file"] = (world.folder / "log").read_text("utf-8")
    texts["metrics"] = (world.folder / "metrics").read_text("utf-8")
    texts["store"] = stored(world)
    sent = [one for slack in world.standing.slacks.values() for one in slack.everything()]
    texts["slack"] = json.dumps([one for one in sent if "@" not in one[0]], default=str)
    direct = json.dumps([one for one in sent if "@" in one[0]], default=str)
    texts["notes"] = "\n".join(
        note.body for company in world.standing.companies.values() for note in company.notes
    )
    hidden = secret | people | {"ping_url": PING, "ping token": PING.rpartition("/")[2]}
    leaks = [
        (where, what, text[max(0, text.find(value) - 80) : text.find(value) + 80])
        for where, text in texts.items()
        for what, value in hidden.items()
        if value in text
    ]
    # The hiring team may read a candidate's name in a direct message, and nothing else of them.
    never = {what: value for what, value in hidden.items() if not what.endswith(" name")}
    leaks += [("direct messages", what, "") for what, value in never.items() if value in direct]
    assert leaks == []
    assert len(direct) > 100
    assert len(people) > 300
    lengths = {where: len(text) for where, text in texts.items()}
    full = ("log", "log file", "metrics", "store", "slack", "notes")
    assert all(lengths[where] > 100 for where in full), lengths
    assert "***" in texts["output of tick 1"]
    assert "[run] ping_url: the ping was not taken" in texts["output of tick 0"]
    assert '"action": "send"' in texts["log file"]
    assert "@" not in texts["log file"]


PING = "http://127.0.0.1:9/hc-ping-5ec2e7d0"  # where nobody listens
RULES = '\n[rules]\npacks = ["builtin:responsiveness", "notes.yaml"]\n'
