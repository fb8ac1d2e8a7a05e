"""A store in memory that keeps `ports.RecordStore`, the real one beside it, and a tiny ATS."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from atsbridge.model.change import diff
from atsbridge.model.fragment import Fragment
from atsbridge.ports.connector import ConnectorSpec
from atsbridge.ports.record_store import PageCounts, RecordStore, StreamState, Work
from atsbridge.ports.stream import Backfill, Incremental, Page, Parent, Reconciliation, Stream
from atsbridge.store.sql_store import open_store
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.engine import sync
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class MemoryStore(RecordStore):
    """What a store does, in dicts; it also remembers every page it was given."""

    def __init__(self):
        self.states, self.known, self.brought, self.kept = {}, {}, {}, {}
        self.queue, self.log, self.written = {}, [], []
        self.creates = {}
        self.aside = {}  # what lists that create no record said of it before it was shown

    @property
    def records(self):
        return self

    def read_state(self, account, stream):
        return self.states.get((account, stream), StreamState(stream=stream))

    def read_states(self, account):
        return {name: state for (of, name), state in self.states.items() if of == account}

    def save_state(self, account, state):
        self.states[account, state.stream] = state

    def read_digests(self, account, stream, ids):
        found = {i: self.known.get((account, stream, i)) for i in ids}
        return {i: digest for i, digest in found.items() if digest}

    def write_page(self, page):
        self.written.append(page)
        self.creates[page.account, page.stream] = page.created
        counts = Counter()
        for row in page.rows:
            self.known[page.account, page.stream, row.id] = row.digest
            keys = [(page.account, f.kind, f.id) for f in row.fragments]
            self.brought[page.account, page.stream, row.id] = keys
            for key, fragment in zip(keys, row.fragments, strict=True):
                counts[self._put(page, key, dict(fragment.values))] += 1
        del counts["aside"]
        for kind, ref, parent in page.complete:
            here = {k for i in page.seen for k in self.brought[page.account, page.stream, i]}
            here |= {(page.account, f.kind, f.id) for r in page.rows for f in r.fragments}
            for key, record in self.kept.items():
                if key[1] == kind and record.get(ref) == parent and key not in here:
                    record["deleted_at"] = page.at
                    counts["deleted"] += 1
        for work in page.wanted:
            self.queue.setdefault((page.account, work), None)
        for work in page.done:
            self.queue.pop((page.account, work), None)
        if page.state:
            self.save_state(page.account, page.state)
        return PageCounts(**counts)

    def _put(self, page, key, values):
        record = self.kept.get(key)
        if key[1] not in page.created and (record is None or "deleted_at" in record):
            (self.aside.setdefault(key, {}) if record is None else record).update(values)
            return "aside"
        if record is None:
            self.kept[key] = {**self.aside.pop(key, {}), **values}
            return "new"
        found = [(f, old, new) for f, old, new in diff(record, values) if f in record]
        seen_again = record.pop("deleted_at", None)
        record.update(values)
        for name, old, new in found:
            mapped = f"{key[1]}.{name}" in page.remapped
            self.log.append((name, old, new, "mapping" if mapped else page.origin.value))
        return "changed" if found or seen_again else "unchanged"

    def read_work(self, account, stream, limit):
        mine = [w for a, w in self.queue if a == account and w.stream == stream]
        return mine[:limit]

    def count_work(self, account):
        return Counter(w.stream for a, w in self.queue if a == account)

    def read_live_ids(self, account, stream, *, kind="", since=None, where=("", ())):
        mine = sorted(i for a, s, i in self.known if (a, s) == (account, stream))
        field, wanted = where
        if field:
            mine = [i for i in mine if self.kept[account, kind, i].get(field) in wanted]
        if since is None:
            return mine
        at = {i: self.kept.get((account, kind, i), {}).get("updated_at") for i in mine}
        return [i for i in mine if at[i] is not None and at[i] >= since]

    def find_parents(self, account, kind, ref, parents, limit):
        mine = (r for k, r in self.kept.items() if k[:2] == (account, kind))
        named = {r.get(ref) for r in mine if not r.get("deleted_at")} - {None}
        return sorted(named if parents is None else named & set(parents))[:limit]

    find_watched = staticmethod(lambda account, stream, now: ())
    count_references = staticmethod(lambda account, kind: {})
    count_row_references = staticmethod(lambda account, stream, kind: {})
    find_unstored = staticmethod(lambda account, kind, excluded, limit: [])

    def has_records(self, account, kind):
        return any(key[:2] == (account, kind) for key in self.kept)

    def delete_rows(self, account, stream, ids, at):
        ids = [ident for ident in ids if (account, stream, ident) in self.known]
        for ident in ids:
            del self.known[account, stream, ident]
            for key in self.brought[account, stream, ident]:
                if key[1] in self.creates[account, stream]:
                    self.kept[key]["deleted_at"] = at
        return len(ids)


class Job(msgspec.Struct):
    id: int | str
    name: str | None = None
    custom: dict[str, object] | None = None


class DatedJob(msgspec.Struct):
    id: int | str
    name: str | None = None
    at: datetime | None = None


class Seat(msgspec.Struct):
    id: int | str
    of: int
    user: str | None = None


def _job(row):
    values = {"title": row.name, "custom": row.custom or {}}
    yield Fragment("requisition", str(row.id), values)


def _seat(row):
    yield Fragment("opening", str(row.id), {"requisition": str(row.of), "status": row.user})


def _dated(row):
    yield Fragment("requisition", str(row.id), {"title": row.name, "updated_at": row.at})


def _between(start, end):
    return {"from": start.isoformat(), "to": end.isoformat()}


JOBS = Stream(
    name="jobs",
    path="/jobs",
    row=Job,
    normalize=_job,
    owns={"requisition": ("title", "custom")},
    incremental=Incremental(since=_between),
    reconciliation=Reconciliation(complete=True),
    scope="jobs:read",
)
SEATS = Stream(
    name="seats",
    path="/jobs/{parent}/seats",
    row=Seat,
    normalize=_seat,
    owns={"opening": ("requisition", "status")},
    parent=Parent("jobs", complete=(("opening", "requisition"),)),
)


DATED_JOBS = replace(
    JOBS,
    row=DatedJob,
    normalize=_dated,
    owns={"requisition": ("title", "updated_at")},
    backfill=Backfill(
        first=lambda now: ({"name": "open"},),
        unknown_until_read=("requisition.first_submission_at",),
    ),
    reconciliation=Reconciliation(complete=True, ids={"fields": "id"}),
)


@dataclass
class Ats:
    """A connector without a network: `rows` by stream, and what to raise on which page."""

    streams: tuple = (JOBS,)
    rows: dict = field(default_factory=dict)
    children: dict = field(default_factory=dict)  # parent id -> rows
    faults: list = field(default_factory=list)  # (stream, page number, error), each once
    asked: list = field(default_factory=list)  # (stream, window, parents)
    params: list = field(default_factory=list)  # of each question
    page_size: int = 2
    requests: int = 0

    def __post_init__(self):
        self.spec = ConnectorSpec(
            name="tiny", title="Tiny", settings=object, streams=self.streams, open=lambda *_: self
        )

    def pages(self, stream, *, window=None, parents=()):
        self.asked.append((stream.name, window, tuple(parents)))
        self.params.append(stream.params)
        if stream.parent:
            rows = [row for parent in parents for row in self.children.get(parent, [])]
        else:
            rows = self.rows.get(stream.name, [])
        if "name" in stream.params:
            rows = [r for r in rows if r["name"] == stream.params["name"]]
        if window:
            rows = [r for r in rows if window[0] <= r.get("at", NOW) < window[1]]
        dated = stream.row is DatedJob
        raws = [msgspec.Raw(r if isinstance(r, bytes) else _json(r, dated)) for r in rows]
        starts = range(0, max(len(raws), 1), self.page_size)
        for number, start in enumerate(starts):
            self._fail(stream, number, parents)
            self.requests += 1
            yield Page(raws[start : start + self.page_size], last=start == starts[-1])

    refresh = staticmethod(lambda kind, ids: iter(()))  # no single record can be asked for

    def _fail(self, stream, number, parents):
        for fault in self.faults:
            if fault[:2] == (stream.name, number) or fault[:2] == (
                stream.name,
                parents and parents[0],
            ):
                self.faults.remove(fault)
                self.requests += 1
                raise fault[2]


def _json(row, dated=False):
    shown = {k: v for k, v in row.items() if k != "at"}
    if dated:
        shown["at"] = row["at"].isoformat()
    return json.dumps(shown, separators=(",", ":")).encode()


class World:
    """An account, its ATS, its store and its clock, with the sync between them."""

    def __init__(self, ats, store, time):
        self.ats, self.store, self.time, self.map = ats, store, time, AccountMap()

    def sync(self, *, after=timedelta(0), **options):
        self.time.advance(after)
        report = sync(
            SyncTarget("acme", self.ats, self.store.records, self.map, self.time),
            SyncOptions(**options),
        )
        return {r.stream: r for r in report.streams}

    def edit(self, stream, ident, **values):
        row = next(r for r in self.ats.rows[stream] if r["id"] == ident)
        row.update(values, at=self.time.now())

    def state(self, stream):
        return self.store.records.read_state("acme", stream)


def jobs(count):
    return [{"id": n, "name": f"job {n}", "at": NOW - timedelta(days=30)} for n in range(count)]


@pytest.fixture
def time():
    return ManualTime(NOW)


@pytest.fixture
def memory():
    return MemoryStore()


@pytest.fixture(params=["memory", "sqlite"])
def store(request, time, tmp_path):
    if request.param == "memory":
        yield MemoryStore()
        return
    opened = open_store(f"sqlite:///{tmp_path}/sync.db", time)
    yield opened
    opened.close()


@pytest.fixture
def world(store, time):
    return World(Ats(rows={"jobs": jobs(5)}), store, time)


@pytest.fixture
def of_streams(store, time):
    """A world of these streams, whose lists hold these rows."""
    return lambda streams, **rows: World(Ats(streams=streams, rows=rows), store, time)


@pytest.fixture
def two_lists(time, tmp_path):
    """Jobs and, in a list of their own, the seats that refer to them; in a real store."""
    store = open_store(f"sqlite:///{tmp_path}/two.db", time)
    listed = replace(
        SEATS, path="/seats", parent=None, reconciliation=Reconciliation(complete=True)
    )
    seats = [{"id": f"{n}a", "of": 0, "user": "open", "at": NOW} for n in range(2)]
    yield World(Ats(streams=(JOBS, listed), rows={"jobs": jobs(3), "seats": seats}), store, time)
    store.close()


@pytest.fixture
def dated_jobs():
    """Jobs that say when they changed, read in two legs: first the open ones."""
    return DATED_JOBS


@pytest.fixture
def remembered(memory, time):
    """The same over the store in memory, which keeps every change with its origin."""
    return World(Ats(rows={"jobs": jobs(5)}), memory, time)


@pytest.fixture
def family(store, time):
    """Jobs with seats under each: a stream read by parent."""
    children = {str(n): [{"id": f"{n}a", "of": n, "user": "open"}] for n in range(5)}
    ats = Ats(streams=(SEATS, JOBS), rows={"jobs": jobs(5)}, children=children)
    return World(ats, store, time)


__all__ = ["JOBS", "NOW", "SEATS", "Ats", "Work", "World", "jobs", "replace"]
