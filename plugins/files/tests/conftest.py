"""A folder of exports, read by the real connector and engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.ports import Store, Tools
from atsbridge.store import open_store
from atsbridge.sync import AccountMap, SyncOptions, SyncReport, SyncTarget, sync
from atsbridge.timesource import ManualTime
from atsbridge_files.connector import ExportConnector
from atsbridge_files.spec import SPEC

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ROLES: dict[str, Any] = {
    "files": "roles*.csv",
    "requisition": {
        "id": "Req",
        "columns": {"title": "Title", "status": "Status", "opened_at": "Opened"},
    },
}


class ExportFolder:
    """The folder of an account, its clock, and its syncs."""

    def __init__(self, folder: Path, store: Store, clock: ManualTime) -> None:
        self.folder = folder
        self.store = store
        self.clock = clock
        self.settings: dict[str, Any] = {"folder": "exports", "dates_timezone": "Europe/Berlin"}
        self.tables: dict[str, Any] = {}
        (folder / "exports").mkdir()

    def write(self, name: str, text: str | bytes, age: timedelta = timedelta(hours=1)) -> Path:
        """A file of the folder that was written that long ago."""
        path = self.folder / "exports" / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        at = (self.clock.now() - age).timestamp()
        os.utime(path, (at, at))
        return path

    def open(self) -> ExportConnector:
        """The connector of the account, as each run opens it."""
        settings = SPEC.settings.model_validate({**self.settings, "tables": self.tables})
        found = SPEC.open(settings, Tools("acme", self.clock, folder=self.folder))
        assert isinstance(found, ExportConnector)
        return found

    def sync(self, **options: Any) -> SyncReport:
        """One sync, with a connector of its own."""
        connector = self.open()
        target = SyncTarget("acme", connector, self.store.records, AccountMap(), self.clock)
        with self.store.lock("acme"):
            return sync(target, SyncOptions(**options))

    def errors(self, **options: Any) -> dict[str, str]:
        """List -> the error of a sync."""
        return {s.stream: s.error for s in self.sync(**options).streams if s.error}

    def records(self, kind: str) -> dict[str, Any]:
        """The stored records that were not deleted, by id."""
        return {one.id: one for one in self.store.history.read_records("acme", kind)}

    def read(self, table: str) -> list[bytes]:
        """The raw rows of a list."""
        connector = self.open()
        stream = connector.spec.stream(table)
        return [bytes(raw) for page in connector.pages(stream) for raw in page.rows]


@pytest.fixture
def clock() -> ManualTime:
    return ManualTime(NOW)


@pytest.fixture
def exports(tmp_path: Path, clock: ManualTime) -> Iterator[ExportFolder]:
    """An empty folder, read with the tables that a test adds."""
    store = open_store(f"sqlite:///{tmp_path / 'files.db'}", clock)
    yield ExportFolder(tmp_path, store, clock)
    store.close()


@pytest.fixture
def roles(exports: ExportFolder) -> ExportFolder:
    """A folder with a table of roles."""
    exports.tables["roles"] = deepcopy(ROLES)
    return exports


@pytest.fixture
def refusal() -> Callable[[ExportFolder, str | bytes], str]:
    """Why a file of roles cannot be read, with its place."""

    def refused(folder: ExportFolder, content: str | bytes) -> str:
        folder.write("roles.csv", content)
        (report,) = [one for one in folder.sync().streams if one.stream == "roles"]
        (line,) = [one for one in folder.open().check() if one.what == "read roles"]
        assert bool(report.error) != line.good
        return "" if line.good else line.detail

    return refused
