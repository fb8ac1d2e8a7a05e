"""The part of the store that keeps the rate of each credential for all processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

# (state as JSON text, "" before the first; seconds since it was stored) -> the new state
RateChange = Callable[[str, float], str]


class RateStore(Protocol):
    """How much of each credential's rate limit is used, by all processes together."""

    def change(
        self, credential: str, change: RateChange, clock: Callable[[], float] | None = None
    ) -> None:
        """Replace the state of a credential; nobody else reads or writes it meanwhile.

        `credential`: a digest, never the credential itself. `clock`: seconds on a clock that all
        processes share; None: the database server's. An error that `change` raises is raised, and
        nothing is stored. StoreError where the store cannot be used.
        """
        ...
