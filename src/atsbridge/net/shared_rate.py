"""One rate limit for all processes that use a credential: its state is a row in the store."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from atsbridge.errors import RetryableError, StoreError
from atsbridge.net.rate_limits import SharableLimiter
from atsbridge.ports import RateStore
from atsbridge.timesource import TimeSource

_REFUSED = 429
_KEPT = 50  # answers that wait for the next request
_SHORTEST = 0.001  # seconds; a wait shorter than the clock's resolution would never end


@dataclass(slots=True)
class SharedLimiter:
    """Keeps the limit of `local` together with every process that shares the store.

    `open_store`: called at the first request. `credential`: a digest of the credential. `clock`: as
    in `RateStore.change`. While the store cannot be used, each process keeps the limit alone.
    """

    local: SharableLimiter
    open_store: Callable[[], RateStore]
    credential: str
    time: TimeSource
    clock: Callable[[], float] | None = None
    _answers: deque[tuple[float, int, Mapping[str, str]]] = field(default_factory=deque)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def acquire(self) -> None:
        """See `Limiter`."""
        while (wait := self._shared(self.local.take)) > 0:
            self.time.sleep(max(wait, _SHORTEST))

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """See `Limiter`. What an answer says is stored with the next request, a refusal at once."""
        with self._turn:
            self._answers.append((self.time.monotonic(), status, headers))
        if status == _REFUSED or len(self._answers) > _KEPT:
            self._shared(lambda: 0.0)

    def _shared(self, act: Callable[[], float]) -> float:
        """Act on the state that all processes share; what `act` returns or raises.

        What answers said is stored even if `act` refuses.
        """
        made: float | RetryableError | None = None

        def change(state: str, elapsed: float) -> str:
            nonlocal made
            if state:
                self._load(state, elapsed)
            self._learn()
            made = _attempt(act)
            return json.dumps(self.local.dump())

        with self._turn:
            try:
                self.open_store().change(self.credential, change, self.clock)
            except StoreError:
                if made is None:
                    self._learn()
                    made = _attempt(act)
            self._answers.clear()
        if isinstance(made, RetryableError):
            raise made
        return made or 0.0

    def _load(self, state: str, elapsed: float) -> None:
        """Take over the stored state. What another kind of limiter stored is replaced."""
        with suppress(KeyError, TypeError, ValueError):
            self.local.load(json.loads(state), elapsed)

    def _learn(self) -> None:
        for at, status, headers in self._answers:
            self.local.learn(status, headers, self.time.monotonic() - at)


def _attempt(act: Callable[[], float]) -> float | RetryableError:
    try:
        return act()
    except RetryableError as error:
        return error
