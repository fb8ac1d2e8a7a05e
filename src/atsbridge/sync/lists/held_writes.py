"""Hold what was decoded until there are rows enough for a transaction."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.ports import PageWrite
from atsbridge.sync.rows import RowDecoder
from atsbridge.sync.sync_context import SyncContext
from atsbridge.sync.sync_report import Tally

BUNDLE = 2_000  # rows stored in one transaction


class HeldWrites:
    """The writes of one stream that are not stored yet.

    `decoder`: it compares rows with the held ones too. `tally`: counts what was stored.
    """

    def __init__(self, context: SyncContext, decoder: RowDecoder, tally: Tally) -> None:
        self._store = context.store
        self._digests = decoder.held
        self._tally = tally
        self._held: PageWrite | None = None

    def add(self, write: PageWrite) -> None:
        """Hold a write. What is held is stored first if the two cannot be stored together."""
        held = self._held
        if held is not None and (
            len(held.rows) + len(write.rows) > BUNDLE
            or held.remapped != write.remapped
            or any(row.id in self._digests for row in write.rows)
        ):
            self.store()
            held = None
        self._digests.update((row.id, row.digest) for row in write.rows)
        self._held = write if held is None else _join(held, write)
        if len(self._held.rows) >= BUNDLE:
            self.store()

    def store(self) -> None:
        """Store what is held, in one transaction."""
        held, self._held = self._held, None
        if held is not None:
            self._digests.clear()
            self._tally.add(self._store.write_page(held))


def _join(held: PageWrite, write: PageWrite) -> PageWrite:
    """Both in one. The instant and the state are those of the later one."""
    return replace(
        write,
        rows=[*held.rows, *write.rows],
        wanted=[*held.wanted, *write.wanted],
        done=[*held.done, *write.done],
        asked=[*held.asked, *write.asked],
        complete=[*held.complete, *write.complete],
        seen=[*held.seen, *write.seen],
    )
