"""`atsbridge rules new`: a pack that is right at once, with the schema for the editor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from atsbridge.cli.rules.new_pack import SCHEMA_FILE, new_command
from atsbridge.errors import ConfigError
from atsbridge.presentation import render
from atsbridge.rules.compile.lint_rule import lint
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.language.yaml_source import read
from atsbridge.simulation.pack_test_report import differences
from atsbridge.simulation.pack_test_runner import play


def make(name: str) -> str:
    result = CliRunner().invoke(new_command, [name], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.output


def test_the_pack_is_right_and_its_tests_come_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no lints, its schema accepts it, and its first line names the schema."""
    monkeypatch.chdir(tmp_path)
    told = make("Our team.yaml")
    assert "atsbridge rules check" in told
    text = Path("Our team.yaml").read_text("utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={SCHEMA_FILE}\n")
    found = load([("p.yaml", text)], {kind.name: kind for kind in BUILTIN_KINDS})
    (rule,) = found.rules.values()
    assert (rule.id, rule.status) == ("our-team", "draft")
    assert [one.code for one in lint(rule)] == []
    outcomes = list(play([rule], {"office": "mon-fri 09:00-18:00"}, render))
    assert [differences(one) for one in outcomes] == [(), (), ()]
    schema = json.loads(Path(SCHEMA_FILE).read_text("utf-8"))
    errors = Draft202012Validator(schema).iter_errors(read("p.yaml", text).data)
    assert [one.message for one in errors] == []


def test_a_name_without_an_ending_gets_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digits and blanks in it make no wrong id."""
    monkeypatch.chdir(tmp_path)
    make("2026")
    assert "- id: my-rule\n" in Path("2026.yaml").read_text("utf-8")


def test_nothing_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack is somebody's work; only the schema is made new."""
    monkeypatch.chdir(tmp_path)
    Path("team.yaml").write_text("mine", "utf-8")
    with pytest.raises(ConfigError, match="exists already"):
        make("team.yaml")
    assert Path("team.yaml").read_text("utf-8") == "mine"
    Path(SCHEMA_FILE).write_text("old", "utf-8")
    make("other.yaml")
    assert Path(SCHEMA_FILE).read_text("utf-8") != "old"


def test_a_pack_is_a_yaml_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another ending would not be read by `packs`."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"not a \.toml file") as caught:
        make("team.toml")
    assert caught.value.remedy == "Write: atsbridge rules new team.yaml"


def test_a_file_is_not_called_like_a_built_in_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that name it would read another one."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as refused:
        make("builtin:mine")
    assert refused.value.remedy == "Write: atsbridge rules new mine.yaml"
    assert list(tmp_path.iterdir()) == []
