"""Whatever a distribution imports, its own pyproject.toml declares, with a floor."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT, *sorted(one.parent for one in (ROOT / "plugins").glob("*/pyproject.toml"))]
TEMPLATE = ROOT / "src/atsbridge/cli/templates/connector"

# What is imported under another name than it is installed by.
DISTRIBUTIONS = {
    "vl_convert": "vl-convert-python",
    "jwt": "pyjwt",
    "yaml": "pyyaml",
    "pydantic_core": "pydantic",  # pydantic pins its core exactly
}
# What only some of a distribution's users import: its own extra declares it.
EXTRAS = {
    "atsbridge/absences": "calendars",
    "atsbridge/mcp": "mcp",
    "atsbridge/report": "report",
    "atsbridge/server": "web",
    "atsbridge/sinks/slack": "slack",
    "atsbridge/store/database": "postgres",
    "atsbridge/testing": "testing",
    "atsbridge/workers": "workers",
    "atsbridge_files/workbook_text": "xlsx",
}
_NAME = re.compile(r"[A-Za-z0-9._-]+")
OURS = {
    "atsbridge",
    "atsbridge-apprise",
    "atsbridge-ashby",
    "atsbridge-files",
    "atsbridge-teams-bot",
    "atsbridge-greenhouse",
    "atsbridge-lever",
}
_WITH_CAP = re.compile(r"[a-z-]+>=\d+\.\d+\.\d+,<\d+\.\d+$")
_WITH_FLOOR = re.compile(r"[A-Za-z0-9._-]+(\[[a-z]+\])?>=\d+(\.\d+)*$")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def project(folder: Path) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    return table["project"]  # type: ignore[no-any-return]


def declared(folder: Path, *extras: str) -> set[str]:
    """Names of the distributions that one needs, with those of some of its extras."""
    table = project(folder)
    more = table.get("optional-dependencies", {})
    lines = [*table.get("dependencies", ()), *(line for one in extras for line in more[one])]
    return {normal(found[0]) for line in lines if (found := _NAME.match(line))}


def imported(file: Path, text: str | None = None) -> Iterator[str]:
    """Top-level names of the absolute imports anywhere in a file, late ones too."""
    for node in ast.walk(ast.parse(text or file.read_text("utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def needs(names: Iterator[str], own: str) -> set[str]:
    """Distributions behind imported names; neither the standard library's nor `own`."""
    foreign = {name for name in names if name not in sys.stdlib_module_names and name != own}
    return {normal(DISTRIBUTIONS.get(name, name)) for name in foreign}


def undeclared(folder: Path) -> set[str]:
    """ "file: distribution" of every import that the folder's distribution does not declare."""
    package = next((folder / "src").iterdir())
    found = set()
    for file in sorted(package.rglob("*.py")):
        place = file.relative_to(folder / "src").as_posix()
        extras = [
            extra
            for start, extra in EXTRAS.items()
            if place.startswith((start + "/", start + ".py"))
        ]
        for one in needs(imported(file), package.name) - declared(folder, *extras):
            found.add(f"{place}: {one}")
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: one.name)
def test_every_import_is_declared_by_its_own_distribution(folder: Path) -> None:
    """What another one happens to bring may be missing, or too old, tomorrow."""
    assert undeclared(folder) == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: one.name)
def test_every_declared_dependency_has_a_floor(folder: Path) -> None:
    """A floor and nothing else: it is what `make floors` installs, and no cap locks anybody out.

    Our own packages have a cap as well, which `tools/release_check.py` compares with the versions.
    """
    table = project(folder)
    extras = table.get("optional-dependencies", {})
    lines = [*table["dependencies"], *(line for one in extras.values() for line in one)]
    others = [one for one in lines if re.split(r"[<>=\[]", one)[0] not in OURS]
    assert [one for one in others if not _WITH_FLOOR.match(one)] == []
    assert [one for one in set(lines).difference(others) if not _WITH_CAP.match(one)] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: one.name)
def test_nothing_is_declared_that_nobody_imports(folder: Path) -> None:
    """A dependency without a use is one more that may break."""
    package = next((folder / "src").iterdir())
    used = {one for file in package.rglob("*.py") for one in needs(imported(file), "")}
    data_only = {"tzdata"} if folder == ROOT else set()  # read by zoneinfo where a machine has none
    assert declared(folder) - used - data_only - {normal(package.name)} == set()


def test_floors_of_one_dependency_agree() -> None:
    """A plugin that asks for less than atsbridge itself has never run with it; the template too."""
    lines = [(folder, line) for folder in FOLDERS for line in project(folder)["dependencies"]]
    template = tomllib.loads(
        (TEMPLATE / "pyproject.toml.txt").read_text("utf-8").replace("@name@", "name")
    )
    lines += [(TEMPLATE, line) for line in template["project"]["dependencies"]]
    floors: dict[str, set[str]] = {}
    for _, line in lines:
        name, _, floor = line.partition(">=")
        floors.setdefault(normal(name), set()).add(floor)
    assert {name: found for name, found in floors.items() if len(found) > 1} == {}


def test_a_new_connector_declares_what_its_files_import() -> None:
    """What `atsbridge new connector` writes can be installed on its own."""
    text = (TEMPLATE / "pyproject.toml.txt").read_text("utf-8").replace("@name@", "name")
    lines = tomllib.loads(text)["project"]["dependencies"]
    known = {normal(line.partition(">=")[0]) for line in lines}
    for file in ("connector", "door", "fake"):
        source = (TEMPLATE / f"{file}.py.txt").read_text("utf-8")
        filled = re.sub(r"@\w+@", "name", source)
        assert needs(imported(TEMPLATE, filled), "atsbridge_name") <= known, file


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import numpy.linalg as n", {"numpy"}),
        ("def late():\n    from yaml import load", {"pyyaml"}),
        ("if TYPE_CHECKING:\n    from Foo_Bar.x import y", {"foo-bar"}),
        ("import json, tomllib\nfrom . import x\nfrom .y import z\nimport own.part", set()),
    ],
)
def test_an_import_is_seen_wherever_it_stands(source: str, found: set[str]) -> None:
    """At the top, in a function, for the type checker; neither ours nor the standard library's."""
    assert needs(imported(Path("x.py"), source), "own") == found
