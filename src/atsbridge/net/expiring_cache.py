"""Answers of a service that are believed for a while. Processes live for weeks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Generic, TypeVar

from atsbridge.timesource import TimeSource

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")
_MOST = 50_000  # entries, after which those that are over are let go


class ExpiringCache(Generic[_Key, _Value]):
    """Key -> answer. Several threads may use it at once.

    `lasts`: how long an answer is believed, `absent` how long the answer None: who or what is
    missing now may be there soon.
    """

    def __init__(
        self,
        time: TimeSource,
        lasts: timedelta = timedelta(days=1),
        absent: timedelta = timedelta(minutes=10),
    ) -> None:
        self._time = time
        self._lasts, self._absent = lasts.total_seconds(), absent.total_seconds()
        self._guard = threading.Lock()
        self._held: dict[_Key, tuple[float, _Value]] = {}  # until when, answer

    def find(self, key: _Key, ask: Callable[[], _Value]) -> _Value:
        """The answer for the key; `ask` is called if there is none that is still believed.

        Threads that miss the same key at the same time may each ask.
        """
        with self._guard:
            held = self._held.get(key)
        if held is not None and self._time.monotonic() < held[0]:
            return held[1]
        answer = ask()
        self.keep(key, answer)
        return answer

    def keep(self, key: _Key, answer: _Value) -> None:
        """Believe an answer from now on."""
        now = self._time.monotonic()
        with self._guard:
            if len(self._held) >= _MOST:
                self._held = {k: entry for k, entry in self._held.items() if entry[0] > now}
            self._held[key] = (now + (self._absent if answer is None else self._lasts), answer)

    def forget(self, key: _Key) -> bool:
        """Ask again next time. Whether an answer was kept."""
        with self._guard:
            held = self._held.pop(key, None)
        return held is not None and held[1] is not None
