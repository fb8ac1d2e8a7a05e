"""The database: SQLAlchemy Core on SQLite and PostgreSQL, behind one facade.

What is written when is decided above; only `select` knows how a Query becomes SQL.
"""

from __future__ import annotations

from atsbridge.store.cases import Announcements, Cache, Cases, Figures, Outbox, Silences
from atsbridge.store.database import POOL, Database, create_private, make_private, migrate
from atsbridge.store.derive import Derivation
from atsbridge.store.privacy import Erasure, Retention
from atsbridge.store.records import Doubts, History, OwnWrites, Past, Records, Rewind, Streams
from atsbridge.store.select import Idle, People, Selection, Touched
from atsbridge.timesource import TimeSource

__all__ = ["Store", "open_store"]


class Store(
    Streams,
    Doubts,
    Records,
    History,
    Announcements,
    Derivation,
    Touched,
    Selection,
    Cache,
    Cases,
    Outbox,
    OwnWrites,
    Past,
    People,
    Retention,
    Rewind,
    Silences,
    Erasure,
    Figures,
    Idle,
):
    """Everything the store does; each part is a module of that name.

    Threads may share one Store. Every write is one transaction. Whatever the database refuses
    comes as a StoreError with a remedy.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def at_once(self) -> int | None:
        """How many threads may use it at once without waiting for each other; None: any number."""
        return self._database.at_once

    def close(self) -> None:
        """Give back every connection."""
        self._database.close()


def open_store(
    url: str,
    time: TimeSource,  # noqa: ARG001  the port's signature
    pool: int = POOL,
) -> Store:
    """Open `sqlite:///FILE` or `postgresql://…`, made or migrated as needed.

    `pool`: how many connections to PostgreSQL this process may have open at once. StoreError
    where the store cannot be read or written, or is newer than this program.
    """
    database = Database(url, pool)
    try:
        if database.path is not None:
            create_private(database.path)
            make_private(database.path)
        migrate(database)
    except BaseException:
        database.close()
        raise
    return Store(database)
