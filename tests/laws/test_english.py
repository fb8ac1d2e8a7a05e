"""English is made in `presentation` and `cli`; nothing else parses, compares or edits it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .source_tree import SourceTree, hold, project

_MAKERS = ("atsbridge.presentation", "atsbridge.cli")
# Contracts compare what they planted, the fakes play people, a migration reads old texts, and the
# lints read what the authors of rules wrote.
_FREE = (
    "atsbridge.testing",
    "atsbridge.sandbox",
    "atsbridge.store.database.notice_columns",
    "atsbridge.rules.compile.lint_rule",
)
_SENTENCES = frozenset(
    {"reason", "title", "headline", "what", "remedy", "why", "finding", "sentence"}
)
_PARSING = frozenset(
    [
        "startswith",
        "endswith",
        "replace",
        "split",
        "rsplit",
        "splitlines",
        "partition",
        "rpartition",
        "removeprefix",
        "removesuffix",
        "find",
        "rfind",
        "index",
        "count",
    ]
)
_MATCHING = frozenset(
    ["match", "fullmatch", "search", "sub", "subn", "findall", "finditer", "split"]
)
_WORDS = re.compile(r"[A-Za-z]{2,},? [a-z]|^[a-z]{2,} $")


def offenders(tree: SourceTree) -> Iterator[str]:
    """ "module: expression" for each that works on a sentence as a text."""
    found = set()
    for module in tree.modules.values():
        if module.name.startswith(_MAKERS + _FREE):
            continue
        for node in ast.walk(module.tree):
            if _parses(node):
                found.add(f"{module.name}: {ast.unparse(node)}")
    yield from sorted(found)


def _parses(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return _compares(node)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    name, value = node.func.attr, node.func.value
    if name in _PARSING and (_is_sentence(value) or any(map(_is_words, node.args))):
        return True
    return name in _MATCHING and any(map(_is_sentence, node.args))


def _compares(node: ast.Compare) -> bool:
    sides = (node.left, *node.comparators)
    if any(map(_is_words, sides)):
        return True
    contains = any(isinstance(one, ast.In | ast.NotIn) for one in node.ops)
    return contains and any(map(_is_sentence, node.comparators))


def _is_sentence(node: ast.AST) -> bool:
    """Whether the name says that the value is a text for people."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        return any(map(_is_sentence, node.args))
    if isinstance(node, ast.Attribute):
        return node.attr in _SENTENCES
    return isinstance(node, ast.Name) and node.id in _SENTENCES


def _is_words(node: ast.AST) -> bool:
    """Whether it is a literal of several English words, or a set or tuple of such."""
    if isinstance(node, ast.Tuple | ast.Set | ast.List):
        return any(map(_is_words, node.elts))
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and bool(_WORDS.search(node.value))
    )


def test_nothing_works_on_a_sentence_as_a_text() -> None:
    """In the package and in every plugin. Reasons, holds and errors have codes."""
    hold("english", offenders(project()))


def test_planted_parsing_is_found(tmp_path: Path) -> None:
    """Methods, operators and patterns, on names and on literals; not where English is made."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").write_text("")
    (tmp_path / "app/parser.py").write_text(
        "a = one.reason.startswith('x')\n"
        "b = text.removesuffix('was due')\n"
        "c = 'busy' in str(error.what)\n"
        "d = pattern.match(rule.title)\n"
        "e = x == 'nothing had gone out'\n"
        "fine = one.code == Code.BUSY and path.startswith('a/b') and line.split(' ')\n"
    )
    assert [line.partition(": ")[2] for line in offenders(SourceTree((tmp_path,)))] == [
        "'busy' in str(error.what)",
        "one.reason.startswith('x')",
        "pattern.match(rule.title)",
        "text.removesuffix('was due')",
        "x == 'nothing had gone out'",
    ]
