"""A store and the report of a finished run over two accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.context.run_failure import RunFailure
from atsbridge.context.run_summary import AccountSummary, Summary
from atsbridge.settings.settings_model import Settings
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.tick.reports import publish
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)


@dataclass
class App:
    """What of the wiring a report asks."""

    settings: Settings
    store: SqlStore
    time: ManualTime = field(default_factory=lambda: ManualTime(NOW))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", ManualTime(NOW))
    yield App(Settings(folder=tmp_path), store)
    store.close()


@pytest.fixture
def report(app: App) -> Callable[..., Summary]:
    """The report of a tick over two accounts, with these settings under [run]."""

    def go(*failures: RunFailure, **settings: Any) -> Summary:
        app.settings = Settings(folder=app.settings.folder, run=settings)
        app.time.advance(timedelta(hours=1))
        stream = {"stream": "offers", "status": "good", "requests": 2, "error": "", "lost": []}
        acme = AccountSummary(
            "acme", streams=[stream], requests=2, evaluated={"kept": 3}, seconds=1.5
        )
        acme.failures += failures
        summary = Summary(at=app.time.now(), accounts=[acme, AccountSummary("globex")])
        log = publish.journal(app, "run1")  # type: ignore[arg-type]
        if log is not None:
            for one in summary.accounts:
                log.account(one)
        publish.report(app, summary, log)  # type: ignore[arg-type]
        return summary

    return go
