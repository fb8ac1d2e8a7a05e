"""The database: SQLAlchemy Core on SQLite and PostgreSQL, behind one facade.

What is written when is decided above; only `select` knows how a Query becomes SQL.
"""

from __future__ import annotations

from atsbridge.store.announcements import Announcements
from atsbridge.store.cache import Cache
from atsbridge.store.cases import Cases
from atsbridge.store.database import POOL, Database
from atsbridge.store.derive import Derivation
from atsbridge.store.doubts import Doubts
from atsbridge.store.erasure import Erasure
from atsbridge.store.figures import Figures
from atsbridge.store.history import History
from atsbridge.store.idle import Idle
from atsbridge.store.migrations import migrate
from atsbridge.store.outbox import Outbox
from atsbridge.store.ownwrites import OwnWrites
from atsbridge.store.past import Past
from atsbridge.store.people import People
from atsbridge.store.permissions import create_private, make_private
from atsbridge.store.records import Records
from atsbridge.store.retention import Retention
from atsbridge.store.rewind import Rewind
from atsbridge.store.select import Selection
from atsbridge.store.silences import Silences
from atsbridge.store.streams import Streams
from atsbridge.store.touched import Touched
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
