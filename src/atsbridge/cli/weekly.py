"""`atsbridge weekly`: the weekly message to pairs that agreed, now or as a preview."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.options import ACCOUNT
from atsbridge.cli.output import count
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Pair, Services
    from atsbridge.settings import WeekTime
    from atsbridge.tick import PairMessages


@click.command()
@ACCOUNT
@click.option("--dry-run", is_flag=True, help="Print the messages of this week, queue nothing.")
@click.pass_obj
def weekly(config: Path, account: str | None, dry_run: bool) -> None:
    """Queue this week's message to each pair that agreed and has not had it.

    A run does so by itself at the time of [notify] weekly; the next run sends what is queued, in
    the office hours of each reader. Both of a pair get the same text.
    """
    from atsbridge.app import open_services
    from atsbridge.context import AccountContext
    from atsbridge.tick import PairMessages

    with open_services(config) as app:
        at = _time_of(app)
        for name in [account] if account else sorted(app.settings.accounts):
            app.account(name)
            messages = PairMessages(AccountContext(app, name), app.time.now())
            if dry_run:
                _preview(name, messages, at)
                continue
            with app.store.lock(name):
                queued = messages.queue_now(at)
            if not queued:
                click.echo(f"{name}: nothing was queued: {_why_nothing(messages)}")
                continue
            noun = count(len(queued), "pair")
            click.echo(f"{name}: queued for {noun}; the next run sends it")
            for pair in queued:
                click.echo(f"  {_named(pair)}")


def _time_of(app: Services) -> WeekTime:
    """The configured time. ConfigError where there is none."""
    found = app.settings.notify.weekly
    if found is None:
        raise ConfigError(
            "no time is set for the weekly message",
            remedy='Write in the settings: [notify] weekly = "mon 09:30"',
        )
    return found


def _preview(account: str, messages: PairMessages, at: WeekTime) -> None:
    if not messages.agreed:
        click.echo(f"{account}: no messages this week: {_why_nothing(messages)}")
        return
    state = "already queued or sent" if messages.is_made(at) else "not sent yet"
    click.echo(f"{account}: this week's messages are {state}\n")
    for pair in messages.agreed:
        text = messages.render(pair)
        click.echo(f"To {_named(pair)}:")
        for line in (text.headline, *text.body.splitlines(), text.hint.replace("*", '"')):
            click.echo(f"  {line}")
        click.echo("")


def _why_nothing(messages: PairMessages) -> str:
    """Why no pair gets a message now, and what to do."""
    if messages.agreed:
        return (
            "this week's messages were made already, and there is one a week."
            " `atsbridge notices list --all` shows them"
        )
    if messages.pairs:
        return (
            f"of {count(len(messages.pairs), 'pair')}, none has agreed on both sides. `atsbridge"
            " people` lists who did; `atsbridge people set EMAIL weekly-on` enters who asks you to"
        )
    return (
        "there are no pairs. A pair is the recruiter and the hiring manager of an open role that is"
        " not confidential, both active and with an e-mail address: name them in the ATS, then run"
        " `atsbridge sync`"
    )


def _named(pair: Pair) -> str:
    return " and ".join(one.name or one.email or one.id for one in pair.people)
