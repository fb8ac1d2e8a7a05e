"""Bytes that are kept between runs and can be computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from atsbridge.store.database import Database, sql

_KEEP = (
    "INSERT INTO cache (key, value) VALUES (:key, :value)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


def keep(connection: Connection, values: Mapping[str, bytes]) -> None:
    """Store these values in the cache, within a transaction that does more."""
    rows = [{"key": key, "value": value} for key, value in values.items()]
    if rows:
        connection.execute(sql(_KEEP), rows)


@dataclass(frozen=True, slots=True)
class SqlRunState:
    """Bytes kept between runs. See `ports.RunStateStore`."""

    _database: Database

    def get(self, key: str) -> bytes | None:
        """What `put` last kept under the key, or None."""
        with self._database.read() as connection:
            found = connection.execute(
                sql("SELECT value FROM cache WHERE key = :key"), {"key": key}
            ).scalar_one_or_none()
        return None if found is None else bytes(found)

    def put(self, key: str, value: bytes) -> None:
        """Keep bytes that can be made again."""
        with self._database.write() as connection:
            keep(connection, {key: value})
