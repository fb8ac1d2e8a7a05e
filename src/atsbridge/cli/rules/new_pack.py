"""`atsbridge rules new`: a commented pack to start from, and the schema for the editor."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import click

from atsbridge.cli.first_files import write_new
from atsbridge.errors import ConfigError

SCHEMA_FILE = "atsbridge-rules.schema.json"
_SUFFIXES = (".yaml", ".yml")


@click.command("new")
@click.argument("pack", type=click.Path(path_type=Path, dir_okay=False))
def new_command(pack: Path) -> None:
    """Write PACK, a file with one commented rule and its tests, for you to change.

    Its first line names the schema with which editors complete and check the keys. The schema is
    written beside it. A file that exists is not overwritten; the schema is always made new.
    """
    from atsbridge.plugins import discover
    from atsbridge.rules import pack_schema

    path = pack if pack.suffix else pack.with_suffix(_SUFFIXES[0])
    if path.suffix not in _SUFFIXES:
        raise ConfigError(
            f"a pack is a .yaml file, not a {path.suffix} file",
            where=str(pack),
            remedy=f"Write: atsbridge rules new {pack.with_suffix(_SUFFIXES[0])}",
        )
    if path.name.startswith("builtin:"):  # settings would read the built-in pack of that name
        own = path.with_name(path.name.removeprefix("builtin:"))
        raise ConfigError(
            "builtin: names packs that are installed",
            where=str(pack),
            remedy=f"Write: atsbridge rules new {own}",
        )
    template = files("atsbridge.cli").joinpath("templates", "pack.yaml.txt").read_text("utf-8")
    write_new(path, template.replace("@schema@", SCHEMA_FILE).replace("@id@", _make_id(path)))
    schema = path.with_name(SCHEMA_FILE)
    text = json.dumps(pack_schema(discover().rule_kinds()), separators=(",", ":")) + "\n"
    try:
        schema.write_text(text, "utf-8")
    except OSError as error:
        what = f"the schema cannot be written: {error.strerror}"
        raise ConfigError(what, where=str(schema)) from None
    click.echo(f"{path}: a draft rule with tests. {schema}: the schema for your editor.")
    click.echo(f"Next: atsbridge rules check {path}")
    click.echo(f'Then name it in atsbridge.toml: [rules] packs = [..., "{path}"]')


def _make_id(path: Path) -> str:
    """The id of the rule, made from the name of the file."""
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-0123456789")
    return name or "my-rule"
