"""One rate limit for all processes that use a credential: its state is a row in the store."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from atsbridge.errors import LockLostError, StoreError
from atsbridge.net.rate_limits import SharableLimiter
from atsbridge.ports import RateStore
from atsbridge.timesource import TimeSource

_SHORTEST = 0.001  # seconds; a wait shorter than the clock's resolution would never end


@dataclass(slots=True)
class SharedLimiter:
    """Keeps the limit of `local` together with every process that shares the `store`.

    `open_store`: called at the first request. `credential`: a digest of the credential. `clock`: as
    in `RateStore.change`. While the store cannot be used, each process keeps the limit alone.
    """

    local: SharableLimiter
    open_store: Callable[[], RateStore]
    credential: str
    time: TimeSource
    clock: Callable[[], float] | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def acquire(self) -> None:
        """See `Limiter`."""
        while (wait := self._shared(self.local.take)) > 0:
            self.time.sleep(max(wait, _SHORTEST))

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """See `Limiter`."""

        def learned() -> float:
            self.local.learn(status, headers)
            return 0.0

        self._shared(learned)

    def _shared(self, act: Callable[[], float]) -> float:
        """Act on the state that all processes share; what `act` returns."""
        found = 0.0

        def change(state: str, elapsed: float) -> str:
            nonlocal found
            if state:
                self.local.load(json.loads(state), elapsed)
            found = act()
            return json.dumps(self.local.dump())

        with self._turn:
            try:
                self.open_store().change(self.credential, change, self.clock)
            except LockLostError:
                raise
            except StoreError:
                return act()
        return found
