"""The rate of each credential as a row, changed by one process at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from atsbridge.ports import RateChange
from atsbridge.store.database import Database, sql

_SECOND = 1_000_000  # microseconds
_ADD = sql(
    "INSERT INTO rates (credential, state, at) VALUES (:credential, '', 0)"
    " ON CONFLICT (credential) DO NOTHING"
)
_HOLD = "SELECT state, at FROM rates WHERE credential = :credential"
_KEEP = sql("UPDATE rates SET state = :state, at = :at WHERE credential = :credential")
_SERVER_CLOCK = sql("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)")
_FILE_CLOCK = sql("SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)")


@dataclass(frozen=True, slots=True)
class SqlRates:
    """See `ports.RateStore`."""

    _database: Database

    def change(
        self, credential: str, change: RateChange, clock: Callable[[], float] | None = None
    ) -> None:
        """Replace the state of a credential within one transaction."""
        key = {"credential": credential}
        hold = sql(_HOLD if self._database.sqlite else f"{_HOLD} FOR UPDATE")
        with self._database.write() as connection:
            row = connection.execute(hold, key).first()
            if row is None:
                connection.execute(_ADD, key)
                row = connection.execute(hold, key).one()
            if clock is not None:
                now = round(clock() * _SECOND)
            else:
                read = _FILE_CLOCK if self._database.sqlite else _SERVER_CLOCK
                now = int(connection.execute(read).scalar_one())
            state = change(row[0], max(0, now - row[1]) / _SECOND)
            connection.execute(_KEEP, {**key, "state": state, "at": now})
