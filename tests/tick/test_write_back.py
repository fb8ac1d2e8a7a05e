"""Writing into the ATS, through whole ticks: shown first, allowed one by one, taken off again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

PACK = """\
version: 1
overrides:
  - id: feedback-late
    target: 1h
    steps:
      - {at: "80%", to: seat.user, via: dm}
      - {at: due, to: seat.user, via: dm}
      - {at: due, to: ats, tag: feedback late}
      - {at: due, to: ats, set: {field: custom.sla, value: late}}
      - {at: +2bd, to: requisition.hiring_manager, via: dm, max: 1}
"""


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """Acme allows tags and no fields; an afternoon in which feedback has just become late."""
    made = new_world(120)
    (made.folder / "notes.yaml").write_text(PACK, "utf-8")
    allowed = 'write = ["application_note"]'
    made.configure(
        lambda text: text.replace("[notify]", '[notify]\nquiet_hours = ""').replace(
            allowed, 'write = ["tag"]'
        )
    )
    assert made.tick().code == 0
    made.standing.advance(made.now + timedelta(hours=33))
    yield made
    made.close()


def told(world: Any, step: int) -> set[tuple[str, str | None]]:
    """(state, why) of what the step of the rule made in acme."""
    query = (
        "SELECT state, coalesce(hold, drop_code, error_text) FROM notices"
        " WHERE account = 'acme' AND step = ? AND rule = ?"
    )
    with closing(sqlite3.connect(world.store)) as base:
        return set(base.execute(query, (step, "feedback-late")).fetchall())


def test_marks_are_shown_first_put_on_and_taken_off_with_their_cases(world: Any) -> None:
    """A dry run names each write and writes nothing; what is not allowed has its reason."""
    now = world.now.isoformat()
    planned = json.loads(world.call("run", "--dry-run", "--json", "--now", now).out)
    would = [line for account in planned["accounts"] for line in account["planned_actions"]]
    refused = "the account does not allow application_field to be written"
    marks = [(line["to"].partition("#")[2], line) for line in would if "#" in line["to"]]
    assert {(mark, line["does"]) for mark, line in marks} == {
        ("tag=feedback late", "send"),
        ("custom.sla=late", "drop"),
    }
    assert {line["reason"] for mark, line in marks if line["does"] == "drop"} == {refused}
    assert writes(world) == []

    assert world.tick().code == 0
    written = world.standing.fakes["acme"].server.app.truth.written
    assert ("sent", None) in told(world, 2)
    assert told(world, 3) == {("dropped", "write_not_allowed")}
    put = set(written.applied)
    assert put
    assert written.field_values == {}

    world.standing.advance(world.now + timedelta(days=3))
    assert world.tick().code == 0
    assert put - set(written.applied)
    assert ("sent", None) in told(world, -1)


def test_what_greenhouse_reminds_of_is_left_to_it(world: Any) -> None:
    """No direct message to interviewers; `explain` says why, and the rest of the step goes on."""
    world.configure(
        lambda text: text.replace(
            "[accounts.acme]\n", '[accounts.acme]\nnative_reminders = "greenhouse-default"\n'
        )
    )
    assert world.tick().code == 0
    why = "Greenhouse itself reminds interviewers of their scorecards every day"
    assert told(world, 1) == {("dropped", "ats_reminds")}
    assert ("sent", None) in told(world, 2)
    with closing(sqlite3.connect(world.store)) as base:
        ((case,),) = base.execute(
            "SELECT number FROM cases WHERE rule = 'feedback-late' LIMIT 1"
        ).fetchall()
    assert why in " ".join(world.call("explain", str(case)).out.split())


def writes(world: Any) -> list[str]:
    """Every request to an ATS that would change something."""
    return [
        path
        for fake in world.standing.fakes.values()
        for method, path, _ in fake.server.log
        if method != "GET" and path not in ("/token", "/introspect")
    ]
