"""Who is gone after a full list, and whether that can be believed.

Marking records gone is the store's; this holds ids in eight bytes each, not as text.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

SHARE = 0.02  # gone in one pass beyond this share of a stream...
COUNT = 20  # ...and beyond this count is lost coverage, not deletion
_BUCKETS = 64


class Seen:
    """A set of ids by their 64-bit hash: a wrong "yes" has odds below one in 10^12.

    `nameless`: rows without an id that can be read. Each may be of any record, so that from a
    list that has some nothing follows about what it does not hold.
    """

    def __init__(self) -> None:
        self.nameless = 0
        self._buckets = [array("q") for _ in range(_BUCKETS)]
        self._sorted = False

    def add(self, ids: Iterable[str]) -> None:
        """Some more of them; "" stands for a row without one."""
        for ident in ids:
            self.nameless += not ident
            code = hash(ident)
            self._buckets[code % _BUCKETS].append(code)
        self._sorted = False

    def __contains__(self, ident: str) -> bool:
        if not self._sorted:
            self._buckets = [array("q", sorted(bucket)) for bucket in self._buckets]
            self._sorted = True
        code = hash(ident)
        bucket = self._buckets[code % _BUCKETS]
        at = bisect_left(bucket, code)
        return at < len(bucket) and bucket[at] == code


@dataclass(frozen=True, slots=True)
class Missing:
    """Stored records a full list no longer held, of how many there were."""

    ids: tuple[str, ...]
    stored: int

    @property
    def lost(self) -> bool:
        """Whether so much is missing that sight was lost of it, rather than it being deleted."""
        gone = len(self.ids)
        return gone > 0 and (gone == self.stored or (gone > COUNT and gone > SHARE * self.stored))


def missing(live: Iterable[str], seen: Seen) -> Missing:
    """What of the live ids was not seen."""
    stored = 0
    gone: list[str] = []
    for ident in live:
        stored += 1
        if ident not in seen:
            gone.append(ident)
    return Missing(tuple(gone), stored)
