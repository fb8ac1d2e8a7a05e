"""`atsbridge intake new`, `ask` and `edit`: begin a brief and complete it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.output import one_line
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.errors import RuleError
    from atsbridge.model import Key

_ACCOUNT = click.option("--account", help="Needed if several accounts have it.")
_REQ = click.argument("requisition", metavar="REQ")
_WILD = "*?["


@click.command()
@_REQ
@click.option(
    "--out", type=click.Path(path_type=Path), help="The file; default: beside the others."
)
@_ACCOUNT
@click.pass_obj
def new(config: Path, requisition: str, out: Path | None, account: str | None) -> None:
    """Write a brief file with the questions to answer and what the ATS knows already."""
    from atsbridge.app import open_services
    from atsbridge.cli.first_files import write_new
    from atsbridge.intake import format_brief
    from atsbridge.queries import read_brief_facts
    from atsbridge.replies import find_record

    with open_services(config) as services:
        key = find_record(services, "requisition", requisition, account)
        if (file := _find_file(services, key)) is not None:
            remedy = f"Edit it: atsbridge intake edit {requisition}"
            raise ConfigError(
                "this requisition has a brief already", where=str(file), remedy=remedy
            )
        facts = read_brief_facts(services, key)
        path = out or _place(services, facts.requisition, key.account)
    write_new(path, format_brief(facts))
    click.echo(one_line(f"Wrote {path}. Fill it in together with the hiring manager."))
    click.echo(f"The questions as a message: atsbridge intake ask {requisition}")


@click.command()
@_REQ
@click.option("--send", is_flag=True, help="Send them to both sides with the next run.")
@_ACCOUNT
@click.pass_obj
def ask(config: Path, requisition: str, send: bool, account: str | None) -> None:
    """Print the questions of every section that is missing, or send them to both sides.

    What they reply is written into the brief.
    """
    from atsbridge.app import open_services
    from atsbridge.presentation import QUESTIONS, ask_missing
    from atsbridge.replies import find_record, read_brief

    with open_services(config) as services:
        key = find_record(services, "requisition", requisition, account)
        found = read_brief(services, key)
        if send:
            click.echo(one_line(send_questions(services, key, found.missing)))
            return
    missing = [section for section in QUESTIONS if section not in found.sections]
    names = {role: name for role, (name, _) in found.agreed.items()}
    for line in ask_missing(found.title, missing, names).splitlines():
        click.echo(one_line(line) if line else "")


@click.command()
@_REQ
@_ACCOUNT
@click.pass_obj
def edit(config: Path, requisition: str, account: str | None) -> None:
    """Open the brief in your editor ($EDITOR), then check it."""
    from atsbridge.app import open_services
    from atsbridge.intake import parse_brief
    from atsbridge.replies import find_record
    from atsbridge.textfile import name_of, read_text

    with open_services(config) as services:
        key = find_record(services, "requisition", requisition, account)
        file = _find_file(services, key)
        folder = services.settings.folder
    if file is None:
        remedy = f"Begin it: atsbridge intake new {requisition}"
        raise ConfigError("this requisition has no brief file yet", where=str(key), remedy=remedy)
    click.edit(filename=str(file))
    name = name_of(file, folder)
    _report(name, parse_brief(name, read_text(file, name=name)).errors)


def send_questions(services: Services, key: Key, missing: Sequence[str]) -> str:
    """Queue the questions for both sides: the same ones once a day."""
    from atsbridge.cases import make_pair_notice
    from atsbridge.cli.pair_commands import address_both
    from atsbridge.context import AccountContext
    from atsbridge.model import Purpose

    if not missing:
        return "The brief has every usual section, so nothing is sent."
    now, context = services.time.now(), AccountContext(services, key.account)
    topic = f"{now.date()}/{'/'.join(missing)}"
    notices = [
        make_pair_notice(key, Purpose.QUESTIONS, to, now, topic=topic)
        for to in address_both(context, key)
    ]
    with services.store.lock(key.account):
        services.store.outbox.queue(notices)
    names = " and ".join(context.directory.name(one.destination.person) for one in notices)
    return f"The questions of {len(missing)} sections go to {names} with the next run."


def _report(name: str, errors: Iterable[RuleError]) -> None:
    """Print what is wrong in the file, or that nothing is."""
    found = [str(error) for error in errors]
    if found:
        raise ConfigError("\n".join(found))
    click.echo(f"{name} is valid. The next run reads it.")


def _find_file(services: Services, key: Key) -> Path | None:
    """The brief file of the requisition, by its code or id."""
    from atsbridge.context import find_brief_files
    from atsbridge.intake import parse_brief
    from atsbridge.textfile import read_text

    record = services.store.history.read_record(key)
    names = {key.id, getattr(record, "code", None)}
    files, _ = find_brief_files(services.settings)
    for file in files:
        try:
            brief = parse_brief(file.name, read_text(file))
        except ConfigError:
            continue  # the next run reports it
        if brief.requisition in names and brief.account in ("", key.account):
            return file
    return None


def _place(services: Services, requisition: str, account: str) -> Path:
    """Where a new brief belongs: in the folder of `[rules] briefs`."""
    from atsbridge.intake import name_brief_file

    pattern = Path(services.settings.rules.briefs)
    folder = pattern.parent
    if not services.settings.rules.briefs or any(mark in str(folder) for mark in _WILD):
        remedy = "Name the file with --out, or set briefs to a folder such as briefs/*.yaml"
        raise ConfigError("[rules] briefs names no folder", where="[rules]", remedy=remedy)
    path = services.settings.path(str(folder / name_brief_file(requisition)))
    other = path.with_name(f"{account}-{path.name}")
    return other if path.exists() else path


COMMANDS = (new, ask, edit)
