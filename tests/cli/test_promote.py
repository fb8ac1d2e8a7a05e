"""`atsbridge rules promote`: what it asks for, what it writes, and when it writes nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

MINE = """\
# what we changed
version: 1
defaults: {owner: recruiting_ops}
overrides:
  - id: feedback-late
    status: shadow  # since March
    title: Interview feedback is very late
"""


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(60, both=True)
    assert made.tick().code == 0
    made.configure(lambda text: text.replace("notes.yaml", "mine.yaml"))
    yield made
    made.close()


@pytest.fixture
def pack(world: Any) -> Path:
    """A pack of our own in which feedback-late is shadow."""
    file: Path = world.folder / "mine.yaml"
    file.write_text(MINE, "utf-8")
    return file


def promote(world: Any, *words: str, code: int = 0) -> dict[str, Any]:
    since = () if "--since" in words else ("--since", "30d")
    outcome = world.call("rules", "promote", *words, *since, "--json")
    assert outcome.code == code, outcome.err + outcome.out
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def be_older(world: Any, days: int) -> None:
    """The runs so far were so many days earlier."""
    with closing(sqlite3.connect(world.store)) as base:
        for key, value in base.execute("SELECT key, value FROM cache WHERE key LIKE 'watch/%'"):
            watch = json.loads(value)
            for pair in watch.values():
                pair[1] = (datetime.fromisoformat(pair[1]) - timedelta(days=days)).isoformat()
            base.execute(
                "UPDATE cache SET value = ? WHERE key = ?", (json.dumps(watch).encode(), key)
            )
        base.commit()


@pytest.fixture
def seasoned(world: Any, pack: Path) -> Path:
    """The pack, after it has run for a week."""
    assert world.tick().code in (0, 3)
    be_older(world, 7)
    return pack


def times(found: dict[str, Any]) -> list[tuple[bool, str]]:
    """What is said of the days in shadow."""
    evidence = ((one["good"], one["what"]) for one in found["evidence"])
    return [(good, what) for good, what in evidence if what.startswith("shadow ")]


def test_a_rule_waits_for_its_days_in_shadow(world: Any, pack: Path) -> None:
    """No run has seen this version, then one has just seen it: nothing is written."""
    pack.write_text(MINE + "    side: recruiter\n", "utf-8")
    found = promote(world, "feedback-late", code=1)
    assert {good for good, _ in times(found)} == {False}
    assert all("no run has evaluated this version" in what for _, what in times(found))
    assert world.tick().code in (0, 3)
    found = promote(world, "feedback-late", code=1)
    assert all(": 0.0 of 5 working days, since " in what for _, what in times(found))
    be_older(world, 5)  # a week has five working days, five days have not
    assert {good for good, _ in times(promote(world, "feedback-late", code=1))} == {False}
    be_older(world, 3)
    assert {good for good, _ in times(promote(world, "feedback-late", "--dry-run"))} == {True}


def test_an_edit_of_its_texts_does_not_begin_anew(world: Any, seasoned: Path) -> None:
    """Its title, a comment and its position may change; whose promise it is may not."""
    text = seasoned.read_text("utf-8")
    seasoned.write_text("# more\n" + text.replace("very late", "late again"), "utf-8")
    assert {good for good, _ in times(promote(world, "feedback-late", "--dry-run"))} == {True}
    seasoned.write_text(text + "    side: recruiter\n", "utf-8")
    found = promote(world, "feedback-late", "--dry-run", code=1)
    assert {good for good, _ in times(found)} == {False}


def test_a_reason_takes_it_live_at_once(world: Any, pack: Path) -> None:
    """It stands in the pack file, in one line, and `rules show` tells it."""
    pack.write_text(MINE + "    side: recruiter\n", "utf-8")
    why = "two weeks\n  overrides: [] of pilot"
    found = promote(world, "feedback-late", "--now", "--why", why)
    assert (found["to_status"], found["waived"]) == ("live", "two weeks overrides: [] of pilot")
    assert all(what.endswith("not waited for: " + found["waived"]) for _, what in times(found))
    text = pack.read_text("utf-8")
    assert text.count("not waited for: two weeks overrides: [] of pilot\n") == 2
    assert yaml.safe_load(text)["overrides"][0]["status"] == "live"
    shown = json.loads(world.call("rules", "show", "feedback-late", "--json").out)
    assert shown["promotion"]["change"] == "shadow -> live"
    assert shown["promotion"]["waived"] == found["waived"]
    assert f"without waiting for its days in shadow: {found['waived']}" in (
        world.call("rules", "show", "feedback-late").out
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--now",), "--now needs the reason"),
        (("--now", "--why", "  "), "--now needs the reason"),
        (("--why", "soon"), "--why belongs to --now"),
        (("--now", "--why", "x" * 301), "the reason is too long"),
    ],
)
def test_a_reason_is_asked_for(world: Any, pack: Path, words: tuple[str, ...], said: str) -> None:
    outcome = world.call("rules", "promote", "feedback-late", *words)
    assert (outcome.code, pack.read_text("utf-8")) == (2, MINE)
    assert said in outcome.err


def test_a_rule_with_evidence_goes_live(world: Any, seasoned: Path) -> None:
    """The override says so, with tests, lints and a rehearsal of each account above it."""
    pack = seasoned
    found = promote(world, "feedback-late", "--since", "30d")
    assert (found["from_status"], found["to_status"], found["file"]) == (
        "shadow",
        "live",
        str(pack),
    )
    assert [one["what"].split()[0] for one in found["evidence"]] == [
        "tests:",
        "lints:",
        "shadow",
        "shadow",
        "backtest",
        "backtest",
    ]
    text = pack.read_text("utf-8")
    assert text.startswith("# what we changed\nversion: 1\n")
    assert "    status: live  # since March\n" in text
    for one in found["evidence"]:
        assert f"  # {one['what']}\n  " in text
    (rule,) = (
        one
        for one in json.loads(world.call("rules", "list", "--json").out)["rules"]
        if one["rule"] == "feedback-late"
    )
    assert rule["status"] == "live"
    assert list(world.folder.glob(".*.new")) == []


def test_a_dry_run_asks_and_writes_nothing(world: Any, seasoned: Path) -> None:
    """The file stays what it is."""
    pack = seasoned
    found = promote(world, "feedback-late", "--dry-run")
    assert (found["file"], pack.read_text("utf-8")) == (None, MINE)
    text = world.call("rules", "promote", "feedback-late", "--dry-run", "--since", "30d").out
    assert f"feedback-late would be live: an override in {pack}" in text


def test_what_speaks_against_it_keeps_it_back(world: Any, pack: Path) -> None:
    """No tests and a lint: exit 1, each said, nothing written."""
    bare = {
        "id": "bare",
        "kind": "sla",
        "title": "Bare",
        "each": "application",
        "clock": {"start": "application.applied_at", "stop": "application.decided_at"},
        "target": "9d",
        "steps": [{"at": "due", "to": "application.recruiter"}],
        "message": "Hm.",
    }
    pack.write_text(yaml.safe_dump({"version": 1, "rules": [bare]}), "utf-8")
    before = pack.read_text("utf-8")
    found = promote(world, "bare", code=1)
    assert (found["to_status"], found["file"]) == ("shadow", None)
    assert [one["good"] for one in found["evidence"]][:2] == [False, False]
    assert "[no-cancel]" in found["evidence"][1]["what"]
    assert pack.read_text("utf-8") == before


def test_retiring_asks_for_nothing(world: Any, pack: Path) -> None:
    """Only the date and the command are noted."""
    assert promote(world, "feedback-late", "--to", "retired")["evidence"] == []
    assert "status: retired  # since March" in pack.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("stalled-in-stage",), "stalled-in-stage is live: there is no next step"),
        (("feedback-late", "--to", "shadow"), "feedback-late is already shadow"),
        (("feedback-lat",), 'Did you mean "feedback-late"?'),
        (("feedback-late", "--since", "soon"), "'soon' is not a length of time"),
    ],
)
def test_what_makes_no_sense_is_told(
    world: Any, pack: Path, words: tuple[str, ...], said: str
) -> None:
    """Exit 2."""
    outcome = world.call("rules", "promote", *words)
    assert outcome.code == 2
    assert said in outcome.err


def test_without_a_pack_of_ones_own_there_is_nowhere_to_write(world: Any, pack: Path) -> None:
    """Built-in packs are never written to."""
    world.configure(lambda text: text.replace(', "mine.yaml"', ""))
    outcome = world.call("rules", "promote", "profile-review-late", "--to", "retired")
    world.configure(lambda text: text.replace('responsiveness"]', 'responsiveness", "mine.yaml"]'))
    assert outcome.code == 2
    assert "there is no pack file of your own to write to" in outcome.err


def test_a_rehearsal_is_told_with_what_is_set_otherwise(world: Any, pack: Path) -> None:
    """--set and --sweep try other values; one that will not do is told as in a pack."""
    words = ("rules", "backtest", "feedback-late", "--since", "30d", "--account", "acme")
    (plain,) = json.loads(world.call(*words, "--json").out)["backtests"]
    (longer,) = json.loads(world.call(*words, "--set", "target=5bd", "--json").out)["backtests"]
    assert plain["opened"] > longer["opened"]
    assert plain["operands"]["interview.ends_at"]["no_history"] == 0
    swept = json.loads(world.call(*words, "--sweep", "target=1bd,5bd", "--json").out)["backtests"]
    assert [one["opened"] for one in swept] == [plain["opened"], longer["opened"]]
    assert [one["variant"] for one in swept] == ["target=1bd", "target=5bd"]
    text = world.call(*words).out
    assert "would have opened" in text
    assert "    seat.scorecard.submitted_at: dated\n" in text
    table = world.call(*words, "--sweep", "target=1bd,5bd").out
    assert "\n5bd " in table
    assert "\n4 h, 24 h, 72 h: the share of cases that ended within so long" in table
    assert "  not replayed: what people answered\n" in text
    assert "  most of the cases in\n" in text
    searches = plain["searches"]
    assert sum(one["cases"] for one in searches) <= plain["opened"]
    assert searches == sorted(searches, key=lambda one: -one["cases"])
    assert all(one["requisition"] in text for one in searches)
    shown = [example for one in searches for example in one["examples"]]
    assert shown
    assert all(example in text for example in shown)
    world.configure(lambda text: text + '[report]\nclearance = "open"\n')
    (hidden,) = json.loads(world.call(*words, "--json").out)["backtests"]
    world.configure(lambda text: text.replace('[report]\nclearance = "open"\n', ""))
    assert [one["cases"] for one in hidden["searches"]] == [one["cases"] for one in searches]
    assert not any(one["examples"] for one in hidden["searches"])
    wrong = world.call(*words, "--set", "target=soon")
    assert (wrong.code, "--set:4:11: " in wrong.err) == (2, True)


def test_a_rehearsal_writes_nothing(world: Any, pack: Path) -> None:
    """No case, no notice, no agenda."""
    tables = ("cases", "transitions", "notices", "agenda", "changes")

    def rows() -> list[int]:
        with closing(sqlite3.connect(world.store)) as base:
            return [base.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables]

    before = rows()
    assert world.call("rules", "backtest", "stalled-in-stage").code == 0
    assert rows() == before


def test_a_rehearsal_weighs_a_silence(world: Any, pack: Path) -> None:
    """The messages of the silenced time wait for its end."""
    words = ("rules", "backtest", "feedback-late", "--since", "30d", "--account", "acme", "--json")
    (plain,) = json.loads(world.call(*words).out)["backtests"]
    start = world.now - timedelta(days=20)
    with closing(sqlite3.connect(world.store)) as base:
        base.execute(
            "INSERT INTO silences (account, rule, kind, id, start_at, end_at, author, comment)"
            " VALUES ('acme', 'feedback-late', '', '', ?, ?, 'ops', 'freeze')",
            (int(start.timestamp() * 1000), int(world.now.timestamp() * 1000)),
        )
        base.commit()
    (quiet,) = json.loads(world.call(*words).out)["backtests"]
    with closing(sqlite3.connect(world.store)) as base:
        base.execute("DELETE FROM silences")
        base.commit()
    assert plain["put_off"] == 0
    assert quiet["put_off"] > 0
    assert quiet["opened"] == plain["opened"]
    assert quiet["messages"] < plain["messages"]


def test_a_rehearsal_weighs_a_hold_that_was_there_at_first_sight(world: Any, pack: Path) -> None:
    """No Change tells of it: the requisition is still on hold."""
    words = ("rules", "backtest", "feedback-late", "--since", "30d", "--account", "acme", "--json")
    (plain,) = json.loads(world.call(*words, "--set", "clock.pause=[]").out)["backtests"]
    untold = (
        "UPDATE requisitions SET status = ? WHERE account = 'acme' AND status = ? AND id NOT IN"
        " (SELECT id FROM changes WHERE kind = 'requisition' AND field = 'status')"
    )
    with closing(sqlite3.connect(world.store)) as base:
        assert base.execute("SELECT 1 FROM requisitions WHERE status = 'on_hold'").fetchall() == []
        base.execute(untold, ("on_hold", "open"))
        base.commit()
    (held,) = json.loads(world.call(*words, "--set", "clock.pause=[]").out)["backtests"]
    with closing(sqlite3.connect(world.store)) as base:
        base.execute(untold, ("open", "on_hold"))
        base.commit()
    assert held["opened"] == plain["opened"] > 0
    assert held["put_off"] > 0
    assert held["messages"] + held["in_digest"] < plain["messages"] + plain["in_digest"]


def test_a_mistake_in_another_pack_stops_no_rehearsal(world: Any, pack: Path) -> None:
    """It is a warning, as in a run; one in the rule itself, or in what is set, is an error."""
    words = ("rules", "backtest", "feedback-late", "--since", "30d", "--account", "acme")
    broken = "overrides:\n  - {id: stalled-in-stage, target: soon}\n"
    (world.folder / "broken.yaml").write_text(f"version: 1\n{broken}", "utf-8")
    world.configure(lambda text: text.replace('"mine.yaml"', '"mine.yaml", "broken.yaml"'))
    good = world.call(*words, "--json")
    changed = world.call(*words, "--set", "target=5bd", "--json")
    swept = world.call(*words, "--sweep", "target=1bd,5bd", "--json")
    wrong = world.call(*words, "--set", "target=soon")
    other = world.call("rules", "backtest", "stalled-in-stage", "--set", "target=2bd")
    world.configure(lambda text: text.replace('"mine.yaml", "broken.yaml"', '"mine.yaml"'))
    for outcome in (good, changed, swept):
        assert outcome.code == 0
        assert "broken.yaml:3" in outcome.err
        assert json.loads(outcome.out)["backtests"]
    assert (wrong.code, "--set:4:11: " in wrong.err) == (2, True)
    assert (other.code, "broken.yaml:3" in other.err) == (2, True)
