"""Sessions at PostgreSQL: their names, poolers that share them, and those that end or are reset."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from atsbridge.errors import LockLostError, StoreError
from atsbridge.store.database.locks import LockSession
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import SystemTime

from ..shared_pooler import sharing_pooler


@pytest.fixture
def postgresql(new_database) -> str:
    """The url of an empty PostgreSQL database."""
    return new_database()


def test_a_session_that_was_reset_has_lost_its_locks(postgresql):
    """A pooler or an operator resets a session that lives on: the lock is gone all the same."""
    store = open_store(postgresql, SystemTime())
    with store.lock("acme"):
        session = store._database.session
        assert isinstance(session, LockSession)
        session._connection.exec_driver_sql("DISCARD ALL")
        with pytest.raises(LockLostError):
            store.require_lock("acme")
    store.close()


def test_a_pooler_that_shares_sessions_is_refused(postgresql):
    """Before anything is locked: one error that says what to do. Direct connections go on."""
    direct = open_store(postgresql, SystemTime())
    with sharing_pooler(postgresql) as url:
        store = open_store(url, SystemTime())
        with pytest.raises(StoreError) as caught, store.lock("acme"):
            raise AssertionError("the lock was given")
        assert "pooler" in caught.value.what
        assert "session mode" in caught.value.remedy
        store.close()
    with direct.lock("acme"):
        direct.require_lock("acme")
    direct.close()


def test_sessions_have_a_name(postgresql):
    """As `pg_stat_activity` shows it, cut where PostgreSQL would warn."""
    store = open_store(postgresql, SystemTime(), name="worker " + "x" * 80)
    with store._database.read() as connection:
        name = connection.execute(text("SELECT current_setting('application_name')")).scalar_one()
    assert name == ("worker " + "x" * 80)[:63]
    store.close()


def test_a_session_that_ended_while_it_idled_is_replaced(postgresql, monkeypatch):
    """The server, or a firewall, ended what the pool keeps: the next use does not notice."""
    monkeypatch.setattr("atsbridge.store.database.connection._IDLE_SECONDS", 0.0)
    store = open_store(postgresql, SystemTime())
    store.run_state.put("key", b"one")
    engine = create_engine(store._database.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()
    assert store.run_state.get("key") == b"one"
    store.close()
