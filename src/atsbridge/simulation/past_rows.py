"""A row of the store as it was at any instant of a window."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from atsbridge.model import Found
from atsbridge.simulation.field_history import FieldHistory, HistoryRow
from atsbridge.simulation.field_timeline import UNKNOWN, FieldTimeline, steady
from atsbridge.worktime import Duration

NEVER_KNOWN = steady(UNKNOWN)
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BacktestWindow:
    """From `start` to before `end`.

    `backlog_after`: what is overdue by more than this at the start is backlog; None: nothing is.
    """

    start: datetime
    end: datetime
    backlog_after: Duration | None = None


class PastRow:
    """A row with the timelines of its fields, which are read when they are first asked for.

    `operands`: path -> how its past is known; any other path has always had its present value.
    """

    def __init__(
        self, row: HistoryRow, operands: Mapping[str, FieldHistory], window: BacktestWindow
    ) -> None:
        self.row, self._operands, self._window = row, operands, window
        self._tracks: dict[str, FieldTimeline] = {}
        self._values: _Values | None = None
        self._times: Sequence[datetime] | None = None
        self._last: tuple[datetime, datetime, Found] | None = None  # from, to before, the values

    @property
    def times(self) -> Sequence[datetime]:
        """When a value changes within the window, in order."""
        if self._times is None:
            start, end = self._window.start, self._window.end
            turns = {at for _, track in self._read().moving for at in track.starts}
            self._times = sorted([at for at in turns if start < at < end])
        return self._times

    def at(self, now: datetime) -> Found:
        """The values at an instant; `missing` are the paths whose value then is not known."""
        return self._look(now)[2]

    def next_change(self, now: datetime) -> datetime:
        """The first instant after `now` at which a value changes; the end of time if none does."""
        return self._look(now)[1]

    def _look(self, now: datetime) -> tuple[datetime, datetime, Found]:
        """The values at an instant, between the first and the second of these instants."""
        last = self._last
        if last is not None and last[0] <= now < last[1]:
            return last
        always = self._read()
        facts, lost, until = dict(always.facts), always.lost, _FOREVER
        for path, (starts, values) in always.moving:
            place = bisect_right(starts, now)
            if place < len(starts) and starts[place] < until:
                until = starts[place]
            value = values[place]
            if value is UNKNOWN:
                value, lost = None, (*lost, path)
            facts[path] = value
        of = self.row.found
        last = self._last = now, until, Found(of.account, of.kind, of.id, facts, False, lost)
        return last

    @property
    def created(self) -> datetime | None:
        """When the record came to be, if that is known."""
        found = self.row.found
        at: datetime | None = found.facts.get(f"{found.kind}.created_at")
        return at

    def next_edge(self, now: datetime) -> datetime | None:
        """The first instant after `now` at which a value changes, or at which it was created."""
        place = bisect_right(self.times, now)
        at = self.times[place] if place < len(self.times) else None
        created = self.created
        if created is not None and created > now and (at is None or created < at):
            return created
        return at

    def track(self, path: str) -> FieldTimeline:
        """The values of one path over time, as `at` gives them."""
        return NEVER_KNOWN if path in self.row.found.missing else self._track(path)

    def next(self, paths: Iterable[str], now: datetime) -> datetime | None:
        """The next instant at which any of these paths changes."""
        starts = (at for path in paths for at in self._track(path).starts)
        return min((at for at in starts if at > now), default=None)

    def first(self, path: str) -> datetime | None:
        """The first instant at which the path has a value; None if always or never."""
        track = self._track(path)
        return track.starts[0] if track.starts and track.values[0] is None else None

    def _track(self, path: str) -> FieldTimeline:
        known = self._tracks.get(path)
        if known is None:
            one = self._operands.get(path)
            known = one.read(self.row) if one else steady(self.row.found.facts.get(path))
            self._tracks[path] = known
        return known

    def _read(self) -> _Values:
        """The values of all paths, read once."""
        if self._values is None:
            found = self.row.found
            facts, lost, moving = dict(found.facts), list(found.missing), []
            for path in self._operands:
                track = self._track(path)
                if track.starts:
                    moving.append((path, track))
                    continue
                (value,) = track.values
                if value is UNKNOWN:
                    value = None
                    lost.append(path)
                facts[path] = value
            self._values = _Values(facts, tuple(lost), moving)
        return self._values


class _Values(NamedTuple):
    """The values that do not change, the paths that are never known, and those whose values do."""

    facts: Mapping[str, Any]
    lost: tuple[str, ...]
    moving: Sequence[tuple[str, FieldTimeline]]
