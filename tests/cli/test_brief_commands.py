"""`intake new`, `ask` and `edit`: from no brief to a valid one, nothing overwritten."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def read_world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40)
    assert made.tick().code == 0
    yield made
    made.close()


@pytest.fixture
def world(read_world: Any) -> Iterator[Any]:
    """The world, without the briefs that a test wrote."""
    yield read_world
    for file in (read_world.folder / "briefs").glob("*.yaml"):
        file.unlink()


@pytest.fixture(scope="module")
def code(read_world: Any) -> str:
    """The code of an open requisition of acme."""
    with closing(sqlite3.connect(read_world.store)) as base:
        query = (
            "SELECT code FROM requisitions WHERE account = 'acme' AND status = 'open' ORDER BY 1"
        )
        found: str = base.execute(query).fetchone()[0]
    return found


def test_a_brief_is_begun_filled_in_and_read(world: Any, code: str) -> None:
    """An empty file is no brief; what is filled in is."""
    made = world.call("intake", "new", code, "--account", "acme")
    assert made.code == 0, made.err
    (file,) = (world.folder / "briefs").glob("*.yaml")
    world.standing.advance(world.now + timedelta(minutes=10))
    assert world.tick().code == 0
    assert "There is no brief yet" in world.call("intake", code, "--account", "acme").out
    text = file.read_text("utf-8").replace("  must_haves:", "  must_haves: [SQL]")
    file.write_text(text, "utf-8")
    world.standing.advance(world.now + timedelta(minutes=10))
    assert world.tick().code == 0
    assert "must haves: SQL" in world.call("intake", code, "--account", "acme").out


def test_no_file_is_overwritten(world: Any, code: str, tmp_path: Path) -> None:
    """Neither the brief of the requisition under another name, nor a file that is named."""
    folder = world.folder / "briefs"
    folder.mkdir(exist_ok=True)
    (folder / "mine.yaml").write_text(f"requisition: {code}\naccount: acme\n", "utf-8")
    made = world.call("intake", "new", code, "--account", "acme")
    assert made.code == 2
    assert "has a brief already" in made.err
    assert "mine.yaml" in made.err
    (folder / "mine.yaml").unlink()
    taken = tmp_path / "taken.yaml"
    taken.write_text("keep", "utf-8")
    made = world.call("intake", "new", code, "--account", "acme", "--out", str(taken))
    assert made.code == 2
    assert taken.read_text("utf-8") == "keep"


def test_the_questions_are_those_of_the_missing_sections(world: Any, code: str) -> None:
    """With the names of both sides."""
    found = world.call("intake", "ask", code, "--account", "acme")
    assert found.code == 0
    assert "How does the team decide, disagree and ask for help?" in found.out
    assert " and " in found.out.splitlines()[0]


@pytest.mark.parametrize("command", ["new", "ask", "edit"])
def test_a_requisition_that_is_not_there(world: Any, command: str) -> None:
    """Exit 2, and what to write."""
    found = world.call("intake", command, "NO-SUCH")
    assert found.code == 2
    assert "there is no requisition" in found.err


def test_editing_ends_with_a_check(world: Any, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was saved stays; its mistakes are named with line and column."""
    assert world.call("intake", "edit", code, "--account", "acme").code == 2
    world.call("intake", "new", code, "--account", "acme")

    def spoil(filename: str) -> None:
        file = Path(filename)
        file.write_text(file.read_text("utf-8") + "agred: {}\n", "utf-8")

    monkeypatch.setattr("click.edit", spoil)
    found = world.call("intake", "edit", code, "--account", "acme")
    assert found.code == 2
    assert 'unknown key "agred"' in found.err


def test_what_is_shown_has_the_market_and_its_age(world: Any, code: str) -> None:
    """A table of two years ago says so; one that fits no title says that."""
    table, line = (
        world.folder / "market.csv",
        "{title},EUR,year,50000,60000,70000,40,a survey,{day}\n",
    )
    head = "title,currency,period,p25,p50,p75,days_to_fill,source,as_of\n"
    world.configure(lambda text: text.replace("[rules]\n", '[rules]\nmarket = ["market.csv"]\n'))
    shown = {}
    for title, day in (("*", "2026-02-01"), ("*", "2024-02-01"), ("Astronaut", "2026-02-01")):
        table.write_text(head + line.format(title=title, day=day), "utf-8")
        done = world.call("intake", code, "--account", "acme")
        shown[title, day] = done.out.splitlines()[-1]
    figures = "50,000 to 70,000, median 60,000 EUR a year, 40 days to fill"
    fresh = f"market: {figures} (a survey, 2026-02-01)"
    assert shown["*", "2026-02-01"] == fresh
    assert shown["*", "2024-02-01"].endswith("(a survey, 2024-02-01: more than a year old)")
    assert shown["Astronaut", "2026-02-01"] == "market: no row of the market tables fits this role"
