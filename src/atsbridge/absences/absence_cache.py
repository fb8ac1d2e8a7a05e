"""What is known of absences between runs. It holds addresses of people and days, no texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from atsbridge.absences.ical_absences import REASON
from atsbridge.model import to_iso
from atsbridge.worktime import Absence

_VERSION = 1


@dataclass(frozen=True, slots=True)
class CachedCalendar:
    """The last good reading of one calendar, and the result of the last try.

    `tried`, `read`: instants of the last try and the last success; None: never. `absences`:
    e-mail -> absences in order. `error`: of the last try, "" if it succeeded. `version`, `etag`:
    as in `ReadCalendar`. `until`: the last day for which recurring events were expanded.
    `made_with`: a digest of the settings and people that the absences depend on.
    """

    tried: datetime | None = None
    read: datetime | None = None
    version: str = ""
    etag: str = ""
    until: date | None = None
    absences: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)
    error: str = ""
    made_with: str = ""


def pack_calendars(calendars: Mapping[str, CachedCalendar]) -> bytes:
    """The calendars by key, as the store keeps them."""
    rows = {
        key: {
            "tried": (to_iso(one.tried) or ""),
            "read": (to_iso(one.read) or ""),
            "version": one.version,
            "etag": one.etag,
            "until": (to_iso(one.until) or ""),
            "error": one.error,
            "made_with": one.made_with,
            "absences": {
                email: [[span.first.isoformat(), span.last.isoformat()] for span in spans]
                for email, spans in one.absences.items()
            },
        }
        for key, one in calendars.items()
    }
    return json.dumps({"version": _VERSION, "calendars": rows}).encode()


def unpack_calendars(kept: bytes | None) -> dict[str, CachedCalendar]:
    """The calendars by key; none if another version wrote them."""
    try:
        found = json.loads(kept or b"{}")
        rows = found["calendars"] if found["version"] == _VERSION else {}
        return {key: _unpack(row) for key, row in rows.items()}
    except (KeyError, TypeError, ValueError):
        return {}


def merge_absences(
    calendars: Iterable[CachedCalendar],
) -> dict[str, tuple[Absence, ...]]:
    """E-mail -> the absences of all calendars, overlapping ones joined, in order."""
    found: dict[str, list[Absence]] = {}
    for calendar in calendars:
        for email, spans in calendar.absences.items():
            found.setdefault(email, []).extend(spans)
    return {email: join_spans(spans) for email, spans in sorted(found.items())}


def join_spans(spans: Iterable[Absence]) -> tuple[Absence, ...]:
    """Absences in order, overlapping ones joined; the first one's reason stays."""
    joined: list[Absence] = []
    for span in sorted(spans, key=lambda one: (one.first, one.last)):
        if joined and span.first <= joined[-1].last:
            joined[-1] = replace(joined[-1], last=max(joined[-1].last, span.last))
        else:
            joined.append(span)
    return tuple(joined)


def _unpack(row: Mapping[str, Any]) -> CachedCalendar:
    return CachedCalendar(
        tried=_instant(row["tried"]),
        read=_instant(row["read"]),
        version=str(row["version"]),
        etag=str(row["etag"]),
        until=date.fromisoformat(row["until"]) if row["until"] else None,
        error=str(row["error"]),
        made_with=str(row.get("made_with", "")),
        absences={
            email: tuple(
                Absence(date.fromisoformat(first), date.fromisoformat(last), REASON)
                for first, last in spans
            )
            for email, spans in row["absences"].items()
        },
    )


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
