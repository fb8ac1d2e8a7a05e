"""Register the built-in sinks by the same hook as other plugins.

What each of them is stands in its own module.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from atsbridge.hookspecs import hookimpl
from atsbridge.ports import SinkSpec

ATSBRIDGE_API = 1


@hookimpl
def atsbridge_sinks() -> Iterable[SinkSpec]:
    """One after the other, so that a tick imports those it uses and what stands before them."""
    for module in (
        "console",
        "ats_note",
        "slack.slack_sink",
        "mail.mail_sink",
        "teams.teams_sink",
        "webhook",
    ):
        yield import_module(f"atsbridge.sinks.{module}").SPEC
