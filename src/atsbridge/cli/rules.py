"""`atsbridge rules`: check and test the rule files before anything is sent, and read of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import emit_json, table
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.rules.rule import Rule


@click.group()
def rules() -> None:
    """Check, test and list the rules."""


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


@rules.command("test")
@click.argument("wanted", nargs=-1, metavar="[RULE]...")
@click.option(
    "--junit",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the outcome as JUnit XML too.",
)
@click.pass_obj
def run_tests(config: Path, wanted: tuple[str, ...], junit: Path | None) -> None:
    """Play the tests that stand in the packs. Exit 1 if one does not come true.

    Each `at` of a test is a tick of its own clock; nothing is read from an ATS, stored or sent.
    Office hours are those of [calendars], zones and holidays those of the people in the test.
    """
    from atsbridge.app import wired
    from atsbridge.delivery.render import render
    from atsbridge.rehearsal import telling
    from atsbridge.rehearsal.trial import play

    with wired(config) as app:
        there = app.rules.rules
        chosen = [known(there, name) for name in wanted] or list(there.values())
        hours = {name: section.hours for name, section in app.settings.calendars.items()}
        outcomes = list(play(chosen, hours, render))
    if junit is not None:
        junit.write_text(telling.junit(outcomes), "utf-8")
    failed = [(outcome, blocks) for outcome in outcomes if (blocks := telling.differences(outcome))]
    for outcome, blocks in failed:
        click.echo(f"failed: {telling.title(outcome)}")
        for block in blocks:
            click.echo(f"{block}\n")
    click.echo(f"{len(outcomes)} tests of {len(chosen)} rules, {len(failed) or 'none'} failed")
    if failed:
        sys.exit(FAILED)


def known(rules: Mapping[str, Rule], name: str) -> Rule:
    """The rule of that id. ConfigError names the nearest there is."""
    from atsbridge.rules.mistakes import nearest

    if name in rules:
        return rules[name]
    near = nearest(name, rules)
    remedy = f'Did you mean "{near}"?' if near else "See `atsbridge rules list`"
    raise ConfigError(f"there is no rule {name!r}", remedy=remedy)


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
