"""Every kind of fault that the check promises to find, planted in a good store."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from atsbridge.store.maintenance.store_check import StoreCheck, check_store
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

from ..conftest import NOON, Feed

PLANTED = {
    StoreCheck.HISTORY: (
        (
            "INSERT INTO transitions (case_number, at, name, reason, actor)"
            " VALUES (77, 0, 'opened', 'x', 'y')"
        ),
        "transition 1 of case 77",
    ),
    StoreCheck.ENTRIES: (
        "INSERT INTO agenda (account, kind, id, look_at) VALUES ('acme', 'application', 'a9', 0)",
        "agenda: acme/application/a9",
    ),
    StoreCheck.CASES: (
        (
            "INSERT INTO cases (account, rule, kind, id, opened_at, clock, handling, end_reason,"
            " steps_done, first_look) VALUES ('acme', 'r', 'offer', 'o9', 0, 'warned', 'none', '',"
            " '[]', 'none')"
        ),
        "case 1 about acme/offer/o9",
    ),
    StoreCheck.RECORDS: (
        "UPDATE applications SET deleted_at = 1 WHERE id = 'a1'",
        "acme/interview/i1",
    ),
}


@pytest.fixture
def filled(store: SqlStore, feed: Feed) -> SqlStore:
    """An application with an interview."""
    feed.page("application", {"id": "a1", "status": "active"})
    feed.page("interview", {"id": "i1", "application": "a1"})
    return store


def _execute(url: str, statement: str) -> None:
    engine = create_engine(make_url(url.replace("postgresql:", "postgresql+psycopg:")))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _wrong(url: str, *accounts: str) -> dict[StoreCheck, tuple[int, list[str]]]:
    found = check_store(url, accounts or ("acme",))
    return {one.check: (one.wrong, list(one.examples)) for one in found if one.wrong}


def test_a_good_store_has_no_fault(filled: SqlStore, url: str) -> None:
    """All seven checks looked at something or had nothing to look at."""
    found = check_store(url, ("acme",))
    assert [one.check for one in found] == list(StoreCheck)
    assert [one for one in found if one.wrong] == []
    assert found[0].looked_at > 0


@pytest.mark.parametrize("check", PLANTED)
def test_planted_faults_are_found(check: StoreCheck, filled: SqlStore, url: str) -> None:
    """On both engines, and by that check alone."""
    statement, example = PLANTED[check]
    _execute(url, statement)
    assert _wrong(url) == {check: (1, [example])}


def test_a_missing_index_is_found(filled: SqlStore, url: str) -> None:
    """Then no other check runs."""
    _execute(url, "DROP INDEX changes_by_record")
    found = check_store(url, ("acme",))
    assert [one.check for one in found] == [StoreCheck.DATABASE, StoreCheck.TABLES]
    assert found[-1].examples == ["index changes_by_record"]


def test_an_account_that_is_not_configured_is_found(filled: SqlStore, url: str) -> None:
    """It was renamed or removed."""
    assert _wrong(url, "other") == {StoreCheck.ACCOUNTS: (1, ["acme"])}


def test_damage_is_found(tmp_path: Path) -> None:
    """A page overwritten with rubbish."""
    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}", ManualTime(NOON))
    Feed(store).page("user", *({"id": f"u{n}", "name": "x" * 200} for n in range(500)))
    store.close()
    with file.open("r+b") as raw:
        raw.seek(file.stat().st_size - 16384)
        raw.write(b"\xff" * 9000)
    found = check_store(f"sqlite:///{file}", ("acme",))
    assert [one.check for one in found] == [StoreCheck.DATABASE]
    assert found[0].wrong > 0
