"""`atsbridge rules check`: every mistake before anything is sent."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import emit_json


@click.command("check")
@click.option("--strict", is_flag=True, help="Fail on lints too.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def check_command(config: Path, strict: bool, as_json: bool) -> None:
    """Every mistake in one pass, each with file:line:column. Exit 2 if there is one."""
    from atsbridge.app import wired
    from atsbridge.rules.lint import lint

    with wired(config) as app:
        found = app.rules.rules.values()
        lints = [one for rule in found for one in lint(rule)]
        count = len(found)
    if as_json:
        emit_json(
            {
                "rules": count,
                "lints": [
                    {"code": one.code, "place": str(one.place), "message": one.message}
                    for one in lints
                ],
            }
        )
    else:
        for one in lints:
            click.echo(f"{one.place}: {one.code}: {one.message}")
        words = f"{count} rules, no mistakes"
        click.echo(words + (f", {len(lints)} to look at" if lints else ""))
    if strict and lints:
        sys.exit(FAILED)
