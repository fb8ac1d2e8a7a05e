"""`atsbridge rules promote`: what it asks for, what it writes, and when it writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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
    made = new_world(60)
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
    outcome = world.call("rules", "promote", *words, "--json")
    assert outcome.code == code, outcome.err
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def test_a_rule_with_evidence_goes_live(world: Any, pack: Path) -> None:
    """The override says so, with tests, lints and a rehearsal of each account above it."""
    found = promote(world, "feedback-late", "--since", "30d")
    assert (found["from_status"], found["to_status"], found["file"]) == (
        "shadow",
        "live",
        str(pack),
    )
    assert [one["what"].split()[0] for one in found["evidence"]] == [
        "tests:",
        "lints:",
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


def test_a_dry_run_asks_and_writes_nothing(world: Any, pack: Path) -> None:
    """The file stays what it is."""
    found = promote(world, "feedback-late", "--dry-run")
    assert (found["file"], pack.read_text("utf-8")) == (None, MINE)
    text = world.call("rules", "promote", "feedback-late", "--dry-run").out
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
    assert [one["good"] for one in found["evidence"]] == [False, False, True, True]
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
    assert "  not replayed: " in text
    assert "silences and what people answered; the breaker; the daily cap over all rules\n" in text
    wrong = world.call(*words, "--set", "target=soon")
    assert (wrong.code, "--set:4:11: " in wrong.err) == (2, True)


def test_a_rehearsal_writes_nothing(world: Any, pack: Path) -> None:
    """No case, no notice, no agenda."""
    import sqlite3
    from contextlib import closing

    tables = ("cases", "transitions", "notices", "agenda", "changes")

    def rows() -> list[int]:
        with closing(sqlite3.connect(world.store)) as base:
            return [base.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables]

    before = rows()
    assert world.call("rules", "backtest", "stalled-in-stage").code == 0
    assert rows() == before
