"""`atsbridge explain`: every hour and why it counted, every condition, the person, each step."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from atsbridge.rules.compile.discovery import builtin_folder

TWO = ("feedback-late", "stalled-in-stage")
SPLIT = {
    "id": "split",
    "kind": "spread",
    "title": "A panel sees it both ways",
    "each": "application",
    "of": "seat",
    "value": "seat.scorecard.recommendation",
    "once": "seat.scorecard.submitted_at",
    "apart": 3,
    "steps": [{"at": "due", "to": "requisition.recruiter"}],
    "message": "Far apart.",
}
CHECK = {
    "id": "no-target",
    "kind": "complete",
    "title": "A target date is missing",
    "each": "requisition",
    "needs": ["requisition.target_on", "requisition.title"],
    "steps": [{"at": "due", "to": "requisition.hiring_manager"}],
    "message": "{requisition.title} has no {check.found}.",
}


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A company two ticks old: what was late at the first look, and what came due since."""
    made = new_world(40, both=True)
    pack = yaml.safe_load((builtin_folder() / "responsiveness.yaml").read_text("utf-8"))
    pack["rules"] = [rule for rule in pack["rules"] if rule["id"] in TWO]
    for rule in pack["rules"]:
        rule.pop("muted_by", None)  # by rules that are not here
    pack["rules"] += [CHECK, SPLIT]
    (made.folder / "two.yaml").write_text(yaml.safe_dump(pack, sort_keys=False), "utf-8")
    made.configure(lambda text: text.replace("builtin:responsiveness", "two.yaml"))
    assert made.tick().code == 0
    made.standing.advance(made.now + timedelta(hours=30))
    assert made.tick().code == 0
    yield made
    made.close()


def listed(world: Any, rule: str) -> dict[str, Any]:
    """The first open case of a rule, as `cases list` gives it."""
    cases = json.loads(world.call("cases", "list", "--json").out)["cases"]
    found: dict[str, Any] = next(case for case in cases if case["rule"] == rule)
    return found


