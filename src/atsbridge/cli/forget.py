"""`atsbridge forget`: erase what tells of a candidate, and keep it away."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.output import emit_json
from atsbridge.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.ports import Erased

_KINDS = ("candidate", "application")
Found = tuple[str, str]  # account, candidate's id


@click.command()
@click.argument("candidate")
@click.option("--account", help="Only this account.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--undo", is_flag=True, help="They may be known again; the next sync reads them.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def forget(
    config: Path, candidate: str, account: str | None, yes: bool, undo: bool, as_json: bool
) -> None:
    """Erase what tells of a candidate: names, links, free text, ratings, pay. It stays erased.

    CANDIDATE is an id of the ATS, of the candidate or of one of their applications; where it is
    both of two people's, write candidate/ID or application/ID. What is counted stays.
    """
    from atsbridge.app import open_services

    with open_services(config) as app:
        where, who = _one(app, candidate, account)
        if undo:
            _undo(app, where, who)
            return
        if not yes:
            _ask(where, who)
        with app.store.lock(where):
            erased = app.store.privacy.forget(where, who, app.time.now())
        copies = _copies(app)
    if as_json:
        told = {"account": where, "candidate": who, "erased": dict(erased.rows)}
        remains = str(erased.remains)
        emit_json({**told, "sent": dict(erased.sent), "copies": copies, "remains": remains})
    else:
        for line in _told(where, who, erased, copies):
            click.echo(line)
    if erased.remains == "write-ahead log":
        raise StoreError(
            f"What was erased of candidate {who} is still in the store's write-ahead log:"
            " another program is reading the store",
            where=where,
            remedy="Wait until it has finished, then run `atsbridge forget` again with this id",
        )


def _one(app: Services, given: str, account: str | None) -> Found:
    """Whom an id means. ConfigError where it is nobody's, or more than one's."""
    names = [account] if account else sorted(app.settings.accounts)
    *before, id_ = given.split("/")
    kinds = before[-1:] or list(_KINDS)
    if len(before) == 2:
        names = before[:1]
    if not set(kinds) <= set(_KINDS):
        raise ConfigError(f"{given} is no candidate", remedy="Write candidate/ID or application/ID")
    found = dict(_candidates(app, names, kinds, id_))
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    if not found:
        raise ConfigError(
            f"nothing is stored of a candidate or application {id_}",
            remedy="Look its id up in the address of its page in the ATS",
        )
    raise ConfigError(f"{given} is more than one person", remedy=f"Write {' or '.join(found)}")


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
        raise ConfigError("nobody is there to ask", remedy="Add --yes if it is meant")
    click.confirm(f"Erase what is stored of candidate {who} in {account}, for good?", abort=True)


def _undo(app: Services, account: str, who: str) -> None:
    with app.store.lock(account):
        known = app.store.privacy.remember(account, who)
    if not known:
        raise ConfigError(f"candidate {who} in {account} was not forgotten")
    click.echo(f"Candidate {who} may be known again: `atsbridge sync --full` reads them.")


def _copies(app: Services) -> list[str]:
    """Copies of the store that older versions left beside it: they hold what was."""
    scheme, _, file = app.settings.store_url.partition(":///")
    if not scheme.startswith("sqlite"):
        return []
    path = Path(file)
    return sorted(str(one) for one in path.parent.glob(f"{path.name}.before-*"))


def _told(account: str, who: str, erased: Erased, copies: list[str]) -> Iterator[str]:
    rows = ", ".join(f"{count:,} {what}" for what, count in erased.rows.items())
    yield f"Candidate {who} in {account} is forgotten, and no sync brings them back."
    yield f"Erased: {rows or 'nothing, it was done before'}."
    yield "Their open cases end with the next run; what can be edited loses its initials then."
    if erased.sent:
        sent = ", ".join(f"{count:,} in {sink}" for sink, count in erased.sent.items())
        yield f"Not ours to erase are the messages that were sent: {sent}."
    if erased.remains == "dead rows":
        yield (
            "PostgreSQL keeps the erased rows in its files until its next VACUUM, and in its own"
            " log and backups for as long as you keep those."
        )
    for copy in copies:
        yield f"A copy from before an upgrade still holds it: delete {copy}"
