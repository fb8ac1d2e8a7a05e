"""Checks of `normalize`: pure, deterministic, tolerant, and true to the catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from atsbridge.errors import SkipRecord
from atsbridge.model import KINDS, Field, FieldType, Fragment
from atsbridge.ports import Stream
from atsbridge.sync import TolerantDecoder
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount
from atsbridge.testing.decoded_rows import Row, silent_streams

SAMPLE = 25  # rows of each stream that are changed
STRANGE: tuple[Any, ...] = (None, "brand new word", "", 0, -1, 3.5, True, [], {}, ["x"], {"x": 1})
_NOTHING = ("none", "null", "nan", "undefined")  # what an absent value becomes as text
_PLAIN: dict[FieldType, Any] = {
    FieldType.TEXT: str,
    FieldType.INT: int,
    FieldType.NUMBER: (int, float),
    FieldType.BOOL: bool,
    FieldType.ENUM: str,
    FieldType.REF: str,
    FieldType.LIST: (tuple, list),
    FieldType.MAP: dict,
}


def wrong(field: Field, value: Any) -> str:
    """Why the value is not valid for the field; "" if it is. None always is."""
    if value is None:
        return ""
    if field.type is FieldType.INSTANT:
        aware = isinstance(value, datetime) and value.utcoffset() == timedelta(0)
        return "" if aware else "is no aware datetime in UTC"
    if field.type is FieldType.DATE:
        plain = isinstance(value, date) and not isinstance(value, datetime)
        return "" if plain else "is no date"
    kinds = _PLAIN[field.type]
    if not isinstance(value, kinds) or (
        isinstance(value, bool) and field.type is not FieldType.BOOL
    ):
        return f"is a {type(value).__name__}, not {field.type}"
    if field.type is FieldType.ENUM and value not in field.values and value[:6] != "other:":
        return f"is no word of the catalog; an unknown one is stored as other:{value}"
    if field.type is FieldType.REF and not value:
        return "is an empty id: absent is None"
    if field.type is FieldType.REF and value.lower() in _NOTHING:
        return f"is the text {value!r}: absent is None"
    return ""


def mistakes(stream: Stream, fragments: list[Fragment]) -> Iterator[str]:
    """Find the errors in the fragments of one row."""
    for fragment in fragments:
        owned = stream.owns.get(fragment.kind)
        if owned is None or fragment.values.keys() != set(owned):
            yield f"{stream.name}: a {fragment.kind} has other columns than `owns` declares"
            continue
        if not isinstance(fragment.id, str) or not fragment.id:
            yield f"{stream.name}: a {fragment.kind} has no id as text: {fragment.id!r}"
        for name, value in fragment.values.items():
            if why := wrong(KINDS[fragment.kind].fields[name], value):
                yield f"{stream.name}: {fragment.kind}.{name} {why}"


def sampled(rows: list[Row], most: int = SAMPLE) -> Iterator[Row]:
    """Some rows of every stream."""
    taken: dict[str, int] = defaultdict(int)
    for row in rows:
        taken[row.stream.name] += 1
        if taken[row.stream.name] <= most:
            yield row


def reread(stream: Stream, data: Any) -> list[Fragment] | None:
    """The fragments of a row; None if it is left out by an error with a sentence, not a crash."""
    try:
        return list(
            stream.normalize(msgspec.json.decode(msgspec.json.encode(data), type=stream.row))
        )
    except (msgspec.DecodeError, SkipRecord):
        return None


def _without(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Copies of the data, for each member at any depth: one without it, one with null."""
    if isinstance(data, list):
        for place, one in enumerate(data[:2]):
            for inner, bent in _without(one, f"{path}[{place}]"):
                yield inner, [*data[:place], bent, *data[place + 1 :]]
    if not isinstance(data, dict):
        return
    for name, value in data.items():
        if path or name != "id":
            yield f"{path}.{name}", {k: v for k, v in data.items() if k != name}
            yield f"{path}.{name} = null", {**data, name: None}
        for inner, bent in _without(value, f"{path}.{name}"):
            yield inner, {**data, name: bent}


