"""No modules import each other in a circle, wherever in the file the imports stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .source_tree import SourceTree, core, hold


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules each of which leads to all others (strongly connected), sorted."""
    reach = {name: _reached(name, graph) for name in graph}
    groups = {
        tuple(sorted({name} | {o for o in reach[name] if name in reach.get(o, ())}))
        for name in graph
        if name in reach[name]
    }
    return sorted(list(group) for group in groups)


def offenders(tree: SourceTree) -> Iterator[str]:
    """Each module in a circle, once."""
    for circle in circles(tree.graph()):
        yield from circle


def _reached(start: str, graph: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = list(graph.get(start, ()))
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += graph.get(one, ())
    return found


def test_no_circles_of_imports() -> None:
    """The doors themselves are left out: they load a module when its name is first used."""
    hold("cycles", offenders(core()))


def test_a_planted_circle_is_found(tmp_path: Path) -> None:
    """One that goes through a door, a function and TYPE_CHECKING."""
    for name, text in {
        "app/__init__.py": "",
        "app/a/__init__.py": "",
        "app/a/__init__.pyi": "from .one import f as f\n",
        "app/a/one.py": "def f():\n    from app.b import two\n",
        "app/b/__init__.py": "",
        "app/b/two.py": "import typing\nif typing.TYPE_CHECKING:\n    from app.a import f\n",
        "app/b/three.py": "from app.a import f\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert circles(SourceTree((tmp_path,)).graph()) == [["app.a.one", "app.b.two"]]
