"""`atsbridge intake`: the brief of a requisition, agreements, and announced changes."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import brief_commands, pair_commands
from atsbridge.cli.brief_rows import brief_lines, convert_brief, history_lines
from atsbridge.cli.options import BY, JSON, CommandGroup
from atsbridge.cli.output import console, emit_json, one_line

if TYPE_CHECKING:
    from atsbridge.context import Services

_ACCOUNT = click.option("--account", help="Needed if several accounts have it.")
_REQ = click.argument("requisition", metavar="REQ")


class _Intake(CommandGroup):
    """`intake REQ` means `intake show REQ`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["show", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_Intake, invoke_without_command=False)
def intake() -> None:
    """Show and change the brief of a requisition. `atsbridge intake REQ` shows it.

    REQ is a code or an id.
    """


@contextmanager
def _wired(config: Path) -> Iterator[Services]:
    from atsbridge.app import open_services

    with open_services(config) as app:
        yield app


@intake.command()
@_REQ
@click.option("--history", is_flag=True, help="Show every version, what changed and who agreed.")
@_ACCOUNT
@JSON
@click.pass_obj
def show(config: Path, requisition: str, history: bool, account: str | None, as_json: bool) -> None:
    """Show its sections, how complete each is, and who agreed to which version."""
    from atsbridge.queries import read_brief_history, read_market_text
    from atsbridge.replies import find_record, read_brief

    with _wired(config) as app:
        key = find_record(app, "requisition", requisition, account)
        found, versions = read_brief(app, key), read_brief_history(app, key)
        market = read_market_text(app, key)
        ats = app.spec(key.account).title
    if as_json:
        emit_json(convert_brief(found, versions, market))
        return
    out = console()
    out.print(one_line(f"{found.title} ({found.key})"), markup=False, style="bold")
    lines = history_lines(versions, ats) if history else brief_lines(found, versions)
    for line in (*lines, *([f"market: {market}"] if market and not history else ())):
        out.print(one_line(line), markup=False)


@intake.command()
@_REQ
@click.argument("field")
@click.argument("value")
@click.option("--why", default="", help="The reason, stored with the change.")
@_ACCOUNT
@BY
@click.pass_obj
def change(config: Path, /, requisition: str, field: str, value: str, **given: str | None) -> None:
    """Announce that FIELD becomes VALUE ("-": empty), before the ATS shows it.

    When the ATS shows it, no alarm is sent.
    """
    from atsbridge.replies import Announcer, find_record

    with _wired(config) as app:
        key = find_record(app, "requisition", requisition, given["account"])
        announcer = Announcer(app, given["by"] or getpass.getuser())
        announced = announcer.change(key, field, value, given["why"] or "")
    click.echo(
        f"{key}: {announced.field} becomes {one_line(value)};"
        " no alarm is sent when the ATS shows it"
    )


@intake.command()
@_REQ
@click.option("--as", "who", default="", metavar="WHO", help="An e-mail address; default: you.")
@_ACCOUNT
@click.pass_obj
def agree(config: Path, requisition: str, who: str, account: str | None) -> None:
    """Record that the recruiter or the hiring manager agrees to the brief."""
    from atsbridge.replies import Announcer, find_record, read_brief

    with _wired(config) as app:
        key = find_record(app, "requisition", requisition, account)
        name = who or getpass.getuser()
        user = Announcer(app, name).agree(key, name)
        found = read_brief(app, key)
    missing = [one or f"no {role}" for role, (one, at) in found.agreed.items() if at is None]
    rest = f"; waiting for {', '.join(missing)}" if missing else "; both sides agree"
    click.echo(one_line(f"{found.title}: {user.name or name} agrees{rest}"))


@intake.command()
@click.argument("application")
@click.argument("text", nargs=-1, required=True)
@_ACCOUNT
@BY
@click.pass_obj
def concern(
    config: Path, application: str, text: tuple[str, ...], account: str | None, by: str
) -> None:
    """Pass on a candidate's concern to the hiring manager ("-": it is resolved)."""
    from atsbridge.replies import Announcer, find_record

    with _wired(config) as app:
        key = find_record(app, "application", application, account)
        concern_text = "" if text == ("-",) else " ".join(text)
        Announcer(app, by or getpass.getuser()).concern(key, concern_text)
    click.echo(f"{key}: {'sent with the next run' if concern_text else 'resolved'}")


for _command in (*brief_commands.COMMANDS, *pair_commands.COMMANDS):
    intake.add_command(_command)