def told(world: Any, *words: str) -> list[dict[str, Any]]:
    outcome = world.call("explain", *words, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(outcome.out)["explanations"]
    return found


@pytest.fixture
def late(world: Any) -> dict[str, Any]:
    """The explanation of a stalled candidate, over at least one weekend."""
    (one,) = told(world, str(listed(world, "stalled-in-stage")["number"]))
    return one


def test_segments_follow_each_other_and_reach_due(late: dict[str, Any]) -> None:
    """From the start to now without a gap; what is counted by due is the target."""
    segments = late["clock"]["segments"]
    assert segments[0]["start"] == late["clock"]["started_at"]
    assert segments[-1]["end"] == late["at"]
    assert all(a["end"] == b["start"] for a, b in pairwise(segments))
    due = datetime.fromisoformat(late["clock"]["due_at"])
    ran = [
        (datetime.fromisoformat(s["start"]), datetime.fromisoformat(s["end"]))
        for s in segments
        if s["reason"] == "ran"
    ]
    by_due = sum(((min(end, due) - start for start, end in ran if start < due)), timedelta())
    assert (late["clock"]["target"], by_due) == ("3bd", timedelta(hours=72))


def test_what_did_not_count_says_why(late: dict[str, Any]) -> None:
    """A weekend is a segment of its own that counts nothing."""
    (first, *_) = [s for s in late["clock"]["segments"] if s["reason"] == "weekend"]
    assert first["counted"] == 0


def test_every_condition_has_its_value(late: dict[str, Any]) -> None:
    """All that the rule asks, what is there, and whether that will do."""
    asked = [(one["path"], one["asks"], one["holds"]) for one in late["conditions"]]
    assert asked == [
        ("application.status", "is active", True),
        ("application.assignee_role", "not in candidate, interviewer", True),
    ]
    assert late["conditions"][0]["value"] == "active"


def test_the_person_comes_with_the_reason(world: Any, late: dict[str, Any]) -> None:
    """Who is waited for, by which word of the rule and in which role."""
    case = listed(world, "stalled-in-stage")
    assert late["assignee"]["name"] == case["assignee"]
    assert late["assignee"]["why"].startswith("application.assignee: ")
    assert late["assignee"]["why"].endswith("whose turn it is")


def test_steps_say_what_became_of_them(world: Any, late: dict[str, Any]) -> None:
    """Told in the summary of a first look; sent to somebody; still to come."""
    assert late["steps"][0]["outcome"].startswith("taken: already late at the first run")
    (seat,) = told(world, str(listed(world, "feedback-late")["number"]))
    first, *later = seat["steps"]
    assert first["outcome"] == f"taken: sent to {first['to']} in slack_acme"
    assert {step["outcome"] for step in later} == {"to come"}
    assert [row["transition"] for row in seat["history"]] == ["opened"]


def test_a_subject_is_found_by_its_id(world: Any) -> None:
    """RULE and an id, bare or with its kind and account, give what the case gives."""
    case = listed(world, "stalled-in-stage")
    by_case = told(world, str(case["number"]))
    assert told(world, "stalled-in-stage", case["subject"]) == by_case
    assert told(world, "stalled-in-stage", case["subject"].rpartition("/")[2]) == by_case


def test_a_requisition_code_leads_to_all_its_subjects(world: Any) -> None:
    """Every application of the requisition, in the table those that are watched."""
    number = listed(world, "stalled-in-stage")["subject"].rpartition("/")[2]
    with closing(sqlite3.connect(world.store)) as base:
        (code, requisition) = base.execute(
            "SELECT r.code, r.id FROM requisitions r JOIN applications a"
            " ON a.requisition = r.id AND a.account = r.account"
            " WHERE a.account = 'acme' AND a.id = ?",
            (number,),
        ).fetchone()
        (count,) = base.execute(
            "SELECT count(*) FROM applications WHERE account = 'acme' AND requisition = ?",
            (requisition,),
        ).fetchone()
    found = told(world, "stalled-in-stage", code, "--account", "acme")
    assert len(found) == count
    text = world.call("explain", "stalled-in-stage", code, "--account", "acme").out
    assert number in text
    assert "Write: atsbridge explain stalled-in-stage SUBJECT" in text


def test_a_code_of_two_accounts_is_told_of_both(world: Any) -> None:
    """Also where only one of them has anything below it now; --account decides."""
    renamed = "UPDATE requisitions SET code = ? WHERE account = 'globex' AND id = ?"
    with closing(sqlite3.connect(world.store)) as base:
        (code,) = base.execute(
            "SELECT r.code FROM requisitions r JOIN applications a"
            " ON a.requisition = r.id AND a.account = r.account WHERE a.account = 'acme'"
        ).fetchone()
        number, before = base.execute(
            "SELECT id, code FROM requisitions r WHERE account = 'globex' ORDER BY (SELECT count(*)"
            " FROM applications a WHERE a.account = r.account AND a.requisition = r.id), id"
        ).fetchone()
        base.execute(renamed, (code, number))
        base.commit()
        outcome = world.call("explain", "stalled-in-stage", code)
        base.execute(renamed, (before, number))
        base.commit()
    assert outcome.code == 2
    assert f"'{code}' is found in several accounts: acme, globex" in outcome.err


def test_a_word_of_the_clock_that_nothing_tells_is_called_never(
    world: Any, late: dict[str, Any]
) -> None:
    """Every word is there: with its instant, as not happened, or as never."""
    events = {(event["event"], event["path"]): event for event in late["clock"]["events"]}
    assert events["start", "application.stage_entered_at"]["at"]
    assert events["cancel", "application.closed_at"]["note"] == "has not happened"
    assert ("pause", "requisition.on_hold") in events


def test_people_read_the_same(world: Any, late: dict[str, Any]) -> None:
    """The text has the state, a stretch with its reason, the count, and each step."""
    text = world.call("explain", str(late["case"])).out
    assert f"case {late['case']}, open\n" in text
    assert "  yes     application.status is active; here: active\n" in text
    assert "0 h 00 m  weekend\n" in text
    assert " of 72 h 00 m\n  due " in text
    assert f"\nwaiting on\n  {late['assignee']['name']} (" in text


def test_a_check_shows_what_it_looks_at(world: Any) -> None:
    """Each field with its value; a draft says that nobody watches it."""
    with closing(sqlite3.connect(world.store)) as base:
        (one, title) = base.execute(
            "SELECT id, title FROM requisitions WHERE account = 'acme' AND target_on IS NULL"
        ).fetchone()
    (found,) = told(world, "no-target", f"requisition/{one}", "--account", "acme")
    assert (found["state"], found["reason"]) == ("breached", "target date")
    assert found["checked"] == {
        "requisition.target_on": "not set",
        "requisition.title": title,
    }
    assert found["steps"][0]["outcome"] == "not watched: the rule is draft"
    text = world.call("explain", "no-target", one, "--account", "acme").out
    assert (
        f"the check looks at\n  requisition.target_on: not set\n  requisition.title: {title}\n"
        in text
    )


def test_a_check_shows_every_row_it_counts(world: Any) -> None:
    """Each with its values, those of scorecards hidden."""
    with closing(sqlite3.connect(world.store)) as base:
        (one, count) = base.execute(
            "SELECT i.application, count(*) FROM seats s JOIN interviews i ON i.id = s.interview"
            " AND i.account = s.account JOIN scorecards c ON c.id = s.scorecard"
            " AND c.account = s.account WHERE s.account = 'acme' AND s.deleted_at IS NULL"
            " AND c.recommendation IS NOT NULL GROUP BY i.application ORDER BY 2 DESC"
        ).fetchone()
    (found,) = told(world, "split", f"application/{one}", "--account", "acme")
    hidden = [row["seat.scorecard.recommendation"] for row in found["checked_below"].values()]
    assert hidden.count("set, and not shown here") == count
    text = world.call("explain", "split", one, "--account", "acme").out
    assert f"the check looks at\n  {len(hidden)} seat below it\n  seat/" in text


def test_a_picture_shows_the_clock(world: Any, late: dict[str, Any], tmp_path: Path) -> None:
    """Well-formed, with words for those who do not see it: each reason, due and every step."""
    file = tmp_path / "clock.svg"
    outcome = world.call("explain", str(late["case"]), "--svg", str(file))
    assert outcome.code == 0
    root = ElementTree.fromstring(file.read_text("utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    title, words = root.find(f"{space}title"), root.find(f"{space}desc")
    assert title is not None
    assert words is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert title.text == f"Next step: {late['about']}"
    assert "Not counted: weekend" in (words.text or "")
    for step in late["steps"]:
        assert f"to {step['to']}: {step['outcome']}." in (words.text or "")
    bars = root.findall(f"{space}rect/{space}title")
    assert len(bars) == len(late["clock"]["segments"])


def test_one_picture_is_of_one_clock(world: Any, tmp_path: Path) -> None:
    """Several subjects are told apart first."""
    with closing(sqlite3.connect(world.store)) as base:
        (code,) = base.execute(
            "SELECT r.code FROM requisitions r JOIN applications a ON a.requisition = r.id"
            " AND a.account = r.account WHERE a.account = 'acme' AND a.status = 'active'"
            " GROUP BY r.code HAVING count(*) > 1"
        ).fetchone()
    words = ("explain", "stalled-in-stage", code, "--account", "acme")
    outcome = world.call(*words, "--svg", str(tmp_path / "x.svg"))
    assert outcome.code == 2
    assert "a picture shows one" in outcome.err
    assert not (tmp_path / "x.svg").exists()


def test_nothing_is_written(world: Any, late: dict[str, Any]) -> None:
    """Explaining moves no case and marks nothing as judged."""
    tables = ("cases", "transitions", "notices", "agenda")

    def rows() -> list[Any]:
        with closing(sqlite3.connect(world.store)) as base:
            return [base.execute(f"SELECT * FROM {table}").fetchall() for table in tables]

    before = rows()
    told(world, str(late["case"]))
    assert rows() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("999",), "there is no case 999. See `atsbridge cases`"),
        (("stalled-in-stage",), "needs a case's number, or a rule and a subject"),
        (("stalled-in-stag", "1"), 'Did you mean "stalled-in-stage"?'),
        (("stalled-in-stage", "nowhere"), "'nowhere' names no application and no requisition"),
    ],
)
def test_what_is_not_there_is_told(words: tuple[str, ...], said: str, world: Any) -> None:
    """Exit 2, and what to write instead."""
    outcome = world.call("explain", *words)
    assert outcome.code == 2
    assert said in outcome.err


def test_a_case_about_what_is_no_longer_stored_is_told(world: Any) -> None:
    """As `store check` finds it; its own history can still be read."""
    number = listed(world, "stalled-in-stage")["number"]
    with closing(sqlite3.connect(world.store)) as base:
        (kept,) = base.execute("SELECT id FROM cases WHERE number = ?", (number,)).fetchone()
        base.execute("UPDATE cases SET id = 'gone' WHERE number = ?", (number,))
        base.commit()
    found = world.call("explain", str(number))
    with closing(sqlite3.connect(world.store)) as base:
        base.execute("UPDATE cases SET id = ? WHERE number = ?", (kept, number))
        base.commit()
    assert found.code == 2
    assert f"`atsbridge cases show {number}` tells what happened" in found.err
