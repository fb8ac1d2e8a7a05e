"""`ports.JobQueue` on PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from atsbridge.ports import QueueDefinition, QueueState, WorkerIdentity, WorkerState
from atsbridge.store.database import Database, sql
from atsbridge.store.job_queue import queue_tables

# Latest instant before now that lies on the account's own grid of rounds.
_PLAN = """
INSERT INTO {q}.rounds (account, due_at)
SELECT account, floor((extract(epoch FROM clock_timestamp()) - "offset") / every) * every + "offset"
FROM unnest(CAST(:accounts AS text[]), CAST(:every AS float8[]), CAST(:offsets AS float8[]))
    AS given (account, every, "offset")
ON CONFLICT (account) DO UPDATE SET due_at = excluded.due_at, tries = 0
WHERE rounds.due_at < excluded.due_at
RETURNING account
"""
_UNSERVED = """
SELECT account FROM {q}.rounds
WHERE account = ANY(:accounts) AND due_at > served_at AND tries < :tries
AND NOT EXISTS (
    SELECT 1 FROM {q}.procrastinate_jobs AS jobs
    WHERE jobs.lock = rounds.account AND jobs.status IN ('todo', 'doing')
)
ORDER BY due_at, account
"""
_BEGIN = """
UPDATE {q}.rounds SET tries = tries + 1
WHERE account = :account AND due_at > served_at RETURNING due_at
"""
_FINISH = """
UPDATE {q}.rounds SET served_at = :due WHERE account = :account AND served_at < :due
"""
_PREFER = """
UPDATE {q}.procrastinate_jobs SET priority = :priority
WHERE queueing_lock = :account AND status = 'todo' AND priority < :priority
"""
_REGISTER = """
INSERT INTO {q}.workers (number, host, process, version, concurrency, session)
VALUES (:number, :host, :process, :version, :concurrency, :session)
"""
_REMOVE_EARLIER = "DELETE FROM {q}.workers WHERE session = :session"
_KEEP_ALIVE = """
UPDATE {q}.procrastinate_workers SET last_heartbeat = now() WHERE id = :number RETURNING id
"""
# The server is given five seconds for each: a session that is ending still holds its locks.
_END = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity, {q}.workers
WHERE number = :number AND application_name = session AND datname = current_database()
AND pid <> pg_backend_pid()
"""
_WORKERS = """
SELECT number, host, process, version, concurrency, session, started_at, last_heartbeat
FROM {q}.workers JOIN {q}.procrastinate_workers ON id = number
WHERE last_heartbeat > now() - interval '1 day' ORDER BY started_at, number
"""
_JOBS = """
SELECT now() AS at,
    count(*) FILTER (WHERE status = 'todo') AS waiting,
    (SELECT min(events.at) FROM {q}.procrastinate_events AS events
     JOIN {q}.procrastinate_jobs AS queued ON queued.id = events.job_id
     WHERE queued.status = 'todo' AND events.type = 'deferred') AS waiting_since,
    count(*) FILTER (WHERE status = 'doing') AS running,
    count(*) FILTER (WHERE status = 'failed') AS failed
FROM {q}.procrastinate_jobs
"""
_IDENTITY = tuple(field.name for field in fields(WorkerIdentity))


@dataclass(frozen=True)
class SqlJobQueue:
    """See `ports.JobQueue`."""

    _database: Database

    @cached_property
    def schema(self) -> str:
        """Beside the store's own: "atsbridge_queue", or "NAME_queue" for a store in schema NAME."""
        with self._database.read() as connection:
            own = connection.execute(sql("SELECT current_schema()")).scalar_one()
            name = f"{'atsbridge' if own in (None, 'public') else own}_queue"
            return str(connection.dialect.identifier_preparer.quote(name))

    @property
    def address(self) -> str:
        """The address for libpq."""
        url = self._database.url.set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def install(self, definition: QueueDefinition) -> None:
        """Make or upgrade the tables."""
        queue_tables.install(self._database, self.schema, definition)

    def plan_rounds(self, every: Mapping[str, float], offsets: Mapping[str, float]) -> list[str]:
        """Note the rounds that are due."""
        accounts = list(every)
        given = {
            "accounts": accounts,
            "every": [every[name] for name in accounts],
            "offsets": [offsets[name] for name in accounts],
        }
        with self._database.write() as connection:
            return list(self._run(connection, _PLAN, given).scalars())

    def find_unserved(self, accounts: Sequence[str], tries: int) -> list[str]:
        """Accounts whose round nobody serves."""
        with self._database.read() as connection:
            given = {"accounts": list(accounts), "tries": tries}
            return list(self._run(connection, _UNSERVED, given).scalars())

    def begin_round(self, account: str) -> int | None:
        """Count one more try of the due round."""
        with self._database.write() as connection:
            due = self._run(connection, _BEGIN, {"account": account}).scalar_one_or_none()
        return None if due is None else int(due)

    def finish_round(self, account: str, due: int) -> None:
        """The round was served."""
        self._write(_FINISH, {"account": account, "due": due})

    def prefer(self, account: str, priority: int) -> None:
        """Raise the priority of the queued job."""
        self._write(_PREFER, {"account": account, "priority": priority})

    def register(self, worker: WorkerIdentity) -> None:
        """Add the worker, in place of what it was called before it lost the database."""
        given = dict(zip(_IDENTITY, astuple(worker), strict=True))
        with self._database.write() as connection:
            self._run(connection, _REMOVE_EARLIER, given)
            self._run(connection, _REGISTER, given)

    def remove(self, number: int) -> None:
        """Take the worker off the list."""
        self._write("DELETE FROM {q}.workers WHERE number = :number", {"number": number})

    def keep_alive(self, number: int) -> bool:
        """Store a sign of life of the worker; False if the queue has forgotten it."""
        with self._database.write() as connection:
            found = self._run(connection, _KEEP_ALIVE, {"number": number})
            return found.scalar_one_or_none() is not None

    def end_sessions(self, number: int) -> int:
        """End the worker's sessions, and with them its locks and transactions; wait for the end."""
        with self._database.read() as connection:
            return int(self._run(connection, _END, {"number": number}).scalar_one())

    def read_state(self) -> QueueState | None:
        """The workers and the queue."""
        if queue_tables.read_version(self._database, self.schema) is None:
            return None
        with self._database.read() as connection:
            workers = [_worker(row) for row in self._run(connection, _WORKERS, {})]
            row = self._run(connection, _JOBS, {}).one()
        since = row.waiting_since and _utc(row.waiting_since)
        return QueueState(_utc(row.at), workers, row.waiting, since, row.running, row.failed)

    def _write(self, statement: str, given: Mapping[str, Any]) -> None:
        with self._database.write() as connection:
            self._run(connection, statement, given)

    def _run(self, connection: Connection, statement: str, given: Mapping[str, Any]) -> Any:
        return connection.execute(sql(statement.replace("{q}", self.schema)), dict(given))


def _worker(row: Any) -> WorkerState:
    *identity, started, heard = row
    return WorkerState(WorkerIdentity(*identity), _utc(started), _utc(heard))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
