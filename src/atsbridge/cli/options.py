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
BY = click.option("--by", default="", metavar="NAME", help="Who does this; default: you.")


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
