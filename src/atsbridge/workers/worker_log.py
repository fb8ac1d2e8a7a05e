"""The log of a worker on stderr: one JSON object for each line."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TextIO

from atsbridge.timesource import TimeSource

# Their lines quote addresses and arguments; what matters of them has a line of ours.
_QUIET = ("procrastinate", "psycopg", "psycopg.pool", "asyncio")


@dataclass(slots=True)
class WorkerLog:
    """Writes lines to `out`; None: nowhere. Threads may share it."""

    out: TextIO | None
    time: TimeSource
    worker: str
    _turn: Lock = field(default_factory=Lock)

    def write(self, line: Mapping[str, Any]) -> None:
        """Write one line: `action`, and what belongs to it. `level`: "info" unless given."""
        if self.out is None:
            return
        at = self.time.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        whole = {"ts": at, "level": "info", "worker": self.worker, **line}
        text = json.dumps(whole, separators=(",", ":"), ensure_ascii=False, default=str)
        with self._turn:
            self.out.write(text + "\n")
            self.out.flush()


def silence_libraries() -> None:
    """Keep the lines of the queue's libraries from stderr."""
    for name in _QUIET:
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
