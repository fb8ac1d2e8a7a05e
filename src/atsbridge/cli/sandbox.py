"""`atsbridge sandbox`: the fictional companies, standing, for anyone who wants to try things."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.output import table

if TYPE_CHECKING:
    from atsbridge.sandbox import Standing


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("sandbox"),
    show_default=True,
    help="Where atsbridge.toml, the clock and the store go.",
)
@click.option("--applications", default=800, show_default=True, help="Size of the company.")
@click.option("--seed", default=1, show_default=True, help="Another seed, another company.")
@click.option("--now", metavar="T", help="Let the world stand still at this instant.")
def sandbox(folder: Path, applications: int, seed: int, now: str | None) -> None:
    """Serve the fictional companies until Ctrl-C; Enter lets an hour pass, a number that many.

    It writes an atsbridge.toml that leads there. In another terminal:
    `atsbridge --config sandbox/atsbridge.toml run`.
    """
    from atsbridge.cli.demo_tenants import standing
    from atsbridge.cli.run import instant
    from atsbridge.sandbox import START

    gc.enable()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clock").unlink(missing_ok=True)
    start = instant(now) if now else START
    with standing(
        folder, start=start, applications=applications, seed=seed, frozen=now is not None
    ) as world:
        config = folder / "atsbridge.toml"
        config.write_text(world.config(), "utf-8")
        rows = [
            (account, world.tenants[account].connector, str(fake.settings["base_url"]))
            for account, fake in world.fakes.items()
        ]
        rows += [(name, "slack", slack.url) for name, slack in world.slacks.items()]
        table(("name", "speaks", "at"), rows, empty="")
        click.echo(f"It is {world.clock.now():%a %d %b %Y, %H:%M} UTC there.")
        click.echo(f"Settings: {config}. Try: atsbridge --config {config} run --dry-run")
        _live(world)


def _live(world: Standing) -> None:
    """Let time pass as the person at the terminal says; without one, stand until killed."""
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
            click.echo("Enter for an hour, a number for so many, Ctrl-C to end.")
            continue
        world.advance(world.clock.now() + timedelta(hours=hours))
        click.echo(f"It is {world.clock.now():%a %d %b %Y, %H:%M} UTC there.")
