"""`atsbridge rules list` and `show`: what there is, and what works with each connector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.output import count, emit_json, table
from atsbridge.cli.rules.rule_names import known
from atsbridge.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.model import Where
    from atsbridge.ports import ConnectorSpec
    from atsbridge.rules import Coverage, Rule, Targets


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def list_command(config: Path, as_json: bool) -> None:
    """The configured rules, and how much of each works with every connector in use.

    full; since install (dated by our own sight); with mapping; no. `rules show` says why. "shadow
    on X": live, but judged as shadow there, because a deciding signal is missing. False alarms are
    what people called so. What a rule would write and an account does not allow is named below.
    """
    from atsbridge.app import open_services

    with open_services(config) as app:
        found = list(app.packs.checked_rules.rules.values())
        levels = _coverage(app, found)
        shadows = {rule.id: demoted(app, rule) for rule in found}
        alarms = _false_alarms(app)
        barred = {rule.id: unallowed(app, rule) for rule in found}
    if as_json:
        listed = [
            _brief(rule)
            | {
                "shadow_on": shadows[rule.id],
                "not_allowed": barred[rule.id],
                "false_alarms": alarms[rule.id],
                "connectors": _plain(levels[rule.id]),
            }
            for rule in found
        ]
        emit_json({"rules": listed})
        return
    titles = [spec.title for spec, _ in next(iter(levels.values()), [])]
    rows = [
        (
            rule.id,
            f"shadow on {', '.join(shadows[rule.id])}" if shadows[rule.id] else rule.status,
            rule.kind,
            rule.side or "-",
            *(one.level.label for _, one in levels[rule.id]),
            *([str(alarms[rule.id] or "-")] if alarms else []),
            rule.title,
        )
        for rule in found
    ]
    table(
        ("rule", "status", "kind", "side", *titles, *(["false alarms"] if alarms else []), "title"),
        rows,
        empty="No rule is configured.",
    )
    for name, accounts in barred.items():
        for line in _barred(accounts):
            click.echo(f"{name}: {line}")


@click.command("show")
@click.argument("rule")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def show_command(config: Path, rule: str, as_json: bool) -> None:
    """One rule: what it watches, its clock and steps, and what each connector gives it."""
    from atsbridge.app import open_services

    with open_services(config) as app:
        found = known(app.packs.rule_set, rule)
        levels = _coverage(app, [found])[found.id]
        shadow, barred = demoted(app, found), unallowed(app, found)
    clock = found.clock
    steps = [
        {
            "at": step.when.label,
            "to": step.to,
            "via": step.via,
            "max": step.max,
            "mark": f"{step.mark.field} {step.mark.value}" if step.mark else None,
        }
        for step in found.steps
    ]
    where = list(_conditions(found.where))
    spec = (
        {
            "start": clock.start,
            "stop": clock.stop,
            "pause": list(clock.pause),
            "reset": list(clock.reset),
            "cancel": list(clock.cancel),
            "owed_by": clock.owed_by,
            "target": str(clock.target),
            "segments": _segments(clock.targets),
            "calendar": clock.calendar,
        }
        if clock
        else None
    )
    if as_json:
        whole = {"why": found.why, "place": str(found.place), "message": found.message}
        more = {"where": where, "clock": spec, "steps": steps, "tests": len(found.tests)}
        there = {"shadow_on": shadow, "not_allowed": barred, "connectors": _plain(levels)}
        emit_json(_brief(found) | whole | more | there)
        return
    click.echo(f"{found.id}: {found.title} ({found.status}, {found.kind}, {found.each})")
    click.echo(f"{found.place}, owner {found.owner or 'nobody'}, {count(len(found.tests), 'test')}")
    if found.why:
        click.echo(found.why)
    for line in where:
        click.echo(f"  where    {line}")
    for key, value in (spec or {}).items():
        text = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"  {key:<9}{text or '-'}")
    for step in steps:
        limit = f", {step['max']} times at most" if step["max"] else ""
        how = step["mark"] or ("a note" if step["to"] == "ats" else f"by {step['via']}")
        click.echo(f"  at {step['at']:<6}to {step['to']}, {how}{limit}")
    click.echo(f"  {found.message}")
    for connector, one in levels:
        click.echo(f"{connector.title}: {one.level.label}")
        for reason in one.why:
            click.echo(f"  {reason}")
    for account, reasons in shadow.items():
        click.echo(f"judged as shadow on {account}, because a deciding signal is missing:")
        for reason in reasons:
            click.echo(f"  {reason}")
    for line in _barred(barred):
        click.echo(line)


def unallowed(app: Services, rule: Rule) -> dict[str, list[str]]:
    """Account -> what the rule would write into its ATS and may not: those steps send nothing."""
    from atsbridge.cases import unwritten

    accounts = sorted(app.settings.accounts.items())
    found = {name: list(unwritten(rule, section.write)) for name, section in accounts}
    return {name: words for name, words in found.items() if words}


def _barred(accounts: Mapping[str, list[str]]) -> Iterator[str]:
    for account, words in accounts.items():
        lacks = ", ".join(words)
        yield f'left out on {account}: "{lacks}" is not among what `write` allows there'


def _conditions(where: Where, block: str = "") -> Iterator[str]:
    """The conditions in words, a line for each."""
    from atsbridge.model import All, AnyOf, Condition
    from atsbridge.presentation import asks

    if isinstance(where, Condition):
        yield f"{block}{where.path} {asks(where)}"
        return
    word = "" if isinstance(where, All) else "any: " if isinstance(where, AnyOf) else "none: "
    for part in where.parts:
        yield from _conditions(part, block + word)


def demoted(app: Services, rule: Rule) -> dict[str, list[str]]:
    """Account -> why a live rule is judged as shadow there."""
    from atsbridge.context import AccountContext
    from atsbridge.errors import PluginError

    found = {}
    for account in sorted(app.settings.accounts):
        try:
            reasons = AccountContext(app, account).missing_signals(rule)
        except PluginError:
            continue  # without its connector nothing is judged there at all
        if reasons:
            found[account] = list(reasons)
    return found


def _false_alarms(app: Services) -> Counter[str]:
    """Rule -> how often people called it one. None where there is no store yet, or where it cannot
    be opened: listing rules needs neither a database nor its password.
    """
    from sqlalchemy import make_url

    counts: Counter[str] = Counter()
    try:
        url = make_url(app.settings.store_url)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            return counts
        for account in app.settings.accounts:
            counts.update(app.store.cases.count_false_alarms(account))
    except (ConfigError, StoreError):
        return Counter()
    return counts


def _coverage(app: Services, rules: list[Rule]) -> dict[str, list[tuple[ConnectorSpec, Coverage]]]:
    """By rule, what each connector makes of it: those of the accounts, else all installed."""
    from atsbridge.rules import coverage

    used = {section.connector for section in app.settings.accounts.values()}
    installed = app.plugins.connectors()
    specs = [spec for name, spec in sorted(installed.items()) if name in (used or installed)]
    return {rule.id: [(spec, coverage(rule, spec)) for spec in specs] for rule in rules}


def _segments(targets: Targets | None) -> list[str]:
    """The targets of segments: "requisition.priority High: 1bd"."""
    if targets is None:
        return []
    path = f"{targets.path}.{targets.key}" if targets.key else targets.path
    return [f"{path} {word}: {amount}" for word, amount in targets.by.items()]


def _plain(levels: list[tuple[ConnectorSpec, Coverage]]) -> dict[str, Any]:
    return {spec.name: {"works": one.level.label, "why": list(one.why)} for spec, one in levels}


def _brief(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "status": rule.status,
        "kind": rule.kind,
        "each": rule.each,
        "side": rule.side,
        "title": rule.title,
    }
