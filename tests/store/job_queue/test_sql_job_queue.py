"""The tables that workers share, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from atsbridge.errors import StoreError
from atsbridge.ports import QueueDefinition, WorkerIdentity
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import SystemTime
from atsbridge.workers.account_jobs import define_queue

ACCOUNTS = {"acme": 600.0, "globex": 3600.0}
NO_OFFSET = dict.fromkeys(ACCOUNTS, 0.0)
WORKER = WorkerIdentity(1, "host", 7, "0.1.0", 4, "atsbridge worker host:7")


@pytest.fixture
def url(new_database: Callable[..., str]) -> str:
    """The url of an empty PostgreSQL database."""
    return new_database()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = open_store(url, SystemTime(), name=WORKER.session)
    yield opened
    opened.close()


@pytest.fixture
def queue(store: SqlStore):
    """The queue with its tables."""
    assert store.queue is not None
    store.queue.install(define_queue())
    return store.queue


def run(url: str, *statements: str) -> list:
    """Execute them as the administrator; the rows of the last one."""
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        results = [connection.execute(text(one)) for one in statements]
        rows = list(results[-1]) if results[-1].returns_rows else []
    engine.dispose()
    return rows


def test_sqlite_has_no_queue(tmp_path) -> None:
    """A file cannot notify anybody."""
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}", SystemTime())
    assert store.queue is None
    store.close()


def test_nothing_is_known_before_the_first_worker(store: SqlStore) -> None:
    """`status` asks this of every store on PostgreSQL."""
    assert store.queue is not None
    assert store.queue.read_state() is None


def test_the_tables_are_made_once_and_beside_those_of_the_store(queue, url: str) -> None:
    """A second worker finds them."""
    queue.install(define_queue())
    schemas = run(
        url, "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'procrastinate%'"
    )
    assert schemas == [("atsbridge_queue",)]
    assert queue.read_state().workers == []


def test_the_tables_are_upgraded_step_by_step(store: SqlStore, url: str) -> None:
    """Only what the database does not have yet is executed; a newer queue is refused."""
    queue, now = store.queue, define_queue()
    assert queue is not None
    queue.install(now)
    steps = [*now.upgrades, ("99_1", "CREATE TABLE one (id int)"), ("99_2", "DROP TABLE one")]
    queue.install(QueueDefinition("never", steps))
    assert run(url, "SELECT name FROM atsbridge_queue.queue_version") == [("99_2",)]
    with pytest.raises(StoreError) as caught:
        queue.install(now)
    assert "newer version of procrastinate" in caught.value.what
    assert "atsbridge[workers]" in caught.value.remedy


def test_a_user_who_may_not_make_a_schema_is_told_what_to_do(store: SqlStore, url: str) -> None:
    """Once an administrator has made it, the same user goes on."""
    name = make_url(url).database
    run(
        url,
        f"CREATE ROLE limited_{name} LOGIN",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO limited_{name}",
    )
    limited = make_url(url).set(username=f"limited_{name}").render_as_string(hide_password=False)
    other = open_store(limited, SystemTime())
    with pytest.raises(StoreError) as caught:
        other.queue.install(define_queue())
    (advice,) = [one for one in caught.value.remedy.split(": ") if one.startswith("CREATE")]
    assert f"limited_{name}" in advice
    run(url, advice)
    other.queue.install(define_queue())
    assert other.queue.read_state() is not None
    other.close()


def test_a_read_only_database_is_one_clear_error(store: SqlStore, url: str) -> None:
    """As of a replica."""
    run(url, f"ALTER DATABASE {make_url(url).database} SET default_transaction_read_only = on")
    other = open_store(url, SystemTime())
    with pytest.raises(StoreError, match="read-only"):
        other.queue.install(define_queue())
    other.close()


def test_a_round_is_due_once(queue) -> None:
    """For whoever looks first; a new account is due at once."""
    assert sorted(queue.plan_rounds(ACCOUNTS, NO_OFFSET)) == ["acme", "globex"]
    assert queue.plan_rounds(ACCOUNTS, NO_OFFSET) == []
    due = queue.begin_round("acme")
    assert due is not None
    assert due % 600 == 0
    queue.finish_round("acme", due)
    assert queue.begin_round("acme") is None
    assert queue.plan_rounds(ACCOUNTS, NO_OFFSET) == []


def test_the_next_round_is_due_when_its_time_has_come(queue, url: str) -> None:
    """Also after the interval was changed."""
    queue.plan_rounds(ACCOUNTS, NO_OFFSET)
    run(url, "UPDATE atsbridge_queue.rounds SET due_at = due_at - 3600, served_at = due_at - 3600")
    assert sorted(queue.plan_rounds(ACCOUNTS, NO_OFFSET)) == ["acme", "globex"]
    shorter = dict.fromkeys(ACCOUNTS, 0.001)
    assert sorted(queue.plan_rounds(shorter, NO_OFFSET)) == ["acme", "globex"]


def test_a_round_that_was_begun_is_served_once_more(queue) -> None:
    """Its worker died; the second time it is left until the next round."""
    queue.plan_rounds(ACCOUNTS, NO_OFFSET)
    queue.begin_round("acme")
    assert "acme" in queue.find_unserved(["acme"], 2)
    queue.begin_round("acme")
    assert queue.find_unserved(["acme"], 2) == []
    assert queue.find_unserved(["globex"], 2) == ["globex"]


def test_workers_are_listed_with_their_last_sign_of_life(queue, url: str) -> None:
    """One that began again is on the list once; a dead one is not alive."""
    run(url, "INSERT INTO atsbridge_queue.procrastinate_workers DEFAULT VALUES")
    queue.register(WORKER)
    queue.register(WORKER)
    state = queue.read_state()
    assert [one.identity for one in state.alive] == [WORKER]
    run(
        url,
        "UPDATE atsbridge_queue.procrastinate_workers SET"
        " last_heartbeat = now() - interval '61 seconds'",
    )
    state = queue.read_state()
    assert (len(state.workers), len(state.alive)) == (1, 0)
    assert queue.keep_alive(1)
    assert len(queue.read_state().alive) == 1
    assert not queue.keep_alive(2)
    queue.remove(1)
    assert queue.read_state().workers == []


def test_the_sessions_of_a_worker_are_ended(queue, store: SqlStore, url: str) -> None:
    """And with them its locks; nobody else's."""
    queue.register(WORKER)
    with closing(open_store(url, SystemTime(), name="atsbridge worker other:8")) as other:
        assert other.queue is not None
        with store.lock("acme"), other.lock("globex"):
            assert other.queue.end_sessions(1) > 0
            with other.lock("acme"):
                other.require_lock("globex")
