"""Count promises by several groupings while their rows are read once.

In SQL each grouping would sort all promises anew, twice where it has response times.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from operator import itemgetter
from typing import Any

from atsbridge.ports import Dimension, FigureRow

Keys = tuple[str | int | None, ...]

# What a promise counts as, and whether it has a response time. These begin a row; then come the
# values of dimensions, and the response time in milliseconds.
CODES = """\
CASE outcome WHEN 'on_time' THEN 0 WHEN 'late' THEN CASE WHEN ended_at IS NULL THEN 2 ELSE 1 END
 WHEN 'cancelled' THEN 3 WHEN 'unknown' THEN 4 ELSE 5 END * 4
 + CASE WHEN paused > 0 THEN 2 ELSE 0 END + CASE WHEN holidays > 0 THEN 1 ELSE 0 END AS code,
 CASE WHEN worked IS NULL THEN 0 ELSE 1 END AS answered"""
FIRST = 2  # the place of the first dimension
_OUTCOMES = (("on_time",), ("late",), ("late", "overdue"), ("cancelled",), ("unknown",), ())
_FLAGS = ((), ("holidays",), ("paused",), ("paused", "holidays"))
# Groups too small for a response time.
_SMALL_GROUPS = frozenset({Dimension.REQUISITION, Dimension.WEEK, Dimension.WHY})
_MS = timedelta(milliseconds=1)


class PromiseTally:
    """Counts one grouping. `read`: the dimensions in a row, `by`: those that are counted by."""

    def __init__(self, read: Sequence[Dimension], by: Sequence[Dimension]) -> None:
        self._key = itemgetter(0, 1, *(FIRST + read.index(one) for one in by))
        self._took = itemgetter(FIRST + len(read))
        self._timed = _SMALL_GROUPS.isdisjoint(by)
        self._stage = by.index(Dimension.STAGE) if Dimension.STAGE in by else None
        self._counts: Counter[tuple[Any, ...]] = Counter()
        self._answers: dict[tuple[Any, ...], array[int]] = {}

    def add(self, rows: Sequence[Any], answered: Sequence[Any]) -> None:
        """Count these rows. `answered`: those of them that have a response time."""
        self._counts.update(map(self._key, rows))
        if not self._timed:
            return
        answers = self._answers
        for key, took in zip(map(self._key, answered), map(self._took, answered), strict=True):
            known = answers.get(key)
            if known is None:
                known = answers[key] = array("q")
            known.append(took)

    @property
    def stages(self) -> frozenset[str]:
        """Ids of the stages that were counted by."""
        if self._stage is None:
            return frozenset()
        found = {key[FIRST + self._stage] for key in self._counts}
        return frozenset(one for one in found if one is not None)

    def figures(self, stage_names: Mapping[str, str | None]) -> Sequence[FigureRow]:
        """The groups, in order of keys. Stages with the same name are one group."""
        counts: dict[Keys, Counter[str]] = {}
        for (code, answered, *keys), number in self._counts.items():
            group = counts.setdefault(self._named(keys, stage_names), Counter())
            outcome, flags = divmod(code, len(_FLAGS))
            for name in (*_OUTCOMES[outcome], *_FLAGS[flags]):
                group[name] += number
            group["answered"] += number * answered
        answers: dict[Keys, array[int]] = {}
        for (_, _, *keys), some in self._answers.items():
            answers.setdefault(self._named(keys, stage_names), array("q")).extend(some)
        found = (
            FigureRow(keys=keys, median=median, ninetieth=ninetieth, **group)
            for keys, group in counts.items()
            for median, ninetieth in [_percentiles(answers.get(keys))]
        )
        return sorted(found, key=lambda one: [(key is not None, key) for key in one.keys])

    def _named(self, keys: list[Any], stage_names: Mapping[str, str | None]) -> Keys:
        if self._stage is not None:
            keys[self._stage] = stage_names.get(keys[self._stage])
        return tuple(keys)


def _percentiles(answers: array[int] | None) -> tuple[timedelta | None, timedelta | None]:
    """Nearest rank: the smallest value that at least half, or nine tenths, do not exceed."""
    if not answers:
        return None, None
    ordered, number = sorted(answers), len(answers)
    return ordered[(number + 1) // 2 - 1] * _MS, ordered[(9 * number + 9) // 10 - 1] * _MS
