"""A run over an account in which everything was forgotten for months: no storm, one proposal."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def after(world: Any, hours: int) -> str:
    """So many hours after a year without anybody."""
    return (world.now + 364 * DAY + hours * HOUR).isoformat()


@pytest.fixture(scope="module")
def forgotten(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A company that left for a year, and the first two runs after it."""
    made = new_world(400, both=True)
    for hours in (0, 1):
        assert made.call("run", "--now", after(made, hours)).code in (0, 3)
    yield made
    made.close()


def query(world: Any, statement: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(world.store) as store:
        return store.execute(statement).fetchall()


def test_each_recruiter_gets_one_proposal(forgotten: Any) -> None:
    """And nobody is reminded of what was forgotten."""
    in_it = query(forgotten, "SELECT number FROM cases WHERE first_look = 'proposed'")
    assert len(in_it) > 5
    notices = query(forgotten, "SELECT account, purpose, state, case_number FROM notices")
    sent = Counter(purpose for _, purpose, state, _ in notices if state == "sent")
    assert 1 <= sent["cleanup"] <= 4
    assert not {number for *_, number in notices} & {number for (number,) in in_it}


def test_a_case_of_the_backlog_is_no_promise(forgotten: Any) -> None:
    rows = query(
        forgotten,
        "SELECT outcome, counted_at FROM promises p JOIN cases c ON c.account = p.account"
        " AND c.rule = p.rule AND c.kind = p.kind AND c.id = p.id"
        " WHERE c.first_look = 'proposed' AND c.ending IS NULL AND p.ended_at IS NULL",
    )
    assert rows
    assert set(rows) == {("backlog", None)}


def test_it_is_listed_apart(forgotten: Any) -> None:
    """`cases list --backlog` counts it; no other list and no figure has it."""
    listed = json.loads(forgotten.call("cases", "list", "--json").out)
    apart = json.loads(forgotten.call("cases", "list", "--backlog", "--json").out)
    assert not any(case["backlog"] for case in listed["cases"])
    assert all(case["backlog"] for case in apart["cases"])
    assert listed["backlog"] == apart["backlog"]
    total = sum(one["cases"] for one in apart["backlog"])
    assert total == len(apart["cases"]) > 5
    text = forgotten.call("cases", "list", "--backlog").out
    assert all(one["assignee"] in text for one in apart["backlog"])
    status = json.loads(forgotten.call("status", "--json").out)
    counts = [(one["open_cases"], one["backlog_cases"]) for one in status["accounts"]]
    assert sum(backlog for _, backlog in counts) > 5
    live = [case for case in listed["cases"] if not case["shadow"]]
    assert sum(number for number, _ in counts) == len(live)


def test_explain_says_so(forgotten: Any) -> None:
    ((number,),) = query(forgotten, "SELECT min(number) FROM cases WHERE first_look = 'proposed'")
    shown = forgotten.call("cases", "show", str(number)).out
    assert "it is in the backlog" in shown
    assert "in the backlog" in forgotten.call("explain", str(number)).out


def test_the_next_days_send_nothing_of_it(forgotten: Any) -> None:
    """No digest, no escalation, no second proposal."""
    backlog = {
        n for (n,) in query(forgotten, "SELECT number FROM cases WHERE first_look <> 'none'")
    }
    for days in (1, 3):
        assert forgotten.call("run", "--now", after(forgotten, 24 * days)).code in (0, 3)
    readers = query(forgotten, "SELECT account, destination FROM notices WHERE purpose = 'cleanup'")
    assert len(set(readers)) == len(readers) > 1
    of_cases = {n for (n,) in query(forgotten, "SELECT case_number FROM notices")}
    still = {
        n for (n,) in query(forgotten, "SELECT number FROM cases WHERE first_look = 'proposed'")
    }
    assert still & backlog
    assert not still & of_cases
