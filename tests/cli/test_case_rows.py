"""`atsbridge cases`: who has to act since when, what is late, and what is only shadow."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cli.case_rows import CaseFilter, CaseRow, print_rows
from atsbridge.cli.output import table
from atsbridge.model.case import Case, Clock, Handling
from atsbridge.model.record import Key

from .terminals import open_terminal

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
CASE = Case(
    number=7,
    rule="feedback-late",
    subject=Key("acme", "seat", "s1"),
    opened_at=NOW,
    clock=Clock.BREACHED,
    due_at=NOW - timedelta(hours=18),
)
ROW = CaseRow(
    CASE,
    "acme",
    "Interview feedback is late",
    "Data Engineer · B.K. (Onsite)",
    "Mara Lind",
    NOW - timedelta(days=3),
    code="ENG-104",
    email="mara@acme.example",
)
AHEAD = replace(ROW, case=replace(CASE, number=12, due_at=NOW + timedelta(hours=30)))
HIRE = replace(ROW, title="Hired", informs=True)


def columns(line: str) -> list[str]:
    return re.split(r"\s{2,}", line)


def test_a_terminal_shows_who_when_and_what(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines per case, and a summary."""
    terminal = open_terminal(monkeypatch, 100)
    print_rows([ROW, AHEAD], NOW, several=False)
    _, _, first, second, *_, last = terminal.lines
    assert columns(first.strip()) == ["7", "18 h late", "Mara Lind", ROW.title]
    assert columns(second.strip()) == ["since Fri 6 Mar", ROW.about]
    assert last.startswith("2 open, 1 late. ")


def test_a_narrow_terminal_shows_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is wider than the terminal, and no name is cut."""
    terminal = open_terminal(monkeypatch, 60)
    print_rows([ROW, AHEAD], NOW, several=True)
    assert max(map(len, terminal.lines)) <= 60
    assert "acme, case 7, 18 h late" in terminal.lines
    assert terminal.lines.count("Mara Lind") == 2


def test_a_pipe_gets_one_line_per_case(capsys: pytest.CaptureFixture[str]) -> None:
    """With everything that `grep` may look for."""
    print_rows([ROW, replace(AHEAD, account="globex")], NOW, several=True)
    _, first, second = capsys.readouterr().out.splitlines()
    assert columns(first) == [
        "7", "acme", "live", "18 h late", "Mara Lind", "2026-03-06", ROW.title, ROW.about, "-",
    ]  # fmt: skip
    assert columns(second)[:4] == ["12", "globex", "live", "in 30 h"]


def test_shadow_is_marked_everywhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pipe as a column, on a terminal in words, in JSON as a member."""
    shadow = replace(ROW, shadow=True)
    print_rows([shadow], NOW, several=False)
    assert columns(capsys.readouterr().out.splitlines()[1])[1] == "shadow"
    terminal = open_terminal(monkeypatch, 120)
    print_rows([shadow], NOW, several=False)
    assert any("shadow" in line and ROW.title in line for line in terminal.lines)
    assert terminal.lines[-1].startswith("1 open, 1 late, 1 shadow. ")
    assert shadow.as_document(NOW)["shadow"] is True


