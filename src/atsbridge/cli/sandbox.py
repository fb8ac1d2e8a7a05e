"""`atsbridge sandbox`: serve the fictional companies, to try rules or connectors against."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.options import CONNECTORS
from atsbridge.cli.output import table

if TYPE_CHECKING:
    from atsbridge.sandbox import RunningSandbox


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("sandbox"),
    show_default=True,
    help="Where atsbridge.toml, the clock and the store are written.",
)
@click.option("--applications", default=800, show_default=True, help="Size of the first company.")
@click.option("--seed", default=1, show_default=True, help="Each seed gives another company.")
@click.option("--now", metavar="T", help="Stop the clock at this instant (ISO 8601, with zone).")
@CONNECTORS
def sandbox(
    folder: Path, applications: int, seed: int, now: str | None, connectors: tuple[str, ...]
) -> None:
    """Serve the fictional companies until Ctrl-C.

    Enter moves the clock by an hour, a number by so many hours. The command writes an
    atsbridge.toml for the sandbox. In another terminal, run: atsbridge --config
    sandbox/atsbridge.toml run
    """
    from atsbridge.cli.options import parse_instant
    from atsbridge.plugins import discover
    from atsbridge.sandbox import START, SandboxOptions, build_sandbox

    gc.enable()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clock").unlink(missing_ok=True)
    start = parse_instant(now) if now else START
    frozen = now is not None
    options = SandboxOptions(
        start, applications, seed, frozen=frozen, inbox=True, connectors=connectors
    )
    with build_sandbox(folder, discover().connectors().values(), options) as running:
        config = folder / "atsbridge.toml"
        config.write_text(running.config(), "utf-8")
        rows = [
            (account, running.accounts[account].connector, str(fake.settings["base_url"]))
            for account, fake in running.fakes.items()
        ]
        rows += [(name, "slack", slack.url) for name, slack in running.slacks.items()]
        table(("name", "API", "address"), rows, empty="")
        if running.inbox is not None:
            click.echo(f"What everybody received: {running.inbox.url}/")
        _print_time(running)
        click.echo(f"Settings: {config}. Try: atsbridge --config {config} run --dry-run")
        _move_clock(running)


def _move_clock(running: RunningSandbox) -> None:
    """Move the clock as the person at the terminal says; without a terminal, wait until killed."""
    import signal
    import sys
    from datetime import timedelta

    if not sys.stdin.isatty():
        signal.pause()
        return
    for line in sys.stdin:
        try:
            hours = float(line.strip() or "1")
        except ValueError:
            click.echo("Press Enter for an hour, write a number for so many hours, Ctrl-C to end.")
            continue
        running.advance(running.clock.now() + timedelta(hours=hours))
        _print_time(running)


def _print_time(running: RunningSandbox) -> None:
    click.echo(f"The sandbox time is {running.clock.now():%a %d %b %Y, %H:%M} UTC.")
