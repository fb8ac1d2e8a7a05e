"""Whatever comes in, what goes on can be stored in either database and read back."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atsbridge.model.catalog import KINDS, field
from atsbridge.model.fields import FieldType
from atsbridge.model.fragment import by_column
from atsbridge.model.value_bounds import (
    LAST,
    MAX_ID,
    MAX_ITEMS,
    MAX_LONG,
    MAX_TEXT,
    corrections,
    is_id,
    storable,
)
from atsbridge.store.database.codec import decode, encode

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PATHS = {  # one column of every type that is stored
    "requisition.title": FieldType.TEXT,
    "requisition.headcount": FieldType.INT,
    "requisition.pay_min": FieldType.NUMBER,
    "requisition.confidential": FieldType.BOOL,
    "requisition.opened_at": FieldType.INSTANT,
    "requisition.target_on": FieldType.DATE,
    "requisition.status": FieldType.ENUM,
    "requisition.office": FieldType.REF,
    "requisition.custom": FieldType.MAP,
    "application.tags": FieldType.LIST,
}
HALF = "\ud800"
ANY_TEXT = st.text(st.characters(), max_size=30) | st.sampled_from([HALF, "\0", f"a{HALF}\0b", " "])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**20, -(10**30), 2**63, 2**63 - 1, 10**400])
    | st.floats()
    | ANY_TEXT
    | st.datetimes(timezones=st.none() | st.just(UTC) | st.just(timezone(timedelta(hours=-23))))
    | st.dates()
    | st.binary(max_size=5)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(ANY_TEXT | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


def bounded(path, *values):
    """What goes on of these values, and what was said of them."""
    kind, _, name = path.partition(".")
    held, why = list(values), [""] * len(values)
    for wrong in corrections(kind, {name: values}):
        held[wrong.at], why[wrong.at] = wrong.value, wrong.why
    return held, why


def good(kind, stored):
    """Whether both databases hold a stored value of that type."""
    if stored is None:
        return True
    if kind in (FieldType.INT, FieldType.BOOL, FieldType.INSTANT):
        return type(stored) is int and -(2**63) <= stored < 2**63
    if kind is FieldType.NUMBER:
        whole = type(stored) is int and -(2**63) <= stored < 2**63
        return whole or (type(stored) is float and math.isfinite(stored))
    return type(stored) is str and "\0" not in stored and stored.encode() != b""


def test_the_paths_are_of_every_type_that_is_stored():
    assert {field(path).type for path in PATHS} == set(FieldType) - {FieldType.INTERVAL}
    assert all(field(path).type is kind for path, kind in PATHS.items())


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=60, deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=5))
def test_what_goes_on_can_be_stored_and_read_back(path, values):
    """Beside any other values of its column; a second look finds nothing more."""
    held, _ = bounded(path, *values)
    one = field(path)
    for value in held:
        stored = encode(one, value)
        assert good(one.type, stored), (value, stored)
        decode(one, stored)
    assert bounded(path, *held) == (held, [""] * len(held))


@settings(max_examples=150, deadline=None)
@given(ANY_TEXT, st.integers(1, 12))
def test_any_text_is_storable_within_its_room(text, room):
    held = storable(text, room)
    assert len(held) <= room
    assert "\0" not in held
    held.encode()
    assert storable(held, room) == held


@pytest.mark.parametrize(
    ("path", "value", "held", "why"),
    [
        ("requisition.headcount", 10**20, None, "a number out of range"),
        ("requisition.headcount", -(2**63) - 1, None, "a number out of range"),
        ("requisition.headcount", 2**63 - 1, 2**63 - 1, ""),
        ("requisition.headcount", 3.0, 3, ""),
        ("requisition.headcount", 3.5, None, "a number with a fraction"),
        ("requisition.headcount", math.inf, None, "a number that is not finite"),
        ("requisition.headcount", True, None, "no number"),
        ("requisition.headcount", "7", None, "no number"),
        ("requisition.pay_min", math.nan, None, "a number that is not finite"),
        ("requisition.pay_min", 1.5, 1.5, ""),
        ("requisition.pay_min", 10**400, None, "a number out of range"),
        ("requisition.opened_at", LAST, None, "in the year 2200"),
        ("requisition.opened_at", datetime(1, 1, 1, tzinfo=UTC), None, "in the year 1"),
        ("requisition.opened_at", datetime(2026, 3, 2), None, "an instant without a zone"),  # noqa: DTZ001
        ("requisition.opened_at", date(2026, 3, 2), None, "no instant"),
        ("requisition.target_on", date(9999, 12, 31), None, "in the year 9999"),
        ("requisition.target_on", NOON, None, "no day"),
        ("requisition.confidential", 1, None, "no yes or no"),
        ("requisition.title", f"half {HALF} a pair", "half \ufffd a pair", ""),
        ("requisition.title", "x" * (MAX_TEXT + 9), "x" * (MAX_TEXT - 1) + "…", ""),
        ("requisition.title", {"a": 1}, '{"a":1}', ""),
        ("requisition.title", "", None, ""),
        ("requisition.office", "", None, ""),
        ("requisition.office", "o\0", "o\ufffd", ""),
        ("requisition.custom", ["x"], None, "no map"),
        ("requisition.custom", {"a": 10**20}, {"a": 10**20}, ""),
        ("requisition.custom", {"a": 2**20_000}, {"a": None}, ""),
        ("requisition.custom", {"k\0": {"b": [HALF]}}, {"k\ufffd": {"b": ["\ufffd"]}}, ""),
        ("application.tags", "one", None, "no list"),
        ("application.tags", ["a", 2, "\0"], ("a", "2", "\ufffd"), ""),
    ],
)
def test_a_value_out_of_bounds_is_corrected_or_refused(path, value, held, why):
    """Alone, and among good ones, which stay as they are."""
    assert bounded(path, value) == ([held], [why])
    fine = {FieldType.MAP: {"a": "b"}, FieldType.LIST: ("b",), FieldType.INSTANT: NOON}
    other = fine.get(PATHS[path])
    assert bounded(path, other, value, other) == ([other, held, other], ["", why, ""])


def test_what_is_deep_long_or_many_is_cut():
    """Nobody's own fields fill the store."""
    deep = {}
    at = deep
    for _ in range(500):
        at["a"] = {}
        at = at["a"]
    (held,), _ = bounded("requisition.custom", deep)
    assert json.dumps(held).count("{") <= 21
    (held,), _ = bounded("requisition.custom", {str(n): n for n in range(30 * MAX_ITEMS)})
    assert len(held) == MAX_ITEMS
    (held,), _ = bounded("requisition.custom", {"long": "x" * (MAX_LONG + 50)})
    assert len(held["long"]) == MAX_LONG
    (held,), _ = bounded("application.tags", ["x"] * (MAX_ITEMS + 50))
    assert len(held) == MAX_ITEMS


def test_good_values_are_left_as_they_are():
    """Not copied either: a page of them yields nothing."""
    columns = KINDS["requisition"].supplied
    row = dict.fromkeys(columns)
    row |= {
        "title": "Ingénieur 👩🏽‍🚀",
        "headcount": 2,
        "pay_min": 1.5,
        "opened_at": NOON,
        "target_on": NOON.date(),
        "confidential": False,
        "custom": {"a": ["b", {"c": None}], "d": 1.5},
    }
    rows = [row, row, dict.fromkeys(columns)]
    assert list(corrections("requisition", by_column(rows, columns))) == []


@pytest.mark.parametrize(
    "text", ["", " ", "\t", "a\0", "a\n", HALF, "a\ufffd", "x" * (MAX_ID + 1), "\x7f"]
)
def test_what_cannot_be_an_id(text):
    assert not is_id(text)


@pytest.mark.parametrize("text", ["1", "a:b", "R&D / HQ", "é", "x" * MAX_ID])
def test_what_can_be_an_id(text):
    assert is_id(text)
