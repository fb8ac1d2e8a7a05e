"""A row of the store as it was at any instant of a window."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from atsbridge.model import Found, Query
from atsbridge.rules import predicates
from atsbridge.simulation.field_history import FieldHistory, HistoryRow
from atsbridge.simulation.field_timeline import UNKNOWN, FieldTimeline
from atsbridge.worktime import Duration


@dataclass(frozen=True, slots=True)
class BacktestWindow:
    """From `start` to before `end`.

    `backlog_after`: what is overdue by more than this at the start is backlog; None: nothing is.
    """

    start: datetime
    end: datetime
    backlog_after: Duration | None = None


class PastRow:
    """A row with the timelines of its fields."""

    def __init__(
        self, row: HistoryRow, operands: Iterable[FieldHistory], window: BacktestWindow
    ) -> None:
        self.row = row
        self._steady = dict(row.found.facts)
        self._lost: set[str] = set(row.found.missing)
        self._moving: list[tuple[str, FieldTimeline]] = []
        times: set[datetime] = set()
        for one in operands:
            track = one.read(row)
            if track.starts:
                self._moving.append((one.path, track))
                times.update(track.starts)
            elif track.values[0] is UNKNOWN:
                self._steady[one.path] = None
                self._lost.add(one.path)
            else:
                self._steady[one.path] = track.values[0]
        self.times = sorted(at for at in times if window.start < at < window.end)

    def at(self, now: datetime) -> Found:
        """The values at an instant; `missing` are the paths whose value then is not known."""
        facts, lost = dict(self._steady), self._lost
        for path, track in self._moving:
            value = track.at(now)
            if value is UNKNOWN:
                value, lost = None, {*lost, path}
            facts[path] = value
        found = self.row.found
        return Found(found.account, found.kind, found.id, facts, False, tuple(lost))

    def next(self, paths: Container[str], now: datetime) -> datetime | None:
        """The next instant at which any of these paths changes."""
        tracks = (track for path, track in self._moving if path in paths)
        return min((at for track in tracks for at in track.starts if at > now), default=None)

    def first(self, path: str) -> datetime | None:
        """The first instant at which the path has a value; None if always or never."""
        track = next((track for moving, track in self._moving if moving == path), None)
        if track is None or track.values[0] is not None:
            return None
        return track.starts[0]


def then(past: PastRow, now: datetime, query: Query) -> Found | None:
    """A record below a subject as it was then, if it existed and the query would have found it."""
    found = past.row.found
    created = found.facts.get(f"{found.kind}.created_at")
    if found.kind != query.subject or (created is not None and created > now):
        return None
    was = past.at(now)
    holds = predicates.evaluate(query.where, was.facts, was.missing, found.kind)
    return None if holds is False else was
