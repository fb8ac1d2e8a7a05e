"""Fetch the next pages of a list while its reader is busy with one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from atsbridge.ports import Page

AHEAD = 2  # pages that are fetched ahead


def fetch_ahead(pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages, fetched by one thread that stays at most AHEAD of its reader."""
    ready: queue.Queue[Page | BaseException | None] = queue.Queue(AHEAD)
    left = threading.Event()

    def fetch() -> None:
        try:
            for page in pages:
                ready.put(page)
                if left.is_set():
                    return
        except BaseException as error:  # noqa: BLE001  raised again in the reader
            ready.put(error)
        else:
            ready.put(None)

    thread = threading.Thread(target=fetch, name="atsbridge-fetch", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        left.set()
        while not ready.empty():  # makes room for a put that waits; after it the thread ends
            ready.get()
        thread.join()
