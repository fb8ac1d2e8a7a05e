"""`atsbridge plugins`: what is installed, and what was left out and why."""

from __future__ import annotations

import sys

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import emit_json, table


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def plugins(as_json: bool) -> None:
    """Connectors, sinks, rule kinds and packs that are installed. Exit 1 if one does not fit."""
    from atsbridge.installation import repair_advice, unmet_requirements
    from atsbridge.plugins import Trouble, discover

    found = discover()
    brings = {
        "connectors": sorted(found.connectors()),
        "sinks": sorted(found.sinks()),
        "rule kinds": sorted(found.rule_kinds()),
        "rule packs": sorted(found.rule_packs()),
    }
    troubles = list(found.troubles)
    if unmet := unmet_requirements():
        what = f"libraries are too old or missing: {', '.join(unmet)}"
        troubles.append(Trouble("atsbridge", what, repair_advice()))
    if as_json:
        emit_json(
            {
                "plugins": [
                    {"name": p.name, "version": p.version, "hooks": list(p.hooks)}
                    for p in found.installed
                ],
                **{what.replace(" ", "_"): names for what, names in brings.items()},
                "troubles": [
                    {"plugin": t.plugin, "what": t.what, "remedy": t.remedy} for t in troubles
                ],
            }
        )
    else:
        rows = [(p.name, p.version or "-", _words(p.hooks)) for p in found.installed]
        table(("plugin", "version", "adds"), rows, empty="No plugin is installed.")
        for what, names in brings.items():
            click.echo(f"{what:<11} {', '.join(names) or 'none'}")
        for trouble in troubles:
            click.echo(f"problem: {trouble.plugin}: {trouble.what}. {trouble.remedy}.", err=True)
    if troubles:
        sys.exit(FAILED)


def _words(hooks: tuple[str, ...]) -> str:
    return ", ".join(hook.removeprefix("atsbridge_").replace("_", " ") for hook in hooks)
