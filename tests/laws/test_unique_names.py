"""One name, one thing: modules and public classes are named once in the package."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .source_tree import SourceTree, core, hold

# A module of the command line is named after its command, and may share that name with a package.
_MIRRORED = "atsbridge.cli"


def repeated_modules(tree: SourceTree) -> Iterator[str]:
    """Each name that two modules or packages have."""
    found: Counter[str] = Counter()
    for module in tree.modules.values():
        last = module.name.rpartition(".")[2]
        if not module.name.startswith(f"{_MIRRORED}.") and last != "__main__":
            found[last] += 1
    yield from sorted(name for name, times in found.items() if times > 1)


def repeated_classes(tree: SourceTree) -> Iterator[str]:
    """Each name that two public classes have."""
    found: Counter[str] = Counter()
    for module in tree.modules.values():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name] += 1
    yield from sorted(name for name, times in found.items() if times > 1)


def test_module_names_are_unique() -> None:
    hold("module_names", repeated_modules(core()))


def test_class_names_are_unique() -> None:
    hold("class_names", repeated_classes(core()))


def test_a_planted_second_name_is_found(tmp_path: Path) -> None:
    """A module and a class of one name in two packages."""
    for name, text in {
        "app/__init__.py": "",
        "app/a/__init__.py": "",
        "app/a/rule.py": "class Rule: ...\nclass _Own: ...\n",
        "app/b/__init__.py": "",
        "app/b/rule.py": "class Rule: ...\nclass _Own: ...\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    tree = SourceTree((tmp_path,))
    assert list(repeated_modules(tree)) == ["rule"]
    assert list(repeated_classes(tree)) == ["Rule"]
