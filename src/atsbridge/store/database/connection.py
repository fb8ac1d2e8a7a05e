"""The connection to SQLite or PostgreSQL: one way to read, one way to write."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, TextClause, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from atsbridge.errors import StoreError
from atsbridge.store.database.codec import dump
from atsbridge.store.database.database_errors import explained, lock_lost
from atsbridge.store.database.write_turn import begin_write
from atsbridge.timesource import SystemTime

# PostgreSQL connections of one process. A thread holds at most two at a time: it reads while it
# reads or writes. One more is the session that holds the locks.
POOL = 10
LEAST_POOL = 3
SESSION = "atsbridge"
_NAME_BYTES = 63  # https://www.postgresql.org/docs/current/runtime-config-logging.html
_PER_THREAD = 2
_POOL_WAIT_SECONDS = 60  # a request of another thread that long is a fault, not a queue
# A lock's session is idle while an account is read. Firewalls forget connections that are silent
# for some minutes; the server itself asks every minute whether we are there.
_KEEP_ALIVE = {"keepalives": 1, "keepalives_idle": 60, "keepalives_interval": 10}
_PRAGMAS = (
    "PRAGMA busy_timeout = 30000",  # milliseconds
    "PRAGMA page_size = 16384",  # at creation only: wide rows, half the file, 1.7x the speed
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # with WAL no commit is torn, whatever is killed
    "PRAGMA cache_size = -8192",  # KB: twice as much is no faster, and is memory of every run
    "PRAGMA wal_autocheckpoint = 2000",  # 32 MB: a first load writes the pages of indexes again
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",  # erased data is overwritten, not only unlinked
)

_VIEW = "atsbridge_view"  # the option of a connection with what was read once in a `view`
_Read = TypeVar("_Read")
_IDLE_SECONDS = 3.0  # after which a connection may have been ended by a server or a firewall
_RETURNED = "atsbridge_returned"  # when a connection came back into the pool


@lru_cache(maxsize=512)
def sql(statement: str) -> TextClause:
    """A statement with :named parameters, parsed once."""
    return text(statement)


def read_once(connection: Connection, key: Hashable, read: Callable[[], _Read]) -> _Read:
    """What `read` returns; in a block of `view` it is called once for a key."""
    memo: dict[Hashable, _Read] | None = connection.get_execution_options().get(_VIEW)
    if memo is None:
        return read()
    if key not in memo:
        memo[key] = read()
    return memo[key]


def _url(given: str) -> URL:
    """The address as SQLAlchemy reads it, its password where it is never shown."""
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):  # ValueError: of a port that is no number
        raise StoreError(
            "The store's url cannot be read",
            where="store.url",
            remedy='Write "sqlite:///atsbridge.db" or "postgresql://user@host/database"',
        ) from None
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        password = url.query.get("password", url.password)
        if isinstance(password, tuple):  # given several times: the last one counts
            password = password[-1]
        url = url.set(drivername="postgresql+psycopg", password=password)
        return url.difference_update_query(["password"])
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    raise StoreError(
        "The store must be a SQLite file or a PostgreSQL database",
        where="store.url",
        remedy='Write "sqlite:///atsbridge.db" or "postgresql://user@host/database"',
    )


def _shown(url: URL) -> str:
    """The address for messages: without password and options, which may hold secrets too."""
    user, host = url.username, url.host or url.query.get("host")
    place = f"{user}@{host or 'localhost'}" if user else str(host or "localhost")
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{place}{port}/{url.database or ''}"


class HeldLocks(Protocol):
    """The locks that this process holds on a database server."""

    def hold(self, account: str, *, wait: bool) -> AbstractContextManager[None]:
        """Hold the lock of an account, or of the schema (""), until the block ends."""
        ...

    def ping(self, account: str) -> None:
        """Raise LockLostError if the lock of the account was lost."""
        ...

    def close(self) -> None:
        """Give back all locks."""
        ...


class Database:
    """An engine, with one way to read and one way to write.

    Threads may share it; SQLite writes take turns. `pool`: how many connections to PostgreSQL this
    process may have open at once, at least LEAST_POOL. `name`: what the server calls its sessions.
    """

    def __init__(self, url: str, pool: int = POOL, name: str = SESSION) -> None:
        self._connect = {**_KEEP_ALIVE, "application_name": name[:_NAME_BYTES]}
        self.pool = max(LEAST_POOL, pool)
        self.session: HeldLocks | None = None
        self._opening = threading.Lock()
        self._holds = threading.local()
        self._views = threading.local()
        self.url = _url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database or "") if self.sqlite else None
        self.name = str(self.path) if self.sqlite else _shown(self.url)
        if self.path is not None and self.path.exists() and not self.path.is_file():
            kind = "a folder" if self.path.is_dir() else "no regular file"
            raise StoreError(
                f"This is {kind}", where=self.name, remedy="Name a file in [store] url"
            )
        self.engine = self._engine()
        self._turn: AbstractContextManager[object] = (
            threading.Lock() if self.sqlite else nullcontext()
        )

    def _engine(self) -> Engine:
        if not self.sqlite:
            return self._postgres()
        engine = create_engine(self.url, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine

    def _postgres(self) -> Engine:
        try:
            engine = create_engine(
                self.url,
                pool_size=self.pool - 1,
                max_overflow=0,
                pool_timeout=_POOL_WAIT_SECONDS,
                connect_args=self._connect,
            )
        except ImportError as error:  # not installed, or without the libpq it needs
            raise StoreError(
                f"PostgreSQL needs the package psycopg, which cannot be loaded here ({error.name})"
                if error.name
                else "PostgreSQL needs the package psycopg, which cannot be loaded here",
                where=self.name,
                remedy='Run: pip install "atsbridge[postgres]"',
            ) from None
        event.listen(engine, "connect", _set_planner)
        event.listen(engine, "checkin", _note_return)
        event.listen(engine, "checkout", _ping_after_idling)
        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One unchanging view of the store until the block ends; in `view`, that of its block."""
        shared: Connection | None = getattr(self._views, "connection", None)
        if shared is not None:
            with explained(self.name):
                yield shared
            return
        with explained(self.name), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def view(self) -> Iterator[None]:
        """Let every `read` of this thread share a connection until the block ends.

        Many small questions then cost one transaction. What this thread writes meanwhile is not
        seen before the end of the block.
        """
        if getattr(self._views, "connection", None) is not None:
            yield
            return
        with self.read() as connection:
            self._views.connection = connection.execution_options(**{_VIEW: {}})
            try:
                yield
            finally:
                self._views.connection = None

    @contextmanager
    def write(self, *, fenced: bool = True) -> Iterator[Connection]:
        """One transaction: all of the block is stored, or none of it.

        `fenced`: check the locks of this thread; False for what is no account's.
        """
        with explained(self.name), self._turn, self.engine.connect() as connection:
            connection.execution_options(atsbridge_writes=True)
            with connection.begin():
                if fenced:
                    self.check_fences(connection, write=True)
                yield connection

    @property
    def at_once(self) -> int | None:
        """How many threads may use the store at once without waiting; None: any number."""
        return None if self.sqlite else (self.pool - 1) // _PER_THREAD

    def lock_session(self, open_: Callable[[Database], HeldLocks]) -> HeldLocks:
        """The session that holds this process's locks, opened once."""
        with self._opening:
            if self.session is None:
                self.session = open_(self)
            return self.session

    def lock_engine(self) -> Engine:
        """An engine for the session that holds locks; its connection is not one of the pool's."""
        return create_engine(
            self.url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=self._connect,
        )

    @contextmanager
    def fenced(self, account: str, number: int) -> Iterator[None]:
        """Check this fencing number of the account in every write of this thread."""
        held = self._held()
        held[account] = number
        try:
            yield
        finally:
            held.pop(account, None)

    def holds(self, account: str) -> bool:
        """Whether this thread took the account's lock and has not given it back."""
        return account in self._held()

    def check_fences(self, connection: Connection, *, write: bool = False) -> None:
        """Raise LockLostError if another run has taken an account that this thread holds.

        In a `write` to PostgreSQL the row is locked until the transaction ends, so that a run that
        takes the account over waits for it.
        """
        held = self._held()
        if not held:
            return
        share = " FOR SHARE" if write and not self.sqlite else ""
        for account, number in held.items():
            row = connection.execute(
                sql(f"SELECT number FROM fences WHERE account = :account{share}"),
                {"account": account},
            ).first()
            if row is None or row[0] != number:
                raise lock_lost(account)

    def _held(self) -> dict[str, int]:
        held: dict[str, int] | None = getattr(self._holds, "by_account", None)
        if held is None:
            held = self._holds.by_account = {}
        return held

    def driver(self, statement: str) -> str:
        """A statement with ? marks as the driver wants it."""
        return statement if self.sqlite else statement.replace("?", "%s")

    def ids_in(self, column: str = "id") -> str:
        """A condition that takes one parameter, made by `ids`: `column` is one of them."""
        if self.sqlite:
            return f"{column} IN (SELECT value FROM json_each(:ids))"
        return f"{column} = ANY(:ids)"

    def ids(self, ids: Iterable[str]) -> object:
        """The parameter of `ids_in`."""
        return dump(list(ids)) if self.sqlite else list(ids)

    def close(self) -> None:
        """Give back every connection, and with them the locks."""
        if self.session is not None:
            self.session.close()
            self.session = None
        self.engine.dispose()


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: see _begin
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _set_planner(connection: Any, _record: object) -> None:
    """Every row of a cursor is read, not a first tenth; no query is worth compiling to code."""
    connection.execute("SET cursor_tuple_fraction = 1")
    connection.execute("SET jit = off")
    connection.commit()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("atsbridge_writes", False):
        begin_write(connection, SystemTime())
    else:
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN")  # it waits for nothing and cannot fail


def _note_return(_: object, record: ConnectionPoolEntry) -> None:
    record.info[_RETURNED] = SystemTime().monotonic()


def _ping_after_idling(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
    """Ask the server whether it still knows the session, where it was idle for a while.

    SQLAlchemy's own ping asks each time, which is a sixth of all that a quiet run asks.
    """
    returned = record.info.get(_RETURNED)
    if returned is None or SystemTime().monotonic() - returned < _IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:  # whatever it is: the pool opens another connection
        raise DisconnectionError from error
