"""Plugins import the public API, the contracts to test against and the sandbox; nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .source_tree import ROOT, SourceTree, hold

PUBLIC = frozenset({"atsbridge.api", "atsbridge.testing", "atsbridge.sandbox"})


def offenders(folders: list[Path]) -> Iterator[str]:
    """ "plugin package: module" for each module of ours that a plugin may not import."""
    found = set()
    for module in SourceTree(tuple(folders)).modules.values():
        for one in module.imports:
            source = one.source
            if source == "atsbridge":
                source = f"atsbridge.{one.name}"
            if source.partition(".")[0] == "atsbridge" and source not in PUBLIC:
                found.add(f"{module.name.partition('.')[0]}: {source}")
    yield from sorted(found)


def test_plugins_import_the_public_api_only() -> None:
    """In what is installed; their tests may look deeper."""
    hold("plugin_imports", offenders(sorted(ROOT.glob("plugins/*/src"))))


def test_a_planted_private_import_is_found(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/__init__.py").write_text("from atsbridge.api import Stream\n")
    (tmp_path / "mine/deep.py").write_text("def f():\n    from atsbridge.sync import engine\n")
    assert list(offenders([tmp_path])) == ["mine: atsbridge.sync"]
