"""`atsbridge mcp`: read-only tools for an assistant, over stdio."""

from __future__ import annotations

import gc
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from atsbridge.errors import ConfigError


@click.command()
@click.option(
    "--as",
    "email",
    required=True,
    metavar="EMAIL",
    help="Whose assistant it is: it sees what this person may see.",
)
@click.pass_obj
def mcp(config: Path, email: str) -> None:
    """Serve read-only tools to an assistant (Model Context Protocol, stdio).

    The assistant's program starts it. It reads the store only, and writes and sends nothing.
    """
    if find_spec("mcp") is None:
        raise ConfigError(
            "the tools for assistants need a package that is not installed: mcp",
            remedy='Run: pip install "atsbridge[mcp]"',
        )
    from atsbridge.app import open_services
    from atsbridge.mcp import AssistantAnswers, make_tool_server

    gc.enable()
    with open_services(config) as services:
        server = make_tool_server(AssistantAnswers(services, email))
        # The protocol is JSON with escapes: it needs the bytes of stdout, not a terminal's filter.
        if sys.__stdout__ is not None:
            sys.stdout = sys.__stdout__
        server.run()
