"""A sink for direct messages in Microsoft Teams, through a bot."""

from __future__ import annotations

from collections.abc import Iterable

from atsbridge.api import SinkSpec, hookimpl

ATSBRIDGE_API = 1


@hookimpl
def atsbridge_sinks() -> Iterable[SinkSpec]:
    """Register the sink of this package."""
    from atsbridge_teams_bot.bot_sink import SPEC

    return (SPEC,)
