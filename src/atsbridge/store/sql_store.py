"""The database: SQLAlchemy Core on SQLite and PostgreSQL, one repository per concern."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property

from atsbridge.store import (
    case_tables,
    job_queue,
    partnership,
    privacy,
    records,
    select,
    sql_rate_limits,
    sql_subjects,
)
from atsbridge.store.database import (
    POOL,
    SESSION,
    Database,
    account_lock,
    create_private,
    is_current,
    make_private,
    migrate,
    require_lock,
    schema_lock,
)
from atsbridge.timesource import TimeSource

__all__ = ["SqlStore", "open_store"]


class SqlStore:
    """`ports.Store` on a SQL database. Threads may share one. Every write is one transaction.

    Errors of the database are raised as StoreErrors with a remedy. A repository is loaded when it
    is first used: a run in which nothing happens uses five of them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    records = cached_property(lambda store: records.SqlRecords(store._database))
    history = cached_property(lambda store: records.SqlHistory(store._database))
    own_writes = cached_property(lambda store: records.SqlOwnWrites(store._database))
    hints = cached_property(lambda store: records.SqlHints(store._database))
    subjects = cached_property(lambda store: sql_subjects.SqlSubjects(store._database))
    pipeline = cached_property(lambda store: select.SqlPipeline(store._database))
    cases = cached_property(lambda store: case_tables.SqlCases(store._database))
    outbox = cached_property(lambda store: case_tables.SqlOutbox(store._database))
    promises = cached_property(lambda store: case_tables.SqlPromises(store._database))
    silences = cached_property(lambda store: case_tables.SqlSilences(store._database))
    choices = cached_property(lambda store: case_tables.SqlChoices(store._database))
    pulses = cached_property(lambda store: case_tables.SqlPulses(store._database))
    announcements = cached_property(lambda store: case_tables.SqlAnnouncements(store._database))
    reply_inbox = cached_property(lambda store: case_tables.SqlReplyInbox(store._database))
    run_state = cached_property(lambda store: case_tables.SqlRunState(store._database))
    rates = cached_property(lambda store: sql_rate_limits.SqlRateLimits(store._database))
    briefs = cached_property(lambda store: partnership.SqlBriefs(store._database))
    calibrations = cached_property(lambda store: partnership.SqlCalibrations(store._database))
    privacy = cached_property(lambda store: privacy.SqlPrivacy(store._database))

    @cached_property
    def queue(self) -> job_queue.SqlJobQueue | None:
        """What workers share; None on SQLite."""
        return None if self._database.sqlite else job_queue.SqlJobQueue(self._database)

    @property
    def at_once(self) -> int | None:
        """How many threads may use it at once without waiting for each other; None: any number."""
        return self._database.at_once

    def view(self) -> AbstractContextManager[None]:
        """Answer what this thread reads from one connection until the block ends."""
        return self._database.view()

    def lock(self, account: str) -> AbstractContextManager[None]:
        """Hold the account until the block ends or the process dies. LockedError at once."""
        return account_lock(self._database, account)

    def require_lock(self, account: str) -> None:
        """Raise LockLostError where another run has taken over an account this thread locked."""
        require_lock(self._database, account)

    def rewind(self, account: str, now: datetime) -> None:
        """Replace the instants after `now` that were stored for the account by `now`."""
        records.rewind(self._database, account, now)

    def is_current(self) -> bool:
        """Whether the tables are those of this version."""
        return is_current(self._database)

    def check_locks(self) -> None:
        """StoreError where locks cannot be kept."""
        with schema_lock(self._database):
            pass

    def close(self) -> None:
        """Close all connections."""
        self._database.close()


def open_store(
    url: str,
    time: TimeSource,  # noqa: ARG001  the port's signature
    pool: int = POOL,
    name: str = SESSION,
) -> SqlStore:
    """Open `sqlite:///FILE` or `postgresql://…`, made or migrated as needed.

    `pool`: how many connections to PostgreSQL this process may have open at once.
    `name`: what PostgreSQL calls them in pg_stat_activity. StoreError
    where the store cannot be read or written, or is newer than this program.
    """
    database = Database(url, pool, name)
    try:
        if database.path is not None:
            create_private(database.path)
        migrate(database)
        if database.path is not None:
            make_private(database.path)
    except BaseException:
        database.close()
        raise
    return SqlStore(database)
