"""What `--json` prints is what docs/reference/json.md says, and changes only on purpose."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.cli.documents.json_documents import DOCUMENTS, VERSION, JsonDocument
from atsbridge.cli.documents.report_formats import LOG_ACTIONS, LOG_COMMON, METRICS

from .shapes import find_faults, reduce_shape

SNAPSHOTS = Path(__file__).with_name("snapshots")
NEW_RULES = "version: 1\noverrides:\n  - {id: stalled-in-stage, status: retired}\n"


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A company two runs old, with a log, metrics, a silence, and a pack with other rules."""
    made = new_world(40)
    reports = '[run]\nlog_file = "run.log"\nmetrics_file = "run.prom"'
    made.configure(lambda text: text.replace("[run]", reports))
    assert made.tick().code == 0
    made.standing.advance(made.now + timedelta(hours=30))
    assert made.tick().code == 0
    (made.folder / "other.yaml").write_text(NEW_RULES, "utf-8")
    silence = ("--account", "acme", "--rule", "feedback-late", "--for", "1bd", "--comment", "x")
    assert made.call("cases", "silence", *silence).code == 0
    yield made
    made.close()


@pytest.fixture(scope="module")
def arguments(world: Any) -> dict[str, str]:
    """What takes the place of the words in capitals of a documented command."""
    cases = json.loads(world.call("cases", "list", "--json").out)["cases"]
    notices = json.loads(world.call("notices", "list", "--all", "--json").out)["notices"]
    rules = json.loads(world.call("rules", "list", "--json").out)["rules"]
    number = str(next(one["number"] for one in cases if one["rule"] == "feedback-late"))
    application = next(iter(world.standing.companies["acme"].records("application")))
    return {
        "NUMBER": number,
        "CASE": number,
        "KEY": notices[0]["key"],
        "REQ": next(one["requisition"] for one in cases if one["account"] == "acme"),
        "RULE": next(one["rule"] for one in rules if one["status"] == "shadow"),
        "ACCOUNT": "acme",
        "E-MAIL": next(iter(world.standing.companies["acme"].people)).email,
        "FILE": str(world.folder / "other.yaml"),
        "CANDIDATE": f"acme/application/{application}",
        "PATH": str(world.folder / "backup.db"),
        "FROM": f"sqlite:///{world.store}",
        "COMMAND": "no-such-command",
        "TO": f"sqlite:///{world.folder / 'copy.db'}",
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.command)
def test_every_document_is_as_described(
    document: JsonDocument, world: Any, arguments: dict[str, str]
) -> None:
    """Every member and no other, each of its type, and the version first."""
    words = [arguments.get(word, word) for word in document.command.split()]
    more = {"forget": ["--yes"], "intake": ["--account", "acme"]}
    now = world.now.isoformat()
    more |= {"run": ["--now", now], "promote": ["--dry-run"]}
    if "--undo" in words:
        world.call("forget", arguments["CANDIDATE"], "--yes")
    for name in words[:2]:
        words = [*words, *more.get(name, [])]
    outcome = world.call(*words)
    found = json.loads(outcome.out)
    assert next(iter(found)) == "version"
    assert found.pop("version") == VERSION
    assert list(find_faults(found, document.type)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.command)
def test_documents_change_on_purpose_only(document: JsonDocument) -> None:
    """Programs rely on the shape of each document.

    If this fails on purpose: add a line to the changelog, raise VERSION where a member was removed
    or changed its meaning, and run the test again with UPDATE_SNAPSHOTS=1.
    """
    name = re.sub(r"[^a-z]+", "-", document.command.lower()).strip("-")
    file = SNAPSHOTS / f"{name}.json"
    shape = {"version": VERSION, **reduce_shape(document.type)}
    text = json.dumps(shape, indent=1) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(text, "utf-8")
    assert file.read_text("utf-8") == text


def test_no_snapshot_is_left_over() -> None:
    """Each belongs to a document."""
    assert len(list(SNAPSHOTS.glob("*.json"))) == len(DOCUMENTS)


def test_every_command_with_json_is_described() -> None:
    """No `--json` without a document; a JSON Schema has a format of its own."""
    from ...docs.test_commands import ALL

    takers = {
        " ".join(name)
        for name, command in ALL.items()
        if any("--json" in param.opts for param in command.params)
    }
    described = {re.split(r" (?:[A-Z]|--)", one.command)[0] for one in DOCUMENTS}
    assert takers - described == {"rules schema"}


def test_planted_differences_are_found() -> None:
    """A member too many, one too few, another type, and an unknown value."""
    silences = next(one.type for one in DOCUMENTS if one.command == "cases silences --json")
    good = {"number": 1, "account": "a", "rule": "", "subject": None, "start": "", "end": "",
            "by": "", "comment": ""}  # fmt: skip
    assert not list(find_faults({"silences": [good]}, silences))
    for bad in (
        {**good, "more": 1},
        {**good, "number": "1"},
        {"number": 1},
        {**good, "rule": None},
    ):
        assert list(find_faults({"silences": [bad]}, silences))
    assert list(find_faults({"silences": {}}, silences))


def test_the_log_has_the_described_actions_only(world: Any) -> None:
    """Every line of two runs, with the described members."""
    described = {one.name: {*LOG_COMMON, *one.members} for one in LOG_ACTIONS}
    lines = [
        json.loads(line) for line in (world.folder / "run.log").read_text("utf-8").splitlines()
    ]
    assert {"sync", "send", "account", "tick"} <= {line["action"] for line in lines}
    for line in lines:
        assert line.keys() <= described[line["action"]], line


def test_the_metrics_are_the_described_ones(world: Any) -> None:
    """Each name, with its labels."""
    text = (world.folder / "run.prom").read_text("utf-8")
    found = {
        (name, frozenset(re.findall(r"(\w+)=", labels)))
        for name, labels in re.findall(r"^(\w+)(\{.*\})? \S+$", text, re.MULTILINE)
    }
    assert found == {(one.name, frozenset(one.members)) for one in METRICS}
