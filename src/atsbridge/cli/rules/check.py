"""`atsbridge rules check`: every error and every lint before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import count, emit_json

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.rules import Lint, Rule


_NAMED = 3  # rules that a note names; the others are counted


@click.command("check")
@click.option("--strict", is_flag=True, help="Fail on lints too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def check_command(config: Path, strict: bool, as_json: bool) -> None:
    """Report every error in the rules, each with file:line:column. Exit 2 if there is one.

    It also checks brief files and market tables, as far as that needs no ATS. Then it lists lints,
    which are valid but probably not intended, and notes on how live rules work with the configured
    accounts.
    """
    from atsbridge.app import open_services

    with open_services(config) as app:
        rules = good(app)
        found = list(lints(app, rules))
        found_notes = list(notes(app, rules))
    if as_json:
        emit_json(
            {
                "rules": len(rules),
                "lints": [
                    {"code": one.code, "place": str(one.place), "message": one.message}
                    for one in found
                ],
                "notes": found_notes,
            }
        )
    else:
        for one in found:
            click.echo(f"{one.place}: {one.code}: {one.message}")
        for line in found_notes:
            click.echo(f"note: {line}")
        text = f"{count(len(rules), 'rule')}, no mistakes"
        click.echo(text + (f", {len(found)} to look at" if found else ""))
    if strict and found:
        sys.exit(FAILED)


def good(app: Services) -> list[Rule]:
    """The rules. RuleErrors has every error in them, in brief files and in market tables."""
    from atsbridge.context import find_brief_errors
    from atsbridge.rules import RuleErrors

    if errors := [*app.packs.rule_set.mistakes, *app.market.errors, *find_brief_errors(app)]:
        raise RuleErrors(errors)
    return list(app.packs.rule_set.rules.values())


def lints(app: Services, rules: list[Rule]) -> Iterator[Lint]:
    """The lints of each rule, of each on every account's connector, and of all rules together."""
    from atsbridge.context import AccountContext
    from atsbridge.errors import PluginError
    from atsbridge.intake import find_stale
    from atsbridge.rules import FilePosition, Lint, lint, overlaps, unanswered, unfit

    for rule in rules:
        yield from lint(rule)
    seen: set[str] = set()
    connectors = []
    for account in sorted(app.settings.accounts):
        try:
            context = AccountContext(app, account)
            spec, known = context.spec, context.mapped_fields
        except PluginError:
            continue  # `doctor` and the tick say so
        connectors.append((spec, known))
        for rule in rules:
            for one in unfit(rule, spec, known):
                if str(one) not in seen:
                    seen.add(str(one))
                    yield one
    for rule in rules:
        yield from unanswered(rule, connectors)
    yield from overlaps(rules)
    for table, what in find_stale(app.market.tables, app.time.now().date()):
        yield Lint("stale-market", FilePosition(table, 1, 1), what)


def notes(app: Services, rules: list[Rule]) -> Iterator[str]:
    """Notes on the live rules of each account, which are not errors."""
    from atsbridge.context import AccountContext
    from atsbridge.errors import PluginError
    from atsbridge.rules import CoverageLevel, coverage, silent

    live = [rule for rule in rules if rule.status == "live"]
    for account in sorted(app.settings.accounts):
        try:
            context = AccountContext(app, account)
            spec, known = context.spec, context.mapped_fields
        except PluginError:
            continue
        own = [r.id for r in live if coverage(r, spec, known).level is CoverageLevel.SINCE_INSTALL]
        if own:
            yield f"{account}: some dates are our own, from the first sync on, for {_named(own)}"
        text: dict[str, list[str]] = {}
        for rule in live:
            for path in silent(rule, spec, known):
                text.setdefault(path, []).append(rule.id)
        for path, names in sorted(text.items()):
            yield f"{account}: {path} never happens, nothing here tells it, for {_named(names)}"


def _named(rules: list[str]) -> str:
    more = f" and {len(rules) - _NAMED} more" if len(rules) > _NAMED else ""
    return ", ".join(rules[:_NAMED]) + more
