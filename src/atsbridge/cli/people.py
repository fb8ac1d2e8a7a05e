"""`atsbridge people`: what colleagues chose about their own messages, and changing it for them."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.options import BY, JSON, CommandGroup
from atsbridge.cli.output import emit_json, table
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.cli.documents import PersonChoiceDocument
    from atsbridge.context import Services
    from atsbridge.model import PersonChoices

_CHOICES = ("digest-only", "weekly-on", "weekly-off", "stop", "start")
_EMAIL = click.argument("email")


@click.group(cls=CommandGroup, invoke_without_command=True)
@click.pass_context
def people(context: click.Context) -> None:
    """List what colleagues chose: one daily summary, no messages, the weekly message."""
    if context.invoked_subcommand is None:
        context.invoke(list_people)


@people.command("list")
@JSON
@click.pass_obj
def list_people(config: Path, as_json: bool) -> None:
    """List everybody who chose something, by reply, through you or in [report] pairs."""
    from atsbridge.app import open_services

    with open_services(config) as app:
        found = list(_listed(app))
    if as_json:
        emit_json({"people": found})
        return
    rows = [
        (one["person"], one["messages"], _yes(one["shares"]), one["by"], _day(one["since"]))
        for one in found
    ]
    heads = ("person", "messages", "weekly and pair figures", "chosen by", "since")
    table(heads, rows, empty="Nobody has chosen anything: all messages come as configured.")


@people.command("set")
@_EMAIL
@click.argument("choice", type=click.Choice(_CHOICES))
@BY
@click.pass_obj
def set_choice(config: Path, email: str, choice: str, by: str) -> None:
    """Choose for a colleague who asked you to: as if they had replied so themselves."""
    from atsbridge.app import open_services
    from atsbridge.replies import ChoiceKeeper, ChoiceKind

    with open_services(config) as app:
        _require_known(app, email)
        ChoiceKeeper(app, by or getpass.getuser()).choose(
            email, ChoiceKind(choice.replace("-", " "))
        )
    click.echo(f"{email.lower()}: {choice.replace('-', ' ')}, from the next message on")


@people.command()
@_EMAIL
@BY
@click.pass_obj
def undo(config: Path, email: str, by: str) -> None:
    """Take back what a colleague chose last; what they chose before holds again."""
    from atsbridge.app import open_services
    from atsbridge.presentation import describe_choice
    from atsbridge.replies import ChoiceKeeper

    with open_services(config) as app:
        taken = ChoiceKeeper(app, by or getpass.getuser()).undo(email)
    for one in taken:
        click.echo(f"{one.person}: taken back: {describe_choice(one)}")


def _listed(app: Services) -> Iterator[PersonChoiceDocument]:
    """Everybody with a choice, in order of address."""
    from atsbridge.context import find_sharers

    chosen, sharers = app.store.choices.read_choices(), find_sharers(app)
    for person in sorted({*chosen, *sharers}):
        choices = chosen.get(person)
        latest = _latest(choices)
        yield {
            "person": person,
            "messages": _messages(choices),
            "shares": person in sharers if _answered_pairs(choices) or person in sharers else None,
            "by": latest[1] if latest else "[report] pairs",
            "since": latest[0].isoformat() if latest else None,
        }


def _answered_pairs(choices: PersonChoices | None) -> bool:
    return choices is not None and choices.pairs is not None


def _messages(choices: PersonChoices | None) -> str:
    if choices is None or choices.delivery is None:
        return "as configured"
    return {"all": "each when due", "digest": "daily summary", "stop": "stopped"}[
        choices.delivery.value
    ]


def _latest(choices: PersonChoices | None) -> tuple[datetime, str] | None:
    made = [one for one in (choices.delivery, choices.pairs) if one] if choices else []
    last = max(made, key=lambda one: one.at, default=None)
    return (last.at, last.actor) if last else None


def _yes(shares: bool | None) -> str:
    return "-" if shares is None else "yes" if shares else "no"


def _day(since: str | None) -> str:
    return since[:10] if since else "-"


def _require_known(app: Services, email: str) -> None:
    """ConfigError where no account has a colleague with that address."""
    from atsbridge.context import AccountContext
    from atsbridge.model import suggest

    known = {
        (user.email or "").lower()
        for account in app.settings.accounts
        for user in AccountContext(app, account).users.values()
    }
    if email.lower() not in known:
        near = suggest(email.lower(), sorted(known - {""}))
        raise ConfigError(
            f"no account has a colleague with the address {email!r}",
            remedy=f"Did you mean {near}?" if near else "Write the address that the ATS has",
        )
