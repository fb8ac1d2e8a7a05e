"""What people say on the command line reaches the case, and the outbox does as it is told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

SILENCE = ("silence", "--account", "acme")


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A company in which something is late."""
    made = new_world(300, both=True)
    assert made.tick().code == 0
    yield made
    made.close()


def cases(world: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(world.call("cases", "list", "--json").out)["cases"]
    return found


def test_what_is_said_of_a_case_is_kept_with_who_and_why(world: Any) -> None:
    """Ack, snooze, done, false alarm: each is a line of the case's history."""
    number = str(cases(world)[0]["number"])
    for words in (("ack",), ("snooze", "--for", "3bd"), ("done",), ("false-alarm",)):
        said = world.call("cases", words[0], number, *words[1:], "--by", "Kim", "--comment", "x")
        assert said.code == 0, said.err
    shown = json.loads(world.call("cases", "show", number, "--json").out)
    assert shown["handling"] == "snoozed"
    mine = [row["transition"] for row in shown["history"] if row["actor"] == "Kim"]
    assert mine == ["acknowledged", "snoozed", "said_done", "false_alarm"]


def test_a_case_given_to_another_is_told_to_them(world: Any) -> None:
    """The notice is in the outbox, for the one named."""
    number = str(cases(world)[-1]["number"])
    email = world.standing.companies["acme"].people[0].email
    said = world.call("cases", "reassign", number, "--to", email, "--by", "Kim")
    assert said.code == 0, said.err
    waits = json.loads(world.call("notices", "list", "--json").out)["notices"]
    assert [n["to"] for n in waits if str(n["case"]) == number] == [email]


def person(world: Any, at: int) -> str:
    email: str = world.standing.companies["acme"].people[at].email
    return email


def shown(world: Any, number: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.call("cases", "show", number, "--json").out)
    return found


def test_a_case_is_given_to_nobody_who_does_not_exist(world: Any) -> None:
    """Refused, with the nearest address; nothing is queued or remembered."""
    number, email = str(cases(world)[0]["number"]), person(world, 0)
    before = shown(world, number)
    for wrong, says in (
        ("notanemail", "is not an e-mail address"),
        (email.partition("@")[0], f"Did you mean {email}?"),
        (email.replace("@", "x@"), f"Did you mean {email}?"),
        ("kim@elsewhere.example", "none of its sinks reaches it"),
        ("a@b", "is not an e-mail address"),
    ):
        said = world.call("cases", "reassign", number, "--to", wrong)
        assert said.code == 2
        assert says in said.err
    assert shown(world, number) == before


def test_a_case_shows_whom_it_was_given_to_and_goes_back_on_undo(world: Any) -> None:
    """Given on twice: one message waits, for the last; undone, it waits on who owes it."""
    number = str(cases(world)[1]["number"])
    owes = shown(world, number)["assignee"]
    for at in (2, 3):
        said = world.call("cases", "reassign", number, "--to", person(world, at).upper())
        assert said.code == 0, said.err
    now = shown(world, number)
    name = world.standing.companies["acme"].people[3].name
    assert now["assignee"] == f"{name} (in place of {owes})"
    waits = json.loads(world.call("notices", "list", "--json").out)["notices"]
    mine = [one["to"] for one in waits if str(one["case"]) == number and one["state"] == "queued"]
    assert mine == [person(world, 3)]
    assert world.call("cases", "undo", number).code == 0
    assert shown(world, number)["assignee"] == owes
    waits = json.loads(world.call("notices", "list", "--json").out)["notices"]
    assert person(world, 3) not in [n["to"] for n in waits if str(n["case"]) == number]


def test_what_was_said_of_a_case_can_be_undone_and_is_shown_with_its_comment(world: Any) -> None:
    """A snooze with its comment in list, show and explain; then no more of it; then nothing."""
    number = str(cases(world)[1]["number"])
    before = shown(world, number)["remark"]  # a silence of another test, in some orders
    said = ("--by", "Kim", "--comment", "waits for\x1b[31m legal")
    assert world.call("cases", "snooze", number, "--for", "3bd", *said).code == 0
    for words in (("cases", "list"), ("cases", "show", number), ("explain", number)):
        out = " ".join(world.call(*words).out.split())
        assert "snoozed by Kim" in out
        assert "legal" in out
        assert "\x1b" not in out
    assert "snoozed" in world.call("cases", "undo", number, "--by", "Kim").out
    after = shown(world, number)
    assert (after["handling"], after["remark"]) == ("none", before)
    nothing = world.call("cases", "undo", number)
    assert nothing.code == 2
    assert "nothing to undo" in nothing.err


def test_a_false_alarm_that_is_undone_counts_no_more(world: Any) -> None:
    """It was a slip: the rule was right."""

    def alarms() -> list[Any]:
        with closing(sqlite3.connect(world.store)) as base:
            return base.execute(
                "SELECT sum(CASE name WHEN 'false_alarm' THEN 1 ELSE -1 END) FROM transitions"
                " WHERE name LIKE 'false_alarm%'"
            ).fetchone()

    number, before = str(cases(world)[1]["number"]), alarms()
    assert world.call("cases", "false-alarm", number).code == 0
    assert alarms() != before
    assert world.call("cases", "undo", number).code == 0
    assert shown(world, number)["handling"] == "none"
    assert alarms()[0] == (before[0] or 0)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("snooze", "1", "--for", "9999d"), "A year is the maximum"),
        (("snooze", "1", "--for", "0d"), "is not longer than 0"),
        (("snooze", "1", "--for", "-3bd"), "is not longer than 0"),
        (("snooze", "99999", "--for", "1d"), "there is no case 99999"),
        (("ack", "99999"), "there is no case 99999"),
        (("undo", "99999"), "there is no case 99999"),
        (
            (
                "silence",
                "--account",
                "acme",
                "--rule",
                "feedback-lat",
                "--for",
                "1d",
                "--comment",
                "x",
            ),
            "feedback-late?",
        ),
        (
            (
                "silence",
                "--account",
                "acme",
                "--rule",
                "feedback-late",
                "--for",
                "1d",
                "--comment",
                "  ",
            ),
            "a comment",
        ),
        (
            (
                "silence",
                "--account",
                "acme",
                "--rule",
                "feedback-late",
                "--for",
                "36500d",
                "--comment",
                "x",
            ),
            "A year",
        ),
        (("silence", "--case", "99999", "--for", "1d", "--comment", "x"), "no case 99999"),
        (("unsilence", "99999"), "there is no active silence 99999"),
        (("silences", "--account", "nobody"), "nobody"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: tuple[str, ...], says: str, world: Any) -> None:
    """With what is wrong and what to write; nothing changes."""
    number = str(cases(world)[-1]["number"])
    words = tuple(number if one == "1" else one for one in words)
    said = world.call("cases", *words)
    assert said.code == 2
    assert says in said.err


