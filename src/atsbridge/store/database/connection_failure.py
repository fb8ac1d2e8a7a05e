"""Why PostgreSQL could not be connected to.

psycopg gives no SQLSTATE then, and the server answers in its own language, so the server is asked:
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PQPING
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

_SECONDS = "5"  # to wait for the server, each time
# Databases that every server has, unless somebody dropped them.
_ALWAYS_THERE = ("postgres", "template1")


class ConnectionFailure(Enum):
    """What stood in the way of a connection."""

    AWAY = auto()  # the server does not answer, or answers again only now
    NO_DATABASE = auto()  # the user may connect to another database of the server
    REFUSED = auto()


def find_connection_failure(error: BaseException) -> ConnectionFailure:
    """Find it with at most four more tries to connect. `error`: an OperationalError of psycopg."""
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn, Ping

    options = _read_options(getattr(error, "pgconn", None))
    if PGconn.ping(make_conninfo("", **options).encode()) != Ping.OK:  # the C library gives an int
        return ConnectionFailure.AWAY
    if _connects(options):  # an open connection was lost
        return ConnectionFailure.AWAY
    if any(_connects({**options, "dbname": name}) for name in _ALWAYS_THERE):
        return ConnectionFailure.NO_DATABASE
    return ConnectionFailure.REFUSED


def _read_options(pgconn: Any) -> dict[str, str]:
    """The options of the connection that failed; those of the environment if it is unknown."""
    given = {one.keyword: one.val for one in pgconn.info if one.val} if pgconn else {}
    options = {name.decode(): value.decode() for name, value in given.items()}
    return {**options, "connect_timeout": _SECONDS}


def _connects(options: Mapping[str, str]) -> bool:
    from psycopg import Error, connect
    from psycopg.conninfo import make_conninfo

    try:
        connect(make_conninfo("", **options)).close()
    except Error:
        return False
    return True
