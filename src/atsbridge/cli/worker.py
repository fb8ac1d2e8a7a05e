"""`atsbridge worker`: serve all accounts, together with the workers of other machines."""

from __future__ import annotations

import gc
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.errors import AtsbridgeError, ConfigError, StoreError

if TYPE_CHECKING:
    from atsbridge.settings import Settings
    from atsbridge.workers import WorkerEnd, WorkerTimings

_NEEDED = ("procrastinate", "psycopg")


@click.command()
@click.pass_obj
def worker(config: Path) -> None:
    """Serve all accounts until Ctrl-C, together with the workers of other machines.

    Each account has a round every `[worker] every`. Needs a store on PostgreSQL. Start as many
    workers as you like, and `atsbridge run` besides: no two are at work on one account. Changed
    settings and packs are read within half a minute. The log goes to stderr, one JSON line each.
    """
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise ConfigError(
            f"workers need packages that are not installed: {', '.join(missing)}",
            remedy='Run: pip install "atsbridge[workers]"',
        )
    gc.enable()
    work(config)


def work(config: Path, timings: WorkerTimings | None = None) -> None:
    """Work until asked to stop, with the settings as they are. StoreError once it is outdated."""
    from atsbridge.workers import WorkerEnd

    while (end := _work_unchanged(config, timings)) is WorkerEnd.CHANGED:
        continue
    if end is WorkerEnd.OUTDATED:
        raise StoreError(
            "Another version of atsbridge has changed the tables of the store",
            remedy="Start the worker again with that version",
        )


def _work_unchanged(config: Path, timings: WorkerTimings | None) -> WorkerEnd:
    """One worker with the settings as they are now; why it ended."""
    from atsbridge.app import open_services
    from atsbridge.workers import WorkerProcess, make_session_name

    session = make_session_name()
    with open_services(config, session=session) as services:
        change = find_change(config, services.settings)
        return WorkerProcess(services, session, timings=timings, is_changed=change).run()


def find_change(config: Path, settings: Settings) -> Callable[[], bool]:
    """Whether the settings or packs differ from now and can be used. A mistake is printed once."""
    from atsbridge.app import open_services, take_fingerprint

    seen = [take_fingerprint(config, settings)]

    def is_changed() -> bool:
        found = take_fingerprint(config, settings)
        if found == seen[0]:
            return False
        seen[0] = found
        try:
            with open_services(config):
                return True
        except AtsbridgeError as error:
            click.echo(f"{error}\nThe worker keeps the settings from before.", err=True)
            return False

    return is_changed
