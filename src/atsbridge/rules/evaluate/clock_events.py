"""Order the events of a clock: when it began, and what ended it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from atsbridge.rules.language import field_paths
from atsbridge.rules.rule import ClockSpec

CANCEL, STOP = 0, 1  # the order of two ends at one instant


class EndEvent(NamedTuple):
    """An event that ends a clock, and its path. They sort by instant, then cancel before stop."""

    at: datetime
    rank: int  # CANCEL or STOP
    path: str


@dataclass(slots=True)  # made for each verdict: a frozen one takes three times as long
class ClockReading:
    """The state of a clock at an instant, from the facts.

    `began`: its start, or the newest reset if that came later; it may lie ahead. `ended`: the
    stop or cancel that ended it. `ahead`: known events to come that could change this.
    """

    began: datetime | None
    ended: EndEvent | None
    ahead: tuple[datetime, ...]


@dataclass(slots=True)
class Facts:
    """The facts of one subject, read as events. `zone`: of the person who has to act, for dates.

    The "kind.field"s in `never` have no source in this account: they never happen.
    """

    subject: str
    values: Mapping[str, Any]
    zone: str
    now: datetime
    never: Container[str] = frozenset()

    def start(self, path: str) -> datetime | None:
        """When the clock starts: a plain date counts from its end."""
        value = self.values.get(path)
        if value is None:
            stand_in = field_paths.twin(self.subject, path)
            value = self.values.get(stand_in) if stand_in else None
        if value is None or isinstance(value, datetime):
            return value
        return field_paths.day_end(value, self.zone)

    def event(self, path: str) -> datetime | None:
        """When an event happened: a plain date counts from its start.

        An instant ahead of now that nobody can have planned comes from a clock that runs ahead
        of ours: it happened, now.
        """
        value = self.values.get(path)
        if value is None or field_paths.declared(self.subject, path) in self.never:
            return None
        at = value if isinstance(value, datetime) else field_paths.day_start(value, self.zone)
        if at > self.now and not field_paths.planned(self.subject, path):
            return self.now
        return at


def read(spec: ClockSpec, facts: Facts) -> ClockReading:
    """The clock at `facts.now`.

    Events of one instant come in the order cancel, stop, reset, start: a stop at the instant of
    a reset still ends the clock. What lies before the newest reset is forgotten. A stop that
    happens once also counts before the start; a `last_…` stop only from the start on.
    """
    start = facts.start(spec.start)
    resets = [at for path in spec.reset if (at := facts.event(path)) is not None]
    newest = max((at for at in resets if at <= facts.now), default=None)
    began = start if start is None or newest is None else max(start, newest)
    ends = [e for e in _ends(spec, facts, began) if newest is None or e.at >= newest]
    ended = min((e for e in ends if e.at <= facts.now), default=None)
    coming = resets if ended else [began, *resets, *(end.at for end in ends)]
    ahead = [at for at in coming if at is not None and at > facts.now]
    return ClockReading(began, ended, tuple(sorted(ahead)))


def _ends(spec: ClockSpec, facts: Facts, began: datetime | None) -> Iterator[EndEvent]:
    for path in spec.cancel:
        at = facts.event(path)
        if at is not None:
            yield EndEvent(at, CANCEL, path)
    stopped = facts.event(spec.stop) if spec.stop else None
    if spec.stop and stopped is not None:
        latest = spec.stop.rpartition(".")[2].startswith("last_")
        if not latest or (began is not None and stopped >= began):
            yield EndEvent(stopped, STOP, spec.stop)
