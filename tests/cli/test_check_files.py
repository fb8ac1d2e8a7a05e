"""`atsbridge rules check FILE`: without settings and secrets, as text, JSON and SARIF."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from atsbridge.cli.rules.lint_titles import LINT_TITLES
from atsbridge.rules.compile.discovery import builtin_folder

GOOD = """\
version: 1
defaults: {owner: ops}
rules:
  - id: answer-late
    kind: sla
    title: First answer
    each: application
    where: {application.status: active}
    clock:
      start: application.applied_at
      stop: application.decided_at
      cancel: [application.closed_at]
    target: 60d
    steps: [{at: due, to: requisition.recruiter}]
    message: "Answer {candidate.initials}."
"""
BAD = GOOD.replace("target: 60d", "target: 2 days").replace("to: requisition", "to: requisitoin")
_AMOUNT = (
    '"2 days" is not an amount of time: write a number and one of h, d, bd, bh, such as 24h, 1bd'
    " or 0.5h. Write: target: 2bd, or 2d around the clock"
)
_PATH = (
    '"requisitoin.recruiter" is not a field that a rule on an application can read. Did you mean'
    ' "requisition.recruiter"? Write: to: requisition.recruiter'
)
Outcome = tuple[int, str, str]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """A command in a folder without settings: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATSBRIDGE_CONFIG", raising=False)

    def run(*words: str) -> Outcome:
        from atsbridge.cli import main

        out, err, code = io.StringIO(), io.StringIO(), 0
        with (
            mock.patch.object(sys, "argv", ["atsbridge", *words]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as stop:
                code = int(stop.code or 0)
        return code, out.getvalue(), err.getvalue()

    return run


def sarif(call: Callable[..., Outcome], *words: str) -> dict[str, Any]:
    """The one run of a log, whose essentials are checked."""
    _, out, err = call("rules", "check", *words, "--format", "sarif")
    assert err == ""
    log = json.loads(out)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(ids) == len(set(ids))
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"]
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note", "none")
        assert result["message"]["text"]
        for one in result.get("locations", ()):
            where = one["physicalLocation"]
            assert ":" not in where["artifactLocation"]["uri"]
            assert where["region"]["startLine"] >= 1
            assert where["region"]["startColumn"] >= 1
    return dict(run)


def test_a_good_file_needs_no_settings(call: Callable[..., Outcome], tmp_path: Path) -> None:
    """It says what was not checked."""
    (tmp_path / "mine.yaml").write_text(GOOD, "utf-8")
    code, out, err = call("rules", "check", "mine.yaml")
    assert (code, err) == (0, "")
    assert "Checked without settings" in out
    assert "mine.yaml:4:5: no-tests: " in out
    assert out.endswith("1 rule, no mistakes, 1 to look at\n")
    assert call("rules", "check", "mine.yaml", "--strict")[0] == 1


def test_every_mistake_and_every_lint_come_together(
    call: Callable[..., Outcome], tmp_path: Path
) -> None:
    """A folder: the mistakes of one file, and the lints of the other."""
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs/a.yaml").write_text(BAD, "utf-8")
    (tmp_path / "packs/b.yml").write_text(GOOD.replace("answer-late", "answer"), "utf-8")
    (tmp_path / "packs/notes.txt").write_text("no pack", "utf-8")
    code, out, err = call("rules", "check", "packs")
    assert code == 2
    assert err.splitlines() == [
        f"packs/a.yaml:13:13: {_AMOUNT}",
        f"packs/a.yaml:14:27: {_PATH}",
    ]
    assert "packs/b.yml:4:5: no-tests: " in out
    assert "1 rule, 2 mistakes, 1 to look at" in out


def test_a_file_may_change_a_built_in_rule(call: Callable[..., Outcome], tmp_path: Path) -> None:
    """The installed packs are known, and their own lints are not told."""
    pack = "version: 1\noverrides:\n  - {id: feedback-late, target: 2bd}\n"
    (tmp_path / "mine.yaml").write_text(pack, "utf-8")
    code, out, err = call("rules", "check", "mine.yaml")
    assert (code, err) == (0, "")
    assert "responsiveness" not in out
    (tmp_path / "mine.yaml").write_text(pack.replace("late", "lat"), "utf-8")
    code, out, err = call("rules", "check", "mine.yaml")
    assert code == 2
    assert 'there is no rule "feedback-lat". Did you mean "feedback-late"?' in err


def test_a_copy_of_a_built_in_pack_is_no_second_one(
    call: Callable[..., Outcome], tmp_path: Path
) -> None:
    """People copy a pack to change it."""
    text = (builtin_folder() / "responsiveness.yaml").read_text("utf-8")
    (tmp_path / "ours.yaml").write_text(text, "utf-8")
    code, _, err = call("rules", "check", "ours.yaml")
    assert (code, err) == (0, "")


def test_json_has_the_errors(call: Callable[..., Outcome], tmp_path: Path) -> None:
    """Programs need no second stream."""
    (tmp_path / "mine.yaml").write_text(BAD, "utf-8")
    code, out, err = call("rules", "check", "mine.yaml", "--json")
    assert (code, err) == (2, "")
    found = json.loads(out)
    assert [one["place"] for one in found["errors"]] == ["mine.yaml:13:13", "mine.yaml:14:27"]
    assert found["errors"][0]["remedy"] == "Write: target: 2bd, or 2d around the clock"
    assert found["not_checked"]
    assert json.loads(call("rules", "check", "mine.yaml", "--format", "json")[1]) == found


def test_sarif_has_places_levels_and_rule_ids(call: Callable[..., Outcome], tmp_path: Path) -> None:
    """Errors and lints, each at its line and column; a name with a space is a valid URI."""
    (tmp_path / "our packs").mkdir()
    (tmp_path / "our packs/a.yaml").write_text(BAD, "utf-8")
    (tmp_path / "our packs/b.yaml").write_text(GOOD.replace("answer-late", "answer"), "utf-8")
    run = sarif(call, "our packs")
    shown = [
        (
            one["ruleId"],
            one["level"],
            one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            one["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for one in run["results"]
    ]
    assert shown == [
        ("invalid-pack", "error", "our%20packs/a.yaml", 13),
        ("invalid-pack", "error", "our%20packs/a.yaml", 14),
        ("no-tests", "warning", "our%20packs/b.yaml", 4),
    ]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("Checked without settings")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "this file is empty"),
        (b"rules: [\n", "this is not YAML"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"version: 1\nrules: 3\n", "a list"),
        (b"- 1\n", "a pack is a block of keys"),
    ],
)
def test_bad_files_are_told_with_their_place(
    call: Callable[..., Outcome], tmp_path: Path, content: bytes, told: str
) -> None:
    """In every format, with exit code 2."""
    (tmp_path / "mine.yaml").write_bytes(content)
    code, _, err = call("rules", "check", "mine.yaml")
    assert code == 2
    assert err.startswith("mine.yaml")
    assert told in err
    (_, out, _) = call("rules", "check", "mine.yaml", "--format", "sarif")
    (run,) = json.loads(out)["runs"]
    assert run["results"][0]["ruleId"] == "invalid-pack"


def test_what_is_not_there_is_told(call: Callable[..., Outcome], tmp_path: Path) -> None:
    """A file, a folder without packs; and no settings without a FILE."""
    code, _, err = call("rules", "check", "missing.yaml")
    assert code == 2
    assert "missing.yaml: there is no such file" in err
    (tmp_path / "empty").mkdir()
    code, _, err = call("rules", "check", "empty")
    assert (code, err) == (2, "atsbridge: empty: this folder has no pack. A pack is a .yaml file\n")
    code, _, err = call("rules", "check")
    assert code == 2
    assert "atsbridge.toml" in err


def test_a_condition_that_no_installed_ats_answers_is_a_lint(
    call: Callable[..., Outcome], tmp_path: Path
) -> None:
    """Also of a live rule, since no account says it. It names the connectors."""
    text = GOOD.replace("application.status: active", "stage.custom.level: senior")
    for status in ("live", "draft"):
        changed = text.replace("title: First", f"status: {status}\n    title: First")
        (tmp_path / "mine.yaml").write_text(changed, "utf-8")
        code, out, err = call("rules", "check", "mine.yaml")
        assert (code, err) == (0, "")
        assert "mine.yaml:4:5: unanswered: answer-late asks stage.custom, and nothing" in out
        assert "Greenhouse never tells stage.custom" in out
    answered = GOOD.replace("application.status: active", "requisition.custom.level: senior")
    (tmp_path / "mine.yaml").write_text(answered, "utf-8")
    assert "unanswered" not in call("rules", "check", "mine.yaml")[1]


def test_every_lint_has_a_title() -> None:
    """SARIF shows it where the code is explained."""
    source = Path(__file__).parents[2] / "src/atsbridge"
    texts = [file.read_text("utf-8") for file in source.rglob("*.py")]
    codes = {part.partition('"')[0] for text in texts for part in text.split('Lint("')[1:]}
    assert codes <= LINT_TITLES.keys()
