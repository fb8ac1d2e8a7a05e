"""`atsbridge plugins`: installed plugins, and those that were left out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from atsbridge.cli import FAILED
from atsbridge.cli.options import JSON
from atsbridge.cli.output import emit_json, table

if TYPE_CHECKING:
    from atsbridge.ports import ConnectorSpec


@click.command()
@JSON
def plugins(as_json: bool) -> None:
    """List installed connectors, sinks, rule kinds and packs. Exit 1 if a plugin was left out."""
    from atsbridge.installation import repair_advice, unmet_requirements
    from atsbridge.plugins import Trouble, discover

    found = discover()
    provided = {
        "connectors": sorted(found.connectors()),
        "sinks": sorted(found.sinks()),
        "rule kinds": sorted(found.rule_kinds()),
        "rule packs": sorted(found.rule_packs()),
    }
    answered = _count_answered(found.connectors())
    troubles = list(found.troubles)
    if unmet := unmet_requirements():
        what = f"libraries are missing or too old: {', '.join(unmet)}"
        troubles.append(Trouble("atsbridge", what, repair_advice()))
    if as_json:
        emit_json(
            {
                "plugins": [
                    {"name": p.name, "version": p.version, "hooks": list(p.hooks)}
                    for p in found.installed
                ],
                **{what.replace(" ", "_"): names for what, names in provided.items()},
                "coverage": answered,
                "problems": [
                    {"plugin": t.plugin, "what": t.what, "remedy": t.remedy} for t in troubles
                ],
            }
        )
    else:
        rows = [(p.name, p.version or "-", _name_hooks(p.hooks)) for p in found.installed]
        table(("plugin", "version", "provides"), rows, empty="No plugin is installed.")
        for what, names in provided.items():
            click.echo(f"{what:<11} {', '.join(names) or 'none'}")
        _print_answered(answered)
        for trouble in troubles:
            click.echo(f"problem: {trouble.plugin}: {trouble.what}. {trouble.remedy}.", err=True)
    if troubles:
        sys.exit(FAILED)


def _count_answered(connectors: Mapping[str, ConnectorSpec]) -> dict[str, dict[str, int]]:
    """Connector -> how far it supports built-in rules ("full", "no") -> number of rules."""
    from atsbridge.rules import BUILTIN_KINDS, CoverageLevel, coverage, discovery, load

    folder = discovery.builtin_folder()
    texts = discovery.texts(sorted(folder.glob("*.yaml")), folder)
    rules = load(texts, {kind.name: kind for kind in BUILTIN_KINDS}).rules.values()
    counted = {}
    for name, spec in sorted(connectors.items()):
        levels = [coverage(rule, spec).level for rule in rules if rule.status != "retired"]
        counted[name] = {level.label: levels.count(level) for level in CoverageLevel}
    return counted


def _print_answered(answered: Mapping[str, Mapping[str, int]]) -> None:
    """A row for each connector. Without a connector there is none."""
    if answered:
        click.echo("\nBuilt-in rules that each connector can answer:")
        heads = ("connector", *next(iter(answered.values())))
        rows = [(name, *map(str, its.values())) for name, its in answered.items()]
        table(heads, rows, empty="")


def _name_hooks(hooks: tuple[str, ...]) -> str:
    return ", ".join(hook.removeprefix("atsbridge_").replace("_", " ") for hook in hooks)
