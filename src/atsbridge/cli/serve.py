"""`atsbridge serve`: the live pages, the webhook receiver, health and metrics."""

from __future__ import annotations

import gc
from importlib.util import find_spec
from pathlib import Path

import click

from atsbridge.errors import ConfigError

_NEEDED = ("starlette", "uvicorn", "prometheus_client")


@click.command()
@click.option("--bind", default="", metavar="HOST:PORT", help="In place of `[serve] bind`.")
@click.pass_obj
def serve(config: Path, bind: str) -> None:
    """Serve the live pages and receive webhooks, until Ctrl-C.

    A reader needs the token of `[serve]`, or comes through a reverse proxy that names them. Changed
    settings and packs are read within ten seconds. The access log goes to stderr, one JSON line for
    each request.
    """
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise ConfigError(
            f"the live pages need packages that are not installed: {', '.join(missing)}",
            remedy='Run: pip install "atsbridge[web]"',
        )
    from atsbridge.app import open_reloader
    from atsbridge.server import LiveServer

    gc.enable()
    with open_reloader(config) as reloader:
        server = LiveServer(reloader.services, bind=bind, reload=reloader.look)
        click.echo(f"Serving on {server.url}. Stop with Ctrl-C.", err=True)
        server.run()
    click.echo("Stopped.", err=True)
