"""Hostile pages through each connector's reading, into a store: one bad row costs itself.

A row of an answer is bent at random: a value of a kind that nobody expects, or bytes that are no
JSON. 10,000 pages in `make torture`, a sample of them in every run of the tests.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from atsbridge.errors import SourceError
from atsbridge.ports.history_store import HistoryStore
from atsbridge.ports.stream import Page, Stream
from atsbridge.sandbox.http.fake_server import Request, Response
from atsbridge.store.sql_store import open_store
from atsbridge.sync.account_map import AccountMap, parse_map
from atsbridge.sync.sync_context import SyncContext, SyncTarget, page_write, save_unreadable
from atsbridge.sync.sync_report import Tally
from atsbridge.testing.connector_contract import ConnectorContract
from atsbridge_greenhouse.spec import SPEC as GREENHOUSE
from atsbridge_lever.spec import SPEC as LEVER

SAMPLE, ALL = 75, 5_000  # pages of each connector
ROW = object()  # stands for the whole row
VALUES = [
    # other types than expected
    *(b"null", b"true", b"false", b"0", b"-1", b"7", b"3.5", b'""', b'" "', b"[]", b"{}"),
    *(b'["x"]', b'[{"id":1}]', b'{"id":"x"}', b'{"value":1}', b"[null]", b"[[]]", b'{"":null}'),
    # numbers and instants nobody can store
    *(b"1e308", b"-1e308", b"1e400", b"1e-400", b"99999999999999999999", b"9" * 400, b"9" * 5000),
    *(b"9223372036854775807", b"9223372036854775808", b"253402300800000", b"-62135596800001"),
    *(b'"inf"', b'"nan"', b'"1e999"', b'"99999999999999999999"', b"NaN", b"-Infinity"),
    *(b'"0000-00-00"', b'"0001-01-01T00:00:00+23:59"', b'"9999-12-31T23:59:59-23:59"'),
    *(b'"9999-12-31"', b'"2026-02-30T25:61:00Z"', b'"1969-12-31T23:59:59Z"', b'"20260302"'),
    # text nobody can store
    *(rb'"\ud800"', rb'"\udc00x"', rb'"a\u0000b"', rb'"\u0001\u202e"', b'"\xff\xfe"', b'"a\nb"'),
    *(rb'"\ud83d\ud83d\ude00"', b'"' + b"x" * 200_000 + b'"', rb'"\\ud800"', b'"\xed\xa0\x80"'),
    # no JSON
    *(b"undefined", b"'x'", rb'"\x41"', b"[" * 2000 + b"]" * 2000, b"[" * 90_000 + b"]" * 90_000),
    b'{"a":' * 300 + b"1" + b"}" * 300,
]


@dataclass
class Vandal:
    """Bends some rows of the answers of a fake; `path`: only of that list, "" of all."""

    app: Any
    rng: random.Random
    path: str = ""
    on: bool = False
    bent: int = 0
    told: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        answer: Response = self.app(request)
        if not self.on or answer.status != 200 or request.method != "GET":
            return answer
        if self.path and not request.path.endswith(self.path):
            return answer
        body = json.loads(answer.encoded()[0]) if isinstance(answer.body, bytes) else answer.body
        return replace(answer, body=self._written(body))

    def _written(self, body: Any) -> bytes:
        """The body as JSON, a row or two of its list bent."""
        if isinstance(body, list) and body and all(isinstance(row, dict) for row in body):
            victims = set(
                self.rng.sample(range(len(body)), min(len(body), self.rng.choice((1, 2))))
            )
            rows = (self._row(row) if n in victims else _json(row) for n, row in enumerate(body))
            return b"[" + b",".join(rows) + b"]"
        if isinstance(body, dict) and "data" in body:
            inner = self._written(body["data"])
            rest = _json({k: v for k, v in body.items() if k != "data"})
            return b'{"data":' + inner + (b"," + rest[1:] if rest != b"{}" else b"}")
        return _json(body)

    def _row(self, row: dict[str, Any]) -> bytes:
        self.bent += 1
        value, name = self.rng.choice(VALUES), self.rng.choice([ROW, *row])
        self.told.append(f"{name!s} = {value[:60]!r}")
        if name is ROW:
            return value
        members = [_json(k) + b":" + (value if k == name else _json(v)) for k, v in row.items()]
        return b"{" + b",".join(members) + b"}"


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


MAPS = {
    "greenhouse": {
        "requisition.headcount": "custom.headcount",
        "requisition.priority": "custom.priority",
        "requisition.target_on": "custom.target_date",
        "application.concern": "tag:concern*",
    },
    "lever": {
        "requisition.priority": "custom.priority",
        "requisition.target_on": "custom.target",
        "application.concern": "tag:concern*",
    },
}


@dataclass
class Bench:
    """A connector on a fake whose answers are bent, read into a store list by list."""

    context: SyncContext
    vandal: Vandal
    history: HistoryStore
    parents: dict[str, list[str]]
    good: dict[str, set[str]] = field(default_factory=dict)

    def read(self, stream: Stream) -> set[str]:
        """Read a list into the store as a sync does; the ids of the rows that were stored."""
        reader, tally = self.context.decoder(stream), Tally()
        state = self.context.store.read_state("acme", stream.name)
        found: set[str] = set()
        for page in self._pages(stream):
            reader.mark_unknown(page.unknown, tally)
            rows = reader.decode(page.rows, tally, force=True)
            state = save_unreadable(self.context, reader, state)
            write = replace(page_write(self.context, reader, rows), remapped=reader.unreadable)
            self.context.store.write_page(write)
            found.update(row.id for row in rows.writes)
        tally.describe_lost()
        return found

    def _pages(self, stream: Stream) -> Iterator[Page]:
        if stream.parent is None:
            yield from self.context.pages(stream)
            return
        ids = self.parents.get(stream.parent.stream, [])[:4]
        size = stream.parent.size
        for start in range(0, len(ids), size):
            yield from self.context.pages(stream, parents=ids[start : start + size])


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """All of the vendor's lists as they are, read once; then the vandal may begin."""
    spec = request.param
    contract = type("Fuzzed", (ConnectorContract,), {"spec": spec})
    with contract.standing(applications=25) as world:
        store = open_store(f"sqlite:///{tmp_path / 'fuzz.db'}", world.clock)
        account_map: AccountMap = parse_map(MAPS[spec.name], "acme")
        target = SyncTarget("acme", world.connector, store.records, account_map, world.clock)
        context = SyncContext.open(target)
        vandal = Vandal(world.fake.server.app, random.Random(20260302))
        world.fake.server.app = vandal
        made = Bench(context, vandal, store.history, {})
        for stream in context.streams:
            made.good[stream.name] = made.read(stream)
            made.parents[stream.name] = sorted(made.good[stream.name])
        yield made
        store.close()


