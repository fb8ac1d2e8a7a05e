"""`atsbridge rules list`: the configured rules, and how well each connector supports them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.output import emit_json, table
from atsbridge.cli.rules.rule_state import RuleState, has_store, read_states
from atsbridge.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from atsbridge.context import Services


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def list_command(config: Path, as_json: bool) -> None:
    """List the configured rules, and how well each connector in use supports them.

    Support is full, since install (only for events that atsbridge observed), with mapping, or no;
    `rules show` says why. "shadow on X" is a live rule that sends nothing on account X, because a
    signal that it needs is missing. The last column counts the false alarms that people reported.
    """
    from atsbridge.app import open_services

    with open_services(config) as app:
        states = read_states(app, list(app.packs.checked_rules.rules.values()))
        alarms = _count_false_alarms(app)
    if as_json:
        listed = [one.as_dict() | {"false_alarms": alarms[one.rule.id]} for one in states]
        emit_json({"rules": listed})
        return
    _print_table(states, alarms)
    for one in states:
        for line in one.describe_not_allowed():
            click.echo(f"{one.rule.id}: {line}")


def _print_table(states: list[RuleState], alarms: Counter[str]) -> None:
    titles = [spec.title for spec, _ in states[0].coverage] if states else []
    rows = [
        (
            one.rule.id,
            f"shadow on {', '.join(one.shadow_on)}" if one.shadow_on else one.rule.status,
            one.rule.kind,
            one.rule.side or "-",
            *(coverage.level.label for _, coverage in one.coverage),
            *([str(alarms[one.rule.id] or "-")] if alarms else []),
            one.rule.title,
        )
        for one in states
    ]
    table(
        ("rule", "status", "kind", "side", *titles, *(["false alarms"] if alarms else []), "title"),
        rows,
        empty="No rule is configured.",
    )


def _count_false_alarms(app: Services) -> Counter[str]:
    """Rule -> how often people reported a false alarm.

    Empty where there is no store yet, or where it cannot be opened: listing rules needs neither
    a database nor its password.
    """
    counts: Counter[str] = Counter()
    try:
        if not has_store(app):
            return counts
        for account in app.settings.accounts:
            counts.update(app.store.cases.count_false_alarms(account))
    except (ConfigError, StoreError):
        return Counter()
    return counts
