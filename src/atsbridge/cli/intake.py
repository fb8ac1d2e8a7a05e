"""`atsbridge intake`: the brief of a search, who agreed to it, and what people say beforehand."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.output import console, emit_json, one_line

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.replies import Shown

_ACCOUNT = click.option("--account", help="Where it is, if it is in several.")
_REQ = click.argument("requisition", metavar="REQ")
_BY = click.option("--by", default="", metavar="NAME", help="Who says so; else you.")


class _Intake(click.Group):
    """What is no command is a requisition to show."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["show", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_Intake, invoke_without_command=False)
def intake() -> None:
    """The brief of a search: `atsbridge intake REQ` shows it. REQ is a code or an id."""


@contextmanager
def _wired(config: Path) -> Iterator[Services]:
    from atsbridge.app import open_services

    with open_services(config) as app:
        yield app


@intake.command()
@_REQ
@_ACCOUNT
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def show(config: Path, requisition: str, account: str | None, as_json: bool) -> None:
    """Its sections, who agreed when, and what is missing."""
    from atsbridge.replies import find, shown

    with _wired(config) as app:
        found = shown(app, find(app, "requisition", requisition, account))
    if as_json:
        emit_json(_as_dict(found))
        return
    out = console()
    out.print(one_line(f"{found.title} ({found.key})"), markup=False, style="bold")
    for line in _lines(found):
        out.print(one_line(line), markup=False)


@intake.command()
@_REQ
@click.argument("field")
@click.argument("value")
@click.option("--why", default="", help="Kept with it.")
@_ACCOUNT
@_BY
@click.pass_obj
def change(
    config: Path, requisition: str, field: str, value: str, why: str, account: str | None, by: str
) -> None:
    """FIELD becomes VALUE ("-": nothing): said before the ATS shows it, so it surprises nobody."""
    from atsbridge.replies import Announcer, find

    with _wired(config) as app:
        key = find(app, "requisition", requisition, account)
        said = Announcer(app, by or getpass.getuser()).change(key, field, value, why)
    click.echo(
        f"{key}: {said.field} becomes {one_line(value)}; when the ATS shows it, nobody is alarmed"
    )


@intake.command()
@_REQ
@click.option("--as", "who", default="", metavar="WHO", help="An e-mail address; else you.")
@_ACCOUNT
@click.pass_obj
def agree(config: Path, requisition: str, who: str, account: str | None) -> None:
    """Recruiter or hiring manager agree to the brief as it stands."""
    from atsbridge.replies import Announcer, find, shown

    with _wired(config) as app:
        key = find(app, "requisition", requisition, account)
        name = who or getpass.getuser()
        user = Announcer(app, name).agree(key, name)
        found = shown(app, key)
    waits = [one or f"no {role}" for role, (one, at) in found.agreed.items() if at is None]
    rest = f"; waiting for {', '.join(waits)}" if waits else "; both sides have"
    click.echo(one_line(f"{found.title}: {user.name or name} agrees{rest}"))


@intake.command()
@click.argument("application")
@click.argument("text", nargs=-1, required=True)
@_ACCOUNT
@_BY
@click.pass_obj
def concern(
    config: Path, application: str, text: tuple[str, ...], account: str | None, by: str
) -> None:
    """What worries a candidate, for the hiring manager to know ("-": it is settled)."""
    from atsbridge.replies import Announcer, find

    with _wired(config) as app:
        key = find(app, "application", application, account)
        words = "" if text == ("-",) else " ".join(text)
        Announcer(app, by or getpass.getuser()).concern(key, words)
    click.echo(f"{key}: {'it is passed on with the next tick' if words else 'settled'}")


def _lines(found: Shown) -> Iterator[str]:
    if found.trouble:
        yield "Its file cannot be read now; this is what it said before."
    if not found.source:
        yield "There is no brief yet."
    for name, value in found.sections.items():
        told = "; ".join(value) if isinstance(value, list) else str(value)
        yield f"  {_words(name)}: {told}"
    if found.missing:
        yield f"missing: {', '.join(map(_words, found.missing))}"
    for role, (name, at) in found.agreed.items():
        when = f"agreed {_said(at)}" if at else "has not agreed yet"
        yield f"{_words(role)}: {name or 'nobody'}, {when}"
    if found.source:
        yield f"written in {found.source}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _said(at: datetime) -> str:
    return f"{at:%a %d %b %Y %H:%M} UTC"


def _as_dict(found: Shown) -> dict[str, Any]:
    """Plain values; instants as ISO 8601 in UTC."""
    return {
        "requisition": str(found.key),
        "title": found.title,
        "source": found.source,
        "sections": dict(found.sections),
        "missing": list(found.missing),
        "agreed": {
            role: {"name": name, "at": at.isoformat() if at else None}
            for role, (name, at) in found.agreed.items()
        },
        "agreed_at": found.agreed_at.isoformat() if found.agreed_at else None,
        "readable": not found.trouble,
    }
