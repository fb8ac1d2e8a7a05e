"""A vendor of any size on the wire: the planned requests, the allowed rate, and no refusal.

The fake serves a company that lives; this one only makes up rows, so that 200,000 active
applications fit into a test. It counts as the real one does, in fixed windows with their headers.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
import requests.adapters

from atsbridge.ports.connector import Tools
from atsbridge.sandbox.http.fake_rate_limits import RateWindow
from atsbridge.store.sql_store import open_store
from atsbridge.sync import request_cost
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.engine import sync
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.requisitions import CLOSED_OPENINGS
from atsbridge_greenhouse.spec import SPEC

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # a Sunday
DATED = "2026-11-01T09:00:00.000Z"
HOST, SECRET = "http://harvest.invalid", "made-up"
PLAIN = replace(SPEC, streams=AccountMap().select_streams(SPEC.streams))
LISTS = sum(1 for stream in PLAIN.streams if stream.parent is None)
Rows = Callable[[int], dict[str, Any]]
_UNSEEN = 10**9  # ids of interviews that are not of these days


@dataclass
class Vendor:
    """Lists whose rows are made when they are asked for; ids count from 1, the newest is first."""

    active: int
    time: ManualTime
    limit: int

    def __post_init__(self) -> None:
        self.window = RateWindow(self.limit, 30, self.time)
        self.asked = self.refused = 0
        jobs = 3 * ceil(self.active / 25)
        plan, seats = jobs * 6, self.active * 8 // 10
        self.timed, self.days, self.open = (self.active * n // 100 for n in (30, 1, 10))
        self.sizes = {
            "users": self.active // 10,
            "offices": 3,
            "departments": 5,
            "jobs": jobs,
            "openings": jobs * 6 // 5,
            "job_owners": jobs * 5 // 2,
            "sources": 40,
            "job_hiring_managers": jobs * 6 // 5,
            "job_interview_stages": jobs * 8,
            "job_candidate_attributes": plan,
            "candidate_attribute_types": plan // 2,
            "focus_candidate_attributes": plan * 2,
            "interview_kits": plan,
            "job_interviews": plan,
            "rejection_reasons": 20,
            "close_reasons": 10,
            "pay_input_ranges": jobs,
            "job_posts": jobs,
            "applications": self.active,
            "offers": jobs * 2,
            "scorecards": seats,
            "interviewers": seats,
            "approver_groups": jobs * 2,
            "approval_flows": jobs * 2,
        }

    def planned(self) -> dict[str, Sequence[int]]:
        """The same as `sync.cost` counts it."""
        found: dict[str, Sequence[int]] = {name: (n,) for name, n in self.sizes.items()}
        jobs, plan = self.sizes["jobs"], self.sizes["job_interviews"]
        closed = [sum(map(_is_closed, ids)) for ids in _pages(jobs)]
        found[CLOSED_OPENINGS] = (sum(1 for n in self._ids("openings") if self._over(n)),)
        found[f"jobs>{CLOSED_OPENINGS}"] = closed
        found["jobs>close_reasons"] = (10,)
        found["applications>sources"] = (40,)
        found["pay_input_ranges>job_posts"] = (jobs,)
        for name in ("candidate_attribute_types", "focus_candidate_attributes", "interview_kits"):
            found[f"job_candidate_attributes>{name}"] = (plan,)
        found["job_candidate_attributes>job_interviews"] = (plan,)
        found["interviews"] = (self.timed, self.days, self.open)
        seats = [sum(n % 10 == 0 for n in ids) for ids in _pages(self.sizes["interviewers"])]
        found["interviewers>interviews"] = seats
        asked = self.active // 100
        found["approvers"] = (asked, asked)
        ids = [min(500, asked)] * 2
        found["approvers>approver_groups"] = found["approvers>approval_flows"] = ids
        found["application_stages"] = (self.active,)
        found["rejection_details"] = ()
        return found

    # --- the wire ---

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        """In place of `HTTPAdapter.send`."""
        url = urlsplit(str(request.url))
        if url.path.endswith(("/token", "/introspect")):  # of the token host: no request to Harvest
            return _response(request, {"access_token": "t", "expires_in": 10**9}, {})
        self.asked += 1
        allowed = self.window.take()
        if not allowed.granted:
            self.refused += 1
            return _response(request, {"message": "slow down"}, allowed.headers, 429)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        if cursor := query.pop("cursor", ""):
            assert not query
            query = json.loads(cursor)
        path = url.path.rpartition("/")[2]
        rows, more = self._page(path, query)
        headers = dict(allowed.headers)
        if more:
            sealed = quote(json.dumps({**query, "start": more}))
            headers["Link"] = f'<{HOST}/v3/{path}?cursor={sealed}>; rel="next"'
        return _response(request, rows, headers)

    def _page(self, path: str, query: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
        row: Rows = getattr(self, f"_{path}", lambda _: {})
        for name, value in query.items():
            if name == "ids" or name.endswith("_ids"):
                chosen = [int(one) for one in value.split(",")]
                if name == "job_ids":
                    rows = [row(n) for n in self._ids(path) if _job(n, self) in chosen]
                else:
                    rows = [row(n) for n in chosen]
                return [_whole(one, query) for one in rows], 0
        ids = self._asked(path, query)
        start = int(query.get("start", 0))
        size = int(query["per_page"])
        page = ids[len(ids) - start - 1 :: -1][:size] if ids else ()
        rows = [_whole({"id": n, **row(n)}, query) for n in page]
        more = start + size if start + size < len(ids) else 0
        return rows, more

    def _asked(self, path: str, query: Mapping[str, Any]) -> Sequence[int]:
        if (changed := query.get("updated_at")) and not _is_first_leg(changed):
            return ()
        if path == "interviews":
            timed, days = range(1, self.timed + 1), self.timed + self.days
            if "starts_at" in query:
                return timed
            if "all_day_start_on" in query:
                return range(self.timed + 1, days + 1)
            return range(days + 1, days + self.open + 1)
        if path == "approvers":
            asked = self.active // 100
            return (
                range(1, asked + 1) if query["status"] == "due" else range(asked + 1, 2 * asked + 1)
            )
        if path == "openings" and "open" in query:
            return [n for n in self._ids(path) if self._over(n)]
        return self._ids(path)

    def _ids(self, path: str) -> range:
        return range(1, self.sizes.get(path, 0) + 1)

    def _over(self, opening: int) -> bool:
        return _is_closed(_job(opening, self))

    # --- rows that lead to others ---

    def _jobs(self, n: int) -> dict[str, Any]:
        return {"id": n, "name": f"Job {n}", "status": "closed" if _is_closed(n) else "open"}

    def _openings(self, n: int) -> dict[str, Any]:
        over = self._over(n)
        reason = n % 10 + 1 if over else None
        return {"id": n, "job_id": _job(n, self), "open": not over, "close_reason_id": reason}

    def _job_candidate_attributes(self, n: int) -> dict[str, Any]:
        return {"job_id": _job(n, self), "candidate_attribute_type_id": (n + 1) // 2, "name": "c"}

    def _focus_candidate_attributes(self, n: int) -> dict[str, Any]:
        criterion = (n + 1) // 2
        return {"job_candidate_attribute_id": criterion, "interview_kit_id": criterion}

    def _interview_kits(self, n: int) -> dict[str, Any]:
        return {"id": n, "job_interview_id": n}

    def _job_interviews(self, n: int) -> dict[str, Any]:
        return {"id": n, "job_interview_stage_id": n, "require_scorecard": True}

    def _pay_input_ranges(self, n: int) -> dict[str, Any]:
        ends = {"min_cents": 100 * n, "max_cents": 200 * n, "currency_type": "EUR"}
        return {"job_post_id": n, **ends}

    def _job_posts(self, n: int) -> dict[str, Any]:
        return {"id": n, "job_id": n}

    def _applications(self, n: int) -> dict[str, Any]:
        job = _job(n, self)
        where = {"job_id": job, "stage_id": n, "job_interview_stage_id": job}
        return {"candidate_id": n, "status": "in_process", "source_id": n % 40 + 1, **where}

    def _application_stages(self, n: int) -> dict[str, Any]:
        stay = {"entered_at": DATED, "exited_at": None, "current": True}
        return {"id": n, "application_id": n, "job_interview_stage_id": _job(n, self), **stay}

    def _interviews(self, n: int) -> dict[str, Any]:
        slot = n % self.sizes["job_interviews"] + 1
        return {"id": n, "application_id": n % self.active + 1, "job_interview_id": slot}

    def _interviewers(self, n: int) -> dict[str, Any]:
        """Every tenth owes a scorecard for an interview of before; the others' cards are given."""
        owes = n % 10 == 0
        card = {"scorecard_id": n, "user_id": 1} if owes else {"scorecard_id": None}
        return {"interview_id": _UNSEEN + n if owes else n % self.timed + 1, **card}

    def _scorecards(self, n: int) -> dict[str, Any]:
        return {"application_id": n % self.active + 1, "interviewer_id": 1, "status": "draft"}

    def _approvers(self, n: int) -> dict[str, Any]:
        return {"approver_group_id": n, "user_id": 1, "status": "due"}

    def _approver_groups(self, n: int) -> dict[str, Any]:
        return {"id": n, "approval_flow_id": n}

    def _approval_flows(self, n: int) -> dict[str, Any]:
        return {"id": n, "job_id": n, "offer_id": None}

    def _close_reasons(self, n: int) -> dict[str, Any]:
        return {"id": n, "name": "Hire" if n % 2 else "Not filling"}

    def _sources(self, n: int) -> dict[str, Any]:
        return {"id": n, "name": f"Source {n}"}


