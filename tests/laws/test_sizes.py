"""Modules, functions and lists of parameters stay small enough to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from .source_tree import ROOT, SourceTree, hold, project

MODULE_LINES = 350
FUNCTION_LINES = 40  # from `def` to the end, without the docstring
PARAMETERS = 6  # besides self and cls

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_modules(tree: SourceTree) -> Iterator[str]:
    """Names of modules that are too long."""
    for module in tree.modules.values():
        if len(module.path.read_text("utf-8").splitlines()) > MODULE_LINES:
            yield module.name


def long_functions(tree: SourceTree) -> Iterator[str]:
    """ "module:function" of each that is too long."""
    for where, node in functions(tree):
        if lines(node) > FUNCTION_LINES:
            yield where


def wide_functions(tree: SourceTree) -> Iterator[str]:
    """ "module:function" of each that takes too much. A command takes what its options are."""
    for where, node in functions(tree):
        if parameters(node) > PARAMETERS and not _is_command(node):
            yield where


def functions(tree: SourceTree) -> Iterator[tuple[str, _Function]]:
    """Every function with its place: "module:Class.function"."""
    for module in tree.modules.values():
        for name, node in _functions(module.tree, ""):
            yield f"{module.name}:{name}", node


def lines(node: _Function) -> int:
    """Lines of a function without its decorators and docstring."""
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        whole -= (first.end_lineno or first.lineno) - first.lineno + 1
    return whole


def parameters(node: _Function) -> int:
    """How many values a caller may pass."""
    args = node.args
    names = [one.arg for one in (*args.posonlyargs, *args.args)]
    own = 1 if names[:1] in (["self"], ["cls"]) else 0
    rest = [one for one in (args.vararg, args.kwarg) if one is not None]
    return len(names) - own + len(args.kwonlyargs) + len(rest)


def long_tests() -> Iterator[str]:
    """Paths of test modules that are too long."""
    for folder in (ROOT / "tests", *sorted(ROOT.glob("plugins/*/tests"))):
        for path in sorted(folder.rglob("*.py")):
            if len(path.read_text("utf-8").splitlines()) > MODULE_LINES:
                yield path.relative_to(ROOT).as_posix()


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, _Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, _Function):
            yield f"{prefix}{child.name}", child
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def _is_command(node: _Function) -> bool:
    """Whether click decorates it with a command, an option or an argument."""
    names = {
        ast.unparse(one.func if isinstance(one, ast.Call) else one).rpartition(".")[2]
        for one in node.decorator_list
    }
    return bool(names & {"command", "option", "argument", "group"})


def test_modules_are_short() -> None:
    hold("long_modules", long_modules(project()))


def test_test_modules_are_short() -> None:
    hold("long_tests", long_tests())


def test_functions_are_short() -> None:
    hold("long_functions", long_functions(project()))


def test_functions_take_few_parameters() -> None:
    hold("wide_functions", wide_functions(project()))


def test_planted_giants_are_found(tmp_path: Path) -> None:
    """A long module with a long method, and a function with seven parameters."""
    body = "\n".join("        pass" for _ in range(FUNCTION_LINES))
    text = f"""\
class Big:
    def long(self):
        '''A docstring
        of two lines.'''
{body}

    def short(self, a, b, c, d, e, f):
        pass

def wide(a, b, *, c, d, e, f, g):
    pass

@command()
def run(a, b, c, d, e, f, g):
    pass
"""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").write_text("")
    (tmp_path / "app/giant.py").write_text(text + "\n" * MODULE_LINES)
    tree = SourceTree((tmp_path,))
    assert list(long_modules(tree)) == ["app.giant"]
    assert list(long_functions(tree)) == ["app.giant:Big.long"]
    assert list(wide_functions(tree)) == ["app.giant:wide"]
