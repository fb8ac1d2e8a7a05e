"""A first load of a customer of any size, at Lever's limit on a fake clock: as fast as allowed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from atsbridge.ports.connector import Tools
from atsbridge.sandbox.http.fake_rate_limits import RateBucket
from atsbridge.sandbox.http.in_process import InProcessAdapter, Query
from atsbridge.shared_clock import SharedClock
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.sync import request_cost
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.engine import sync
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions, SyncReport
from atsbridge_lever.spec import SPEC
from atsbridge_lever.typical import sizes

NOW = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
LATENCY = 0.1  # seconds that an answer takes
DAY = 86_400_000
MS = int(NOW.timestamp() * 1000)
Row = dict[str, Any]


class Vast:
    """The answers of an account with so many active candidates, each row made when asked for.

    A fifth of them are where interviews are, each with one in three weeks; a tenth of those are in
    the offer stage, with an offer. Nothing changes.
    """

    def __init__(self, active: int) -> None:
        lengths = sizes(active)
        searches = lengths["postings"][0]
        self._searches = searches
        ended = {"text": "Not a match", "type": "non-hired"}
        self._lists: dict[str, tuple[int, Callable[[int], Row]]] = {
            "users": (lengths["users"][0], self._user),
            "archive_reasons": (
                30,
                lambda n: {"id": f"r{n}", **ended},
            ),
            "requisition_fields": (5, lambda n: {"id": f"f{n}", "type": "text"}),
            "requisitions": (searches, self._requisition),
            "postings": (searches, self._posting),
            "opportunities": (active, self._opportunity),
        }

    def __call__(self, path: str, query: Query) -> bytes:
        parts = path.removeprefix("/v1/").split("/")
        if parts == ["disposition_stages"]:
            return self._stages()
        if len(parts) == 3:
            return self._child(int(parts[1][1:]), parts[2])
        if parts[-1] == "deleted" or "updated_at_start" in query:
            return b'{"data":[],"hasNext":false}'
        length, make = self._lists[parts[0]]
        start = int(query["offset"][0]) if "offset" in query else 0
        end = min(length, start + int(query["limit"][0]))
        page: Row = {"data": [make(n) for n in range(start, end)], "hasNext": end < length}
        if end < length:
            page["next"] = str(end)
        return json.dumps(page).encode()

    def _user(self, n: int) -> Row:
        return {"id": f"u{n}", "name": f"U{n}", "email": f"u{n}@example.com", "createdAt": MS - DAY}

    def _requisition(self, n: int) -> Row:
        told = {"status": "open", "headcountTotal": 1, "headcountHired": 0, "createdAt": MS - DAY}
        return {"id": f"q{n}", "requisitionCode": f"Q{n}", "postings": [f"p{n}"], **told}

    def _posting(self, n: int) -> Row:
        told = {"text": f"Search {n}", "state": "published", "owner": f"u{n % 50}"}
        return {"id": f"p{n}", "createdAt": MS - DAY, "updatedAt": MS - DAY, **told}

    def _opportunity(self, n: int) -> Row:
        stage = "applicant-new" if n % 5 else "offer" if n % 50 == 0 else "onsite"
        came = MS - 9 * DAY
        return {
            "id": f"o{n}",
            "contact": f"c{n}",
            "stage": stage,
            "stageChanges": [{"toStageId": stage, "updatedAt": came}],
            "archived": None,
            "owner": f"u{n % 50}",
            "applications": [{"posting": f"p{n % self._searches}", "createdAt": came}],
            "createdAt": came,
            "updatedAt": came,
            "lastInteractionAt": came if n % 5 else came + DAY,  # new ones: nothing happened
        }

    def _stages(self) -> bytes:
        words = {"applicant-new": "applicant", "onsite": "onsite", "offer": "offer"}
        named = [{"id": s, "text": s, "pipeline": word} for s, word in words.items()]
        return json.dumps({"data": {"stages": named, "archiveReasons": []}}).encode()

    def _child(self, n: int, kind: str) -> bytes:
        row: Row = {"id": f"{kind}{n}", "createdAt": MS - DAY, "status": "draft"}
        if kind == "interviews":
            seats = [{"id": f"u{(n + k) % 50}", "feedbackTemplate": "t"} for k in (0, 1)]
            row |= {"interviewers": seats, "date": MS + 21 * DAY, "duration": 60}
        return json.dumps({"data": [row], "hasNext": False}).encode()


class Load:
    """One account over a shortcut, under the real engine and store."""

    def __init__(self, place: Path, active: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = SharedClock(place / "clock", NOW)
        limit = RateBucket(10, 20, self.clock)  # Lever's own
        self.vendor = InProcessAdapter(Vast(active), limit, self.clock, latency=LATENCY)
        with monkeypatch.context() as patched:
            wire = self.vendor.open_session()
            patched.setattr("atsbridge.net.http_session.connect", lambda _deadline: wire)
            settings = SPEC.settings.model_validate({"api_key": "planted"})
            self.connector = SPEC.open(settings, Tools("acme", self.clock))
        self.store: SqlStore = open_store(f"sqlite:///{place / 'acme.db'}", self.clock)

    def sync(self) -> tuple[SyncReport, float]:
        """What it took, and the share of Lever's ten requests a second it used meanwhile."""
        begun, before = self.clock.monotonic(), self.vendor.sent
        with self.store.lock("acme"):
            how = SyncOptions(history=timedelta(days=180), spare=0)
            report = sync(
                SyncTarget("acme", self.connector, self.store.records, AccountMap(), self.clock),
                how,
            )
        passed = self.clock.monotonic() - begun
        return report, (self.vendor.sent - before) / (10 * passed)

    def close(self) -> None:
        self.connector.close()
        self.store.close()
        self.clock.close()


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Load]]:
    made: list[Load] = []

    def make(active: int) -> Load:
        made.append(Load(tmp_path, active, monkeypatch))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _first_load(load: Load, active: int) -> float:
    """Exactly what was planned, nothing refused; a quiet sync after it. The share of the rate."""
    planned = request_cost.requests(SPEC, sizes(active))
    later = {"panels": 0, "feedback": 0}  # left out on the first day
    planned |= later
    report, share = load.sync()
    assert report.good
    assert {s.stream: s.requests for s in report.streams} | later == planned
    assert load.vendor.sent == sum(planned.values())
    assert sum(s.new for s in report.streams) > 3 * active
    assert load.store.records.count_work("acme") == {}
    quiet, _ = load.sync()
    lists = 2 + sum(planned[name] for name in ("users", "stages", "archive_reasons", "postings"))
    assert sum(s.requests for s in quiet.streams) == lists
    assert load.vendor.statuses[429] == 0
    return share


def test_a_first_load_uses_what_lever_allows(load: Callable[[int], Load]) -> None:
    """1,000 active candidates: as planned to the request, no 429, nine tenths of the rate."""
    assert _first_load(load(1_000), 1_000) >= 0.9


@pytest.mark.torture
def test_a_vast_first_load_uses_what_lever_allows(load: Callable[[int], Load]) -> None:
    """200,000 active candidates: 46,000 requests within an hour and a half of Lever's time."""
    vast = load(200_000)
    begun = vast.clock.monotonic()
    assert _first_load(vast, 200_000) >= 0.9
    assert vast.clock.monotonic() - begun < ceil(1.5 * 3600)
