"""`atsbridge cases` for people: who has the ball since when, what is due; no cell is markup."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cli.cases import Row, _print
from atsbridge.cli.output import table
from atsbridge.model.case import Case, Clock, End, Handling
from atsbridge.model.reason import EndCode, because
from atsbridge.model.record import Key

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
CASE = Case(
    number=7,
    rule="feedback-late",
    subject=Key("acme", "seat", "s1"),
    opened_at=NOW,
    clock=Clock.BREACHED,
    due_at=NOW - timedelta(hours=18),
)
ROW = Row(CASE, "acme", "Interview feedback is late", "Data Engineer · B.K. (Onsite)", "Mara Lind",
          NOW - timedelta(days=3))  # fmt: skip


def printed(capsys: pytest.CaptureFixture[str], *rows: Row, several: bool = False) -> list[str]:
    _print(list(rows), NOW, several=several)
    return [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_a_case_is_two_lines_that_say_who_when_and_what(capsys: Any) -> None:
    """And the last line sums up."""
    ahead = replace(CASE, number=12, due_at=NOW + timedelta(hours=30))
    heads, rule, first, second, third, *_, last = printed(capsys, ROW, replace(ROW, case=ahead))
    assert heads.split() == ["case", "due", "waiting", "on", "what"]
    assert set(rule) == {"─"}
    assert re.split(r"\s{2,}", first) == [
        "7",
        "18 h late",
        "Mara Lind",
        "Interview feedback is late",
    ]
    assert re.split(r"\s{2,}", second)[0] == "since Fri 6 Mar"
    assert second.endswith("Data Engineer · B.K. (Onsite)")
    assert re.split(r"\s{2,}", third)[:2] == ["12", "in 30 h"]
    assert last.startswith("2 open, 1 late. `atsbridge cases show NUMBER`")


def test_what_somebody_said_and_how_it_ended_is_told(capsys: Any) -> None:
    """In brackets behind the title."""
    until = NOW + timedelta(days=2)
    seen = replace(CASE, handling=Handling.ACKNOWLEDGED, handling_until=until)
    over = replace(
        CASE,
        end=End.RESOLVED,
        ended_at=NOW,
        end_reason=because(EndCode.STOPPED, path="s.submitted_at"),
    )
    out = "\n".join(printed(capsys, replace(ROW, case=seen), replace(ROW, case=over)))
    assert "Interview feedback is late  (acknowledged until Wed 11 Mar)" in out
    assert "Interview feedback is late  (stopped by s.submitted_at)" in out
    assert "1 open, 1 late, 1 acknowledged or snoozed." in out


def test_several_accounts_stand_apart(capsys: Any) -> None:
    """Each below its name."""
    out = printed(capsys, ROW, replace(ROW, account="globex"), several=True)
    assert [line for line in out if line in ("acme", "globex")] == ["acme", "globex"]


@pytest.mark.parametrize("trick", ["[red]x[/]", "[/]", "[link=https://evil.example]x[/link]"])
def test_markup_in_a_title_is_text(trick: str, capsys: Any) -> None:
    """Neither read nor fatal, in this table or any other."""
    assert trick in "\n".join(printed(capsys, replace(ROW, about=trick)))
    table(("a",), [(f"{trick}\x1b[31m\u202e",)], empty="")
    out = capsys.readouterr().out
    assert trick in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_the_listing_is_of_what_is_stored(sandbox: Any) -> None:
    """Rules by their titles, people by their names; rules that cannot be read cost only titles."""
    with closing(sqlite3.connect(sandbox.world.store)) as base:
        numbers = [
            str(row[0]) for row in base.execute("SELECT number FROM cases WHERE ending IS NULL")
        ]
    listed = sandbox.world.call("cases")
    assert (listed.code, listed.err) == (0, "")
    assert f"{len(numbers)} open" in listed.out or "Nothing is open" in listed.out
    pack = sandbox.world.folder / "notes.yaml"
    before = pack.read_text("utf-8")
    pack.write_text("version: 2\n", "utf-8")
    again = sandbox.world.call("cases", "list", "--json")
    pack.write_text(before, "utf-8")
    assert again.code == 0
    assert [number for number in numbers if f'"number": {number},' not in again.out] == []


def test_before_anything_was_read_nobody_is_praised(new_world: Callable[..., Any]) -> None:
    """An empty store is not a company that keeps its promises."""
    world = new_world(20)
    said = world.call("cases").out
    world.close()
    assert said.startswith("Nothing has been read yet: ")
