"""`atsbridge listen`: receive buttons and written answers the moment they come."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from atsbridge.replies import ListenSession
    from atsbridge.timesource import TimeSource


@click.command()
@click.pass_obj
def listen(config: Path) -> None:
    """Receive buttons and written answers from Slack, until Ctrl-C.

    Each is stored for the next `atsbridge run`; "why" is answered at once. It needs `app_token` in
    a Slack sink, and no public address. The log goes to stderr, one JSON line for each event.
    """
    from atsbridge.app import open_services
    from atsbridge.replies import ListenSession
    from atsbridge.timesource import SystemTime

    gc.enable()
    with open_services(config) as services:
        session = ListenSession(services, _Log(SystemTime()).write)
        names = ", ".join(session.open())
        _end_on_signals(session)
        click.echo(f"Listening for buttons of {names}. Stop with Ctrl-C.", err=True)
        session.run()
        waiting = services.store.reply_inbox.count_replies()
        click.echo(_describe_end(session, waiting), err=True)
        if not session.is_closed:  # a request hangs; nothing is lost by not waiting for it
            sys.stderr.flush()
            os._exit(0)


def _describe_end(session: ListenSession, waiting: int) -> str:
    stored = sum(one.stored for one in session.receivers.values())
    explained = sum(one.explained for one in session.receivers.values())
    plural = "reply waits" if waiting == 1 else "replies wait"
    return (
        f"Stopped. Stored {stored}, explained {explained}; {waiting} {plural} for the next"
        " `atsbridge run`."
    )


def _end_on_signals(session: ListenSession) -> None:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: session.end())


class _Log:
    """Writes JSON lines with the machine's time to stderr."""

    def __init__(self, time: TimeSource) -> None:
        self._time = time

    def write(self, line: Mapping[str, Any]) -> None:
        at = self._time.now().isoformat(timespec="milliseconds")
        click.echo(json.dumps({"at": at, **line}, separators=(",", ":")), err=True)
