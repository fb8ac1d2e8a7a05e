"""Values are replaced by others of their shape, the same by the same, and nothing stays."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from atsbridge.recording.replacement import Replacer

MEMBERS = ("id", "name", "email", "status", "createdAt", "applied_at", "owner", "custom", "url")


def bytes_of(size: int) -> bytes:
    return hashlib.sha256(b"recording").digest()[:size]


@pytest.fixture
def replacer() -> Replacer:
    return Replacer(("active", "hired", "Hired"), MEMBERS, bytes_of)


def test_the_same_value_becomes_the_same_one(replacer: Replacer) -> None:
    """Also as a number, as a text, and inside a composite id."""
    found = replacer.replace({"id": 48151, "owner": "48151", "url": "48151:16234"})
    assert found["owner"] == str(found["id"]) == found["url"].partition(":")[0]
    assert found["id"] != 48151
    assert replacer.replace({"id": 48152})["id"] != found["id"]


def test_many_ids_stay_different(replacer: Replacer) -> None:
    ids = range(10, 100)
    found = [replacer.replace({"id": one})["id"] for one in ids]
    assert len(set(found)) == len(ids)
    assert all(10 <= one < 100 for one in found)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("zelda.planted@x.example", r"[0-9a-f]{10}@[0-9a-f]{10}\.example"),
        ("+49 (30) 901-820", r"\+\d\d \(\d\d\) \d{3}-\d{3}"),
        ("DE89370400440532013000", r"[A-Z]{2}\d{20}"),
        ("Zelda Planted", r"[A-Z][a-z]{4} [A-Z][a-z]{6}"),
        ("Ünal Çelik", r"[A-Z][a-z]{3} [A-Z][a-z]{4}"),
        ("https://ats.example/people/zelda", r"https://[0-9a-f]{10}\.example/[0-9a-f]{10}"),
        ("She said that she would rather work from home", r"text [0-9a-f]{10}"),
        ("x" * 5000, r"text [0-9a-f]{10}"),
        ("14:30", "09:00"),
        ("", ""),
    ],
)
def test_texts_keep_their_shape_and_nothing_else(
    replacer: Replacer, value: str, shape: str
) -> None:
    import re

    found = replacer.replace({"name": value})["name"]
    assert re.fullmatch(shape, found), found
    assert not value or value == "14:30" or found != value


def test_dates_move_by_the_same_whole_weeks(replacer: Replacer) -> None:
    from datetime import datetime

    at = "2026-11-03T09:30:15.250+00:00"
    row = {"applied_at": at, "createdAt": 1793698215250, "name": "2026-11-03"}
    found = replacer.replace(row)
    moved = datetime.fromisoformat(found["applied_at"]) - datetime.fromisoformat(at)
    assert moved.total_seconds() < 0
    assert moved.total_seconds() % (7 * 86400) == 0
    assert found["createdAt"] - 1793698215250 == moved.total_seconds() * 1000
    assert found["name"] == found["applied_at"][:10]


def test_only_words_that_the_connector_knows_stay_and_only_where_they_are_words(
    replacer: Replacer,
) -> None:
    rows = [
        {"status": "active", "name": "Hired"},
        {"status": "hired", "name": "Zelda"},
        {"status": "brand new", "name": "Kim"},
    ]
    replacer.learn(rows)
    found = [replacer.replace(row) for row in rows]
    assert [one["status"] for one in found[:2]] == ["active", "hired"]
    assert found[2]["status"] != "brand new"
    assert "Hired" not in [one["name"] for one in found]


def test_unknown_members_are_replaced_with_their_names(replacer: Replacer) -> None:
    """A customer's own field is named by the customer; a map may have people as keys."""
    found = replacer.replace({"custom": {"Zelda Planted": {"salary_zelda": 98765}}})
    assert "elda" not in repr(found)
    assert "98765" not in repr(found)


@pytest.mark.parametrize("value", [None, True, False, 0, 1, [], {}])
def test_values_that_tell_nothing_stay(replacer: Replacer, value: Any) -> None:
    assert replacer.replace({"name": value}) == {"name": value}


def test_numbers_keep_their_digits_and_sign(replacer: Replacer) -> None:
    found = replacer.replace({"id": -12345, "name": 1234.5})
    assert -99999 <= found["id"] <= -10000
    assert 1000 <= found["name"] < 10000


def test_another_recording_replaces_otherwise() -> None:
    one = Replacer((), MEMBERS, bytes_of).replace({"name": "Zelda"})
    other = Replacer((), MEMBERS, lambda size: bytes(size)).replace({"name": "Zelda"})
    assert one != other
