"""Spread what is due once in every period over the period, so that it does not come all at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

_ALL = 2**32  # values of a crc32


def has_turn(key: str, last: datetime, now: datetime, every: timedelta) -> bool:
    """Whether the turn of `key` has come since `last`: it comes once in every period.

    When in the period, depends on the key alone, so that the turns of many keys are spread evenly.
    A turn that nobody took is still due later.
    """
    period = every.total_seconds()
    offset = crc32(key.encode()) / _ALL * period
    return (last.timestamp() + offset) // period < (now.timestamp() + offset) // period
