"""Summaries of past runs, small facts an account keeps between ticks, and the cache.

What is in them is the writer's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from atsbridge.store.codec import dump, load, ms
from atsbridge.store.database import Database, sql

_KEEP = (
    "INSERT INTO cache (key, value) VALUES (:key, :value)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


def keep(connection: Connection, values: Mapping[str, bytes]) -> None:
    """Put these into the cache within a transaction that does more."""
    rows = [{"key": key, "value": value} for key, value in values.items()]
    if rows:
        connection.execute(sql(_KEEP), rows)


class Runs:
    """The part of the store that remembers runs."""

    _database: Database

    def save_run(self, account: str, at: datetime, summary: Mapping[str, Any]) -> None:
        """Keep the summary (plain values) of a run on an account."""
        with self._database.write() as connection:
            connection.execute(
                sql("INSERT INTO runs (account, at, summary) VALUES (:account, :at, :summary)"),
                {"account": account, "at": ms(at), "summary": dump(dict(summary))},
            )

    def last_run(self, account: str) -> Mapping[str, Any] | None:
        """The summary of the newest run on an account, or None."""
        with self._database.read() as connection:
            found = connection.execute(
                sql(
                    "SELECT summary FROM runs WHERE account = :account ORDER BY number DESC LIMIT 1"
                ),
                {"account": account},
            ).scalar_one_or_none()
        return None if found is None else dict(load(found))

    def cache_get(self, key: str) -> bytes | None:
        """What `cache_put` last kept under the key, or None."""
        with self._database.read() as connection:
            found = connection.execute(
                sql("SELECT value FROM cache WHERE key = :key"), {"key": key}
            ).scalar_one_or_none()
        return None if found is None else bytes(found)

    def cache_put(self, key: str, value: bytes) -> None:
        """Keep bytes that can be made again."""
        with self._database.write() as connection:
            keep(connection, {key: value})
