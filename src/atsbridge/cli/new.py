"""`atsbridge new`: a whole package to start a connector from.

What stands in it is in `templates`; how to go on from there in docs/connectors.md.
"""

from __future__ import annotations

import keyword
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from atsbridge.cli.options import CommandGroup
from atsbridge.errors import ConfigError

# template -> where it goes
_FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "door.py.txt": "src/atsbridge_@name@/__init__.py",
    "connector.py.txt": "src/atsbridge_@name@/connector.py",
    "fake.py.txt": "src/atsbridge_@name@/fake.py",
    "test_contract.py.txt": "tests/test_@name@_contract.py",
}


@click.group(cls=CommandGroup)
def new() -> None:
    """Create the files of a new plugin."""


@new.command()
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to make it in; else here.",
)
@click.option(
    "--post",
    is_flag=True,
    help="For an API whose lists are read by POST with a JSON body; else by GET.",
)
def connector(name: str, into: Path, post: bool) -> None:
    """Write a package that reads an ATS, with a fake of its API and its tests."""
    _check(name)
    dist = name.replace("_", "-")
    folder = into / f"atsbridge-{dist}"
    if folder.exists():
        raise ConfigError(f"{folder} is there already", remedy="Choose another name, or --into")
    replacements = {
        "@name@": name,
        "@dist@": dist,
        "@Title@": name.replace("_", " ").title(),
        "@Class@": name.title().replace("_", ""),
    }
    for template, target in _FILES.items():
        text = _template(template, post=post).read_text("utf-8")
        path = folder / _filled(target, replacements)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(text, replacements), "utf-8")
    (folder / f"src/atsbridge_{name}/py.typed").touch()
    click.echo(f"{folder}: a connector that reads a made-up ATS. Now:")
    click.echo(f'  pip install -e "{folder}[test]"')
    click.echo(f"  python -m pytest {folder}")
    click.echo(f"Then make it yours: {folder / f'src/atsbridge_{name}/connector.py'}")


def _template(name: str, *, post: bool) -> Traversable:
    """The file of a template; POST connectors have some of their own."""
    templates = files("atsbridge.cli").joinpath("templates")
    own = templates.joinpath("connector_post", name)
    return own if post and own.is_file() else templates.joinpath("connector", name)


def _check(name: str) -> None:
    """ConfigError for an invalid name of a module or connector."""
    from atsbridge.plugins import discover

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        remedy = "Lower case: letters, digits and _, a letter first; for example: acme"
        raise ConfigError(f"{name!r} cannot be the name of a connector", remedy=remedy)
    if name in discover().connectors():
        raise ConfigError(f"a connector {name} is installed already", remedy="Choose another name")


def _filled(text: str, replacements: dict[str, str]) -> str:
    for placeholder, value in replacements.items():
        text = text.replace(placeholder, value)
    return text
