"""Rows written as data: one column per member, typed by the catalog."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from atsbridge.errors import PluginError, SkipRecord
from atsbridge.net.simple_rows import SimpleRow, read_enum
from atsbridge.net.time_formats import EpochFormat, TextFormat

APPLICATION = SimpleRow(
    "application", "requisition=job_id status applied_at", status={"running": "active"}
)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def read(raw: bytes, rows: SimpleRow = APPLICATION):
    (fragment,) = rows.normalize(msgspec.json.decode(raw, type=rows.row))
    return fragment


def test_members_become_columns():
    """Under their own names: ids as text, instants in UTC, words translated."""
    fragment = read(
        b'{"id":7,"job_id":9,"status":"running","applied_at":"2026-03-02T10:00:00+01:00","new":1}'
    )
    assert (fragment.kind, fragment.id) == ("application", "7")
    assert fragment.values == {"requisition": "9", "status": "active", "applied_at": AT}
    assert APPLICATION.owns == {"application": tuple(fragment.values)}


@pytest.mark.parametrize("raw", [b'{"id":"7"}', b'{"id":"7","job_id":"","status":"","new":null}'])
def test_absent_is_none(raw: bytes):
    """Whether a member is missing, null or empty."""
    assert set(read(raw).values.values()) == {None}


def test_a_new_word_is_kept():
    """As other:…, also where the vendor's words are the catalog's."""
    assert read(b'{"id":1,"status":"paused"}').values["status"] == "other:paused"
    assert read_enum("open", ("open", "closed")) == "open"
    assert read_enum("ajar", ("open", "closed")) == "other:ajar"


def test_an_instant_without_a_zone_is_refused():
    """Nobody knows which day it is."""
    with pytest.raises(msgspec.ValidationError):
        read(b'{"id":1,"applied_at":"2026-03-02T10:00:00"}')


def test_a_column_may_be_called_kind():
    """As in the guide's own example."""
    stage = SimpleRow("stage", "kind=category", kind={"phone": "screen"})
    assert read(b'{"id":1,"category":"phone"}', stage).values == {"kind": "screen"}


def test_members_of_objects_and_of_lists_of_objects():
    """A path leads into them; an absent object is an absent value."""
    rows = SimpleRow("application", "stage=stage.id requisition=job.ref.id tags=tags[].title")
    full = b'{"id":1,"stage":{"id":4},"job":{"ref":{"id":"r"}},"tags":[{"title":"a"},{"title":""}]}'
    assert read(full, rows).values == {"stage": "4", "requisition": "r", "tags": ("a",)}
    for empty in (b'{"id":1}', b'{"id":1,"stage":null,"job":{"ref":null}}'):
        assert set(read(empty, rows).values.values()) == {None}


def test_names_are_joined():
    """With a space; what is absent is left out."""
    rows = SimpleRow("user", "name=first_name+last_name", rename="camel")
    assert read(b'{"id":1,"firstName":" Ada","lastName":"L"}', rows).values == {"name": "Ada L"}
    assert read(b'{"id":1,"firstName":null,"lastName":"L"}', rows).values == {"name": "L"}
    assert read(b'{"id":1}', rows).values == {"name": None}


def test_days_lists_and_maps():
    """A day is a date, a list a tuple of texts, a map keeps its plain values."""
    rows = SimpleRow("requisition", "target_on custom")
    raw = b'{"id":1,"target_on":"2026-03-02","custom":{"team":"x","n":2,"odd":{"a":1},"no":null}}'
    assert read(raw, rows).values == {
        "target_on": date(2026, 3, 2),
        "custom": {"team": "x", "n": 2},
    }
    tags = SimpleRow("application", "tags")
    assert read(b'{"id":1,"tags":["a",7]}', tags).values == {"tags": ("a", "7")}


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (EpochFormat.SECONDS, b"1772442000"),
        (EpochFormat.MILLISECONDS, b"1772442000000"),
        (EpochFormat.MILLISECONDS, b'"1772442000000"'),
        (TextFormat("%d/%m/%Y %H:%M %z"), b'"02/03/2026 10:00 +0100"'),
        (TextFormat("%d/%m/%Y %H:%M", zone="Europe/Berlin"), b'"02/03/2026 10:00"'),
    ],
)
def test_instants_in_other_formats(form, value: bytes):
    """All of them are read as UTC."""
    rows = SimpleRow("application", "applied_at", formats={"applied_at": form})
    assert read(b'{"id":1,"applied_at":' + value + b"}", rows).values == {"applied_at": AT}
    assert read(b'{"id":1,"applied_at":null}', rows).values == {"applied_at": None}
    for bad in (b'"soon"', b'"02.03.2026"', b"1e300"):
        with pytest.raises(SkipRecord) as caught:
            read(b'{"id":1,"applied_at":' + bad + b"}", rows)
        assert caught.value.field == "applied_at"
        assert "soon" not in str(caught.value)


def test_days_in_other_formats():
    """The day as it is written, whatever the zone."""
    rows = SimpleRow("requisition", "target_on", formats={"target_on": TextFormat("%d.%m.%Y")})
    assert read(b'{"id":1,"target_on":"02.03.2026"}', rows).values["target_on"] == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("make", "what", "remedy"),
    [
        (lambda: SimpleRow("aplication", "status"), "no kind of record", "mean application"),
        (lambda: SimpleRow("application", "statuss"), "no column 'statuss'", "mean status"),
        (lambda: SimpleRow("application", "status status"), "named twice", "Remove"),
        (lambda: SimpleRow("application", "status=the-status"), "no member", "column=member"),
        (lambda: SimpleRow("application", "applied_at=a+b"), "only text is joined", "one"),
        (lambda: SimpleRow("application", "status=s[].x"), "not a list", "[]"),
        (lambda: SimpleRow("application", "status stage=status"), "two different types", "Struct"),
        (lambda: SimpleRow("application", "status", stage={}), "values of stage", "column"),
        (
            lambda: SimpleRow("application", "status", status={"on": "activ"}),
            "application.status has no value 'activ'",
            "mean active",
        ),
        (
            lambda: SimpleRow("application", "applied_at", applied_at={"a": "b"}),
            "is instant and has no values",
            "Remove",
        ),
        (
            lambda: SimpleRow(
                "application", "applied_at", formats={"applied_at": TextFormat("%d/%m/%Y")}
            ),
            "has no offset",
            "format",
        ),
        (
            lambda: SimpleRow("application", "status", formats={"status": EpochFormat.SECONDS}),
            "only instants and days",
            "format",
        ),
    ],
)
def test_a_mistake_of_the_author_is_one_clear_error(make, what: str, remedy: str):
    """What is wrong, where, and what was probably meant."""
    with pytest.raises(PluginError) as caught:
        make()
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.where.startswith("SimpleRow(")
