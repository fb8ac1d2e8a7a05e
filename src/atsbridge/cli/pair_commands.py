"""`atsbridge intake answer`, `push` and `calibrate`: what goes to both sides of a requisition."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.options import BY
from atsbridge.cli.output import one_line
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.context import AccountContext, Services
    from atsbridge.model import BriefVersion, Destination, Key, Message, Notice

_ACCOUNT = click.option("--account", help="Needed if several accounts have it.")
_REQ = click.argument("requisition", metavar="REQ")
_PLACES = ("both", "chat", "ats")


@click.command()
@_REQ
@click.argument("section")
@click.argument("text", nargs=-1, required=True)
@_ACCOUNT
@BY
@click.pass_obj
def answer(
    config: Path, /, requisition: str, section: str, text: Sequence[str], **given: str | None
) -> None:
    """Write TEXT into a SECTION of the brief, such as must_haves. Separate entries by ";".

    The brief's file takes precedence: a section that it has is edited there.
    """
    from atsbridge.app import open_services
    from atsbridge.presentation import pair_answers
    from atsbridge.replies import Announcer, find_record, parse_answers, read_brief

    with open_services(config) as services:
        key = find_record(services, "requisition", requisition, given["account"])
        name = "_".join(section.strip().lower().replace("-", " ").split())
        known = {name: ""} if name else {}
        value = parse_answers(" ".join(text), [*known], [name]).get(name, "")
        applied = Announcer(services, given["by"] or getpass.getuser()).answer(key, {name: value})
        title = read_brief(services, key).title
    for refused, why in applied.refused.items():
        what = pair_answers.REFUSALS[why].format(file=applied.file)
        raise ConfigError(f"{refused} is not stored: {what}", where=str(key))
    missing = ", ".join(one.replace("_", " ") for one in applied.missing)
    click.echo(one_line(f"Stored in the brief for {title}: {name.replace('_', ' ')}"))
    click.echo(f"Still open: {missing}" if missing else "The brief has every usual section.")


@click.command()
@_REQ
@click.option(
    "--to",
    "place",
    type=click.Choice(_PLACES),
    default="both",
    show_default=True,
    help="A message to both sides, a note in the ATS, or both.",
)
@click.option("--send", is_flag=True, help="Send it with the next run. Without: only show it.")
@_ACCOUNT
@click.pass_obj
def push(config: Path, requisition: str, place: str, send: bool, account: str | None) -> None:
    """Show the brief as it goes to both sides and into the ATS; with --send, queue it.

    Each version is sent to each place once. Both agree by replying or reacting to the message.
    """
    from atsbridge.app import open_services
    from atsbridge.replies import find_record

    with open_services(config) as services:
        key = find_record(services, "requisition", requisition, account)
        pushed = _Push(services, key)
        notices = pushed.prepare(place)
        for notice in notices:
            click.echo("\n".join(pushed.preview(notice)))
            click.echo("")
        if send:
            queued = pushed.queue(notices)
            click.echo(
                f"{queued} of {len(notices)} queued for the next run; the others were before."
            )
        else:
            click.echo("Nothing was sent. Add --send to send it with the next run.")


@click.command()
@_REQ
@click.argument("applications", nargs=-1, required=True, metavar="APP...")
@_ACCOUNT
@click.pass_obj
def calibrate(
    config: Path, requisition: str, applications: Sequence[str], account: str | None
) -> None:
    """Ask both sides to rate two to five profiles (ids of applications of the requisition).

    Both rate by reply. Once both have, they get the differences. Nobody else sees a rating.
    """
    from atsbridge.app import open_services
    from atsbridge.context import AccountContext
    from atsbridge.replies import begin_round, find_record

    with open_services(config) as services:
        key = find_record(services, "requisition", requisition, account)
        begun = begin_round(services, key, applications)
        directory = AccountContext(services, key.account).directory
        names = " and ".join(directory.name(user) for user in begun.people.values())
    count = len(begun.profiles)
    click.echo(
        one_line(f"{count} profiles go to {names} with the next run (round {begun.number}).")
    )


class _Push:
    """The present version of a brief on its way to both sides and into the ATS."""

    def __init__(self, services: Services, key: Key) -> None:
        from atsbridge.context import AccountContext

        self._services, self._key = services, key
        self._context: AccountContext = AccountContext(services, key.account)

    def prepare(self, place: str) -> list[Notice]:
        """The notices of the present version. ConfigError where there is nowhere to send them."""
        from atsbridge.cases import make_pair_notice
        from atsbridge.model import Purpose

        version, now = self._record(), self._services.time.now()
        places: list[Destination] = []
        if place != "ats":
            places += address_both(self._context, self._key)
        if place != "chat" and (note := self._find_note(required=place == "ats")) is not None:
            places.append(note)
        return [
            make_pair_notice(self._key, Purpose.AGREEMENT, to, now, edition=version.number)
            for to in places
        ]

    def preview(self, notice: Notice) -> Iterator[str]:
        """The notice as its reader gets it, in lines."""
        from atsbridge.delivery import PairComposer
        from atsbridge.presentation import MessageContext

        to, services = notice.destination, self._services
        context = MessageContext(
            self._context.directory,
            services.time.now(),
            services.clearance(to.sink),
            takes_replies=services.sink_spec(to.sink).replies,
        )
        message = PairComposer(services.store, context).compose(notice, to)
        name = self._context.directory.name(to.person) if to.person else "the ATS"
        yield one_line(f"To {name} ({to.sink}):")
        yield from _lines(message) if message else ["  They have agreed already."]

    def queue(self, notices: Sequence[Notice]) -> int:
        """Queue those that are new; returns how many are."""
        outbox = self._services.store.outbox
        with self._services.store.lock(self._key.account):
            known = {one.key for one in outbox.read_notices(self._key.account, case=0)}
            outbox.queue(notices)
        return sum(one.key not in known for one in notices)

    def _record(self) -> BriefVersion:
        """Record the present version. ConfigError if there is no brief."""
        from atsbridge.context import VersionRecorder

        with self._services.store.lock(self._key.account):
            VersionRecorder(self._context).record([self._key.id])
        versions = self._services.store.briefs.read_versions(self._key)
        if not versions:
            remedy = f"Begin it: atsbridge intake new {self._key.id}"
            raise ConfigError("there is no brief to send", where=str(self._key), remedy=remedy)
        return versions[-1]

    def _find_note(self, *, required: bool) -> Destination | None:
        """The note on the requisition; None where none may be written and none is required."""
        from atsbridge.model import JOB_NOTE, Destination, RecipientCode, recipient_reason

        account, spec = self._key.account, self._context.spec
        where = f"[accounts.{account}] write"
        if JOB_NOTE not in spec.writes:
            what = f"{spec.title} takes no notes on requisitions from atsbridge"
        elif JOB_NOTE not in self._context.section.write:
            what = f'the account does not allow notes on requisitions: "{JOB_NOTE}" is not in write'
        else:
            note = recipient_reason(RecipientCode.NOTE)
            return Destination("ats", "ats", str(self._key), why=(note,))
        if required:
            raise ConfigError(what, where=where, remedy="Send it to both sides: --to chat")
        click.echo(f"No note in the ATS: {what}.", err=True)
        return None


def address_both(context: AccountContext, key: Key) -> list[Destination]:
    """Where both sides are reached; says on stderr who is not. ConfigError if nobody is."""
    from atsbridge.cases import address_pair, find_side_trouble
    from atsbridge.context import read_requisition
    from atsbridge.model import SIDES
    from atsbridge.presentation import describe_side_trouble

    record = read_requisition(context.store, key)
    directory = context.directory
    people: dict[str, str | None] = {side: getattr(record, side) for side in SIDES}
    troubles = [
        describe_side_trouble(trouble, side, directory.name(user))
        for side, user in people.items()
        if (trouble := find_side_trouble(user, directory)) is not None
    ]
    found = address_pair(people, directory)
    if not found:
        remedy = "Correct the hiring team in the ATS"
        raise ConfigError("; ".join(troubles), where=str(key), remedy=remedy)
    for what in troubles:
        click.echo(one_line(f"Not sent to one side: {what}."), err=True)
    return found


def _lines(message: Message) -> Iterator[str]:
    parts = (
        message.headline,
        *message.body.splitlines(),
        message.hint.replace("*", ""),
        message.why,
    )
    yield from (f"  {one_line(part)}" for part in parts if part)


COMMANDS = (answer, push, calibrate)
