"""Rows that say absurd things: counted and told, never believed, never the end of the tick."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest


def instants(row: dict[str, Any], value: str) -> dict[str, Any]:
    return row | {name: value for name in row if name.endswith("_at") and row[name]}


def full(sandbox: Any) -> Any:
    return sandbox.world.call("sync", "--full", "--account", "acme", "--json")


@pytest.mark.parametrize("absurd", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "tomorrow"])
def test_absurd_dates_are_told_in_one_line_and_end_no_case(absurd: str, sandbox: Any) -> None:
    """The message names the fields and what hangs on them, no value; cases wait, unknown."""
    assert sandbox.tick().code == 0
    sandbox.change_rows("acme", "/v3/applications", lambda row: instants(row, absurd))
    before = sandbox.kept("acme")
    (failure,) = json.loads(full(sandbox).out)["accounts"][0]["failures"]
    assert failure["where"] == "acme/applications"
    assert re.fullmatch(
        r"created_at, last_activity_at, rejected_at, updated_at came as nobody expects them in \d+"
        r" records \(text of \d+ characters\); unknown until they can be read:"
        r" application\.applied_at, .*application\.updated_at",
        failure["what"],
    )
    assert failure["remedy"] == (
        "Rules that need it stay silent. See `atsbridge doctor`, and look for a newer connector"
    )
    outcome = sandbox.tick()
    assert outcome.code == 1
    (line,) = outcome.err.splitlines()
    assert line.startswith("acme/applications: still cannot be read, and is unknown: application.")
    assert ended(sandbox) == 0
    assert sandbox.kept("acme")["applications"] == before["applications"]


def test_rows_without_an_id_fail_their_stream_with_a_sample(sandbox: Any) -> None:
    """How many of how many, the first of them, and what to do; what is stored stays."""
    assert sandbox.tick().code == 0
    before = rows(sandbox, "offices")
    sandbox.change_rows("acme", "/v3/offices", lambda row: row | {"id": None})
    asked = full(sandbox)
    (failure,) = json.loads(asked.out)["accounts"][0]["failures"]
    assert asked.code == 1
    assert failure == {
        **failure,
        "where": "acme/offices",
        "what": f"{len(before)} of {len(before)} records could not be read, more than 5%",
        "remedy": "The first is offices/?: no id. `atsbridge doctor` may say more;"
        " else look for a newer connector, or raise [run] max_bad_records to go on without them",
    }
    assert rows(sandbox, "offices") == before


def test_a_record_that_cannot_be_read_is_left_out_and_named(sandbox: Any) -> None:
    """One of many fails nothing; whoever reads by hand sees which it is, without its values."""
    seen: list[int] = []

    def spoilt(row: dict[str, Any]) -> dict[str, Any]:
        seen.append(row["id"])
        return row | {"created_at": ["planted"]} if row["id"] == seen[0] else row

    sandbox.change_rows("acme", "/v3/applications", spoilt)
    asked = sandbox.world.call("sync", "--full", "--account", "acme")
    assert (asked.code, asked.err) == (0, "")
    assert f"acme: 1 left out, the first is applications/{seen[0]}: " in asked.out
    assert "planted" not in asked.out


def test_ids_as_texts_are_the_same_ids(sandbox: Any) -> None:
    """A vendor that quotes its numbers changes nothing."""

    def quoted(row: dict[str, Any]) -> dict[str, Any]:
        ids = (n for n in row if n == "id" or n.endswith("_id"))
        return row | {name: str(row[name]) for name in ids if row[name] is not None}

    sandbox.tick()
    before = {table: rows(sandbox, table) for table in ("applications", "interviews", "users")}
    sandbox.change_rows("acme", "/v3/", quoted)
    asked = full(sandbox)
    assert (asked.code, asked.err) == (0, "")
    assert {table: rows(sandbox, table) for table in before} == before


def test_nulls_everywhere_end_no_case_and_lose_no_value(sandbox: Any) -> None:
    """Rows that hold nothing but ids are told list by list; no row goes, no case ends."""
    assert sandbox.tick().code == 0
    before = sandbox.kept("acme")
    sandbox.change_rows("acme", "/v3/", lambda row: dict.fromkeys(row) | {"id": row["id"]})
    failures = json.loads(full(sandbox).out)["accounts"][0]["failures"]
    told = {f["where"]: f["what"] for f in failures if "nothing but its id" in f["what"]}
    assert {"acme/users", "acme/jobs", "acme/applications", "acme/interviewers"} <= told.keys()
    assert "requisition.status" in told["acme/jobs"]
    assert sandbox.tick().code == 1
    assert ended(sandbox) == 0
    after = sandbox.kept("acme")
    assert all(after[table] >= count for table, count in before.items())


def test_a_vendor_whose_clock_is_ahead_loses_nothing(sandbox: Any) -> None:
    """What it dates an hour ahead is read now or by the tick after; a full pass finds no more."""
    world = sandbox.world
    company = world.standing.companies["acme"]
    company.advance(world.now + timedelta(hours=1))
    first = sandbox.tick()
    assert (first.code, first.err) == (0, "")
    world.standing.advance(world.now + timedelta(hours=1))
    second = sandbox.tick()
    assert (second.code, second.err) == (0, "")
    streams = json.loads(full(sandbox).out)["accounts"][0]["streams"]
    assert [s for s in streams if s["new"] or s["changed"] or s["deleted"]] == []


def test_a_clock_an_hour_off_is_told_in_one_line(sandbox: Any) -> None:
    """No due instant would be right: nothing is judged by it, and the other account is read."""
    at = sandbox.world.now + timedelta(hours=1)
    stamp = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    sandbox.fake("acme").server.faults.add("/v3/", None, delay=0.001, headers={"Date": stamp})
    outcome = sandbox.world.call("run")
    assert sandbox.told(outcome) == (
        "acme/users, offices, departments and N more: this machine's clock is 60 minutes behind"
        " the vendor's. Set the clock (NTP); every due instant hangs on it\n"
    )
    assert outcome.code == 1
    assert sandbox.read_now("globex")


def ended(sandbox: Any) -> int:
    """How many cases of acme have an end."""
    with closing(sqlite3.connect(sandbox.world.store)) as base:
        return int(
            base.execute(
                "SELECT count(*) FROM cases WHERE account = 'acme' AND ending IS NOT NULL"
            ).fetchone()[0]
        )


def rows(sandbox: Any, table: str) -> list[Any]:
    with closing(sqlite3.connect(sandbox.world.store)) as base:
        return sorted(map(repr, base.execute(f"SELECT * FROM {table}")))


def test_a_status_that_nobody_knows_ends_and_opens_nothing(sandbox: Any) -> None:
    """A vendor renames it: the rules wait, ops are told once, and doctor counts the records."""
    for _ in range(2):
        assert sandbox.tick().code == 0
    assert "values of" not in sandbox.world.call("doctor", "--account", "acme").out
    cases, notices = len(rows(sandbox, "cases")), len(rows(sandbox, "notices"))
    slack = sandbox.world.standing.find_slack("acme")
    new = {"open": "offen", "in_process": "laufend"}
    old = {status: name for name, status in new.items()}
    for names in (new, old):
        for path in ("/v3/jobs", "/v3/applications"):
            sandbox.change_rows("acme", path, lambda row, names=names: renamed(row, names))
        full(sandbox)
        for _ in range(2):
            assert sandbox.tick().code == 0
        assert (ended(sandbox), len(rows(sandbox, "cases"))) == (0, cases)
        assert len(rows(sandbox, "notices")) == notices + 2
        ops = [str(one) for one in slack.messages("#recruiting-ops")]
        for status in old:
            assert sum(f'nobody knows what "{status}" means' in one for one in ops) == 1
        found = sandbox.world.call("doctor", "--account", "acme")
        assert found.code == 0
        for field, status in (("requisition", "offen"), ("application", "laufend")):
            line = rf'values of {field}\.status +not known: "{status}" \(\d+\); rules .* unknown'
            assert bool(re.search(line, found.out)) is (names is new)


def renamed(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return row | {"status": names.get(row.get("status"), row.get("status"))}
