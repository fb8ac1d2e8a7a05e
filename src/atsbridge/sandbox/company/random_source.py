"""A small repeatable random generator: eight bytes of state, so that each candidate has one.

Not for secrets. `random.Random` would need 2.5 kB each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Dice:
    """A repeatable stream of draws (splitmix64): same seeds, same draws, whatever others do."""

    __slots__ = ("_state",)

    def __init__(self, *seeds: int) -> None:
        self._state = 0
        for seed in seeds:
            self._state = (self._state ^ seed) & _MASK
            self._state = self._next()

    def _next(self) -> int:
        self._state = mixed = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def random(self) -> float:
        """In [0, 1)."""
        return (self._next() >> 11) * 2.0**-53

    def chance(self, share: float) -> bool:
        """True in that share of all draws."""
        return self.random() < share

    def below(self, bound: int) -> int:
        """A whole number in [0, bound)."""
        return int(self.random() * bound)

    def between(self, low: float, high: float) -> float:
        """In [low, high), the lower half twice as likely: people are quick, with a long tail."""
        drawn = self.random()
        return low + (high - low) * (0.5 * drawn + 0.5 * drawn * drawn)

    def hours(self, low: float, high: float) -> timedelta:
        """`between`, in hours, on whole seconds."""
        return timedelta(seconds=int(self.between(low, high) * 3600))

    def pick(self, items: Sequence[T]) -> T:
        """One of them."""
        return items[self.below(len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` of them, each once, in the order drawn; all where there are fewer."""
        left = list(range(len(items)))
        return [items[left.pop(self.below(len(left)))] for _ in range(min(count, len(left)))]
