"""The locks of accounts and of the schema, and the fencing number that every write checks.

A lock dies with the process that holds it. A process may also lose a lock while it lives: the
database server ends its session, or somebody deletes the lock file. So each hold of an account
takes a new fencing number from the store. A write by an older number is refused, and nothing is
sent by it. See https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from atsbridge.errors import LockedError, StoreError
from atsbridge.store.database.connection import Database, sql
from atsbridge.store.database.database_errors import explained, lock_lost
from atsbridge.store.database.file_permissions import OWNER_ONLY

_NEXT = sql(
    "INSERT INTO fences (account, number) VALUES (:account, 1)"
    " ON CONFLICT (account) DO UPDATE SET number = fences.number + 1 RETURNING number"
)

_PROCESS = sql("SELECT pg_backend_pid()")
# https://www.postgresql.org/docs/current/view-pg-locks.html: a bigint key is in two halves.
_HELD = sql(
    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
    " AND pid = pg_backend_pid() AND granted"
    " AND (classid::bigint << 32) | objid::bigint = :n)"
)


@contextmanager
def account_lock(database: Database, account: str) -> Iterator[None]:
    """Hold the account until the block ends. LockedError at once where another run holds it.

    Within the block every write of this thread checks the account's fencing number and raises
    LockLostError where another run has taken the account over.
    """
    with _exclusive(database, account, wait=False):
        with database.write() as connection:  # waits for writes under the number before
            number = int(connection.execute(_NEXT, {"account": account}).scalar_one())
        with database.fenced(account, number):
            yield


@contextmanager
def schema_lock(database: Database) -> Iterator[None]:
    """Hold the lock of the schema until the block ends. Waits for it."""
    with _exclusive(database, "", wait=True):
        yield


def require_lock(database: Database, account: str) -> None:
    """Raise LockLostError unless this thread still holds the account's lock.

    Asked before every message that is sent or edited. Outside `account_lock` there is nothing to
    lose, and nothing is asked.
    """
    if not database.holds(account):
        return
    if database.session is not None:
        database.session.ping(account)
    with database.read() as connection:
        database.check_fences(connection)


@contextmanager
def _exclusive(database: Database, account: str, *, wait: bool) -> Iterator[None]:
    if database.path is not None:
        with _file(database.path, account, wait=wait):
            yield
        return
    with database.lock_session(LockSession).hold(account, wait=wait):
        yield


def _taken(account: str) -> LockedError:
    return LockedError(
        "Another run is at work on this account",
        where=account,
        remedy="Let it finish; a run that was killed holds nothing",
    )


@contextmanager
def _file(path: Path, account: str, *, wait: bool) -> Iterator[None]:
    """Lock a file beside the real store: a symbolic link to the store leads to the same lock."""
    real = path.resolve()
    beside = real.with_name(f"{real.name}.{account}.lock" if account else f"{real.name}.lock")
    handle = _locked(beside, account, wait=wait)
    with handle:
        yield  # closing the file lets go


def _locked(beside: Path, account: str, *, wait: bool) -> IO[str]:
    """The lock file, open and locked.

    A deleted lock file excludes no other process, so the file that replaced it is locked.
    """
    while True:
        try:
            handle = os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT, OWNER_ONLY), "r+")
        except OSError as error:
            raise StoreError(
                f"The lock file cannot be written: {error.strerror}",
                where=str(beside),
                remedy="See that the store's directory exists and may be written to",
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if _is(beside, handle):
                return handle
        except BlockingIOError:
            handle.close()
            raise _taken(account) from None
        except BaseException:
            handle.close()
            raise
        handle.close()


def _is(path: Path, handle: IO[str]) -> bool:
    """Whether the open file is the one that now has this path."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle.fileno()))
    except FileNotFoundError:
        return False


