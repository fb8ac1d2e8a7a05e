"""Checks of what values mean: instants in any offset, unknown words, rows without a memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from atsbridge.model import KINDS, OTHER_TERM, FieldType, Fragment
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount
from atsbridge.testing.decoded_rows import Row
from atsbridge.testing.row_checks import mistakes, reread, sampled

ELSEWHERE = timezone(timedelta(hours=5, minutes=30))
NEW = "Brand New Word"
WRONG = "planted-secret-0815"


class MeaningChecks(ConnectorWorld):
    """Values keep their meaning, however the vendor writes them.

    `derived`: "kind.field" of an enum that a word of another meaning decides together with others,
    with the reason; an unknown word may change it to a known value. `added`: members of rows that
    the connector adds itself, so that no vendor can write a new word there.
    """

    derived: Mapping[str, str] = {}
    added: Sequence[str] = ()

    def test_offsets_of_instants_are_honored(self, rows: list[Row]) -> None:
        """The same instant in another offset gives the same fragments."""
        for row in sampled(rows, 5):
            data = msgspec.json.decode(row.raw)
            for path, bent in _elsewhere(data):
                found = reread(row.stream, bent) or []
                assert found == row.fragments, f"{row.stream.name}: {path} in another offset"
                assert list(mistakes(row.stream, found)) == []

    def test_unknown_values_stay_unknown(self, rows: list[Row]) -> None:
        """A word that the vendor adds becomes other:<word> or None, never a word that has a
        meaning. Of a status plain "other" has one: rules take it for none of the catalog's."""
        ids = _ids(rows)
        for row in sampled(rows, 8):
            data = msgspec.json.decode(row.raw)
            for path, bent in _reworded(data, ids):
                if path.split(".")[1] in self.added:
                    continue
                for what, value in _changed_enums(row.fragments, reread(row.stream, bent) or []):
                    assert what in self.derived or _is_open(what, value), (
                        f"{row.stream.name}: {path} = {NEW!r} makes {what} {value!r}:"
                        f' write "{OTHER_TERM}{NEW}", as `read_enum` does, or None'
                    )

    def test_normalize_has_no_memory(self, rows: list[Row]) -> None:
        """A row gives the same fragments after any other row, with a member absent too."""
        chosen = list(sampled(rows))
        for row in reversed(chosen):
            again = list(row.stream.normalize(row.row))
            assert again == row.fragments, f"{row.stream.name}: another order, other fragments"
        for name in dict.fromkeys(row.stream.name for row in chosen):
            mine = [row for row in chosen if row.stream.name == name]
            data = msgspec.json.decode(mine[len(mine) // 2].raw)
            for member in data:
                found = []
                for before in (mine[0], mine[-1]):
                    list(before.stream.normalize(before.row))
                    found.append(reread(before.stream, {**data, member: None}))
                assert found[0] == found[1], f"{name}: without {member} it remembers another row"

    def test_nothing_private_when_it_is_opened_and_refused(
        self, world: FakeAccount, caplog: pytest.LogCaptureFixture, capsys: Any
    ) -> None:
        """No secret in what the connector itself logs, prints or raises."""
        caplog.set_level(1)
        secrets = dict(world.secrets)
        connector = world.reopened()
        texts = [str(line) for line in connector.check()]
        texts += [repr(connector), repr(vars(connector).get("session"))]
        connector.close()
        wrong = world.reopened(**dict.fromkeys(secrets, WRONG))
        texts += [repr(line) for line in wrong.check()]
        wrong.close()
        printed = capsys.readouterr()
        text = "\n".join([*texts, caplog.text, printed.out, printed.err])
        planted = {**secrets, "a wrong one": WRONG}
        shown = [name for name, secret in planted.items() if secret in text]
        assert shown == [], "a secret was shown"


def _elsewhere(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Copies of the data, for each instant in it: one that writes it in another offset."""
    for name, value, put in _members(data):
        at = _instant(value)
        if at is not None and not (name == "id" and not path):
            yield f"{path}.{name}", put(at.astimezone(ELSEWHERE).isoformat())
        for inner, bent in _elsewhere(value, f"{path}.{name}"):
            yield inner, put(bent)


def _ids(rows: list[Row]) -> frozenset[str]:
    """The ids of all records, and those that records refer to."""
    found: set[str] = set()
    for fragment in (f for row in rows for f in row.fragments):
        found.add(fragment.id)
        refs = KINDS[fragment.kind].fields
        found |= {str(v) for name, v in fragment.values.items() if v and refs[name].ref}
    return frozenset(found)


def _reworded(data: Any, ids: frozenset[str], path: str = "") -> Iterator[tuple[str, Any]]:
    """Copies of the data, for each text that is neither instant nor id: one with a new word."""
    for name, value, put in _members(data):
        if isinstance(value, str) and value and _instant(value) is None and value not in ids:
            yield f"{path}.{name}", put(NEW)
        for inner, bent in _reworded(value, ids, f"{path}.{name}"):
            yield inner, put(bent)


def _members(data: Any) -> Iterator[tuple[str, Any, Any]]:
    """Name, value, and a function that gives a copy of the data with another value there."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield name, value, lambda new, name=name: {**data, name: new}
    elif isinstance(data, list):
        for place, value in enumerate(data[:2]):
            yield (
                f"[{place}]",
                value,
                lambda new, place=place: [*data[:place], new, *data[place + 1 :]],
            )


def _instant(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) < 16:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _is_open(path: str, value: str | None) -> bool:
    """Whether rules take it for unknown; where terms are not decisive, plain "other" will do."""
    kind, _, name = path.partition(".")
    if value is None or value.startswith(OTHER_TERM):
        return True
    return value == "other" and not KINDS[kind].fields[name].decisive


def _changed_enums(before: list[Fragment], after: list[Fragment]) -> Iterator[tuple[str, Any]]:
    """The enum columns of records in both that have another value now."""
    old = {(f.kind, f.id): f.values for f in before}
    for fragment in after:
        was = old.get((fragment.kind, fragment.id), {})
        for name, value in fragment.values.items():
            if KINDS[fragment.kind].fields[name].type is not FieldType.ENUM:
                continue
            if name in was and was[name] != value:
                yield f"{fragment.kind}.{name}", value
