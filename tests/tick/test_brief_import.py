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
        return self.ask("SELECT sections FROM briefs WHERE account = 'acme' AND deleted_at IS NULL")


@pytest.fixture(scope="module")
def read_once(new_world: Callable[..., Any]) -> Iterator[Any]:
    world = new_world(40, both=True)
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
    before = desk.ask(whole := "SELECT * FROM briefs")
    assert before
    _, told, _ = desk.tick()
    assert desk.ask(whole) == before
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


def people(desk: Desk) -> tuple[str, str]:
    """E-mails of the recruiter and of the hiring manager of the desk's requisition."""
    ((recruiter, manager),) = desk.ask(
        "SELECT r.email, m.email FROM requisitions q JOIN users r ON r.account = q.account AND"
        " r.id = q.recruiter JOIN users m ON m.account = q.account AND m.id = q.hiring_manager"
        " WHERE q.account = 'acme' AND q.id = ?",
        desk.id,
    )
    return recruiter, manager


def said(desk: Desk, *words: str, code: int = 0) -> str:
    """What a command prints; it ends with that code."""
    outcome = desk.world.call("intake", *words, "--account", "acme")
    assert outcome.code == code, outcome.err
    return str(outcome.out if code == 0 else outcome.err)


def test_both_sides_agree_by_word(desk: Desk) -> None:
    """What is there, what is missing, who has agreed; the file need not change."""
    recruiter, manager = people(desk)
    assert "There is no brief yet." in said(desk, desk.id)
    assert "does not exist yet" in said(desk, "agree", desk.id, "--as", recruiter, code=2)
    desk.brief("must_haves: [Go, SQL]")
    desk.tick()
    assert f"Write --as one of: {', '.join(sorted((recruiter, manager)))}" in said(
        desk, "agree", desk.id, "--as", "nobody", code=2
    )
    login = recruiter.partition("@")[0]
    assert "waiting for" in said(desk, "agree", desk.id, "--as", login)
    assert "both sides agree" in said(desk, "agree", desk.id, "--as", manager)
    told = json.loads(said(desk, desk.id, "--json"))
    assert (told["sections"], told["source"]) == ({"must_haves": ["Go", "SQL"]}, "briefs/one.yaml")
    assert told["agreed_at"] == told["agreed"]["hiring_manager"]["at"]
    assert "must_haves" not in told["missing"]
    assert "team_culture" in told["missing"]
    shown = said(desk, desk.id)
    assert "  must haves: Go; SQL\n" in shown
    assert "missing: responsibilities, team culture" in shown
    desk.brief("must_haves: [Go, SQL, tact]")  # the words of people outlive an edit
    desk.tick()
    assert json.loads(said(desk, desk.id, "--json"))["agreed_at"] == told["agreed_at"]


def test_who_is_on_neither_side_cannot_agree(desk: Desk) -> None:
    """And an address that nobody has is no mistake of theirs alone."""
    desk.brief()
    desk.tick()
    ((other,),) = desk.ask(
        "SELECT email FROM users WHERE account = 'acme' AND email NOT IN (SELECT u.email FROM"
        ' users u JOIN team_members t ON t.account = u.account AND t."user" = u.id WHERE'
        " t.requisition = ?) ORDER BY id LIMIT 1",
        desk.id,
    )
    assert "neither recruiter nor hiring manager" in said(
        desk, "agree", desk.id, "--as", other, code=2
    )
    told = said(desk, "agree", desk.id, "--as", f"{other}x", code=2)
    assert f"Did you mean {other}?" in told


def test_a_change_is_announced_before_the_ats_shows_it(desk: Desk) -> None:
    """It is kept with who said so and why; the field itself waits for the ATS."""
    said(desk, "change", desk.id, "priority", "Low", "--why", "budget", "--by", "ravi")
    rows = desk.ask(
        "SELECT field, new, origin, actor FROM changes WHERE kind = 'requisition' AND id = ?"
        " AND origin = 'announced'",
        desk.id,
    )
    assert rows == [("priority", '"Low"', "announced", "ravi: budget")]
    ((priority,),) = desk.ask(
        "SELECT priority FROM requisitions WHERE account = 'acme' AND id = ?", desk.id
    )
    assert priority != "Low"
    _, manager = people(desk)
    said(desk, "change", desk.id, "hiring_manager", manager)
    assert "Did you mean headcount?" in said(desk, "change", desk.id, "hedcount", "3", code=2)
    assert "it is a number" in said(desk, "change", desk.id, "headcount", "few", code=2)
    assert "Did you mean on_hold?" in said(desk, "change", desk.id, "status", "onhold", code=2)


def test_nothing_is_said_past_a_running_tick(desk: Desk) -> None:
    """Whoever holds the account finishes first; what was said is not kept by half."""
    from atsbridge.store.sql_store import open_store
    from atsbridge.timesource import SystemTime

    store = open_store(f"sqlite:///{desk.world.store}", SystemTime())
    try:
        with store.lock("acme"):
            told = said(desk, "change", desk.id, "headcount", "7", code=1)
    finally:
        store.close()
    assert "acme" in told
    assert desk.ask("SELECT 1 FROM changes WHERE field = 'headcount' AND new = '7'") == []


def test_a_concern_is_passed_on_once_it_is_said(desk: Desk) -> None:
    """The application has it, with a Change that rules see; "-" takes it back."""
    ((application,),) = desk.ask(
        "SELECT id FROM applications WHERE account = 'acme' AND status = 'active' LIMIT 1"
    )
    said(desk, "concern", application, "the", "long", "commute")
    ask = "SELECT concern FROM applications WHERE account = 'acme' AND id = ?"
    assert desk.ask(ask, application) == [("the long commute",)]
    said(desk, "concern", application, "-")
    assert desk.ask(ask, application) == [(None,)]
    assert desk.ask(
        "SELECT new, origin FROM changes WHERE field = 'concern' AND id = ?", application
    ) == [('"the long commute"', "poll"), (None, "poll")]


def test_a_code_of_two_accounts_names_both(desk: Desk) -> None:
    """Nobody's search is changed by guess."""
    with closing(sqlite3.connect(desk.world.store)) as base, base:
        base.execute(
            "UPDATE requisitions SET code = 'TWICE' WHERE (account, id) IN (SELECT account,"
            " min(id) FROM requisitions GROUP BY account)"
        )
    outcome = desk.world.call("intake", "TWICE")
    assert outcome.code == 2
    assert "'TWICE' is the name of several records: acme/requisition/" in outcome.err
    assert "Add --account acme" in outcome.err
    assert "TWICE" not in said(desk, "TWICE")
    assert "there is no requisition 'NOWHERE'" in said(desk, "NOWHERE", code=2)


def test_a_brief_may_stand_in_the_ats(desk: Desk) -> None:
    """A line of the map brings it with the next tick; without it the brief is gone."""
    before = desk.world.config.read_text("utf-8")
    head = "[accounts.acme.map]\n"
    assert head in before
    line = '"brief.priorities" = "title"\n'
    try:
        desk.world.config.write_text(before.replace(head, head + line, 1), "utf-8")
        code, told, _ = desk.tick()
        assert (code, places(told)) == (0, [])
        brief = json.loads(said(desk, desk.id, "--json"))
        assert brief["sections"] == {"priorities": brief["title"]}
        assert brief["source"] == "the ATS"
    finally:
        desk.world.config.write_text(before, "utf-8")
    desk.tick()
    assert desk.stored() == []
