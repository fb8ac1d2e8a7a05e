"""How many requests a sync takes: as planned, at any size; and that the allowed rate is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from atsbridge.ports.connector import Tools
from atsbridge.sandbox.company.fake_company import Company, CompanyProfile
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.sync import request_cost
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.engine import sync
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse import typical
from atsbridge_greenhouse.approvals import Approver
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.criteria import JobCandidateAttribute as Criterion
from atsbridge_greenhouse.fake import company_ids, serve
from atsbridge_greenhouse.interviews import Interviewer, held_lately
from atsbridge_greenhouse.links import Ended, Focus, Group, Origin
from atsbridge_greenhouse.listing import lately
from atsbridge_greenhouse.lookups import read
from atsbridge_greenhouse.pay import Range
from atsbridge_greenhouse.requisitions import CLOSED_OPENINGS, Job
from atsbridge_greenhouse.spec import SPEC
from atsbridge_greenhouse.values import Row

HISTORY = timedelta(days=180)
PLAIN = replace(
    SPEC, streams=AccountMap().select_streams(SPEC.streams)
)  # of an account without a map
LISTS = sum(1 for stream in PLAIN.streams if stream.parent is None)


@dataclass
class Tenant:
    """A customer all of whose applications are active, its account, and what was asked of it."""

    company: Company
    time: ManualTime
    fake: Fake
    store: SqlStore

    def connect(self) -> Greenhouse:
        """A connector as every tick opens one: it remembers nothing."""
        connector = SPEC.open(SPEC.settings(**self.fake.settings), Tools("acme", self.time))
        assert isinstance(connector, Greenhouse)
        return connector

    def sync(self, **options: Any) -> int:
        """How many requests the vendor counted for a sync in which all went well."""
        before = self.fake.server.count("/v3/")
        with closing(self.connect()) as connector, self.store.lock("acme"):
            given = SyncOptions(history=HISTORY, **options)
            report = sync(
                SyncTarget("acme", connector, self.store.records, AccountMap(), self.time), given
            )
        asked = self.fake.server.count("/v3/") - before
        assert report.good
        assert sum(s.requests for s in report.streams) == asked  # what a run reports is true
        return asked

    def sleep(self) -> None:
        """Until the coming Sunday noon: nothing has happened there for hours."""
        now = self.time.now()
        noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
        self.time.advance(noon + timedelta(days=7 - now.isoweekday() or 7) - now)

    def touch(self, kind: str, count: int, **values: Any) -> None:
        """Change so many records of a kind."""
        with self.company.lock:
            for key in list(self.company.records(kind))[-count:]:
                self.company.ledger.change(kind, key, self.time.now(), **values)

    def sizes(self) -> dict[str, Sequence[int]]:
        """How long the lists of a first sync are."""
        found: dict[str, Sequence[int]] = {}
        with closing(self.connect()) as connector:
            for stream in connector.spec.streams:
                own = {k: v for k, v in stream.params.items() if k not in ("per_page", "fields")}
                asks = stream.backfill.first(self.time.now()) if stream.backfill else ({},)
                if stream.parent is None:
                    found[stream.name] = [
                        len(_all(connector, stream.path, {**own, **ask})) for ask in asks
                    ]
            found |= _looked_up(connector, self.time.now())
            found |= _names(connector)
            running = {"status": "active", "prospect": "false"}
            found["application_stages"] = [len(_all(connector, "applications", running))]
        return found


def _all(connector: Greenhouse, path: str, ask: Mapping[str, str], row: Any = Row) -> list[Any]:
    return [one for page in read(connector.session, path, row, **ask) for one in page]


def _looked_up(connector: Greenhouse, now: datetime) -> dict[str, Sequence[int]]:
    """Ids left to be looked up, page by page, where rows are completed from other lists."""
    found: dict[str, Sequence[int]] = {}
    ask = {"active": "true", "fields": "id,candidate_attribute_type_id"}
    criteria = _all(connector, "job_candidate_attributes", ask, Criterion)
    types = {row.candidate_attribute_type_id for row in criteria}
    asked = {f.interview_kit_id for f in _all(connector, "focus_candidate_attributes", {}, Focus)}
    of = "job_candidate_attributes>"
    found[f"{of}candidate_attribute_types"] = [len(types)]
    found[f"{of}focus_candidate_attributes"] = [len(criteria)]
    found[f"{of}interview_kits"] = found[f"{of}job_interviews"] = [len(asked)]
    for name in (
        *("candidate_attribute_types", "focus_candidate_attributes"),
        *("interview_kits", "job_interviews", "approver_groups", "approval_flows"),
    ):
        found[name] = [len(_all(connector, name, {}))]
    known = {i.id for q in held_lately(now) for i in _all(connector, "interviews", q)}
    left: list[int] = []
    ask = {**lately(now)[0], "fields": "id,interview_id,user_id,scorecard_id"}
    for page in read(connector.session, "interviewers", Interviewer, **ask):
        new = {r.interview_id for r in page if r.scorecard_id and r.user_id} - known
        left.append(len(new))
        known |= new
    found["interviewers>interviews"] = left
    groups = []
    for status in ("due", "waiting"):
        ask = {"status": status, "fields": "id,approver_group_id"}
        groups.append({a.approver_group_id for a in _all(connector, "approvers", ask, Approver)})
    found["approvers>approver_groups"] = [len(some) for some in groups]
    flow = {g.id: g.approval_flow_id for g in _all(connector, "approver_groups", {}, Group)}
    first, second = ({flow[group] for group in some} for some in groups)
    found["approvers>approval_flows"] = [len(first), len(second - first)]
    return found


def _names(connector: Greenhouse) -> dict[str, Sequence[int]]:
    """Ids left to be looked up for sources, close reasons, and the posts of pay ranges."""
    session, known = connector.session, set[Any]()
    shown = {"open": "false", "fields": "id,job_id,close_reason_id"}
    closed = _all(connector, "openings", shown, Ended)
    why: dict[Any, set[Any]] = {}
    for one in closed:
        why.setdefault(one.job_id, set()).add(one.close_reason_id)
    over: list[int] = []
    reasons: list[int] = []
    for page in read(session, "jobs", Job, fields="id,status"):
        jobs = [job.id for job in page if job.status == "closed"]
        over.append(len(jobs))
        new = {reason for job in jobs for reason in why.get(job, ()) if reason} - known
        known |= new
        reasons.append(len(new))
    later: list[int] = []
    for openings in read(session, "openings", Ended, fields="id,close_reason_id"):
        new = {one.close_reason_id for one in openings if one.close_reason_id} - known
        known |= new
        later.append(len(new))
    seen: set[Any] = set()
    sources: list[int] = []
    for some in read(session, "applications", Origin, status="active", fields="id,source_id"):
        new = {one.source_id for one in some if one.source_id} - seen
        seen |= new
        sources.append(len(new))
    priced = {row.job_post_id for row in _all(connector, "pay_input_ranges", {}, Range)}
    return {
        CLOSED_OPENINGS: [len(closed)],
        f"jobs>{CLOSED_OPENINGS}": over,
        "jobs>close_reasons": reasons,
        "openings>close_reasons": later,
        "applications>sources": sources,
        "pay_input_ranges>job_posts": [len(priced)],
        "job_posts": [len(_all(connector, "job_posts", {}))],
    }


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Callable[..., Tenant]]:
    """A customer with that many active applications."""
    with ExitStack() as stack:

        def make(active: int, limit: int = 75) -> Tenant:
            profile = CompanyProfile(company_ids)
            company = Company(3, applications=active, requisitions=active // 25, profile=profile)
            applications: Mapping[str, Any] = company.records("application")
            for key, one in list(applications.items()):
                if one.status != "active":
                    reopened = {"status": "active", "rejected_at": None, "reason": None}
                    company.ledger.change("application", key, one.updated_at, **reopened)
            time = ManualTime(company.now)
            fake = stack.enter_context(serve(company, time, limit=limit))
            store = open_store(f"sqlite:///{tmp_path / 'acme.db'}", time)
            stack.callback(store.close)
            return Tenant(company, time, fake, store)

        yield make


SMALL_AND_LARGE = pytest.mark.parametrize(
    "active", [1_000, pytest.param(10_000, marks=pytest.mark.torture)]
)


@SMALL_AND_LARGE
def test_syncs_take_the_requests_that_were_planned(
    tenant: Callable[..., Tenant], active: int
) -> None:
    """A first sync, one without news and one with a hundredth changed; none is refused (429).

    At 10,000 active applications the first one stays under 450.
    """
    acme = tenant(active)
    planned = request_cost.requests(PLAIN, acme.sizes())
    acme.time.advance(timedelta(seconds=30))
    assert acme.sync() == sum(planned.values())
    assert sum(planned.values()) <= 450
    acme.sleep()
    acme.sync(spare=10_000)
    acme.sync()  # what the past wants of its children
    assert acme.sync() == LISTS
    few = active // 100
    acme.touch("application", few, last_activity_at=acme.time.now())
    acme.touch("scorecard", few, recommendation=2)
    acme.touch("offer", 1, version=7)
    cards: Any = list(acme.company.records("scorecard").values())[-few:]
    rated = sum(card.submitted_at is not None for card in cards)
    changed = {"application_stages": (few,), "notes": (few,), "applications>sources": (1,)}
    planned = request_cost.requests(PLAIN, {**changed, "scorecard_candidate_attributes": (rated,)})
    children = 2 * ceil(few / 50) + ceil(rated / 50)  # fifty changed ones a request
    assert acme.sync() == sum(planned.values()) == LISTS + 1 + children


@pytest.mark.parametrize(
    ("active", "limit"), [(1_000, 10), pytest.param(10_000, 75, marks=pytest.mark.torture)]
)
def test_the_allowed_rate_is_used(tenant: Callable[..., Tenant], active: int, limit: int) -> None:
    """While there is work at least nine tenths of every window are asked for, and no more.

    There may be no more than one request left for the last window.
    """
    acme = tenant(active, limit)
    began = acme.time.monotonic()
    asked = acme.sync()
    windows = (acme.time.monotonic() - began) / 30
    assert windows >= 4
    assert 0.9 * limit * (windows - 1) <= asked <= limit * (windows + 1)


@pytest.mark.parametrize(("active", "most"), [(1_000, 80), (10_000, 450), (200_000, 8_300)])
def test_a_first_sync_of_a_typical_customer(active: int, most: int) -> None:
    """What `sync --plan --active` counts with keeps the promise; the applications lead it."""
    planned = request_cost.requests(PLAIN, typical.sizes(active))
    assert sum(planned.values()) <= most
    assert planned["application_stages"] == active / 50
    assert planned["applications"] == active / 500 + 1  # and the names of sources
