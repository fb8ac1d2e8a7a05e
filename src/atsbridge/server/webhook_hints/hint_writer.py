"""Stores webhooks: many deliveries in one transaction, each answered once it is on disk."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from atsbridge.ports import HintStore, ReceivedHints

WAITING = 5000  # deliveries in memory that are not stored yet; more are refused, and come again
TOGETHER = 500  # deliveries of one transaction
PENDING = 20_000  # hints of one account that wait; more are refused until some were read
_Item = tuple[ReceivedHints, "Future[bool]"]


class QueueFullError(Exception):
    """Too many deliveries wait to be stored."""


@dataclass(slots=True)
class HintWriter:
    """A thread that stores what it is given. `start` it once; `stop` ends it when all is stored."""

    hints: HintStore
    _queue: queue.Queue[_Item | None] = field(default_factory=lambda: queue.Queue(WAITING))
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to store."""
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Store what waits, and end."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def submit(self, delivery: ReceivedHints) -> Future[bool]:
        """Store a delivery soon. The result: whether there was room; its exception: a StoreError.

        QueueFullError where too many wait.
        """
        future: Future[bool] = Future()
        try:
            self._queue.put_nowait((delivery, future))
        except queue.Full:
            raise QueueFullError from None
        return future

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            items, more = [first], True
            while more and len(items) < TOGETHER:
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    self._queue.put(None)  # seen again once these are stored
                    more = False
                else:
                    items.append(item)
            self._store(items)

    def _store(self, items: list[_Item]) -> None:
        """Store the deliveries for which somebody still waits; the vendor repeats the others."""
        waited = [one for one in items if one[1].set_running_or_notify_cancel()]
        try:
            stored = self.hints.receive([one for one, _ in waited], PENDING) if waited else ()
            results = list(zip(waited, stored, strict=True))
        except BaseException as error:  # noqa: BLE001  it costs these deliveries, not the thread
            for _, future in waited:
                future.set_exception(error)
            return
        for (_, future), good in results:
            future.set_result(good)