class RowChecks(ConnectorWorld):
    """Rows become fragments that fit the catalog."""

    def test_values_are_what_the_catalog_says(self, rows: list[Row]) -> None:
        """Columns are declared, ids text, instants in UTC, enum values known, absent is None."""
        found = dict.fromkeys(m for row in rows for m in mistakes(row.stream, row.fragments))
        assert list(found) == []

    def test_every_list_has_rows(self, shared: FakeAccount, rows: list[Row]) -> None:
        """The fake returns rows of every list: of others, nothing here is checked."""
        silent = [stream.name for stream in silent_streams(shared.spec.streams, rows)]
        assert not silent, f"no row of {', '.join(silent)} was read: let the fake return some"

    def test_normalize_is_pure_and_deterministic(self, rows: list[Row]) -> None:
        """The same row gives the same fragments, and is not changed."""
        for row in rows:
            before = msgspec.json.encode(row.row)
            assert list(row.stream.normalize(row.row)) == row.fragments
            assert msgspec.json.encode(row.row) == before

    def test_what_is_new_in_a_row_is_ignored(self, rows: list[Row]) -> None:
        """Vendors add members without notice."""
        for row in sampled(rows):
            data = msgspec.json.decode(row.raw)
            data["member_nobody_knows"] = {"a": [1, None], "b": "x"}
            assert reread(row.stream, data) == row.fragments, row.stream.name

    def test_nulls_and_absence_read_the_same(self, rows: list[Row]) -> None:
        """A row of nulls, or with only an id, gives declared columns with None, or nothing."""
        for row in sampled(rows):
            raw_id = msgspec.json.decode(row.raw)["id"]
            nulls = {**dict.fromkeys(msgspec.json.decode(row.raw)), "id": raw_id}
            for data in (nulls, {"id": raw_id}):
                fragments = reread(row.stream, data) or []
                assert list(mistakes(row.stream, fragments)) == []

    def test_no_value_crashes_normalize(self, rows: list[Row]) -> None:
        """Unexpected text, numbers and lists are ignored, kept as other:…, or cost one record."""
        for row in sampled(rows):
            data = msgspec.json.decode(row.raw)
            for name in [n for n in data if n != "id"]:
                for strange in STRANGE:
                    fragments = reread(row.stream, {**data, name: strange}) or []
                    found = list(mistakes(row.stream, fragments))
                    assert found == [], f"with {name} = {strange!r}"

    def test_any_member_may_be_missing_at_any_depth(self, rows: list[Row]) -> None:
        """A member that is absent or null at any depth is unknown, or costs one record."""
        for row in sampled(rows, 5):
            for path, bent in _without(msgspec.json.decode(row.raw)):
                fragments = reread(row.stream, bent) or []
                found = list(mistakes(row.stream, fragments))
                assert found == [], f"without {path}"

    def test_a_retyped_member_costs_that_member(self, rows: list[Row]) -> None:
        """A member of another type costs that member; the record only if it needs the member."""
        for row in sampled(rows, 3):
            data, stream = msgspec.json.decode(row.raw), row.stream
            decoder = TolerantDecoder(stream.row, stream.normalize, stream.owns)
            for name in [n for n in data if n != "id"]:
                without = {k: v for k, v in data.items() if k != name}
                if reread(stream, without) is None:
                    continue  # the record needs it, by its type or by SkipRecord
                for strange in ({"r": [1]}, 12345, "word", [7]):
                    bent = {**data, name: strange}
                    if reread(stream, bent) is None:
                        saved = decoder.decode(msgspec.json.encode(bent))
                        assert saved, f"{stream.name}: {name} = {strange!r} costs the whole row"

    def test_references_lead_to_records(self, rows: list[Row]) -> None:
        """A reference has the same id as the record in its own stream."""
        known: dict[str, set[str]] = defaultdict(set)
        links: dict[tuple[str, str], set[str]] = defaultdict(set)
        for fragment in (f for row in rows for f in row.fragments):
            known[fragment.kind].add(fragment.id)
            for name, value in fragment.values.items():
                field = KINDS[fragment.kind].fields[name]
                if field.ref and value is not None:
                    links[f"{fragment.kind}.{name}", field.ref].add(value)
        for (path, kind), ids in links.items():
            if known[kind]:
                assert ids & known[kind], f"no {path} leads to a {kind} that was read"

    def test_no_two_streams_own_one_column(self, rows: list[Row]) -> None:
        """Two lists may fill one kind, but never the same column of one record."""
        supplied_by: dict[tuple[str, str, str], str] = {}
        for row in rows:
            for fragment in row.fragments:
                for column in fragment.values:
                    key = (fragment.kind, fragment.id, column)
                    assert supplied_by.setdefault(key, row.stream.name) == row.stream.name, key

    def test_rows_hold_no_contact_of_a_candidate(
        self, shared: FakeAccount, rows: list[Row]
    ) -> None:
        """Addresses of candidates are never stored."""
        contacts = [shared.company.candidate_email(c) for c in shared.company.records("candidate")]
        text = repr([row.fragments for row in rows])
        assert [contact for contact in contacts if contact in text] == []
