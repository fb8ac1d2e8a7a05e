"""Briefs and market tables in whole ticks: taken in, left alone, told of when they are broken."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

_FORGET = (
    "DELETE FROM cache WHERE key LIKE 'intake/%'",
    "DELETE FROM digests WHERE stream IN (SELECT number FROM streams WHERE stream = 'briefs')",
    "DELETE FROM work WHERE stream = 'briefs'",
    "DELETE FROM briefs",
)


class Desk:
    """A world that was read once; briefs and tables are put beside its configuration."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.folder: Path = world.config.parent
        self.id, self.code = self.ask(
            "SELECT id, code FROM requisitions WHERE account = 'acme' AND status = 'open'"
            " AND recruiter IS NOT NULL AND hiring_manager IS NOT NULL ORDER BY id"
        )[0]

    def ask(self, statement: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self.world.store)) as base:
            return base.execute(statement, values).fetchall()

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")

    def brief(self, sections: str = "must_haves: Go") -> None:
        text = f"requisition: {self.id}\naccount: acme\nsections:\n  {sections}\n"
        self.write("briefs/one.yaml", text)

    def tick(self) -> tuple[int, dict[str, Any], str]:
        """A later tick: its exit code, what it says of acme, and what cron would mail."""
        self.world.standing.advance(self.world.now + timedelta(minutes=15))
        outcome = self.world.call("run", "--json")
        found = json.loads(outcome.out)["accounts"]
        return outcome.code, next(one for one in found if one["account"] == "acme"), outcome.err

    def stored(self) -> list[Any]:
        return self.ask("SELECT sections FROM briefs WHERE account = 'acme' AND gone_at IS NULL")


@pytest.fixture(scope="module")
def read_once(new_world: Callable[..., Any]) -> Iterator[Any]:
    world = new_world(40)
    assert world.tick().code == 0
    yield world
    world.close()


@pytest.fixture
def desk(read_once: Any) -> Iterator[Desk]:
    made = Desk(read_once)
    yield made
    for name in ("briefs", "market"):
        shutil.rmtree(made.folder / name, ignore_errors=True)
    with closing(sqlite3.connect(read_once.store)) as base, base:
        for forget in _FORGET:
            base.execute(forget)


def places(told: dict[str, Any]) -> list[str]:
    return [failure["where"] for failure in told["failures"]]


def test_a_brief_lives_with_its_file(desk: Desk) -> None:
    """Taken in once, left alone while it stays, told of when broken, forgotten when removed."""
    desk.brief()
    desk.write("briefs/other.yaml", f"requisition: {desk.id}x\naccount: acme\n")
    code, told, _ = desk.tick()
    assert (code, places(told)) == (1, ["briefs/other.yaml:1:14"])
    assert desk.stored() == [('{"must_haves":"Go"}',)]
    desk.write("briefs/other.yaml", "account: globex\nrequisition: nobody\n")
    code, told, _ = desk.tick()
    assert places(told) == []
    before = desk.ask("SELECT count(*) FROM changes")
    _, told, _ = desk.tick()
    assert desk.ask("SELECT count(*) FROM changes") == before
    assert [one for one in told["streams"] if one["stream"] == "briefs"] == []
    desk.brief("must_haves: {Go: 1}")
    for _ in range(2):  # also while nothing changes
        code, told, _ = desk.tick()
        assert (code, places(told)) == (1, ["briefs/one.yaml:4:15"])
    assert desk.stored() == [('{"must_haves":"Go"}',)]
    assert desk.ask("SELECT parent FROM work WHERE stream = 'briefs'") == [(desk.id,)]
    (desk.folder / "briefs/one.yaml").unlink()
    code, told, _ = desk.tick()
    assert (places(told), desk.stored()) == ([], [])
    assert desk.ask("SELECT parent FROM work WHERE stream = 'briefs'") == []


def test_a_folder_that_is_away_forgets_nothing(desk: Desk) -> None:
    """Every file gone at once is told, and the briefs stay."""
    desk.brief()
    desk.tick()
    (desk.folder / "briefs").rename(desk.folder / "away")
    code, told, _ = desk.tick()
    assert (code, places(told)) == (1, ["[rules] briefs"])
    assert len(desk.stored()) == 1
    (desk.folder / "away").rename(desk.folder / "briefs")
    assert desk.tick()[0] == 0


def test_a_bad_market_table_is_told_each_tick_and_read_once(desk: Desk) -> None:
    """By the first account, at its line and column, until it is mended."""
    desk.write("market/pay.csv", "title,source,as_of,days_to_fill\nCook,a survey,2026-01-31,soon\n")
    for _ in range(2):
        code, told, _ = desk.tick()
        assert (code, places(told)) == (1, ["market/pay.csv:2:26"])
    desk.write("market/pay.csv", "title,source,as_of,days_to_fill\nCook,a survey,2026-01-31,30\n")
    assert desk.tick()[0] == 0
