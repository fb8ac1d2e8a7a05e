"""`atsbridge run`: one tick; what it would do is printed by `plan`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import WRONG
from atsbridge.cli.options import parse_instant
from atsbridge.cli.output import emit_json, sync_progress
from atsbridge.errors import AtsbridgeError, ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services, Summary

_NOW = click.option("--now", metavar="T", help="Judge as of this instant (ISO 8601, with zone).")
_JSON = click.option("--json", "as_json", is_flag=True, help="For machines.")


@click.command()
@click.option("--account", help="Only this account.")
@click.option("--dry-run", is_flag=True, help="Read and judge; write no case, send nothing.")
@_JSON
@_NOW
@click.option(
    "--trust-clock", is_flag=True, help="This clock is right; that of an earlier run was ahead."
)
@click.option("--yes", is_flag=True, help="With --now: send to the servers on this machine.")
@click.pass_obj
def run(config: Path, /, account: str | None, now: str | None, **given: bool) -> None:
    """One tick: read the ATSs, judge the rules, tell the people. Meant for cron."""
    from atsbridge.tick import Observer, Options, tick

    dry_run, as_json = given["dry_run"], given["as_json"]
    quiet = not (dry_run or as_json or sys.stdout.isatty())
    with _opened(config, None if now is None else parse_instant(now), quiet=quiet) as app:
        if now is not None and not dry_run:
            _guard_now(app, yes=given["yes"])
        names = (account,) if account else tuple(sorted(app.settings.accounts))
        options = Options(accounts=names, dry_run=dry_run, trust_clock=given["trust_clock"])
        with sync_progress(wanted=not as_json) as progress:
            summary = tick(app, options, Observer(progress=progress))
        if as_json:
            emit_json(summary.as_dict())
        elif dry_run:
            from atsbridge.cli.plan import print_plan

            print_plan(app, summary)
        else:
            _print_run(app, summary)
    if summary.exit_code:
        sys.exit(summary.exit_code)


def _guard_now(app: Services, *, yes: bool) -> None:
    """Refuse to send at a made-up time where a message may reach somebody real.

    An address on this machine may be a tunnel to a real server. Only the sandbox is known not to
    be one: its configuration names its clock.
    """
    from atsbridge.app import is_sandboxed

    if not is_sandboxed(app.settings):
        raise ConfigError(
            "--now needs --dry-run, or the sandbox",
            remedy="Messages to real people are sent at real times",
        )
    if not yes and not app.settings.run.clock_file:
        raise ConfigError(
            "--now really sends what is due, to servers on this machine",
            remedy="Add --dry-run to see what would be sent, or --yes if it may be sent",
        )


@contextmanager
def _opened(config: Path, now: datetime | None, *, quiet: bool) -> Iterator[Services]:
    """The application. Where nobody watches, a mistake in the settings is told once."""
    from atsbridge.app import open_services

    entered = False
    try:
        with open_services(config, now=now) as app:
            entered = True
            yield app
    except ConfigError as error:
        if quiet and not entered and not _news(config, str(error)):
            sys.exit(WRONG)
        raise


def _news(config: Path, mistake: str) -> bool:
    """Whether the mistake was not told before, as far as there is a store that remembers."""
    from atsbridge.settings import read
    from atsbridge.store import open_store
    from atsbridge.tick import misconfigured
    from atsbridge.timesource import SystemTime

    try:
        reading = read(config)
        if any(problem.keys[:1] == ("store",) for problem in reading.problems):
            return True
        store = open_store(reading.settings.store_url, SystemTime())
    except AtsbridgeError:
        return True  # not even the store can be told from these settings
    try:
        return misconfigured(store, mistake)
    finally:
        store.close()


def _print_run(app: Services, summary: Summary) -> None:
    """A person sees a line per account; cron hears only what newly failed or recovered."""
    from atsbridge.context import told
    from atsbridge.tick import news

    if sys.stdout.isatty():
        if summary.rule_error:
            click.echo(summary.rule_error, err=True)
        for account in summary.accounts:
            click.echo(account.line())
        for line in told([*summary.failures, *summary.asides, *summary.warnings]):
            click.echo(f"  {line}", err=True)
        click.echo(summary.line())
        return
    for line in news(app, summary):
        click.echo(line, err=True)
