"""What the vendor may do to a row without costing more than it must."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atsbridge.errors import SkipRecord
from atsbridge.ports.stream import Stream
from atsbridge_greenhouse.listing import changed
from atsbridge_greenhouse.requisitions import JobInterviewStage, stage
from atsbridge_greenhouse.spec import streams

STREAMS = {s.name: s for s in streams("https://app.greenhouse.io")}
each_stream = pytest.mark.parametrize("stream", STREAMS.values(), ids=lambda s: s.name)


def told(stream: Stream, row: dict[str, Any]) -> list[Any]:
    decoded = msgspec.json.decode(msgspec.json.encode(row), type=stream.row)
    return list(stream.normalize(decoded))


@each_stream
def test_ids_may_come_as_text(stream: Stream) -> None:
    """An id is text in the end, however it was sent."""
    refs = [n for n in stream.row.__struct_fields__ if n == "id" or n.endswith("_id")]
    current = {"current": True} if stream.name == "application_stages" else {}
    as_numbers = told(stream, dict.fromkeys(refs, 4711) | current)
    assert as_numbers == told(stream, dict.fromkeys(refs, "4711") | current)
    assert as_numbers[0].id.endswith("4711")


@each_stream
def test_a_row_without_an_id_is_one_bad_record(stream: Stream) -> None:
    """Nothing could be stored of it; it is counted, and the stream goes on."""
    row = {"id": None, "application_id": None, "current": True}
    if stream.name == "rejection_details":  # its record is the application
        assert told(stream, row) == []
        return
    with pytest.raises(SkipRecord, match="no id"):
        told(stream, row)


@each_stream
@given(data=st.data())
def test_scalars_of_any_type_never_crash(stream: Stream, data: st.DataObject) -> None:
    """A member that changes its type costs the record at most, by a sentence of its own."""
    scalar = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12)
    listed = ("office_ids", "stage_ids", "type", "custom_fields")
    names = [n for n in stream.row.__struct_fields__ if n not in listed]
    row = data.draw(st.fixed_dictionaries(dict.fromkeys(names, scalar)))
    try:
        fragments = told(stream, row)
    except SkipRecord:
        return
    for fragment in fragments:
        assert set(fragment.values) == set(stream.owns[fragment.kind])


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-03T14:05:00.000Z",
        "2026-11-03T14:05:00Z",
        "2026-11-03T15:05:00+01:00",
        "2026-11-03 14:05:00+00:00",
        "2026-11-03T14:05:00",
    ],
)
def test_an_instant_may_be_written_in_many_ways(written: str) -> None:
    """Second precision, offsets, a blank for the T; without a zone it is UTC."""
    (fragment,) = told(STREAMS["interviews"], {"id": 1, "ends_at": written})
    assert fragment.values["ends_at"] == datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
    assert fragment.values["ends_at"].tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("soon", "ends_at is not an instant"),
        ("0001-01-01T00:00:00Z", "ends_at lies in the year 1"),
        ("9999-12-31T23:59:59+00:00", "ends_at lies in the year 9999"),
        ("0001-01-01T00:00:00+14:00", "ends_at is not an instant"),
        (True, "ends_at is not an instant"),
    ],
)
def test_an_absurd_date_costs_one_record(written: Any, why: str) -> None:
    """It is not read as "not yet", which would be a lie."""
    with pytest.raises(SkipRecord, match=why):
        told(STREAMS["interviews"], {"id": 1, "ends_at": written})


def test_unknown_words_are_kept() -> None:
    """A new word of the vendor's is `other`, with the original."""
    (job,) = told(STREAMS["jobs"], {"id": 1, "status": "archived"})
    (seat,) = told(STREAMS["interviewers"], {"id": 1, "response_status": "maybe"})
    (meeting,) = told(STREAMS["interviews"], {"id": 1, "status": "hybrid"})
    assert job.values["status"] == "other:archived"
    assert seat.values["response"] == "other:maybe"
    assert meeting.values["status"] == "other:hybrid"


@pytest.mark.parametrize("empty", [None, [], {}, "none"])
def test_custom_fields_may_be_empty_in_many_ways(empty: Any) -> None:
    """An empty map comes as a list now and then."""
    (job,) = told(STREAMS["jobs"], {"id": 1, "custom_fields": empty})
    assert job.values["custom"] == {}


def test_custom_values_become_plain() -> None:
    """Each documented shape of a value, the two spellings of a range among them."""
    fields = {
        "level": {"name": "Level", "type": "single_select", "value": "Senior"},
        "tags": {"name": "Tags", "type": "multi_select", "value": ["a", "b"]},
        "points": {"name": "Points", "type": "number", "value": "85.0"},
        "remote": {"name": "Remote", "type": "boolean", "value": False},
        "sponsor": {"name": "Sponsor", "type": "user", "value": {"user_id": 9, "name": "K"}},
        "deputy": {"name": "Deputy", "type": "user", "value": 10},
        "pay": {
            "name": "Pay",
            "type": "currency_range",
            "value": {"min_value": "1000", "max_value": "2000.5", "unit": "EUR"},
        },
        "old_pay": {"min_amount": 1, "max_amount": 2, "currency_code": "USD"},
        "blank": {"name": "Blank", "type": "short_text", "value": ""},
        "bare": "text",
    }
    (job,) = told(STREAMS["jobs"], {"id": 1, "custom_fields": fields})
    assert job.values["custom"] == {
        "level": "Senior",
        "tags": ["a", "b"],
        "points": 85,
        "remote": False,
        "sponsor": "9",
        "deputy": "10",
        "pay.min": 1000,
        "pay.max": 2000.5,
        "pay.currency": "EUR",
        "old_pay.min": 1,
        "old_pay.max": 2,
        "old_pay.currency": "USD",
        "bare": "text",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Application Review", "lead"),
        ("Leads", "lead"),
        ("Sourced", "lead"),
        ("Preliminary Phone Screen", "screen"),
        ("Recruiter Screen", "screen"),
        ("Hiring Manager Review", "review"),
        ("Resume review", "review"),
        ("Submitted to manager", "review"),
        ("Take Home Test", "assessment"),
        ("Coding Challenge", "assessment"),
        ("Technical Interview", "interview"),
        ("Face to Face", "interview"),
        ("Onsite", "interview"),
        ("Performance panel", "interview"),
        ("Reference Check", "reference"),
        ("Background Check", "reference"),
        ("Offer", "offer"),
        ("Hired", "hired"),
        ("Zen garden", "other"),
        (None, None),
    ],
)
def test_what_a_stage_is_guessed_to_be(name: str | None, kind: str | None) -> None:
    """Greenhouse has no type of stage; its usual names say enough."""
    rows = list(stage(JobInterviewStage(id=1, name=name)))
    assert rows[0].values["kind"] == kind


def test_the_filter_for_what_changed() -> None:
    """Pairs joined by pipes, UTC with milliseconds; brackets are refused by some lists."""
    start, end = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 8))
    assert changed(start, end) == {
        "updated_at": "gte|2026-11-01T00:00:00.000Z|lt|2026-11-08T00:00:00.000Z"
    }
