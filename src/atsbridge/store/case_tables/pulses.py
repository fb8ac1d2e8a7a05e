"""The answers of pairs after a search. They are read for the two alone, and then erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atsbridge.model import PulseSheet, storable
from atsbridge.store.database import Database, instant, instant_or_none, ms, sql

_ASK = (
    "INSERT INTO pulses (account, requisition, person, asked_at)"
    " VALUES (:account, :requisition, :person, :asked_at)"
    " ON CONFLICT (account, requisition, person) DO NOTHING"
)
_SAVE = (
    "UPDATE pulses SET clear = :clear, quick = :quick WHERE account = :account"
    " AND requisition = :requisition AND person = :person AND shown_at IS NULL"
)
_CLOSE = (
    "UPDATE pulses SET clear = NULL, quick = NULL, shown_at = :at"
    " WHERE account = :account AND requisition = :requisition AND shown_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class SqlPulses:
    """Sheets of the two of a pair. See `ports.PulseStore`."""

    _database: Database

    def ask_pulse(self, sheets: Sequence[PulseSheet]) -> None:
        """Store that these people were asked. A person is asked once about a requisition."""
        if sheets:
            with self._database.write() as connection:
                connection.execute(sql(_ASK), [_key(one) | _asked(one) for one in sheets])

    def read_sheets(self, account: str, requisition: str | None = None) -> Sequence[PulseSheet]:
        """The sheets of an account, or of one requisition, in order of requisition and person."""
        which = {"account": account}
        where = "account = :account"
        if requisition is not None:
            where += " AND requisition = :requisition"
            which["requisition"] = requisition
        with self._database.read() as connection:
            rows = connection.execute(
                sql(f"SELECT * FROM pulses WHERE {where} ORDER BY requisition, person"), which
            )
            return [_sheet(row) for row in rows]

    def save_answers(self, sheet: PulseSheet) -> None:
        """Store the answers of a sheet; nothing once it was shown."""
        clear, quick = sheet.answers
        with self._database.write() as connection:
            connection.execute(sql(_SAVE), _key(sheet) | {"clear": clear, "quick": quick})

    def close_pulse(self, account: str, requisition: str, at: datetime) -> None:
        """Erase the answers of both: they were shown to them."""
        which = {"account": account, "requisition": requisition, "at": ms(at)}
        with self._database.write() as connection:
            connection.execute(sql(_CLOSE), which)


def _key(one: PulseSheet) -> dict[str, Any]:
    return {
        "account": one.account,
        "requisition": one.requisition,
        "person": storable(one.person),
    }


def _asked(one: PulseSheet) -> dict[str, Any]:
    return {"asked_at": ms(one.asked_at)}


def _sheet(row: Any) -> PulseSheet:
    return PulseSheet(
        account=row.account,
        requisition=row.requisition,
        person=row.person,
        asked_at=instant(row.asked_at),
        answers=(row.clear, row.quick),
        shown_at=instant_or_none(row.shown_at),
    )