def test_a_silence_is_listed_shown_and_lifted(world: Any) -> None:
    """By its number, with who, until when and why; lifted it is in the list of what was."""
    number = str(cases(world)[-1]["number"])
    quiet = ("silence", "--case", number, "--for", "2bd", "--comment", "moving house")
    assert world.call("cases", *quiet, "--by", "Kim").code == 0
    found = json.loads(world.call("cases", "silences", "--json").out)["silences"]
    (mine,) = (one for one in found if one["comment"] == "moving house")
    assert (mine["by"], mine["account"]) == ("Kim", "acme")
    assert "moving house" in world.call("cases", "silences").out
    assert "moving house" in shown(world, number)["remark"]
    assert "moving house" in world.call("explain", number).out
    assert world.call("cases", "unsilence", str(mine["number"])).code == 0
    assert "moving house" not in world.call("cases", "silences").out
    assert "moving house" in world.call("cases", "silences", "--all").out
    assert shown(world, number)["remark"] == ""


def test_a_silence_says_until_when(world: Any) -> None:
    """And an amount that is none is told so, with an example."""
    said = ("cases", "silence", "--account", "acme", "--rule", "feedback-late", "--comment", "x")
    assert "feedback-late: silenced until" in world.call(*said, "--for", "2bd").out
    wrong = world.call(*said, "--for", "soon")
    assert wrong.code == 2
    assert "2bd" in wrong.err


