"""`atsbridge cases ack|snooze|reassign|done|false-alarm|undo|silence|unsilence|silences`."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from atsbridge.model import Silence
    from atsbridge.replies import Answers

_NUMBER = click.argument("number", type=int)
_COMMENT = click.option("--comment", default="", help="Why; kept in the case's history.")
_BY = click.option("--by", default="", metavar="NAME", help="Who says so; else you.")


@contextmanager
def _answers(config: Path, by: str) -> Iterator[Answers]:
    from atsbridge.app import open_services
    from atsbridge.replies import Answers

    with open_services(config) as app:
        yield Answers(app, by or getpass.getuser())


@click.command()
@_NUMBER
@_COMMENT
@_BY
@click.pass_obj
def ack(config: Path, number: int, comment: str, by: str) -> None:
    """Somebody has it in hand: silent for a while, then one reminder if it still stands."""
    with _answers(config, by) as answers:
        click.echo(f"case {number}: silent until {_said(answers.acknowledge(number, comment))}")


@click.command()
@_NUMBER
@click.option("--for", "amount", required=True, metavar="AMOUNT", help="Such as 3bd or 12h.")
@_COMMENT
@_BY
@click.pass_obj
def snooze(config: Path, number: int, amount: str, comment: str, by: str) -> None:
    """Not now: silent for that long."""
    with _answers(config, by) as answers:
        click.echo(f"case {number}: silent until {_said(answers.snooze(number, amount, comment))}")


@click.command()
@_NUMBER
@click.option(
    "--to",
    default="",
    metavar="EMAIL",
    help="Who takes it: a user of the ATS or an address that a sink reaches; else the owner.",
)
@_COMMENT
@_BY
@click.pass_obj
def reassign(config: Path, number: int, to: str, comment: str, by: str) -> None:
    """Not me: it goes to somebody else, now and whenever this subject comes up again."""
    with _answers(config, by) as answers:
        where = answers.reassign(number, to, comment)
        click.echo(f"case {number}: goes to {where.why} ({where.address})")


@click.command()
@_NUMBER
@_COMMENT
@_BY
@click.pass_obj
def done(config: Path, number: int, comment: str, by: str) -> None:
    """It is done: the next tick looks, and says so once if it is not."""
    with _answers(config, by) as answers:
        answers.done(number, comment)
    click.echo(f"case {number}: the next tick looks")


@click.command("false-alarm")
@_NUMBER
@_COMMENT
@_BY
@click.pass_obj
def false_alarm(config: Path, number: int, comment: str, by: str) -> None:
    """The rule is wrong here: silent until the facts change; counted by `rules list`."""
    with _answers(config, by) as answers:
        answers.false_alarm(number, comment)
    click.echo(f"case {number}: silent until its facts change")


@click.command()
@click.option("--account", help="Needed once there are two.")
@click.option("--rule", default="", help="This rule only.")
@click.option("--case", "number", type=int, help="Its rule, on its subject only.")
@click.option("--for", "amount", required=True, metavar="AMOUNT", help="Such as 3bd or 12h.")
@click.option("--comment", required=True, help="Why; everybody who wonders will read it.")
@_BY
@click.pass_obj
def silence(
    config: Path,
    account: str | None,
    rule: str,
    number: int | None,
    amount: str,
    comment: str,
    by: str,
) -> None:
    """Nobody hears of a rule, or of one case, for that long; cases go on, and are told after."""
    from atsbridge.app import open_services
    from atsbridge.errors import ConfigError
    from atsbridge.replies import Answers
    from atsbridge.rules import nearest

    if not rule and number is None:
        raise ConfigError("name what is to be silent", remedy="--rule RULE or --case NUMBER")
    with open_services(config) as app:
        names = sorted(app.settings.accounts)
        case = app.store.cases.read_case(number) if number is not None else None
        if number is not None and case is None:
            raise ConfigError(f"there is no case {number}", remedy="See `atsbridge cases`")
        if case is not None and account not in (None, case.subject.account):
            raise ConfigError(f"case {number} is of the account {case.subject.account}")
        name = case.subject.account if case else account or (names[0] if len(names) == 1 else "")
        if not name:
            raise ConfigError("there are several accounts", remedy=f"--account {'|'.join(names)}")
        app.account(name)
        if rule and rule not in app.packs.rule_set.rules:
            near = nearest(rule, app.packs.rule_set.rules)
            mend = f"Did you mean {near}?" if near else "See `atsbridge rules list`"
            raise ConfigError(f"there is no rule {rule!r}", remedy=mend)
        made = Answers(app, by or getpass.getuser()).silence(name, rule, number, amount, comment)
    click.echo(f"{_what(made)}: silent until {_said(made.end)}")


@click.command()
@click.option("--account", help="Only this account.")
@click.option("--all", "every", is_flag=True, help="Those that are over, too.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def silences(config: Path, account: str | None, every: bool, as_json: bool) -> None:
    """The silences that hold now: of what, until when, who said so, and why."""
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
        emit_json(
            [
                {
                    "number": one.number,
                    "account": one.account,
                    "rule": one.rule,
                    "subject": str(one.subject) if one.subject else None,
                    "start": one.start.isoformat(),
                    "end": one.end.isoformat(),
                    "by": one.author,
                    "comment": one.comment,
                }
                for one in found
            ]
        )
        return
    table(
        ("silence", "account", "what", "until", "by", "why"),
        [
            (str(one.number), one.account, _what(one), _said(one.end), one.author, one.comment)
            for one in found
        ],
        empty="Nothing is silenced.",
    )


@click.command()
@click.argument("number", type=int)
@_BY
@click.pass_obj
def unsilence(config: Path, number: int, by: str) -> None:
    """End a silence now; NUMBER as `cases silences` shows it."""
    with _answers(config, by) as answers:
        click.echo(f"{_what(answers.unsilence(number))}: not silent any more")


@click.command()
@_NUMBER
@_BY
@click.pass_obj
def undo(config: Path, number: int, by: str) -> None:
    """Take back the last ack, snooze, done, false alarm or reassign that still holds."""
    with _answers(config, by) as answers:
        click.echo(f"case {number}: undone: {answers.undo(number)}")


def _what(one: Silence) -> str:
    """ "feedback-late on acme/seat/7"."""
    return one.rule if one.subject is None else f"{one.rule} on {one.subject}"


def _said(at: datetime) -> str:
    return f"{at:%a %d %b %H:%M} UTC"


COMMANDS = (ack, snooze, reassign, done, false_alarm, undo, silence, silences, unsilence)
