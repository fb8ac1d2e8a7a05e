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
_SERVER_CLOCK = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
_FILE_CLOCK = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
_HOLD = "SELECT state, at, {clock} AS now FROM rates WHERE credential = :credential"
_KEEP = sql("UPDATE rates SET state = :state, at = :at WHERE credential = :credential")


@dataclass(frozen=True, slots=True)
class SqlRateLimits:
    """See `ports.RateStore`. A request waits for it: it is as few statements as can be."""

    _database: Database

    def change(
        self, credential: str, change: RateChange, clock: Callable[[], float] | None = None
    ) -> None:
        """Replace the state of a credential within one transaction."""
        key = {"credential": credential}
        if self._database.sqlite:
            hold = sql(_HOLD.format(clock=_FILE_CLOCK))
        else:
            hold = sql(f"{_HOLD.format(clock=_SERVER_CLOCK)} FOR UPDATE")
        with self._database.write(fenced=False) as connection:
            row = connection.execute(hold, key).first()
            if row is None:
                connection.execute(_ADD, key)
                row = connection.execute(hold, key).one()
            now = row.now if clock is None else round(clock() * _SECOND)
            state = change(row.state, max(0, now - row.at) / _SECOND)
            connection.execute(_KEEP, {**key, "state": state, "at": now})
