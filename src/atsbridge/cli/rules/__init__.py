"""`atsbridge rules`: one module for each of its commands."""

from __future__ import annotations

import importlib

import click

from atsbridge.cli.options import CommandGroup

# Each module is imported when its command is called, so that none loads what others need.
_COMMANDS = {
    "backtest": "backtest",
    "check": "check",
    "list": "list_rules",
    "new": "new_pack",
    "preview": "preview",
    "promote": "promote",
    "schema": "schema",
    "show": "show_rule",
    "test": "test_packs",
}


class _Commands(CommandGroup):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{_COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command


@click.group(cls=_Commands)
def rules() -> None:
    """Check, test, backtest, list and promote rules."""