def _own(stream: Stream) -> str:
    """How the addresses of a list end."""
    return stream.path.rpartition("}")[2]


def fuzz(bench: Bench, pages: int) -> None:
    """Read lists with bent rows until so many rows were bent; every other row is stored."""
    vandal, streams = bench.vandal, bench.context.streams
    count = 0
    while count < pages:
        stream = streams[count % len(streams)]
        count += 1
        vandal.path, vandal.on = _own(stream), True
        vandal.bent, vandal.told = 0, []
        whole = count % 5 == 0  # then also the lists that rows are completed from
        vandal.path = "" if whole else vandal.path
        try:
            found = bench.read(stream)
        except SourceError:
            assert whole, (stream.name, vandal.told)
            continue
        except Exception as error:
            raise AssertionError((stream.name, vandal.told)) from error
        finally:
            vandal.on = False
        lost = bench.good[stream.name] - found
        if not whole:
            assert len(lost) <= vandal.bent, (stream.name, sorted(lost)[:5], vandal.told)
    records = [list(bench.history.read_records("acme", kind)) for kind in ("application", "stage")]
    assert all(records)  # and all of it can be read back


@pytest.mark.parametrize("bench", [GREENHOUSE, LEVER], ids=lambda s: s.name, indirect=True)
def test_a_sample_of_hostile_pages_costs_no_more_than_the_rows_that_are_bad(bench: Bench) -> None:
    """The first of those that `make torture` reads."""
    fuzz(bench, SAMPLE)


@pytest.mark.torture
@pytest.mark.parametrize("bench", [GREENHOUSE, LEVER], ids=lambda s: s.name, indirect=True)
def test_ten_thousand_hostile_pages_cost_no_more_than_the_rows_that_are_bad(bench: Bench) -> None:
    """Of both connectors together."""
    fuzz(bench, ALL)
