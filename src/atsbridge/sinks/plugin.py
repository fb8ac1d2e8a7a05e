"""The built-in sinks, offered by the same door as everybody else's.

What each of them is stands in its own module.
"""

from __future__ import annotations

from collections.abc import Iterable

from atsbridge.hookspecs import hookimpl
from atsbridge.ports import SinkSpec

ATSBRIDGE_API = 1


@hookimpl
def atsbridge_sinks() -> Iterable[SinkSpec]:
    from atsbridge.sinks import ats_note, console, mail, slack, teams, webhook

    return (console.SPEC, slack.SPEC, teams.SPEC, mail.SPEC, webhook.SPEC, ats_note.SPEC)
