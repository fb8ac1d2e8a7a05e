"""Threads of one process share the absences: one reads what is due, the others do not wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.context.test_calendars import settings

from atsbridge.context import refresh_absences
from atsbridge.context.absence_sources import read_known_absences
from atsbridge.context.run_state import SharedRunState
from atsbridge.context.run_summary import AccountSummary
from atsbridge.store import open_store
from atsbridge.tick import runner
from atsbridge.timesource import ManualTime

KIM, DAY = "kim@acme.example", date(2026, 3, 9)
WAIT = 10  # seconds, after which a test fails
BROKEN = '[absences]\ncalendars = ["team.ics"]\n'


class LeaveSystem:
    """A plugin whose service answers when `answer` is set."""

    knows_absences, observes_runs = True, False
    troubles, worked = (), frozenset[str]()

    def __init__(self) -> None:
        self.asked, self.began, self.answer = 0, threading.Event(), threading.Event()

    def absences(self) -> Iterator[tuple[str, dict[str, list[tuple[date, date]]]]]:
        self.asked += 1
        self.began.set()
        assert self.answer.wait(WAIT)
        yield "leave", {KIM: [(DAY, DAY)]}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Any]:
    time = ManualTime(datetime(2026, 3, 2, 8, tzinfo=UTC))
    store = open_store(f"sqlite:///{tmp_path}/a.db", time)
    plugins, configured = LeaveSystem(), settings(tmp_path, BROKEN)
    yield SimpleNamespace(settings=configured, time=time, store=store, plugins=plugins)
    store.close()


def test_the_others_go_on_with_what_is_known(services: Any) -> None:
    """The leave system hangs: another account begins at once, with the errors of the last try."""
    services.plugins.answer.set()
    (error,) = refresh_absences(services)
    services.plugins.answer.clear()
    services.plugins.began.clear()
    services.time.advance(timedelta(hours=2))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(refresh_absences, services)
        assert services.plugins.began.wait(WAIT)
        assert [one.where for one in refresh_absences(services)] == [error.where]
        assert list(read_known_absences(services)) == [KIM]
        services.plugins.answer.set()
        first.result(WAIT)
    assert services.plugins.asked == 2


def test_nobody_begins_before_anything_is_known(services: Any) -> None:
    """At the start of a process with an empty store all wait for the first reading."""
    with ThreadPoolExecutor(4) as pool:
        rounds = [pool.submit(_known_after_refresh(services)) for _ in range(4)]
        assert services.plugins.began.wait(WAIT)
        services.plugins.answer.set()
        assert [one.result(WAIT) for one in rounds] == [[KIM]] * 4
    assert services.plugins.asked == 1


def _known_after_refresh(services: Any) -> Callable[[], list[str]]:
    def begin() -> list[str]:
        refresh_absences(services)
        return list(read_known_absences(services))

    return begin


def test_an_account_ends_while_another_reads_calendars(
    services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker's rounds: the lock of what all accounts share is free during a reading."""
    monkeypatch.setattr(
        runner, "_run_account", lambda _services, account, *_: AccountSummary(account, locked=True)
    )
    monkeypatch.setattr(runner.publish, "journal", lambda *_: None)
    services.find_warnings = list
    services.plugins.answer.set()
    refresh_absences(services)
    services.plugins.answer.clear()
    services.plugins.began.clear()
    services.time.advance(timedelta(hours=2))
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(runner.tick_account, services, "acme")
        assert services.plugins.began.wait(WAIT)
        assert pool.submit(runner.tick_account, services, "globex").result(WAIT).accounts
        assert not slow.done()
        services.plugins.answer.set()
        slow.result(WAIT)
    assert SharedRunState(services.store.run_state).read_absences()
