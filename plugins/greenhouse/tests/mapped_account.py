"""An account with a map of its own, read by the real connector into a store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from atsbridge.model.record import Key
from atsbridge.ports.connector import Tools
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.store.sql_store import SqlStore
from atsbridge.sync.account_map import parse_map
from atsbridge.sync.engine import sync
from atsbridge.sync.record_refresh import refresh
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import StreamReport, SyncOptions
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.spec import SPEC

HISTORY = timedelta(days=180)


class MappedAccount:
    """An account with a map of its own, on one fake."""

    def __init__(
        self, fake: Fake, store: SqlStore, clock: ManualTime, account_map: Mapping[str, Any]
    ) -> None:
        self.fake, self.store, self.clock = fake, store, clock
        self.map = parse_map(account_map, "acme", SPEC.streams)
        settings = SPEC.settings(**fake.settings)
        connector = SPEC.open(settings, Tools("acme", clock, map=account_map))
        assert isinstance(connector, Greenhouse)
        self.connector = connector

    def sync(self, **options: Any) -> dict[str, StreamReport]:
        with self.store.lock("acme"):
            how = SyncOptions(history=HISTORY, **options)
            report = sync(
                SyncTarget("acme", self.connector, self.store.records, self.map, self.clock), how
            )
        return {stream.stream: stream for stream in report.streams}

    def refresh(self, kind: str, *ids: str) -> Any:
        return refresh(
            SyncTarget("acme", self.connector, self.store.records, self.map, self.clock), kind, ids
        )

    def record(self, kind: str, key: str) -> Any:
        return self.store.history.read_record(Key("acme", kind, key))


def running(company: Company) -> dict[str, Any]:
    held: Mapping[str, Any] = company.records("application")
    found = {key: one for key, one in held.items() if one.status == "active"}
    assert found
    return found