class LockSession:
    """The one PostgreSQL session that holds every advisory lock of this process.

    It is no connection of the pool: it stays open as long as a lock is held, and accounts that
    run at once share it. If the server ends it, or gives it up to somebody else, all its locks are
    lost: `ping` then raises LockLostError for each of them.
    """

    def __init__(self, database: Database) -> None:
        self._name = database.name
        self._pool = database.engine
        self._checked = False
        self._engine: Engine = database.lock_engine()
        self._turn = threading.Lock()  # one statement at a time
        self._connection: Connection | None = None
        self._held: dict[str, Connection] = {}  # account -> the connection that locked it

    @contextmanager
    def hold(self, account: str, *, wait: bool) -> Iterator[None]:
        """Hold the lock of `account` ("": of the schema) until the block ends."""
        with self._turn:
            if account in self._held:  # the server would let one session take a lock twice
                raise _taken(account)
            with explained(self._name):
                connection = self._open()
                self._require_own_session(connection)
                number = {"n": _number(connection, account)}
                if wait:
                    connection.execute(sql("SELECT pg_advisory_lock(:n)"), number)
                elif not self._try(connection, number):
                    self._close_unused()
                    raise _taken(account)
            self._held[account] = connection
        try:
            yield
        finally:
            with self._turn:
                self._let_go(account, number)

    def ping(self, account: str) -> None:
        """Raise LockLostError where the session that locked `account` has ended."""
        with self._turn:
            connection = self._held.get(account)
            if connection is None or connection is not self._connection or not self._answers():
                raise lock_lost(account)
            with explained(self._name):
                number = {"n": _number(connection, account)}
                if not connection.execute(_HELD, number).scalar_one():
                    raise lock_lost(account)

    def close(self) -> None:
        """End the session, and with it all its locks."""
        with self._turn:
            self._held.clear()
            self._close_unused()
            self._engine.dispose()

    def _open(self) -> Connection:
        """The open session; a new one where the server has ended the one before."""
        if self._connection is None or not self._answers():
            self._connection = self._engine.connect()
        return self._connection

    def _require_own_session(self, connection: Connection) -> None:
        """StoreError where a pooler gives one session of the server to several clients.

        A lock would then stay with a session that anybody may use next. Two connections that are
        open at once never share a session of PostgreSQL itself, and each keeps its own.
        """
        if self._checked:
            return
        first = connection.execute(_PROCESS).scalar_one()
        with self._pool.connect() as other:
            busy = other.execute(_PROCESS).scalar_one()  # in a transaction until the block ends
            if busy == first or connection.execute(_PROCESS).scalar_one() != first:
                raise StoreError(
                    "The store is behind a pooler that shares sessions between its clients"
                    " (transaction or statement mode), where a lock cannot be kept",
                    where=self._name,
                    remedy="Give [store] url the address of PostgreSQL itself, or of a pool in"
                    " session mode; [store] pool bounds the connections",
                )
        self._checked = True

    def _answers(self) -> bool:
        """Whether the session lives. One that does not is forgotten: it must not be opened anew
        under the same object, for the new session would hold none of its locks."""
        connection = self._connection
        if connection is None:
            return False
        try:
            connection.execute(sql("SELECT 1"))
        except SQLAlchemyError:
            self._connection = None
            with suppress(SQLAlchemyError):
                connection.invalidate()
                connection.close()
            return False
        return True

    @staticmethod
    def _try(connection: Connection, number: dict[str, int]) -> bool:
        return bool(connection.execute(sql("SELECT pg_try_advisory_lock(:n)"), number).scalar_one())

    def _let_go(self, account: str, number: dict[str, int]) -> None:
        connection = self._held.pop(account, None)
        if connection is not None and connection is self._connection and self._answers():
            connection.execute(sql("SELECT pg_advisory_unlock(:n)"), number)
        self._close_unused()

    def _close_unused(self) -> None:
        if not self._held and self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.close()
            self._connection = None


def _number(connection: Connection, account: str) -> int:
    """One number per schema and account; advisory locks know no names."""
    schema = connection.execute(sql("SELECT current_schema()")).scalar_one()
    digest = hashlib.sha256(f"atsbridge/{schema}/{account}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