def test_the_breaker_that_holds_nothing_says_so(world: Any) -> None:
    """Release and drop name what there is to let go."""
    for word in ("release", "drop"):
        outcome = world.call("notices", word, "feedback-late")
        assert outcome.code == 2
        assert "the breaker holds no message of 'feedback-late'" in outcome.err


INSERT = (
    "INSERT INTO notices (key, account, case_number, rule, kind, id, destination, purpose, step,"
    " state, hold, error_code, error_text, attempts, created_at, receipt)"
)


def test_what_would_be_done_to_notices_is_said_and_not_done(world: Any) -> None:
    """Replay, release and drop with --dry-run count what they would touch, and touch nothing."""
    with closing(sqlite3.connect(world.store)) as base:
        dead, held = "d" * 24, "e" * 24
        to = json.dumps({"sink": "slack_acme", "kind": "person", "address": "a@b.example"})
        for key, state, hold in ((dead, "dead", None), (held, "held", "breaker")):
            base.execute(
                f"{INSERT} VALUES (?, 'acme', 0, 'feedback-late', 'seat', 's1',"
                " ?, 'send', 1, ?, ?, NULL, NULL, 1, 0, '{}')",
                (key, to, state, hold),
            )
        base.commit()
        before = base.execute("SELECT * FROM notices ORDER BY key").fetchall()
        for words in (("replay", dead), ("release", "feedback-late"), ("drop", "feedback-late")):
            said = world.call("notices", *words, "--dry-run")
            assert (said.code, said.err) == (0, "")
            assert ": 1 " in said.out
        assert base.execute("SELECT * FROM notices ORDER BY key").fetchall() == before
        assert world.call("notices", "replay", dead).code == 0
        assert world.call("notices", "drop", "feedback-late").code == 0
        after = dict(base.execute("SELECT key, state FROM notices").fetchall())
    assert (after[dead], after[held]) == ("queued", "dropped")


def test_many_that_were_given_up_are_tried_again_at_once(world: Any) -> None:
    """Those of a rule, or all; a dry run names each and why, and what goes elsewhere stays."""
    rules = {"a1": "note-denied", "a2": "note-denied", "a3": "gone-rule", "a4": ""}
    with closing(sqlite3.connect(world.store)) as base:
        for key, rule in rules.items():
            purpose = "send" if rule else "ops"
            base.execute(
                f"{INSERT} VALUES (?, 'acme', 0, ?, 'seat', 's1', ?, ?, 1, 'dead',"
                " NULL, 'DeniedError', 'may not write', 8, 0, '{}')",
                (key, rule, '{"sink": "ats", "kind": "ats", "address": "x"}', purpose),
            )
        base.commit()

        def again() -> set[str]:
            rows = base.execute("SELECT key FROM notices WHERE state = 'queued' AND attempts = 1")
            return {key for (key,) in rows if key in rules}

        dry = world.call("notices", "replay", "--dead", "--dry-run").out
        assert "acme: 4 would be queued for the next run" in dry
        assert "a1  note-denied  ats: x  may not write" in dry
        assert "a4  ops  ats: x" in dry
        assert again() == set()
        assert world.call("notices", "replay", "--rule", "note-denied").code == 0
        assert again() == {"a1", "a2"}
        assert world.call("notices", "replay", "--dead", "--account", "globex").code == 0
        assert again() == {"a1", "a2"}
        assert "acme: 2 queued for the next run" in world.call("notices", "replay", "--dead").out
        assert again() == set(rules)
        assert "No message has failed." in world.call("notices", "replay", "--dead").out


@pytest.mark.parametrize("words", [(), ("a1", "--dead"), ("--rule", "x", "--dead")])
def test_what_to_try_again_is_said_in_one_way(words: tuple[str, ...], world: Any) -> None:
    """A key, a rule, or all: never a guess at which was meant."""
    said = world.call("notices", "replay", *words)
    assert said.code == 2
    assert "Write a KEY, --rule RULE or --dead" in said.err


def test_a_rule_of_which_nothing_was_given_up_is_told_so(world: Any) -> None:
    """A slip of the pen is no success."""
    said = world.call("notices", "replay", "--rule", "feedbak-late")
    assert said.code == 2
    assert "no message of 'feedbak-late' has failed" in said.err
