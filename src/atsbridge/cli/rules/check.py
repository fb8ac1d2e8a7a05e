"""`atsbridge rules check`: every error and every lint before anything is sent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import FAILED, WRONG
from atsbridge.cli.output import count, emit_json, emit_plain_json

if TYPE_CHECKING:
    from atsbridge.cli.rules.pack_findings import PackFindings

_FORMATS = ("text", "json", "sarif")


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--strict", is_flag=True, help="Fail on lints too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="SARIF is shown by code hosts beside the lines of a change.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def check_command(
    config: Path, files: tuple[Path, ...], strict: bool, form: str, as_json: bool
) -> None:
    """Report every error in the rules, each with file:line:column. Exit 2 if there is one.

    With FILE, a pack or a folder of packs, it needs no settings and no secrets, and checks what
    can be checked without them. Otherwise it checks the configured packs, brief files and market
    tables. Then it lists lints, which are valid but probably not intended, and notes on how live
    rules work with the configured accounts.
    """
    if as_json and form == "sarif":
        raise click.UsageError("--json and --format sarif are two forms: choose one")
    from atsbridge.cli.rules.pack_findings import check_configured, check_files

    if files:
        found = check_files(files, Path.cwd())
    else:
        from atsbridge.app import open_services

        with open_services(config) as app:
            found = check_configured(app)
    if as_json or form == "json":
        emit_json(_convert(found))
    elif form == "sarif":
        from atsbridge.cli.rules.sarif_log import make_sarif

        emit_plain_json(make_sarif(found))
    else:
        _print(found)
    if found.errors:
        sys.exit(WRONG)
    if strict and found.lints:
        sys.exit(FAILED)


def _convert(found: PackFindings) -> dict[str, object]:
    """A `RulesCheck` document."""
    return {
        "rules": found.rules,
        "errors": [
            {"place": one.where, "message": one.what, "remedy": one.remedy} for one in found.errors
        ],
        "lints": [
            {"code": one.code, "place": str(one.place), "message": one.message}
            for one in found.lints
        ],
        "notes": list(found.notes),
        "not_checked": found.not_checked,
    }


def _print(found: PackFindings) -> None:
    """Errors on stderr, everything else on stdout."""
    for error in found.errors:
        click.echo(str(error), err=True)
    for one in found.lints:
        click.echo(f"{one.place}: {one.code}: {one.message}")
    for line in (*found.notes, found.not_checked):
        if line:
            click.echo(f"note: {line}")
    errors = count(len(found.errors), "mistake") if found.errors else "no mistakes"
    text = f"{count(found.rules, 'rule')}, {errors}"
    click.echo(text + (f", {len(found.lints)} to look at" if found.lints else ""))
