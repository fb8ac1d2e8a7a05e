"""`atsbridge forget`: erase a candidate from the store for good."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.options import ACCOUNT, JSON
from atsbridge.cli.output import emit_json
from atsbridge.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from atsbridge.cli.documents import (
        ErasureDocument,
        PersonErasureDocument,
        RestorationDocument,
    )
    from atsbridge.context import Services
    from atsbridge.ports import Erased

_KINDS = ("candidate", "application")
Found = tuple[str, str]  # account, candidate's id


@click.command()
@click.argument("candidate")
@ACCOUNT
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option(
    "--undo", is_flag=True, help="Allow the candidate again; the next full sync reads them."
)
@JSON
@click.pass_obj
def forget(
    config: Path, candidate: str, account: str | None, yes: bool, undo: bool, as_json: bool
) -> None:
    """Erase a candidate: names, links, free text, ratings, pay. They stay forgotten.

    CANDIDATE is the id in the ATS of the candidate or of one of their applications. Write
    candidate/ID or application/ID if the id is not unique. Ids, dates and states stay.
    The e-mail address of a colleague erases what they chose and answered.
    """
    from atsbridge.app import open_services

    if "@" in candidate:
        if undo:
            raise ConfigError("what a colleague chose cannot be brought back")
        _forget_colleague(config, candidate, yes=yes, as_json=as_json)
        return
    with open_services(config) as app:
        where, who = _one(app, candidate, account)
        if undo:
            _undo(app, where, who, as_json=as_json)
            return
        if not yes:
            _ask(where, who)
        with app.store.lock(where):
            erased = app.store.privacy.forget(where, who, app.time.now())
        copies = _copies(app)
    if as_json:
        document: ErasureDocument = {
            "account": where,
            "candidate": who,
            "erased": dict(erased.rows),
            "sent": dict(erased.sent),
            "copies": copies,
            "remains": str(erased.remains),
        }
        emit_json(document)
    else:
        for line in _report(where, who, erased, copies):
            click.echo(line)
    if erased.remains == "write-ahead log":
        raise StoreError(
            f"the erased data of candidate {who} is still in the write-ahead log of the store:"
            " another program is reading the store",
            where=where,
            remedy="Wait until it has finished, then run `atsbridge forget` again",
        )


def _forget_colleague(config: Path, email: str, *, yes: bool, as_json: bool) -> None:
    """Erase what a colleague chose about their messages and answered in pulses."""
    from atsbridge.app import open_services

    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("there is no terminal to ask for confirmation", remedy="Add --yes")
        click.confirm(f"Erase what {email} chose and answered?", abort=True, err=True)
    with open_services(config) as app:
        rows = app.store.privacy.forget_person(email)
    document: PersonErasureDocument = {"person": email.strip().lower(), "erased": rows}
    if as_json:
        emit_json(document)
        return
    click.echo(f"Erased what {document['person']} chose and answered: {rows:,} entries.")
    click.echo("Their messages come as configured again. [report] pairs is yours to edit.")


def _one(app: Services, given: str, account: str | None) -> Found:
    """The candidate of an id. ConfigError if there is none, or more than one."""
    names = [account] if account else sorted(app.settings.accounts)
    *before, id_ = given.split("/")
    kinds = before[-1:] or list(_KINDS)
    if len(before) == 2:
        names = before[:1]
    if not set(kinds) <= set(_KINDS):
        raise ConfigError(
            f"{given} is not a candidate", remedy="Write candidate/ID or application/ID"
        )
    found = dict(_candidates(app, names, kinds, id_))
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    if not found:
        raise ConfigError(
            f"the store has no candidate or application {id_}",
            remedy="The id is in the address of the candidate's page in the ATS",
        )
    raise ConfigError(f"{given} means more than one person", remedy=f"Write {' or '.join(found)}")


def _candidates(
    app: Services, accounts: list[str], kinds: list[str], id_: str
) -> Iterator[tuple[str, Found]]:
    for name in accounts:
        app.account(name)
        for kind in kinds:
            who = app.store.privacy.find_candidate(name, kind, id_)
            if who is not None:
                yield f"{name}/{kind}/{id_}", (name, who)


def _ask(account: str, who: str) -> None:
    if not sys.stdin.isatty():
        raise ConfigError("there is no terminal to ask for confirmation", remedy="Add --yes")
    click.confirm(f"Erase candidate {who} in {account} for good?", abort=True, err=True)


def _undo(app: Services, account: str, who: str, *, as_json: bool) -> None:
    with app.store.lock(account):
        known = app.store.privacy.remember(account, who)
    if not known:
        raise ConfigError(f"candidate {who} in {account} was not forgotten")
    if as_json:
        document: RestorationDocument = {"account": account, "candidate": who, "allowed": True}
        emit_json(document)
        return
    click.echo(f"Candidate {who} is allowed again: `atsbridge sync --full` reads them.")


def _copies(app: Services) -> list[str]:
    """Copies of the store that upgrades made: they still hold the erased data."""
    scheme, _, file = app.settings.store_url.partition(":///")
    if not scheme.startswith("sqlite"):
        return []
    path = Path(file)
    return sorted(str(one) for one in path.parent.glob(f"{path.name}.before-*"))


def _report(account: str, who: str, erased: Erased, copies: list[str]) -> Iterator[str]:
    rows = ", ".join(f"{count:,} {what}" for what, count in erased.rows.items())
    yield f"Candidate {who} in {account} is forgotten. No sync reads them again."
    yield f"Erased: {rows or 'nothing; it was done before'}."
    yield "Their open cases end with the next run."
    yield "Messages that can be edited lose the initials then."
    if erased.sent:
        sent = ", ".join(f"{count:,} in {sink}" for sink, count in erased.sent.items())
        yield f"Sent messages cannot be erased: {sent}."
    if erased.remains == "dead rows":
        yield (
            "PostgreSQL keeps the erased rows in its files until its next VACUUM,"
            " and in its log and backups for as long as you keep those."
        )
    for copy in copies:
        yield f"A copy from before an upgrade still holds the data: delete {copy}"
