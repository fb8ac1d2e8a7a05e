"""A sink for any service that Apprise supports."""

from __future__ import annotations

from collections.abc import Iterable

from atsbridge.api import SinkSpec, hookimpl

ATSBRIDGE_API = 1


@hookimpl
def atsbridge_sinks() -> Iterable[SinkSpec]:
    """Register the sink of this package."""
    from atsbridge_apprise.apprise_sink import SPEC

    return (SPEC,)
