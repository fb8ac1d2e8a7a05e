"""Options and arguments that several commands share."""

from __future__ import annotations

from datetime import datetime

import click

from atsbridge.errors import ConfigError

ACCOUNT = click.option("--account", help="Only this account.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
NOW = click.option(
    "--now", metavar="T", help="Evaluate as of this instant (ISO 8601, with a time zone)."
)
TEXT = click.option("--text", is_flag=True, help="Show the messages, as each reader gets them.")
BY = click.option("--by", default="", metavar="NAME", help="Who does this; default: you.")

CONNECTORS = click.option(
    "--connector",
    "connectors",
    metavar="NAME",
    multiple=True,
    help="Serve the fake ATS of this connector, and of no other. May be repeated.",
)


def parse_instant(text: str) -> datetime:
    """Parse an instant with an offset or a zone; return it in UTC. ConfigError suggests a fix."""
    from atsbridge.rules import instants

    try:
        return instants.parse(text)
    except ValueError as error:
        remedy = str(error)
    day = text.strip().removesuffix("Z")
    for suggestion in (f"{text.strip()}Z", f"{day}T08:00Z"):
        try:
            instants.parse(suggestion)
        except ValueError:
            continue
        local = suggestion.removesuffix("Z")
        remedy = f"Write {suggestion}, or with a zone {local}[Europe/Lisbon]"
        break
    raise ConfigError(f"{text!r} is not an instant with a time and a time zone", remedy=remedy)


class CommandGroup(click.Group):
    """A group whose help shows the whole summary of each command, wrapped and never cut."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands into the help."""
        names = self.list_commands(ctx)
        found = ((name, self.get_command(ctx, name)) for name in names)
        rows = [
            (name, command.get_short_help_str(limit=1000))
            for name, command in found
            if command is not None and not command.hidden
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
