"""Empty stores for checks: making the tables of one takes four times as long as copying it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from atsbridge.ports import Store
from atsbridge.store import open_store
from atsbridge.timesource import SystemTime, TimeSource


def open_empty_store(file: Path, time: TimeSource) -> Store:
    """Open a new store in that SQLite file."""
    file.write_bytes(_read_content())
    return open_store(f"sqlite:///{file}", time)


@cache
def _read_content() -> bytes:
    with TemporaryDirectory(prefix="atsbridge-empty-") as folder:
        file = Path(folder) / "empty.db"
        open_store(f"sqlite:///{file}", SystemTime()).close()
        return file.read_bytes()
