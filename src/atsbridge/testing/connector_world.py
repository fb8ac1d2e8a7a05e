"""The parts that the checks of a connector share: company, fake, and connector."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from atsbridge.errors import FatalError
from atsbridge.model import Record
from atsbridge.ports import PAGE_SIZE_PARAMS, ConnectorSpec, Store, Stream, Tools
from atsbridge.sandbox import Company, CompanyProfile, Fake, build_company
from atsbridge.sync import (
    AccountMap,
    SyncOptions,
    SyncReport,
    SyncTarget,
    in_order,
    raw_id,
    sync,
)
from atsbridge.testing.decoded_rows import (
    NotedParents,
    Row,
    batches,
    named_ids,
    silent_streams,
    understood,
)
from atsbridge.testing.empty_store import open_empty_store
from atsbridge.timesource import ManualTime

ASKED = 25  # records of a kind that are asked for by id
MANY = 300  # applications: enough for every kind of record to exist
FEW = "2"  # rows of a page if there must be many pages
LONG_AGO = timedelta(days=4000)
RecordKey = tuple[str, str]  # kind, id


def list_path(stream: Stream) -> re.Pattern[str]:
    """What ends the paths of the requests of a list."""
    return re.compile(path_pattern(stream.path))


def path_pattern(path: str) -> str:
    """The same for a path that may have placeholders, as a regular expression."""
    return re.sub(r"\\\{[^{}]*\}", "[^/]+", "/" + re.escape(path.strip("/"))) + "/?$"


class StillTime(ManualTime):
    """A clock whose `sleep` moves `monotonic` only, so that the company does not live on."""

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.slept.append(seconds)
            self._passed += seconds


class FakeAccount:
    """One company behind one fake, read by one connector."""

    def __init__(
        self,
        spec: ConnectorSpec,
        company: Company,
        clock: StillTime,
        fake: Fake,
        options: Mapping[str, Any],
    ) -> None:
        self.company = company
        self.clock = clock
        self.fake = fake
        self.settings = {**fake.settings, **options}
        self.options: Any = spec.settings.model_validate(self.settings)
        self.connector: Any = spec.open(self.options, Tools("acme", clock))
        self.spec: ConnectorSpec = self.connector.spec

    @property
    def base(self) -> str:
        """The address of the API."""
        return str(self.settings["base_url"]).rstrip("/")

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets of the account's settings by name, without those that are not set."""
        values = {name: getattr(self.options, name) for name in type(self.options).model_fields}
        secrets = {n: v.get_secret_value() for n, v in values.items() if isinstance(v, SecretStr)}
        return {name: secret for name, secret in secrets.items() if secret}

    @property
    def first(self) -> Stream:
        """The first list that is read."""
        return next(s for s in self.spec.streams if s.parent is None)

    @property
    def asked(self) -> tuple[Stream, ...]:
        """The streams that are read for an account without a map."""
        return AccountMap().select_streams(self.spec.streams)

    @property
    def token_streams(self) -> tuple[Stream, ...]:
        """The streams whose changes are asked for by a sync token."""
        return tuple(s for s in self.asked if s.incremental is not None and s.incremental.token)

    def live(self, time: timedelta) -> None:
        """Let the company and its clock go on for that long."""
        self.clock.advance(time)
        self.company.advance(self.clock.now())

    def sent(self, stream: Stream, start: int = 0) -> list[Mapping[str, list[Any]]]:
        """The arguments of the list's requests since the log had `start` lines."""
        path = list_path(stream)
        log = self.fake.server.log[start:]
        return [asked for method, at, asked in log if method == stream.method and path.search(at)]

    def in_small_pages(self, patch: pytest.MonkeyPatch) -> None:
        """Let the fake send pages of few rows, whatever is asked for."""
        app = self.fake.server.app
        small = dict.fromkeys(PAGE_SIZE_PARAMS, FEW)
        patch.setattr(self.fake.server, "app", lambda request: app(request.changed(small)))

    def reopened(self, **options: Any) -> Any:
        """Another connector on the same fake, with other settings."""
        settings = self.spec.settings.model_validate({**self.settings, **options})
        return self.spec.open(settings, Tools("acme", self.clock))

    def drain(self, stream: Stream, **how: Any) -> list[bytes]:
        """Every raw row of a stream."""
        return [bytes(r) for page in self.connector.pages(stream, **how) for r in page.rows]

    def read(self) -> list[Row]:
        """Every row of every stream; for child streams, of all parents that are wanted."""
        window = (self.clock.now() - LONG_AGO, self.clock.now() + timedelta(hours=1))
        found: list[Row] = []
        above = NotedParents(self.spec.streams)
        for stream in in_order(self.spec.streams):
            for parents in batches(stream, above.of(stream)):
                how: dict[str, Any] = {"parents": parents}
                repeats = stream.backfill is not None and stream.backfill.repeat_after is not None
                by_time = stream.incremental is not None and stream.incremental.since is not None
                if by_time and not repeats:
                    how["window"] = window
                for raw in self.drain(stream, **how):
                    row = understood(stream, raw)
                    found.append(row)
                    above.note(row)
        return found

    def read_silent(self, rows: Sequence[Row]) -> list[Row]:
        """Rows of the streams that have none among these, as one that only a watch or `refresh`
        reads: those of all parents, or of the records to which these rows refer."""
        found: list[Row] = []
        for stream in silent_streams(self.spec.streams, rows):
            of = stream.parent.stream if stream.parent else ""
            above = [raw_id(row.raw) for row in rows if row.stream.name == of]
            raws: list[bytes] = []
            with suppress(FatalError):  # a parent's id may be none that it takes
                for parents in batches(stream, above):
                    raws += self.drain(stream, parents=parents)
            if not raws:
                raws = self._read_again(stream, named_ids(rows, next(iter(stream.owns)))[:ASKED])
            found += [understood(stream, raw) for raw in raws]
        return found

    def _read_again(self, stream: Stream, ids: Sequence[str]) -> list[bytes]:
        """The raw rows of the stream that `refresh` returns; none if it cannot be asked."""
        kind = next(iter(stream.owns))
        with suppress(FatalError):
            pages = [
                page for of, page in self.connector.refresh(kind, ids) if of.name == stream.name
            ]
            return [bytes(raw) for page in pages for raw in page.rows]
        return []

    def sample_parents(self) -> dict[str, list[str]]:
        """Child stream -> parents to ask for, of the first page of their list."""
        above = NotedParents(self.spec.streams)
        for stream in in_order(self.spec.streams):
            if not any(s.parent and s.parent.stream == stream.name for s in self.spec.streams):
                continue
            parents = above.any_of(stream)[:1]
            if stream.parent is None or parents:
                for raw in self._first_page(stream, parents=parents):
                    above.note(understood(stream, raw))
        return {s.name: ids for s in self.spec.streams if (ids := above.any_of(s))}

    def sample_children(self) -> Iterator[tuple[Stream, list[str]]]:
        """Each child stream with a parent that has two children or more, if one of 40 has."""
        parents = self.sample_parents()
        for stream in self.asked:
            for one in parents.get(stream.name, ())[:40]:
                with suppress(FatalError):  # its id may be none that the list takes
                    if len(self.drain(stream, parents=[one])) > 1:
                        yield stream, [one]
                        break

    def ids(self, stream: Stream) -> list[str]:
        """The ids of the rows of a list's first page."""
        return [raw_id(raw) for raw in self._first_page(stream)]

    def _first_page(self, stream: Stream, **how: Any) -> list[bytes]:
        return [bytes(raw) for raw in next(iter(self.connector.pages(stream, **how))).rows]

    def find_size_param(self, stream: Stream, start: int) -> str:
        """The parameter for the size of a page in the list's requests since that line of the log;
        "" if it is not read in pages."""
        asked = {name for given in self.sent(stream, start) for name in given}
        names = (stream.size_param, *PAGE_SIZE_PARAMS)
        return next((name for name in names if name and name in asked), "")

    def known(self, store: Store) -> dict[RecordKey, Record]:
        """Every stored record that is not deleted, by kind and id."""
        kinds = {kind for stream in self.spec.streams for kind in stream.owns}
        return {
            (kind, record.id): record
            for kind in kinds
            for record in store.history.read_records("acme", kind)
        }

    def sync(self, store: Store, **options: Any) -> SyncReport:
        """One sync of the account by the real engine."""
        with store.lock("acme"):
            return sync(
                SyncTarget("acme", self.connector, store.records, AccountMap(), self.clock),
                SyncOptions(**options),
            )

    def in_pages(self) -> tuple[Stream, list[bytes]]:
        """A list read in pages so small that it has three or more, and its rows."""
        for stream in self.spec.streams:
            if stream.parent is None:
                before = len(self.fake.server.log)
                rows = self.drain(stream)
                name = self.find_size_param(stream, before)
                small = stream.in_pages_of(max(1, len(rows) // 3), name)
                before = len(self.fake.server.log)
                if len(rows) >= 3 and self.drain(small) == rows:
                    asked = self.fake.server.log[before:]
                    if sum(path == asked[0][1] for _, path, _ in asked) >= 3:
                        return small, rows
        raise AssertionError(
            f"no list could be asked for in small pages: the fake must take one of"
            f" {PAGE_SIZE_PARAMS}, or the stream names its parameter (`Stream.size_param`)"
        )


class ConnectorWorld:
    """The part of the contract that an author fills in, and its fixtures.

    `fallbacks`: by stream, the path that the connector asks where the list refuses; both refuse
    together.
    """

    spec: ConnectorSpec
    fake: Mapping[str, Any] = {}  # further arguments of the fake's `serve`
    options: Mapping[str, Any] = {}  # settings that differ from the fake's own
    applications: int = 60
    seed: int = 3
    fallbacks: Mapping[str, str] = {}

    def tell(
        self, kind: str, record: Record, values: dict[str, Any], company: Company
    ) -> tuple[str, dict[str, Any]] | None:
        """How this ATS expresses a record: (its id, its values), or None if not at all.

        `values` are the columns the connector owns and has no signal about. A `tell` in the fake's
        module words what the ATS words in its own way.
        """
        worded = getattr(_fake_module(self.spec), "tell", None)
        return worded(kind, record, values, company) if worded else (record.id, values)

    @classmethod
    @contextmanager
    def standing(
        cls, applications: int = 0, *, requisitions: int = 6, **options: Any
    ) -> Iterator[FakeAccount]:
        """Serve a new company and connect to it. `options`: of the fake."""
        module, name = _fake_module(cls.spec), cls.spec.fake.partition(":")[2]
        pipeline: Any = getattr(module, "PIPELINE", "per_requisition")
        company = build_company(
            cls.seed,
            applications=applications or cls.applications,
            requisitions=requisitions,
            profile=CompanyProfile(module.company_ids, pipeline),
        )
        clock = StillTime(company.now)
        with ExitStack() as stack:
            serve = getattr(module, name)
            fake = stack.enter_context(serve(company, clock, **{**cls.fake, **options}))
            world = FakeAccount(cls.spec, company, clock, fake, cls.options)
            stack.callback(world.connector.close)
            yield world
            fake.server.faults.clear()

    @pytest.fixture(scope="class")
    @classmethod
    def shared(cls) -> Iterator[FakeAccount]:
        """A world that checks share and do not change."""
        with cls.standing(max(cls.applications, MANY)) as world:
            yield world

    @pytest.fixture(scope="class")
    @classmethod
    def rows(cls, shared: FakeAccount) -> list[Row]:
        """Every row of every stream."""
        found = shared.read()
        assert found, "nothing could be read from the fake"
        return found + shared.read_silent(found)

    @pytest.fixture
    def world(self) -> Iterator[FakeAccount]:
        """A world for a single check."""
        with self.standing() as world:
            yield world

    @pytest.fixture
    def store(self, tmp_path: Path, world: FakeAccount) -> Iterator[Store]:
        """An empty store on the world's clock."""
        opened = open_empty_store(tmp_path / "contract.db", world.clock)
        yield opened
        opened.close()


def _fake_module(spec: ConnectorSpec) -> Any:
    return importlib.import_module(spec.fake.partition(":")[0])