def test_news_such_as_a_hire_is_never_late(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody owes anything after a hire."""
    print_rows([HIRE], NOW, several=False)
    assert columns(capsys.readouterr().out.splitlines()[1])[2] == "-"
    assert HIRE.as_document(NOW)["late"] is False


def test_what_a_check_found_is_to_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is due from the moment it was found, and late for nobody."""
    terminal = open_terminal(monkeypatch, 100)
    print_rows([ROW, replace(ROW, finding=True)], NOW, several=False)
    shown = [columns(line.strip())[1:2] for line in terminal.lines[2:5:2]]
    assert shown == [["18 h late"], ["to settle"]]
    assert terminal.lines[-1].startswith("2 open, 1 late, 1 to settle. ")


def test_handling_and_remarks_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who handles it, until when and why."""
    until = NOW + timedelta(days=2)
    seen = replace(CASE, handling=Handling.ACKNOWLEDGED, handling_until=until)
    terminal = open_terminal(monkeypatch, 120)
    print_rows([replace(ROW, case=seen, remark="acknowledged by Kim: soon")], NOW, several=False)
    text = "\n".join(terminal.lines)
    assert "(acknowledged until Wed 11 Mar)" in text
    assert "acknowledged by Kim: soon" in text
    assert "1 open, 1 late, 1 acknowledged or snoozed." in text


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (CaseFilter(), [ROW, AHEAD, HIRE]),
        (CaseFilter(late=True), [ROW]),
        (CaseFilter(person="mara"), [ROW, AHEAD, HIRE]),
        (CaseFilter(person="MARA@acme.example"), [ROW, AHEAD, HIRE]),
        (CaseFilter(person="kim"), []),
        (CaseFilter(rule="feedback-late", late=True), [ROW]),
        (CaseFilter(rule="stalled-in-stage"), []),
        (CaseFilter(requisition="eng-104"), [ROW, AHEAD, HIRE]),
        (CaseFilter(requisition="ENG-1"), []),
    ],
)
def test_filters_leave_out_what_does_not_match(chosen: CaseFilter, found: list[CaseRow]) -> None:
    """Each by itself, and together."""
    assert [row for row in (ROW, AHEAD, HIRE) if chosen.matches(row, NOW)] == found


@pytest.mark.parametrize("trick", ["[red]x[/]", "[/]", "[link=https://evil.example]x[/link]"])
def test_markup_in_a_title_is_text(
    trick: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither read nor fatal, in this table or any other."""
    table(("a",), [(f"{trick}\x1b[31m\u202e",)], empty="")
    out = capsys.readouterr().out
    assert trick in out
    assert "\x1b" not in out
    assert "\u202e" not in out
    terminal = open_terminal(monkeypatch, 120)
    print_rows([replace(ROW, about=trick)], NOW, several=False)
    assert trick in "\n".join(terminal.lines)


def test_the_listing_is_of_what_is_stored(sandbox: Any) -> None:
    """Cases by number, with filters; rules that cannot be read cost only titles."""
    world = sandbox.world
    with closing(sqlite3.connect(world.store)) as base:
        stored = base.execute("SELECT number, rule FROM cases WHERE ending IS NULL").fetchall()
    listed = json.loads(world.call("cases", "list", "--json").out)["cases"]
    assert {(one["number"], one["rule"]) for one in listed} == set(stored)
    rule = stored[0][1]
    some = json.loads(world.call("cases", "list", "--rule", rule, "--json").out)["cases"]
    assert {one["number"] for one in some} == {n for n, name in stored if name == rule}
    assert len(world.call("cases").out.splitlines()) == 1 + len(stored)
    pack = world.folder / "notes.yaml"
    before = pack.read_text("utf-8")
    pack.write_text("version: 2\n", "utf-8")
    again = world.call("cases", "list", "--json")
    pack.write_text(before, "utf-8")
    assert again.code == 0
    assert len(json.loads(again.out)["cases"]) == len(stored)


def test_a_case_that_was_reassigned_waits_on_who_took_it(sandbox: Any) -> None:
    """By their address too, and no longer on whom it was taken from."""
    world = sandbox.world

    def waiting(person: str) -> set[int]:
        found = json.loads(world.call("cases", "list", "--person", person, "--json").out)
        return {one["number"] for one in found["cases"]}

    with closing(sqlite3.connect(world.store)) as base:
        number, account, owner, email = base.execute(
            "SELECT number, c.account, u.id, u.email FROM cases c JOIN users u"
            " ON u.account = c.account AND u.id = c.owed_by WHERE ending IS NULL"
        ).fetchone()
        (other,) = base.execute(
            "SELECT email FROM users WHERE account = ? AND id <> ? AND active AND email <> ''",
            (account, owner),
        ).fetchone()
    assert number in waiting(email)
    assert number not in waiting(other)
    made = world.call("cases", "reassign", str(number), "--to", other)
    assert made.code == 0, made.err
    try:
        assert number in waiting(other)
        assert number not in waiting(email)
    finally:
        world.call("cases", "undo", str(number))


def test_an_empty_store_says_that_nothing_was_read(new_world: Callable[..., Any]) -> None:
    """It is not a company that keeps its promises."""
    world = new_world(20, both=True)
    out = world.call("cases").out
    world.close()
    assert out.startswith("Nothing has been read yet")
