"""`atsbridge doctor` finds what would break tomorrow's run, and tells what only needs a look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def synced(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A company that was read and told once."""
    made = new_world(60, both=True)
    assert made.tick().code == 0
    yield made
    made.close()


@pytest.fixture
def world(synced: Any) -> Iterator[Any]:
    before = synced.config.read_text("utf-8")
    slacks = list(synced.standing.slacks.values())
    scopes, tokens = [set(one.scopes) for one in slacks], [one.token for one in slacks]
    left = [set(one._left) for one in slacks]
    yield synced
    for slack, gone in zip(slacks, left, strict=True):
        slack._left = gone
    synced.config.write_text(before, "utf-8")
    for slack, mine, token in zip(slacks, scopes, tokens, strict=True):
        slack.scopes, slack.token = mine, token


def examined(world: Any, *more: str) -> tuple[int, dict[str, dict[str, dict[str, Any]]]]:
    """Exit code, and the lines by heading and name."""
    found = world.call("doctor", "--json", *more)
    headings = json.loads(found.out)["sections"]
    return found.code, {
        heading: {line["what"]: line for line in lines} for heading, lines in headings.items()
    }


def bad(found: dict[str, dict[str, dict[str, Any]]]) -> list[tuple[str, str, bool]]:
    return [
        (heading, line["what"], line["warning"])
        for heading, lines in found.items()
        for line in lines.values()
        if not line["good"]
    ]


def test_all_is_well(world: Any) -> None:
    """Everything was tried, nothing was sent: exit 0."""
    before = [len(one.everything()) for one in world.standing.slacks.values()]
    code, found = examined(world)
    assert (code, bad(found)) == (0, [])
    assert {"settings", "store", "rules"} <= found["atsbridge"].keys()
    assert "sink slack_acme" in found
    assert "can be reached" in found["acme"]["people"]["detail"]
    assert [len(one.everything()) for one in world.standing.slacks.values()] == before


def test_a_wrong_chat_token_is_found_without_sending(world: Any) -> None:
    """A run would fail: exit 1, and the sink is named."""
    slack = world.standing.slacks["slack_acme"]
    slack.token = "xoxb-another"
    code, found = examined(world)
    assert code == 1
    line = found["sink slack_acme"]["connection"]
    assert not line["good"]
    assert "token of sink slack_acme" in line["remedy"]
    assert all(line["good"] for line in found["sink slack_globex"].values())


def test_a_missing_permission_is_found_and_an_optional_one_is_not_an_error(world: Any) -> None:
    """im:write is needed for direct messages; private channels are not everybody's."""
    slack = world.standing.slacks["slack_acme"]
    slack.scopes -= {"groups:read", "groups:history"}
    assert examined(world)[0] == 0
    slack.scopes -= {"im:write"}
    code, found = examined(world)
    assert code == 1
    assert ("sink slack_acme", "scope im:write", False) in bad(found)


def test_a_company_without_an_account_has_nothing_to_run(tmp_path: Path, world: Any) -> None:
    """An empty file is no mistake of syntax, and yet no run could do anything."""
    world.config.write_text("", "utf-8")
    code, found = examined(world)
    assert code == 1
    assert found["atsbridge"]["settings"]["detail"] == "there is no account"


