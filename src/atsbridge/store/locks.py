"""The lock of an account and of the schema: both die with the process that holds them.

Rows that expire are no locks; there are none here.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from atsbridge.errors import LockedError, StoreError
from atsbridge.store.database import Database, sql
from atsbridge.store.faults import explained


@contextmanager
def account_lock(database: Database, account: str) -> Iterator[None]:
    """Hold the account until the block ends. LockedError at once where another tick has it."""
    if database.path is not None:
        with _file(database.path, account, wait=False):
            yield
    else:
        with _advisory(database, account, wait=False):
            yield


@contextmanager
def schema_lock(database: Database) -> Iterator[None]:
    """Hold the schema until the block ends; waits for whoever has it."""
    if database.path is not None:
        with _file(database.path, "", wait=True):
            yield
    else:
        with _advisory(database, "", wait=True):
            yield


def _taken(account: str) -> LockedError:
    return LockedError(
        "Another run is at work on this account",
        where=account,
        remedy="Let it finish; a run that was killed holds nothing",
    )


@contextmanager
def _file(path: Path, account: str, *, wait: bool) -> Iterator[None]:
    beside = path.with_name(f"{path.name}.{account}.lock" if account else f"{path.name}.lock")
    try:
        handle = beside.open("a")
    except OSError as error:
        raise StoreError(
            f"The lock file cannot be written: {error.strerror}",
            where=str(beside),
            remedy="See that the store's directory exists and may be written to",
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise _taken(account) from None
        yield  # closing the file lets go


def _number(connection: Connection, account: str) -> int:
    """One number per schema and account; advisory locks know no names."""
    schema = connection.execute(sql("SELECT current_schema()")).scalar_one()
    digest = hashlib.sha256(f"atsbridge/{schema}/{account}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextmanager
def _advisory(database: Database, account: str, *, wait: bool) -> Iterator[None]:
    with explained(database.name):
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        number = {"n": _number(connection, account)}
        if wait:
            connection.execute(sql("SELECT pg_advisory_lock(:n)"), number)
        elif not connection.execute(sql("SELECT pg_try_advisory_lock(:n)"), number).scalar_one():
            connection.close()
            raise _taken(account)
    try:
        yield
    finally:
        connection.invalidate()  # the lock is the session's: end the session, not only the loan
        connection.close()
