"""`atsbridge run`: read the accounts, evaluate the rules, send what is due."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import WRONG
from atsbridge.cli.options import ACCOUNT, JSON, NOW, TEXT, parse_instant
from atsbridge.cli.output import emit_json, sync_progress
from atsbridge.errors import AtsbridgeError, ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services, Summary


@click.command()
@ACCOUNT
@click.option("--dry-run", is_flag=True, help="Read and evaluate; write no case, send nothing.")
@TEXT
@JSON
@NOW
@click.option(
    "--trust-clock", is_flag=True, help="Continue after an earlier run whose clock was ahead."
)
@click.option("--yes", is_flag=True, help="With --now: confirm that messages may be sent.")
@click.pass_obj
def run(config: Path, /, account: str | None, now: str | None, **given: bool) -> None:
    """Read the accounts, evaluate the rules, and send what is due. Run it from cron."""
    from atsbridge.tick import RunObserver, RunOptions, tick

    dry_run, as_json = given["dry_run"], given["as_json"]
    if given["text"] and not dry_run:
        raise click.UsageError("--text shows messages before they are sent. Add --dry-run")
    if given["trust_clock"] and dry_run:
        raise click.UsageError("--trust-clock sets the store back, and --dry-run changes nothing")
    quiet = not (dry_run or as_json or sys.stdout.isatty())
    with _opened(config, None if now is None else parse_instant(now), quiet=quiet) as app:
        if now is not None and not dry_run:
            _guard_now(app, yes=given["yes"])
        names = (account,) if account else tuple(sorted(app.settings.accounts))
        options = RunOptions(
            accounts=names, dry_run=dry_run, trust_clock=given["trust_clock"], texts=given["text"]
        )
        with sync_progress(wanted=not as_json) as progress:
            summary = tick(app, options, RunObserver(progress=progress))
        if as_json:
            from atsbridge.tick import make_run_document

            emit_json(make_run_document(summary))
        elif dry_run:
            from atsbridge.cli.plan import print_plan

            print_plan(app, summary)
        else:
            _print_run(app, summary)
    if summary.exit_code:
        sys.exit(summary.exit_code)


def _guard_now(app: Services, *, yes: bool) -> None:
    """Refuse to send at an invented time, except in the sandbox.

    Even an address on this machine may be a tunnel to a real server. Only the sandbox, whose
    settings name its clock, is safe.
    """
    from atsbridge.app import is_sandboxed

    if not is_sandboxed(app.settings):
        raise ConfigError(
            "--now needs --dry-run outside the sandbox",
            remedy="Add --dry-run: messages to real people are sent at real times",
        )
    if not yes and not app.settings.run.clock_file:
        raise ConfigError(
            "--now would really send messages to servers on this machine",
            remedy="Add --dry-run to see what would be sent, or --yes to send it",
        )


@contextmanager
def _opened(config: Path, now: datetime | None, *, quiet: bool) -> Iterator[Services]:
    """The services of a run. Without a terminal, an error in the settings is printed once."""
    from atsbridge.app import open_services

    entered = False
    try:
        with open_services(config, now=now) as app:
            entered = True
            yield app
    except ConfigError as error:
        if quiet and not entered and not _is_new_error(config, str(error)):
            sys.exit(WRONG)
        raise


def _is_new_error(config: Path, error_text: str) -> bool:
    """Whether the error was not printed before, as far as a store can remember it."""
    from atsbridge.settings import read
    from atsbridge.store import open_store
    from atsbridge.tick import is_new_mistake
    from atsbridge.timesource import SystemTime

    try:
        reading = read(config)
        if any(problem.keys[:1] == ("store",) for problem in reading.problems):
            return True
        store = open_store(reading.settings.store_url, SystemTime())
    except AtsbridgeError:
        return True  # the settings do not even name a store
    try:
        return is_new_mistake(store, error_text)
    finally:
        store.close()


def _print_run(app: Services, summary: Summary) -> None:
    """A terminal gets a line per account; cron gets only what newly failed or recovered."""
    from atsbridge.context import describe_failures
    from atsbridge.tick import find_news

    if sys.stdout.isatty():
        if summary.rule_error:
            click.echo(summary.rule_error, err=True)
        for account in summary.accounts:
            click.echo(account.line())
        for line in describe_failures([*summary.failures, *summary.asides, *summary.warnings]):
            click.echo(f"  {line}", err=True)
        click.echo(summary.line())
        return
    for line in find_news(app.store, summary):
        click.echo(line, err=True)
