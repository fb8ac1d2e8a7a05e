"""Signals for all fields that an ATS does not supply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from atsbridge.model import KINDS
from atsbridge.ports import Signal, SignalHistory, Stream

COMMON = frozenset({"created_at", "updated_at", "custom", "url"})  # every record may have them


def declare_absent(
    streams: Iterable[Stream], why: str, signals: Mapping[str, Signal] | None = None
) -> dict[str, Signal]:
    """`signals`, and one with this `why` for every field that no stream owns."""
    owned = {f"{k}.{c}" for s in streams for k, columns in s.owns.items() for c in columns}
    absent = {
        f"{kind.name}.{name}": Signal(SignalHistory.NONE, why)
        for kind in KINDS.values()
        for name in kind.supplied
        if name not in COMMON and f"{kind.name}.{name}" not in owned
    }
    return {**absent, **(signals or {})}
