"""The company served as Greenhouse and read back over real HTTP is the company, but for what the
spec says Greenhouse cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.ports.stream import Stream
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.fake import tell
from atsbridge_greenhouse.spec import SPEC

Told = dict[str, dict[str, dict[str, Any]]]  # kind -> id -> values


def rows(connector: Greenhouse, stream: Stream, **how: Any) -> Iterator[Any]:
    """The decoded rows of a stream."""
    for page in connector.pages(stream, **how):
        for raw in page.rows:
            yield msgspec.json.decode(raw, type=stream.row)


def read(connector: Greenhouse) -> Told:
    """Everything the connector says, read stream by stream as the engine does."""
    found: Told = {}
    parents: dict[str, list[str]] = {}
    for stream in connector.spec.streams:
        if stream.parent is None:
            held = list(rows(connector, stream))
        else:
            mine = parents[stream.name]
            batches = [mine[n : n + 50] for n in range(0, len(mine), 50)]
            held = [r for b in batches for r in rows(connector, stream, parents=b)]
        for child in connector.spec.streams:
            if child.parent is not None and child.parent.stream == stream.name:
                parents[child.name] = [str(r.id) for r in held if child.parent.wanted(r)]
        for row in held:
            for fragment in stream.normalize(row):
                of_kind = found.setdefault(fragment.kind, {})
                of_kind.setdefault(fragment.id, {}).update(fragment.values)
    return found


def expected(company: Company) -> Told:
    """The company as Greenhouse can tell it: the losses the spec declares, and no other."""
    columns: dict[str, set[str]] = {}
    for stream in SPEC.streams:
        for kind, names in stream.owns.items():
            columns.setdefault(kind, set()).update(set(names) - {"url", "custom"})
    del columns["candidate"]  # never read with the rest
    found: Told = {}
    for kind, names in columns.items():
        for record in company.records(kind).values():
            values = {name: getattr(record, name) for name in names}
            if told := tell(kind, record, values, company):
                found.setdefault(kind, {})[told[0]] = told[1]
    return found


def test_what_the_customer_wrote_is_read(greenhouse: Greenhouse, company: Company) -> None:
    """Own fields come through, so that an account can map priority, pay and the rest."""
    found = read(greenhouse)["requisition"]
    for key, record in company.records("requisition").items():
        custom = found[key]["custom"]
        assert custom | dict(record.custom or {}) == custom
        told = (custom["salary_range.min"], custom["salary_range.currency"])
        assert told == (record.pay_min, record.pay_currency)


def test_stages_that_were_left_keep_their_dates_where_the_tenant_has_them(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], company: Company
) -> None:
    """Whether they do is not documented; where they do, they are read."""
    found = read(connected(served(past_dates=True)))["stage_stay"]
    stays: Mapping[str, Any] = company.records("stage_stay")
    assert found.keys() == stays.keys()
    for key, values in found.items():
        assert values["entered_at"] == stays[key].entered_at
        assert values["left_at"] == stays[key].left_at
    assert any(values["left_at"] for values in found.values())


def test_a_tenant_whose_applications_do_not_name_their_stage(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], company: Company
) -> None:
    """It is found through the application_stages row."""
    connector = connected(served(stage_ids=False))
    found = read(connector)["application"]
    for key, record in company.records("application").items():
        assert found[key]["stage"] == record.stage


def test_slots_that_ask_for_no_scorecard(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """`require_scorecard` stands on the slot, two lists away from the seat."""
    fake = served()
    plain = connected(fake)
    stream = plain.spec.stream("interviewers")
    owing = {s.id: s for s in rows(plain, stream) if s.require_scorecard and s.scorecard_id}
    meetings = {m.id: m for m in rows(plain, plain.spec.stream("interviews"))}
    slot = next(meetings[s.interview_id].job_interview_id for s in owing.values())
    other = connected(served(optional_slots=[slot]))
    seats = list(rows(other, stream))
    assert seats
    for seat in seats:
        (fragment,) = stream.normalize(seat)
        of_slot = meetings[seat.interview_id].job_interview_id == slot
        assert fragment.values["feedback_required"] is (seat.id in owing and not of_slot)


def test_the_second_listing_has_only_what_changed(
    greenhouse: Greenhouse, company: Company, clock: ManualTime
) -> None:
    """`since` asks for the window, and the answer is exactly what moved in it."""
    start = clock.now()
    clock.advance(timedelta(days=1))
    company.advance(clock.now())
    window = (start + timedelta(seconds=1), clock.now() + timedelta(hours=1))
    stream = greenhouse.spec.stream("applications")
    got = {str(row.id) for row in rows(greenhouse, stream, window=window) if not row.prospect}
    records = company.records("application")
    moved = {k for k, r in records.items() if r.updated_at and r.updated_at >= window[0]}
    assert got == moved
    assert 0 < len(got) < len(records)


def test_nothing_changed_costs_one_request_a_stream(
    greenhouse: Greenhouse, clock: ManualTime
) -> None:
    """A list with nothing new is one empty page, and leads to no further list."""
    read(greenhouse)
    window = (clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2))
    for stream in greenhouse.spec.streams:
        if stream.incremental is not None:
            before = greenhouse.requests
            assert list(rows(greenhouse, stream, window=window)) == []
            assert greenhouse.requests == before + 1


def test_the_rate_limit_is_used_and_never_broken(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], clock: ManualTime
) -> None:
    """No 429 in a first sync, and no window left half empty while there is work."""
    fake = served(limit=12)
    connector = connected(fake)
    started = clock.monotonic()
    read(connector)
    assert fake.server.statuses[429] == 0
    windows = (clock.monotonic() - started) / 30
    assert connector.requests >= 0.9 * 12 * windows


@pytest.mark.parametrize("kind", ["seat", "interview", "application", "requisition", "offer"])
def test_refresh_tells_the_newest_in_few_requests(
    greenhouse: Greenhouse, company: Company, clock: ManualTime, kind: str
) -> None:
    """The records themselves and what they lead to, as they are now; a request per list."""
    clock.advance(timedelta(days=2))
    company.advance(clock.now())
    wanted = expected(company)
    ids = sorted(wanted[kind])[-20:]
    before = greenhouse.requests
    found: Told = {}
    lists = set()
    for stream, page in greenhouse.refresh(kind, ids):
        lists.add(stream.name)
        for raw in page.rows:
            row = msgspec.json.decode(raw, type=stream.row)
            for fragment in stream.normalize(row):
                of_kind = found.setdefault(fragment.kind, {})
                of_kind.setdefault(fragment.id, {}).update(fragment.values)
    assert set(ids) == found[kind].keys()
    for of, records in found.items():
        for key, values in records.items():
            if key in wanted[of]:
                same = {n: v for n, v in wanted[of][key].items() if n in values}
                assert {n: values[n] for n in same} == same
    assert greenhouse.requests - before <= 3 * len(lists)


def test_names_are_read_only_when_asked_for(greenhouse: Greenhouse, company: Company) -> None:
    """A first sync reads no candidate; `refresh` reads names and nothing else of them."""
    read(greenhouse)
    ids = sorted(company.records("candidate"))[:3]
    ((stream, page),) = greenhouse.refresh("candidate", ids)
    assert len(page.rows) == len(ids) > 0
    for raw in page.rows:
        (fragment,) = stream.normalize(msgspec.json.decode(raw, type=stream.row))
        first, last = company.candidate_name(fragment.id)
        assert fragment.values["display_name"] == f"{first} {last}"
        assert fragment.values["initials"] == f"{first[0]}{last[0]}"
        assert company.candidate_email(fragment.id).encode() not in bytes(raw)
