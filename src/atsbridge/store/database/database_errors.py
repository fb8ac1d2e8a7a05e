"""Errors of both databases as StoreErrors: one sentence, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from atsbridge.errors import LockLostError, StoreError
from atsbridge.store.database.connection_failure import (
    ConnectionFailure,
    find_connection_failure,
)

_FULL = ("The disk of the store is full", "Free some space and run again; nothing half is stored")
_READ_ONLY = (
    "The store is read-only",
    "Give the user who runs atsbridge the right to write to it and to its directory",
)
_LOCKED = (
    "The store is locked by another program",
    "Wait for it to finish, or close what holds the database open, and run again",
)
_CORRUPT = (
    "The store is damaged or is no database",
    "Put back a copy, or move it away: the next sync fills a new one from the ATS",
)
_NO_FILE = (
    "The store cannot be opened",
    "See that its directory exists and may be written to",
)
_IO = ("The store's disk gave an error", "See the system's log, then run again")
_REFUSED = (
    "The database server refused the log-in",
    "See the user and password in the store's url",
)
_NO_DATABASE = ("The server has no such database", "Create it, or correct the store's url")
_RIGHTS = ("The database user may not do this", "Grant it all rights on its schema")
_OPTION = (
    "The store's url has an option that PostgreSQL does not know",
    "See https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS",
)
_AWAY = ("The database server does not answer", "See that it runs and that the url is right")
_STOPPED = ("The database server stopped the statement", "Run again; see the server's log")
_TABLE = (
    "The store lacks a table or column",
    "Run `atsbridge doctor`; put back a copy if it says so",
)
_NO_TEXT = (
    "A text holds half a character, which no database takes",
    "Write it again: it came from a broken emoji, or from a terminal that is not set to UTF-8",
)
_TOO_LARGE = ("A number is too large for the database", "Write a smaller one")
_BUSY = (
    "All connections to the database are in use",
    "Raise [store] pool, as far as the server's max_connections allows",
)

# https://www.sqlite.org/rescode.html, primary result codes
_SQLITE: Mapping[int, tuple[str, str]] = {
    5: _LOCKED,
    6: _LOCKED,
    8: _READ_ONLY,
    10: _IO,
    11: _CORRUPT,
    13: _FULL,
    14: _NO_FILE,
    23: _READ_ONLY,
    26: _CORRUPT,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html, by longest prefix
_POSTGRES: Mapping[str, tuple[str, str]] = {
    "53100": _FULL,
    "53": ("The database server is out of resources", "See its log, then run again"),
    "25006": _READ_ONLY,
    "42501": _RIGHTS,
    "42P01": _TABLE,
    "42703": _TABLE,
    "40": _LOCKED,
    "55P03": _LOCKED,
    "57": _STOPPED,
    "28": _REFUSED,
    "3D000": _NO_DATABASE,
    "08": _AWAY,
    "XX": _CORRUPT,
}

_CONNECTION: Mapping[ConnectionFailure, tuple[str, str]] = {
    ConnectionFailure.AWAY: _AWAY,
    ConnectionFailure.NO_DATABASE: _NO_DATABASE,
    ConnectionFailure.REFUSED: _REFUSED,
}


def _explain(error: BaseException) -> tuple[str, str]:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF, (f"The store failed: {error}", ""))
    if isinstance(error, sqlite3.Error):
        return (f"The store failed: {error}", "")
    state = getattr(error, "sqlstate", None)
    if state is None:
        if type(error).__name__ == "ProgrammingError":  # before anything was sent: its text may
            return _OPTION  # repeat the option with its value
        if type(error).__name__ == "OperationalError":
            return _CONNECTION[find_connection_failure(error)]
        return (f"The store failed: {type(error).__name__}", "")
    for length in (5, 2):
        if state[:length] in _POSTGRES:
            return _POSTGRES[state[:length]]
    return (f"The store failed: SQLSTATE {state}", "See the database server's log")


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Raise errors of the database as StoreErrors, without the values of the statement."""
    try:
        yield
    except DBAPIError as error:
        what, remedy = _explain(error.orig or error)
        raise StoreError(what, where=where, remedy=remedy) from error.orig
    except sqlite3.Error as error:
        what, remedy = _explain(error)
        raise StoreError(what, where=where, remedy=remedy) from error
    except PoolTimeout as error:
        raise StoreError(_BUSY[0], where=where, remedy=_BUSY[1]) from error
    except UnicodeEncodeError as error:
        raise StoreError(_NO_TEXT[0], where=where, remedy=_NO_TEXT[1]) from error
    except OverflowError as error:
        raise StoreError(_TOO_LARGE[0], where=where, remedy=_TOO_LARGE[1]) from error
    except SQLAlchemyError as error:
        what = f"The store failed: {type(error).__name__}"
        raise StoreError(what, where=where) from error


def lock_lost(account: str) -> LockLostError:
    """The error of a run whose account was taken over."""
    return LockLostError(
        "This run lost the lock of its account and stopped before its next write or message",
        where=account,
        remedy="Nothing is lost: the next run goes on. If it happens again, see why the database"
        " server ends idle sessions, or who deletes lock files",
    )
