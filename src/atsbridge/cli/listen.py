"""`atsbridge listen`: receive buttons and written answers the moment they come."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
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
    a Slack sink, and no public address. Changed settings and packs are read within ten seconds. The
    log goes to stderr, one JSON line for each event.
    """
    from atsbridge.app import open_reloader
    from atsbridge.replies import ListenSession
    from atsbridge.timesource import SystemTime

    gc.enable()
    ended, log = threading.Event(), _Log(SystemTime())
    _end_on_signals(ended)
    with open_reloader(config) as reloader:
        sessions: list[ListenSession] = []
        while not sessions or sessions[-1].run():  # with other settings of sinks, begin anew
            session = ListenSession(reloader.services, log.write, reloader.look, ended)
            names = ", ".join(session.open())
            sessions.append(session)
            click.echo(f"Listening for replies in {names}. Stop with Ctrl-C.", err=True)
        waiting = reloader.services.store.reply_inbox.count_replies()
        click.echo(_describe_end(sessions, waiting), err=True)
        if not sessions[-1].is_closed:  # a request hangs; nothing is lost by not waiting for it
            sys.stderr.flush()
            os._exit(0)


def _describe_end(sessions: Sequence[ListenSession], waiting: int) -> str:
    receivers = [one for session in sessions for one in session.receivers.values()]
    stored = sum(one.stored for one in receivers)
    explained = sum(one.explained for one in receivers)
    plural = "reply waits" if waiting == 1 else "replies wait"
    return (
        f"Stopped. Stored {stored}, explained {explained}; {waiting} {plural} for the next"
        " `atsbridge run`."
    )


def _end_on_signals(ended: threading.Event) -> None:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: ended.set())


class _Log:
    """Writes JSON lines with the machine's time to stderr."""

    def __init__(self, time: TimeSource) -> None:
        self._time = time

    def write(self, line: Mapping[str, Any]) -> None:
        at = self._time.now().isoformat(timespec="milliseconds")
        click.echo(json.dumps({"at": at, **line}, separators=(",", ":")), err=True)
