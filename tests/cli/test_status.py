"""`atsbridge status`: one screen that is true, and an exit code for a health check."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40, both=True)
    yield made
    made.close()


def documents(world: Any) -> dict[str, Any]:
    """Account -> its part of the JSON document."""
    found = world.call("status", "--json")
    accounts = json.loads(found.out)["accounts"]
    return {one["account"]: {**one, "exit": found.code} for one in accounts}


def test_before_the_first_run(world: Any) -> None:
    """Nothing is claimed about data that was never read."""
    acme = documents(world)["acme"]
    assert acme["last_run"] is None
    assert acme["oldest_read_at"] is None
    assert (acme["open_cases"], acme["lists_read"]) == (0, 0)
    assert "never" in world.call("status").out


def test_after_a_run_the_counts_are_those_of_the_listings(world: Any) -> None:
    """Open, late and shadow cases agree with `cases list`; sides add up to the open ones."""
    assert world.tick().code == 0
    cases = json.loads(world.call("cases", "list", "--json").out)["cases"]
    assert cases
    for name, one in documents(world).items():
        mine = [case for case in cases if case["account"] == name]
        live = [case for case in mine if not case["shadow"]]
        assert one["open_cases"] == len(live)
        assert one["shadow_cases"] == len(mine) - len(live)
        assert one["late_cases"] == sum(case["late"] for case in live)
        assert sum(one["cases_by_side"].values()) == len(live)
        assert one["last_run"] == world.now.isoformat()
        assert one["health"] == "good"
    sides = {side for one in documents(world).values() for side in one["cases_by_side"]}
    assert "hiring manager" in sides


def test_a_failed_list_is_a_problem_until_a_run_can_read_it(world: Any) -> None:
    """The problem, its remedy, and exit 1; the next run that works removes it."""
    world.tick()
    faults = world.standing.fakes["acme"].server.faults
    faults.add("/departments$", times=None, status=403, body={})
    world.standing.advance(world.now + timedelta(minutes=10))
    world.tick()
    acme = documents(world)["acme"]
    assert (acme["health"], acme["exit"]) == ("failed", 1)
    assert any("departments" in one["where"] and one["remedy"] for one in acme["problems"])
    assert documents(world)["globex"]["health"] == "good"
    faults.clear()
    world.standing.advance(world.now + timedelta(minutes=10))
    world.tick()
    assert documents(world)["acme"]["problems"] == []


def test_a_dry_run_changes_nothing_of_the_status(world: Any) -> None:
    """The problems stay those of the last real run."""
    world.tick()
    before = documents(world)["acme"]
    faults = world.standing.fakes["acme"].server.faults
    faults.add("/departments$", times=None, status=403, body={})
    world.call("run", "--dry-run", "--now", world.now.isoformat())
    assert documents(world)["acme"]["problems"] == before["problems"]


@pytest.mark.parametrize(("minutes", "overdue"), [(5, False), (29, False), (31, True)])
def test_a_run_is_overdue_after_three_intervals(world: Any, minutes: int, overdue: bool) -> None:
    """Cron that died is seen; one run that was skipped is not an alarm."""
    world.configure(lambda text: text.replace("[run]", '[run]\nevery = "10m"'))
    world.tick()
    expected = world.now + timedelta(minutes=10)
    world.standing.advance(world.now + timedelta(minutes=minutes))
    acme = documents(world)["acme"]
    assert acme["next_run"] == expected.isoformat()
    assert (acme["overdue"], acme["exit"]) == (overdue, 1 if overdue else 0)


def test_old_data_is_named(world: Any) -> None:
    """Lists that are too old for rules are named; somebody should look: exit 3."""
    world.tick()
    world.standing.advance(world.now + timedelta(days=2))
    acme = documents(world)["acme"]
    assert "interviews" in acme["stale_lists"]
    assert (acme["health"], acme["exit"]) == ("attention", 3)


def test_a_list_that_is_read_no_longer_is_not_named(world: Any) -> None:
    """Such as the list of a file that was taken out of the settings."""
    world.tick()
    before = documents(world)["acme"]
    with closing(sqlite3.connect(world.store)) as base:
        columns = [row[1] for row in base.execute("PRAGMA table_info(streams)")]
        values = ", ".join(
            {"number": "NULL", "stream": "'gone'", "read_at": "1"}.get(name, name)
            for name in columns
        )
        base.execute(
            f"INSERT INTO streams ({', '.join(columns)}) SELECT {values} FROM streams"
            " WHERE account = 'acme' AND read_at IS NOT NULL LIMIT 1"
        )
        base.commit()
    after = documents(world)["acme"]
    assert after["oldest_list"] == before["oldest_list"]
    assert after["lists_read"] == before["lists_read"]


def test_without_an_account_the_next_command_is_named(world: Any) -> None:
    """Exit 1: nothing would ever be read."""
    world.config.write_text('[store]\nurl = "sqlite:///other.db"\n', "utf-8")
    found = world.call("status")
    assert found.code == 1
    assert "atsbridge init" in found.out


def test_a_mistake_in_a_rule_is_a_problem(world: Any) -> None:
    """With its line; the accounts are shown all the same."""
    world.tick()
    (world.folder / "notes.yaml").write_text("version: 1\nrules:\n  - {id: x, knd: sla}\n", "utf-8")
    found = json.loads(world.call("status", "--json").out)
    assert any("notes.yaml:3" in one["where"] + one["what"] for one in found["problems"])
    assert {one["account"] for one in found["accounts"]} == {"acme", "globex"}
