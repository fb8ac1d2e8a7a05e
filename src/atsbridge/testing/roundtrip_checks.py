"""The round trip: a company served by the connector's fake and read back is the same company."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from atsbridge.model import Record
from atsbridge.net import COMMON
from atsbridge.sandbox import Company
from atsbridge.testing.connector_world import MANY, ConnectorWorld, FakeAccount
from atsbridge.testing.decoded_rows import RecordValues, merge_fragments


class RoundTrip(ConnectorWorld):
    """Compares field by field, without what the spec's signals and `tell` declare."""

    def test_the_company_read_back_is_the_company(self) -> None:
        """At the start and after some days: nothing missing, nothing invented, no other value."""
        with self.standing(MANY) as world:
            for days in (0, 9):
                world.clock.advance(timedelta(days=days))
                world.company.advance(world.clock.now())
                found = merge_fragments(world.read())
                wanted = self.expected(world)
                assert list(differences(found, wanted))[:20] == []
        empty = [kind for kind, records in wanted.items() if not records]
        assert not empty, f"nothing of kind {empty} was told"

    def expected(self, world: FakeAccount) -> RecordValues:
        """The company as this ATS expresses it."""
        owned: dict[str, set[str]] = {}
        for stream in world.spec.streams:
            for kind, columns in stream.owns.items():
                owned.setdefault(kind, set()).update(columns)
        return {
            kind: dict(self._records(kind, columns, world.company))
            for kind, columns in owned.items()
            if kind != "candidate" or columns - COMMON - _names(columns)
        }

    def _records(
        self, kind: str, columns: set[str], company: Company
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        lossy = {p.partition(".")[2] for p in self.spec.signals if p.startswith(f"{kind}.")}
        plain = columns - lossy - {"url", "custom"}
        for record in company.records(kind).values():
            if record.deleted_at is None and (one := self._one(kind, record, plain, company)):
                yield one

    def _one(
        self, kind: str, record: Record, columns: set[str], company: Company
    ) -> tuple[str, dict[str, Any]] | None:
        values = {column: getattr(record, column) for column in columns}
        return self.tell(kind, record, values, company)


def _names(columns: set[str]) -> set[str]:
    return columns & {"display_name", "initials"}  # of candidates; read when a notice needs them


def differences(found: RecordValues, wanted: RecordValues) -> Iterator[str]:
    """Every record and field that differs."""
    for kind, records in wanted.items():
        got = found.get(kind, {})
        yield from (f"{kind}/{key} is missing" for key in sorted(records.keys() - got.keys()))
        yield from (f"{kind}/{key} is made up" for key in sorted(got.keys() - records.keys()))
        for key in records.keys() & got.keys():
            for name, value in records[key].items():
                if got[key].get(name) != value:
                    yield f"{kind}/{key}.{name} is {got[key].get(name)!r}, not {value!r}"
