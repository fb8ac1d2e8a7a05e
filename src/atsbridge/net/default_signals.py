"""Signals for all that an ATS does not say, so that a small connector need not list it.

What it says in part is spelt out in the connector's own spec.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from atsbridge.model import KINDS
from atsbridge.ports import History, Signal, Stream

COMMON = frozenset({"created_at", "updated_at", "custom", "url"})  # every record may have them


def silent(
    streams: Iterable[Stream], why: str, told: Mapping[str, Signal] | None = None
) -> dict[str, Signal]:
    """`told`, and a signal with this `why` for every field that no stream owns."""
    owned = {f"{k}.{c}" for s in streams for k, columns in s.owns.items() for c in columns}
    absent = {
        f"{kind.name}.{name}": Signal(History.NONE, why)
        for kind in KINDS.values()
        for name in kind.supplied
        if name not in COMMON and f"{kind.name}.{name}" not in owned
    }
    return {**absent, **(told or {})}
