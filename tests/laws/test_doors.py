"""A package is entered through its door: nobody imports a module from inside another package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .source_tree import Import, SourceTree, hold, project

_FREE = ("atsbridge.cli", "atsbridge.testing")  # their doors are commands and contracts


def offenders(tree: SourceTree) -> Iterator[str]:
    """ "importer -> module" for each import that goes past a door."""
    for module in tree.modules.values():
        if module.name in tree.packages:  # a door leads into its own package
            continue
        inside = set(_chain(module.package))
        for one in module.imports:
            if past_door(one, inside, tree):
                yield f"{module.name} -> {_named(one, inside, tree)}"


def past_door(one: Import, inside: set[str], tree: SourceTree) -> bool:
    """Whether the import names a module of a package that the importer does not stand in."""
    target = _named(one, inside, tree)
    if target not in tree.modules or target.startswith(_FREE):
        return False
    if target in inside:  # its own door leads back to the importer
        return "." in target
    outer = tree.modules[target].package
    if target in tree.packages:
        outer = target.rpartition(".")[0]
    return outer not in inside and "." in outer


def _named(one: Import, inside: set[str], tree: SourceTree) -> str:
    """The module or package that the statement names."""
    whole = f"{one.source}.{one.name}"
    if not one.name or whole not in tree.modules:
        return one.source
    # From outside, `from package import module` asks the door, if the door shows the module.
    shown = one.source not in inside and tree.shows(one.source, one.name)
    return one.source if shown else whole


def _chain(package: str) -> list[str]:
    parts = package.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def test_packages_are_entered_through_their_doors() -> None:
    """In the package and in every plugin."""
    hold("doors", offenders(project()))


def test_no_door_shows_a_name_that_a_module_hides() -> None:
    """A function and its module of one name: which of them comes depends on what was imported."""
    assert list(project().hidden_names()) == []


def test_a_planted_name_that_a_module_hides_is_found(tmp_path: Path) -> None:
    """A module that the door shows as a module is none."""
    for name, text in {
        "app/__init__.py": "",
        "app/a/__init__.py": "",
        "app/a/__init__.pyi": (
            "from .f import f as f\nfrom . import g as g\nfrom .g import h as h\n"
        ),
        "app/a/f.py": "def f(): ...\n",
        "app/a/g.py": "def h(): ...\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert list(SourceTree((tmp_path,)).hidden_names()) == ["app.a.f"]


def test_a_planted_import_past_a_door_is_found(tmp_path: Path) -> None:
    """From a sibling package, in a function, and of the own door."""
    for name, text in {
        "app/__init__.py": "",
        "app/a/__init__.py": "",
        "app/a/__init__.pyi": "from .one import f as f\n",
        "app/a/one.py": "def f(): ...\n",
        "app/a/two.py": "from app.a.one import f\n",
        "app/a/three.py": "from app.a import f\n",
        "app/b/__init__.py": "",
        "app/b/good.py": "from app.a import f\n",
        "app/b/bad.py": "def g():\n    from app.a.one import f\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = list(offenders(SourceTree((tmp_path,))))
    assert found == ["app.a.three -> app.a", "app.b.bad -> app.a.one"]
