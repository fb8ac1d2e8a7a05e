"""`atsbridge rules`: check the rule files before anything is sent."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import emit_json, table


@click.group()
def rules() -> None:
    """Check and list the rules."""


@rules.command()
@click.option("--strict", is_flag=True, help="Fail on lints too.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def check(config: Path, strict: bool, as_json: bool) -> None:
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


@rules.command("list")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def list_rules(config: Path, as_json: bool) -> None:
    """The configured rules: status, kind, what each watches, and whose promise it is."""
    from atsbridge.app import wired

    with wired(config) as app:
        rows = [
            (rule.id, rule.status, rule.kind, rule.each, rule.side or "-", rule.title)
            for rule in app.rules.rules.values()
        ]
    heads = ("rule", "status", "kind", "each", "side", "title")
    if as_json:
        emit_json([dict(zip(heads, row, strict=True)) for row in rows])
    else:
        table(heads, rows, empty="No rule is configured.")
