"""Why PostgreSQL could not be connected to: found by asking the server, never by its words."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from atsbridge.errors import StoreError
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import SystemTime


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"database": "nosuch"}, "no such database"),
        ({"username": "nobody"}, "refused the log-in"),
        ({"username": "nobody", "database": "nosuch"}, "refused the log-in"),
        ({"host": "127.0.0.1", "port": 1, "query": {}}, "does not answer"),
        ({"query": {"host": "/no/such/folder"}}, "does not answer"),
    ],
)
def test_each_failure_has_its_message(server: str, changes: dict[str, str], what: str) -> None:
    """A missing database and a refused user, on a server that answers; and no server."""
    url = make_url(server).set(**changes).render_as_string(hide_password=False)
    with pytest.raises(StoreError, match=what):
        open_store(url, SystemTime())


def test_a_lost_connection_is_not_taken_for_a_missing_database(url: str) -> None:
    """The server ended the session; it lets the user in again."""
    if not url.startswith("postgresql"):
        pytest.skip("SQLite has no server")
    store = open_store(url, SystemTime())
    try:
        with pytest.raises(StoreError) as caught:
            _lose_connection(store)
        assert caught.value.what != "The server has no such database"
    finally:
        store.close()


def _lose_connection(store: SqlStore) -> None:
    with store._database.write() as ours, store._database.engine.connect() as other:
        pid = ours.execute(text("SELECT pg_backend_pid()")).scalar_one()
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        ours.execute(text("SELECT 1"))
