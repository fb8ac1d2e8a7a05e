"""`atsbridge cases ack`, `snooze`, `reassign`, `done`, `false-alarm`, `undo` and silences."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.options import ACCOUNT, BY, JSON
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.model import Silence
    from atsbridge.replies import CaseActions

_NUMBER = click.argument("number", type=int)
_COMMENT = click.option("--comment", default="", help="The reason, kept in the case's history.")
_FOR = click.option("--for", "amount", required=True, metavar="AMOUNT", help="Such as 3bd or 12h.")


@contextmanager
def _answers(config: Path, by: str) -> Iterator[CaseActions]:
    from atsbridge.app import open_services
    from atsbridge.replies import CaseActions

    with open_services(config) as app:
        yield CaseActions(app, by or getpass.getuser())


@click.command()
@_NUMBER
@_COMMENT
@BY
@click.pass_obj
def ack(config: Path, number: int, comment: str, by: str) -> None:
    """Acknowledge a case: no reminders for a while, then one if it is still open."""
    with _answers(config, by) as answers:
        click.echo(
            f"case {number}: no reminders until {_stamp(answers.acknowledge(number, comment))}"
        )


@click.command()
@_NUMBER
@_FOR
@_COMMENT
@BY
@click.pass_obj
def snooze(config: Path, number: int, amount: str, comment: str, by: str) -> None:
    """Snooze a case: no reminders for that long."""
    with _answers(config, by) as answers:
        click.echo(
            f"case {number}: no reminders until {_stamp(answers.snooze(number, amount, comment))}"
        )


@click.command()
@_NUMBER
@click.option(
    "--to",
    default="",
    metavar="EMAIL",
    help="Who takes over: a user of the ATS or an address that a sink reaches; default: the owner.",
)
@_COMMENT
@BY
@click.pass_obj
def reassign(config: Path, number: int, to: str, comment: str, by: str) -> None:
    """Reassign a case to somebody else, now and whenever this subject comes up again."""
    with _answers(config, by) as answers:
        found = answers.reassign(number, to, comment)
    name = found.name or "the rule's owner"
    outside = f", who is not in the ATS but can be reached in {found.to.sink}"
    where = f"{name} ({found.to.address})"
    click.echo(f"case {number}: reassigned to {where}{outside if found.outside else ''}")


@click.command()
@_NUMBER
@_COMMENT
@BY
@click.pass_obj
def done(config: Path, number: int, comment: str, by: str) -> None:
    """Report a case as done: the next run checks, and sends one message if it is not."""
    with _answers(config, by) as answers:
        answers.done(number, comment)
    click.echo(f"case {number}: the next run checks it")


@click.command("false-alarm")
@_NUMBER
@_COMMENT
@BY
@click.pass_obj
def false_alarm(config: Path, number: int, comment: str, by: str) -> None:
    """Report a false alarm: no reminders until the facts change; counted by `rules list`."""
    with _answers(config, by) as answers:
        answers.false_alarm(number, comment)
    click.echo(f"case {number}: no reminders until its facts change")


@click.command()
@click.option("--account", help="Needed with two or more accounts.")
@click.option("--rule", default="", help="Silence this rule.")
@click.option("--case", "number", type=int, help="Silence this case only.")
@_FOR
@click.option("--comment", required=True, help="The reason, shown to everybody who asks.")
@BY
@click.pass_obj
def silence(
    config: Path, /, account: str | None, rule: str, number: int | None, **given: str
) -> None:
    """Silence a rule or one case for a time. Cases stay open, and are reported afterwards."""
    from atsbridge.app import open_services
    from atsbridge.replies import CaseActions

    if not rule and number is None:
        raise ConfigError("name what to silence", remedy="Add --rule RULE or --case NUMBER")
    with open_services(config) as app:
        name = _choose_account(app, account, number)
        if rule:
            check_rule(app, rule)
        answers = CaseActions(app, given["by"] or getpass.getuser())
        made = answers.silence(name, rule, number, given["amount"], given["comment"])
    click.echo(f"{_describe(made)}: silenced until {_stamp(made.end)}")


def _choose_account(app: Services, account: str | None, number: int | None) -> str:
    """The account of the case, else the named or the only one. ConfigError if it is not clear."""
    names = sorted(app.settings.accounts)
    case = app.store.cases.read_case(number) if number is not None else None
    if number is not None and case is None:
        raise ConfigError(f"there is no case {number}", remedy="See `atsbridge cases`")
    if case is not None and account not in (None, case.subject.account):
        raise ConfigError(f"case {number} belongs to the account {case.subject.account}")
    name = case.subject.account if case else account or (names[0] if len(names) == 1 else "")
    if not name:
        raise ConfigError("there are several accounts", remedy=f"Add --account {'|'.join(names)}")
    app.account(name)
    return name


def check_rule(app: Services, rule: str) -> None:
    """ConfigError, with the closest id, if no such rule is configured."""
    from atsbridge.model import suggest

    if rule not in app.packs.rule_set.rules:
        near = suggest(rule, app.packs.rule_set.rules)
        remedy = f"Did you mean {near}?" if near else "See `atsbridge rules list`"
        raise ConfigError(f"there is no rule {rule!r}", remedy=remedy)


@click.command()
@ACCOUNT
@click.option("--all", "every", is_flag=True, help="Include ended silences.")
@JSON
@click.pass_obj
def silences(config: Path, account: str | None, every: bool, as_json: bool) -> None:
    """List silences: what, until when, who and why."""
    from atsbridge.app import open_services
    from atsbridge.cli.output import emit_json, table

    with open_services(config) as app:
        names = [account] if account else sorted(app.settings.accounts)
        for name in names:
            app.account(name)
        now = app.time.now()
        found = [
            one
            for name in names
            for one in app.store.silences.read_silences(name, now, every=every)
        ]
    if as_json:
        emit_json({"silences": [_convert(one) for one in found]})
        return
    table(
        ("silence", "account", "what", "until", "by", "reason"),
        [
            (str(one.number), one.account, _describe(one), _stamp(one.end), one.author, one.comment)
            for one in found
        ],
        empty="Nothing is silenced.",
    )


@click.command()
@click.argument("number", type=int)
@BY
@click.pass_obj
def unsilence(config: Path, number: int, by: str) -> None:
    """End a silence now. `cases silences` shows its NUMBER."""
    with _answers(config, by) as answers:
        click.echo(f"{_describe(answers.unsilence(number))}: no longer silenced")


@click.command()
@_NUMBER
@BY
@click.pass_obj
def undo(config: Path, number: int, by: str) -> None:
    """Undo the last ack, snooze, done, false alarm or reassign that still holds."""
    with _answers(config, by) as answers:
        click.echo(f"case {number}: undone: {answers.undo(number)}")


def _describe(one: Silence) -> str:
    """ "feedback-late on acme/seat/7"."""
    return one.rule if one.subject is None else f"{one.rule} on {one.subject}"


def _convert(one: Silence) -> dict[str, Any]:
    """A silence as a `SilenceDocument`."""
    return {
        "number": one.number,
        "account": one.account,
        "rule": one.rule,
        "subject": str(one.subject) if one.subject else None,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "by": one.author,
        "comment": one.comment,
    }


def _stamp(at: datetime) -> str:
    return f"{at:%a %d %b %H:%M} UTC"


COMMANDS = (ack, snooze, reassign, done, false_alarm, undo, silence, silences, unsilence)
