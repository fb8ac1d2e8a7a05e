"""The database: SQLAlchemy Core on SQLite and PostgreSQL, one repository per concern."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime

from atsbridge.store.case_tables import (
    SqlAnnouncements,
    SqlCases,
    SqlChoices,
    SqlOutbox,
    SqlPromises,
    SqlPulses,
    SqlRates,
    SqlReplyInbox,
    SqlRunState,
    SqlSilences,
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
from atsbridge.store.job_queue import SqlJobQueue
from atsbridge.store.partnership import SqlBriefs, SqlCalibrations
from atsbridge.store.privacy import SqlPrivacy
from atsbridge.store.records import SqlHints, SqlHistory, SqlOwnWrites, SqlRecords, rewind
from atsbridge.store.select import SqlPipeline
from atsbridge.store.sql_subjects import SqlSubjects
from atsbridge.timesource import TimeSource

__all__ = ["SqlStore", "open_store"]


class SqlStore:
    """`ports.Store` on a SQL database. Threads may share one. Every write is one transaction.

    Errors of the database are raised as StoreErrors with a remedy.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.records = SqlRecords(database)
        self.history = SqlHistory(database)
        self.subjects = SqlSubjects(database)
        self.cases = SqlCases(database)
        self.outbox = SqlOutbox(database)
        self.promises = SqlPromises(database)
        self.pipeline = SqlPipeline(database)
        self.silences = SqlSilences(database)
        self.choices = SqlChoices(database)
        self.pulses = SqlPulses(database)
        self.announcements = SqlAnnouncements(database)
        self.briefs = SqlBriefs(database)
        self.calibrations = SqlCalibrations(database)
        self.own_writes = SqlOwnWrites(database)
        self.hints = SqlHints(database)
        self.reply_inbox = SqlReplyInbox(database)
        self.run_state = SqlRunState(database)
        self.privacy = SqlPrivacy(database)
        self.rates = SqlRates(database)
        self.queue = None if database.sqlite else SqlJobQueue(database)

    @property
    def at_once(self) -> int | None:
        """How many threads may use it at once without waiting for each other; None: any number."""
        return self._database.at_once

    def lock(self, account: str) -> AbstractContextManager[None]:
        """Hold the account until the block ends or the process dies. LockedError at once."""
        return account_lock(self._database, account)

    def require_lock(self, account: str) -> None:
        """Raise LockLostError where another run has taken over an account this thread locked."""
        require_lock(self._database, account)

    def rewind(self, account: str, now: datetime) -> None:
        """Replace the instants after `now` that were stored for the account by `now`."""
        rewind(self._database, account, now)

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
            make_private(database.path)
        migrate(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database)
