"""Words that the vocabulary has retired name nothing any more."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .source_tree import ROOT, SourceTree, hold, project

RETIRED = frozenset(
    re.findall(
        r"\w+",
        "told said hushed moot dim hollow odd gone marks stint holder bearer word judge judged"
        " judging judgement touched unjudged leg passes sweep ball rung ladder tenant dark blind",
    )
)
# Of these no other meaning is in use: no page and no message has them.
RETIRED_IN_TEXTS = re.compile(
    r"\b(?:hushed|moot|stint|unjudged|tombstones?|rungs?|salvaged?|touched|blindness)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def offenders(tree: SourceTree) -> Iterator[str]:
    """ "package: word" for each retired word in a name that the package gives to something."""
    found = set()
    for module in tree.modules.values():
        package = ".".join(module.name.split(".")[:2])
        for name in (module.name.rpartition(".")[2], *_given(module.tree)):
            parts = {part.lower() for part in _PARTS.findall(name)}
            parts |= {part.removesuffix("s") for part in parts}
            found |= {f"{package}: {word}" for word in parts & RETIRED}
    yield from sorted(found)


def _given(tree: ast.Module) -> Iterator[str]:
    """Every name that the code defines: of functions, classes, parameters and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname


def test_no_name_holds_a_retired_word() -> None:
    """In the package and in every plugin."""
    hold("retired_words", offenders(project()))


def test_no_page_and_no_message_holds_a_retired_word() -> None:
    """The pages, and the packages that make the texts for people."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/README.md")]
    texts = [*ROOT.glob("src/atsbridge/presentation/*.py"), *ROOT.glob("src/atsbridge/cli/**/*.py")]
    assert [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in [*pages, *texts]
        if (found := RETIRED_IN_TEXTS.search(path.read_text("utf-8")))
    ] == []


def test_planted_retired_words_are_found(tmp_path: Path) -> None:
    """In a class, a parameter, a variable and a module; not inside longer words."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").write_text("")
    (tmp_path / "app/ladder.py").write_text(
        "class ToldNotice: ...\ndef f(is_dim, ladders, password): swept_gone = 1\n"
    )
    assert list(offenders(SourceTree((tmp_path,)))) == [
        "app.ladder: dim",
        "app.ladder: gone",
        "app.ladder: ladder",
        "app.ladder: told",
    ]
