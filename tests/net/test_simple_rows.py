"""Rows written as data: one column per member, typed by the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from atsbridge.net.simple_rows import SimpleRow, read_enum

APPLICATION = SimpleRow(
    "application", "requisition=job_id status applied_at", status={"running": "active"}
)


def read(raw: bytes):
    (fragment,) = APPLICATION.normalise(msgspec.json.decode(raw, type=APPLICATION.row))
    return fragment


def test_members_become_columns():
    """Under their own names: ids as text, instants in UTC, words translated."""
    fragment = read(
        b'{"id":7,"job_id":9,"status":"running","applied_at":"2026-03-02T10:00:00+01:00","new":1}'
    )
    assert (fragment.kind, fragment.id) == ("application", "7")
    assert fragment.values == {
        "requisition": "9",
        "status": "active",
        "applied_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
    }
    assert APPLICATION.owns == {"application": tuple(fragment.values)}


@pytest.mark.parametrize("raw", [b'{"id":"7"}', b'{"id":"7","job_id":"","status":"","new":null}'])
def test_absent_is_none(raw: bytes):
    """Whether a member is missing, null or empty."""
    assert set(read(raw).values.values()) == {None}


def test_a_new_word_is_kept():
    """As other:…, also where the vendor's words are the catalogue's."""
    assert read(b'{"id":1,"status":"paused"}').values["status"] == "other:paused"
    assert read_enum("open", ("open", "closed")) == "open"
    assert read_enum("ajar", ("open", "closed")) == "other:ajar"


def test_an_instant_without_a_zone_is_refused():
    """Nobody knows which day it is."""
    with pytest.raises(msgspec.ValidationError):
        read(b'{"id":1,"applied_at":"2026-03-02T10:00:00"}')
