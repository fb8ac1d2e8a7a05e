"""The ids that a complete list returned, and the stored records it no longer returned."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

# More missing records than this share of the list and than this count are taken for a list that
# the credential no longer sees in full, not for deletions.
SHARE = 0.02
COUNT = 20
_BUCKETS = 64
_PIECE = 5_000  # ids that are summed up at once


class SeenIds:
    """A set of ids, stored as 64-bit hashes to save memory.

    The probability that an id is wrongly found is below 10^-12. `nameless`: how many rows had no
    readable id. Each of them may be any record, so a list with such rows proves no deletion.
    """

    def __init__(self) -> None:
        self.nameless = 0
        self._buckets = [array("q") for _ in range(_BUCKETS)]
        self._sorted = False

    def add(self, ids: Iterable[str]) -> None:
        """Add ids; "" stands for a row without one."""
        buckets, several = self._buckets, list(ids)
        self.nameless += several.count("")
        for code in map(hash, several):
            buckets[code % _BUCKETS].append(code)
        self._sorted = False

    def sum_up(self) -> tuple[int, int]:
        """The number of distinct ids, and the sum of their hashes."""
        count = total = 0
        for bucket in self._buckets:
            codes = set(bucket)
            count += len(codes)
            total += sum(codes)
        return count, total

    def __contains__(self, raw_id: str) -> bool:
        if not self._sorted:
            self._buckets = [array("q", sorted(bucket)) for bucket in self._buckets]
            self._sorted = True
        code = hash(raw_id)
        bucket = self._buckets[code % _BUCKETS]
        at = bisect_left(bucket, code)
        return at < len(bucket) and bucket[at] == code


@dataclass(frozen=True, slots=True)
class MissingRecords:
    """The stored records that a complete list did not return, and how many are stored in all."""

    ids: tuple[str, ...]
    stored: int

    @property
    def implausible(self) -> bool:
        """Whether too many are missing at once to be deletions: all of them, or more than
        `COUNT` and `SHARE`."""
        missing = len(self.ids)
        return missing > 0 and (
            missing == self.stored or (missing > COUNT and missing > SHARE * self.stored)
        )


def find_missing(read_live: Callable[[], Iterable[str]], seen: SeenIds) -> MissingRecords:
    """The ids of live records that the list did not return.

    `read_live` gives each id once, and may be called twice: mostly the list returned exactly these
    records, which their number and the sum of their hashes show faster than a look-up of each.
    """
    stored = total = 0
    live = iter(read_live())
    while some := list(islice(live, _PIECE)):
        stored += len(some)
        total += sum(map(hash, some))
    if seen.sum_up() == (stored, total):
        return MissingRecords((), stored)
    missing = tuple(raw_id for raw_id in read_live() if raw_id not in seen)
    return MissingRecords(missing, stored)
