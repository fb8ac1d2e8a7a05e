"""How many requests of one reader or address are answered in a minute."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

_MINUTE = 60.0
_KEYS = 10_000  # remembered at once; the one that has been quiet longest is forgotten first


@dataclass(slots=True)
class RequestLimiter:
    """A token bucket for each key: `per_minute` requests at once, then so many a minute.

    `clock`: seconds that never go back. Not safe for threads: the event loop asks.
    """

    per_minute: int
    clock: Callable[[], float]
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, key: str) -> float:
        """0 if the request may be answered; else how many seconds to wait."""
        tokens = self._refill(key)
        if tokens < 1:
            self._keep(key, tokens)
            return (1 - tokens) * _MINUTE / self.per_minute
        self._keep(key, tokens - 1)
        return 0.0

    def _refill(self, key: str) -> float:
        tokens, at = self._buckets.get(key, (float(self.per_minute), self.clock()))
        passed = max(self.clock() - at, 0.0)
        return min(tokens + passed * self.per_minute / _MINUTE, float(self.per_minute))

    def _keep(self, key: str, tokens: float) -> None:
        self._buckets[key] = tokens, self.clock()
        self._buckets.move_to_end(key)
        while len(self._buckets) > _KEYS:
            self._buckets.popitem(last=False)