def _job(n: int, vendor: Vendor) -> int:
    return n % vendor.sizes["jobs"] + 1


def _is_closed(job: int) -> bool:
    return job % 3 != 0


def _pages(rows: int) -> Iterator[range]:
    """Ids page by page, the newest first."""
    for top in range(rows, 0, -500):
        yield range(top, max(0, top - 500), -1)


def _is_first_leg(changed: str) -> bool:
    """Of windows only those of the first leg, 45 days wide both ways, have rows."""
    bounds = changed.split("|")[1::2]
    start, end = (datetime.fromisoformat(one) for one in bounds)
    return end - start > timedelta(days=60)


def _whole(row: Mapping[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """The row with the members it was asked for."""
    given = {**dict.fromkeys(("created_at", "updated_at"), DATED), **row}
    return {name: given.get(name) for name in query["fields"].split(",")}


class _Body:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self, *_: Any, **__: Any) -> bytes:
        body, self._body = self._body, b""
        return body

    def close(self) -> None: ...


def _response(
    request: requests.PreparedRequest, body: Any, headers: Mapping[str, str], status: int = 200
) -> requests.Response:
    found = requests.Response()
    found.status_code = status
    found.headers.update(headers)
    found.raw = _Body(json.dumps(body).encode())
    found.url, found.request = str(request.url), request
    return found


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("active", "limit"),
    [(1_000, 10), pytest.param(200_000, 75, marks=pytest.mark.torture)],
)
def test_a_first_sync_of_any_size(
    active: int,
    limit: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As many requests as planned, none refused, nine tenths of the rate used while there is work;
    and a tick without news takes one request a list."""
    time = ManualTime(NOW)
    vendor = Vendor(active, time, limit)
    monkeypatch.setattr(
        requests.adapters.HTTPAdapter, "send", lambda _, *args, **how: vendor.send(*args, **how)
    )
    settings = SPEC.settings(
        base_url=f"{HOST}/v3", token_url=f"{HOST}/token", client_id="x-1", client_secret=SECRET
    )
    store = open_store(f"sqlite:///{tmp_path / 'acme.db'}", time)

    def tick() -> int:
        before = vendor.asked
        with closing(SPEC.open(settings, Tools("acme", time))) as connector, store.lock("acme"):
            how = SyncOptions(history=timedelta(days=180), spare=10_000)
            report = sync(SyncTarget("acme", connector, store.records, AccountMap(), time), how)
        assert {s.stream: s.error for s in report.streams if s.error} == {}
        assert sum(s.requests for s in report.streams) == vendor.asked - before
        return vendor.asked - before

    started, began = perf_counter(), time.monotonic()
    asked = tick()
    windows = (time.monotonic() - began) / 30
    planned = request_cost.requests(PLAIN, vendor.planned())
    logging.getLogger(__name__).info(  # seen with -o log_cli=true --log-cli-level=info
        "%s active: %s requests, %.1f%% of the rate, %.0f minutes of the vendor's, %.0f s of ours",
        *(active, asked, 100 * asked / (limit * windows), windows / 2, perf_counter() - started),
    )
    assert asked == sum(planned.values())
    assert vendor.refused == 0
    assert windows >= 4
    assert 0.9 * limit * windows <= asked <= limit * (windows + 1)
    assert sum(1 for _ in store.records.read_live_ids("acme", "applications")) == active
    if active <= 1_000:
        tick()  # the past, and what hangs on it
        time.advance(timedelta(days=7))
        tick()
        assert tick() == LISTS
    store.close()
