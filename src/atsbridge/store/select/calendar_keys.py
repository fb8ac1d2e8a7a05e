"""Whose calendar counts for each user: a key beside the user, for the bounds of queries.

Which calendar that is, the settings say.
"""

from __future__ import annotations

from collections.abc import Mapping

from atsbridge.store.database import Database, sql


class People:
    """The part of the store that keeps calendars of users."""

    _database: Database

    def set_calendars(self, account: str, calendars: Mapping[str, str | None]) -> int:
        """user id -> calendar key; only those that differ are written. Returns how many."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql("SELECT id, calendar FROM users WHERE account = :account"),
                {"account": account},
            )
            there = {row[0]: row[1] for row in rows}
        differ = [
            {"account": account, "id": user, "calendar": key}
            for user, key in sorted(calendars.items())
            if user in there and there[user] != key
        ]
        if differ:
            with self._database.write() as connection:
                connection.execute(
                    sql(
                        "UPDATE users SET calendar = :calendar"
                        " WHERE account = :account AND id = :id"
                    ),
                    differ,
                )
        return len(differ)
