"""The values of one field over time. None is a value; UNKNOWN is not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple

from atsbridge.model import Change, Origin


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


_INSTANT = itemgetter(0)
UNKNOWN: Final = _Unknown()  # the value at that time was not stored


class FieldTimeline(NamedTuple):
    """`values[0]` until the first of `starts`, `values[n]` from `starts[n - 1]` on.

    `starts` are aware UTC instants that rise; there is one value more than there are starts, and
    each is another than the one before.
    """

    starts: Sequence[datetime]
    values: Sequence[Any]

    def at(self, now: datetime) -> Any:
        """The value at an instant."""
        return self.values[bisect_right(self.starts, now)]


def steady(value: Any) -> FieldTimeline:
    """A timeline with one value for all time."""
    return FieldTimeline((), (value,))


def once(at: datetime | None, *, before: Any = None) -> FieldTimeline:
    """The timeline of an event: None before the instant, the instant from then on."""
    return steady(None) if at is None else FieldTimeline((at,), (before, at))


def of(events: Iterable[tuple[datetime, Any]], *, before: Any = UNKNOWN) -> FieldTimeline:
    """A timeline from (instant, value) pairs; of several at one instant the last counts."""
    starts: list[datetime] = []
    values: list[Any] = [before]
    for at, value in dict(sorted(events, key=_INSTANT)).items():
        if value != values[-1]:
            starts.append(at)
            values.append(value)
    return FieldTimeline(starts, values)


def latest(times: Iterable[datetime | None], *, before: Any = UNKNOWN) -> FieldTimeline:
    """The timeline of the latest of these instants that has come."""
    ordered = sorted({at for at in times if at is not None})
    return FieldTimeline(ordered, [before, *ordered])


def undone(present: Any, changes: Sequence[Change]) -> FieldTimeline:
    """The past of a field from its changes, oldest first. Changes of the mapping are ignored.

    A change counts from `occurred_at`, else from `observed_at`.
    """
    real = [change for change in changes if change.origin is not Origin.MAPPING]
    if not real:
        return steady(present)
    return of(
        ((change.occurred_at or change.observed_at, change.new) for change in real),
        before=real[0].old,
    )


def joined(earlier: FieldTimeline, at: datetime, later: FieldTimeline) -> FieldTimeline:
    """`earlier` until the instant, `later` from then on."""
    first, cut = bisect_left(earlier.starts, at), bisect_right(later.starts, at)
    if earlier.values[first] == later.values[cut]:
        starts = (*earlier.starts[:first], *later.starts[cut:])
        return FieldTimeline(starts, (*earlier.values[:first], *later.values[cut:]))
    return FieldTimeline(
        (*earlier.starts[:first], at, *later.starts[cut:]),
        (*earlier.values[: first + 1], *later.values[cut:]),
    )