def test_a_store_that_takes_no_write_is_found(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading it is not enough."""
    from atsbridge.store.database import connection

    pragmas = (*connection._PRAGMAS, "PRAGMA query_only = ON")
    monkeypatch.setattr(connection, "_PRAGMAS", pragmas)
    code, found = examined(world)
    assert code == 1
    assert "read-only" in found["atsbridge"]["store"]["detail"]


@pytest.mark.parametrize("setting", ["log_file", "metrics_file"])
def test_a_file_that_is_something_else_is_found(setting: str, world: Any) -> None:
    """A slip would lead the log into the settings. A run leaves them alone, so it is no failure."""
    name = world.config.name
    world.configure(lambda text: text.replace("[run]", f'[run]\n{setting} = "{name}"'))
    code, found = examined(world)
    assert (code, bad(found)) == (0, [("atsbridge", f"[run] {setting}", True)])


@pytest.mark.parametrize(
    ("more", "what", "remedy"),
    [
        (
            '[offices.Lisboa]\ntimezone = "Europe/Lisbon"\n',
            "[offices.Lisboa]",
            'Did you mean "Lisbon"?',
        ),
        (
            '[people."nobody.at.all@acme.example"]\ntimezone = "Europe/Lisbon"\n',
            '[people."nobody.at.all@acme.example"]',
            "Correct the address, or remove it",
        ),
    ],
)
def test_a_name_that_the_ats_does_not_have_is_shown_for_a_look(
    world: Any, more: str, what: str, remedy: str
) -> None:
    """It silently does nothing in a run, so it is no failure: exit 0."""
    world.configure(lambda text: text + "\n" + more)
    code, found = examined(world)
    assert code == 0
    line = found["atsbridge"][what]
    assert (line["good"], line["warning"], line["remedy"]) == (False, True, remedy)
    assert " look " in world.call("doctor").out


def test_a_stage_of_the_map_that_the_ats_does_not_have_is_shown_for_a_look(world: Any) -> None:
    """With the nearest one there is."""
    table = '[accounts.acme.map.stage_kind]\n"Refrence Check" = "reference"\n\n[accounts.globex]\n'
    world.configure(lambda text: text.replace("[accounts.globex]\n", table, 1))
    code, found = examined(world)
    assert code == 0
    line = found["acme"]['[accounts.acme.map.stage_kind] "Refrence Check"']
    assert line["remedy"] == 'Did you mean "Reference Check"?'


def test_people_whom_no_sink_reaches_are_listed_and_an_alias_mends_it(world: Any) -> None:
    """Who left chat, or has another address there: named by address, with what to write."""
    slack = world.standing.slacks["slack_acme"]
    involved = world.standing.companies["acme"].people
    someone = next(one for one in involved if _reached_in_a_search(world, one.email))
    slack.deactivate(someone.email)
    code, found = examined(world)
    line = found["acme"]["people"]
    assert (code, line["good"], line["warning"]) == (0, False, True)
    assert someone.email in line["detail"]
    assert "chat =" in line["remedy"]
    other = next(one for one in involved if one.email != someone.email)
    alias = f'chat = "{other.email}"\n'
    section = f'[people."{someone.email}"]\n'
    world.configure(
        lambda text: (
            text.replace(section, section + alias, 1)
            if section in text
            else f"{text}\n{section}{alias}"
        )
    )
    assert examined(world)[1]["acme"]["people"]["good"]


def _reached_in_a_search(world: Any, email: str) -> bool:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(world.store)) as base:
        found = base.execute(
            "SELECT count(*) FROM team_members t JOIN users u ON u.account = t.account"
            " AND u.id = t.user JOIN requisitions r ON r.account = t.account"
            " AND r.id = t.requisition WHERE t.account = 'acme' AND u.email = ?"
            " AND r.status = 'open'",
            (email,),
        ).fetchone()
    return bool(found[0])


def test_mistakes_in_briefs_and_market_tables_are_shown(world: Any) -> None:
    """The next run would fail for them: exit 1, each with its line."""
    folder = world.config.parent
    places = {"briefs/OPS-100.yaml": "must_haves: [SQL]\n", "market/pay.csv": "title,p50\n"}
    try:
        for name, text in places.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        code, found = examined(world)
    finally:
        for name in places:
            (folder / name).unlink()
    assert code == 1
    assert {what for _, what, warning in bad(found) if not warning} == {
        "briefs/OPS-100.yaml:1:1",
        "market/pay.csv:1:1",
    }


def test_no_rule_at_all_is_worth_a_look(world: Any) -> None:
    world.configure(
        lambda text: text.replace('packs = ["builtin:responsiveness", "notes.yaml"]', "packs = []")
    )
    code, found = examined(world)
    line = found["atsbridge"]["rules"]
    assert (code, line["good"], line["warning"]) == (0, False, True)
    assert "nothing is evaluated" in line["detail"]
