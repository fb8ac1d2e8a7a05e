"""Where packs are found, and what is said of those that are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atsbridge.rules.compile import discovery
from atsbridge.rules.language.pack_errors import RuleErrors


def test_built_in_pack_is_the_checkouts(tmp_path: Path) -> None:
    """In a checkout, `rules/` at its top is what "builtin:" names."""
    root = Path(__file__).resolve().parents[3]
    found = discovery.find(["builtin:responsiveness"], tmp_path)
    assert found == [root / "rules" / "responsiveness.yaml"]


def test_globs_start_from_the_settings_folder(tmp_path: Path) -> None:
    """Files come by name, each once, however often it is named."""
    (tmp_path / "mine").mkdir()
    for name in ("b.yaml", "a.yaml"):
        (tmp_path / "mine" / name).write_text("version: 1\n", "utf-8")
    found = discovery.find(
        ["./mine/*.yaml", "mine/b.yaml", str(tmp_path / "mine" / "a.yaml")], tmp_path
    )
    assert [file.name for file in found] == ["a.yaml", "b.yaml"]
    assert [name for name, _ in discovery.texts(found, tmp_path)] == ["mine/a.yaml", "mine/b.yaml"]


def test_a_plugins_pack_has_a_name(tmp_path: Path) -> None:
    """What a hook offers is found by the name it gave."""
    law = tmp_path / "law.yaml"
    law.write_text("version: 1\n", "utf-8")
    assert discovery.find(["acme:law"], tmp_path, {"acme:law": law}) == [law]


def test_every_missing_pack_is_told(tmp_path: Path) -> None:
    """A glob that finds nothing is a mistake like a name nobody knows: never silence."""
    with pytest.raises(RuleErrors) as caught:
        discovery.find(["builtin:responsivness", "./nothing/*.yaml", ""], tmp_path)
    assert [str(error) for error in caught.value.errors] == [
        (
            '[rules] packs: the pack "builtin:responsivness" is not there. Did you mean '
            '"builtin:responsiveness"? Write: packs = ["builtin:responsiveness"]'
        ),
        (
            '[rules] packs: the pack "./nothing/*.yaml" is not there. '
            'Write: packs = ["builtin:responsiveness"]'
        ),
        '[rules] packs: the pack "" is not there. Write: packs = ["builtin:responsiveness"]',
    ]


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """Both the one that is no text and the one that went away, by name."""
    (tmp_path / "a.yaml").write_bytes(b"title: \xff\xfe\n")
    with pytest.raises(RuleErrors) as caught:
        discovery.texts([tmp_path / "a.yaml", tmp_path / "gone.yaml"], tmp_path)
    assert [str(error) for error in caught.value.errors] == [
        (
            "a.yaml:1:8: this file is not UTF-8 text: it looks like Windows-1252 or Latin-1. "
            "Save it as UTF-8 text"
        ),
        "gone.yaml: there is no such file. Correct the name, or create the file",
    ]


@pytest.mark.parametrize("name", ["a**b.yaml", "~nobody-here/x.yaml", "a\0b", "[", "/", "."])
def test_a_malformed_name_is_a_pack_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(RuleErrors, match="is not there"):
        discovery.find([name], tmp_path)


def test_a_named_pipe_or_folder_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    found = discovery.find(["pipe.yaml", "folder.yaml"], tmp_path)
    with pytest.raises(RuleErrors) as caught:
        discovery.texts(found, tmp_path)
    assert [error.what for error in caught.value.errors] == [
        "this is a pipe, not a file",
        "this is a folder, not a file",
    ]
    with pytest.raises(RuleErrors, match="is not there"):
        discovery.find(["*.yaml"], tmp_path)
