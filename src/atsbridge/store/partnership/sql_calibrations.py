"""Calibration rounds and the ratings in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atsbridge.model import CalibrationRound, Key, ProfileRating, storable
from atsbridge.store.database import (
    Database,
    dump,
    instant,
    instant_or_none,
    load,
    ms,
    ms_or_none,
    sql,
)

_MINE = "account = :account AND requisition = :requisition"
_ONE = f"{_MINE} AND number = :number"
_ADD = (
    "INSERT INTO calibrations (account, requisition, number, begun_at, people, compared_at)"
    " VALUES (:account, :requisition, :number, :begun_at, :people, :compared_at)"
)
_ADD_PROFILE = (
    "INSERT INTO calibration_profiles (account, requisition, number, id, place)"
    " VALUES (:account, :requisition, :number, :id, :place)"
)
_RATE = (
    "INSERT INTO calibration_ratings (account, requisition, number, id, person, value, remark)"
    " VALUES (:account, :requisition, :number, :id, :person, :value, :remark)"
    " ON CONFLICT (account, requisition, number, id, person)"
    " DO UPDATE SET value = excluded.value, remark = excluded.remark"
)


@dataclass(frozen=True, slots=True)
class SqlCalibrations:
    """Calibration rounds. See `ports.CalibrationStore`."""

    _database: Database

    def add_round(self, fresh: CalibrationRound) -> None:
        """Store a round."""
        row = {
            **_which(fresh),
            "begun_at": ms(fresh.begun_at),
            "people": dump(dict(fresh.people)),
            "compared_at": ms_or_none(fresh.compared_at),
        }
        profiles = [
            {**_which(fresh), "id": one, "place": place} for place, one in enumerate(fresh.profiles)
        ]
        with self._database.write() as connection:
            connection.execute(sql(_ADD), row)
            connection.execute(sql(_ADD_PROFILE), profiles)

    def read_rounds(self, requisition: Key) -> Sequence[CalibrationRound]:
        """The rounds of a requisition, oldest first; erased profiles are left out."""
        which = {"account": requisition.account, "requisition": requisition.id}
        with self._database.read() as connection:
            rounds = connection.execute(
                sql(f"SELECT * FROM calibrations WHERE {_MINE} ORDER BY number"), which
            ).all()
            rows = connection.execute(
                sql(
                    "SELECT number, id FROM calibration_profiles"
                    f" WHERE {_MINE} ORDER BY number, place"
                ),
                which,
            ).all()
        profiles: dict[int, list[str]] = {}
        for row in rows:
            profiles.setdefault(row.number, []).append(row.id)
        return [
            CalibrationRound(
                requisition,
                row.number,
                instant(row.begun_at),
                tuple(profiles.get(row.number, ())),
                load(row.people),
                instant_or_none(row.compared_at),
            )
            for row in rounds
        ]

    def save_ratings(self, of: CalibrationRound, ratings: Sequence[ProfileRating]) -> None:
        """Store ratings; the newer rating of a person and profile replaces the older."""
        rows = [
            {
                **_which(of),
                "id": one.application,
                "person": one.user,
                "value": one.value,
                "remark": storable(one.remark),
            }
            for one in ratings
        ]
        if rows:
            with self._database.write() as connection:
                connection.execute(sql(_RATE), rows)

    def read_ratings(self, of: CalibrationRound) -> Sequence[ProfileRating]:
        """All ratings of a round."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(f"SELECT * FROM calibration_ratings WHERE {_ONE} ORDER BY id, person"),
                _which(of),
            ).all()
        return [ProfileRating(row.id, row.person, row.value, row.remark) for row in rows]

    def mark_compared(self, of: CalibrationRound, at: datetime) -> None:
        """Note when both got the comparison."""
        with self._database.write() as connection:
            connection.execute(
                sql(f"UPDATE calibrations SET compared_at = :at WHERE {_ONE}"),
                {**_which(of), "at": ms(at)},
            )


def _which(one: CalibrationRound) -> dict[str, Any]:
    return {
        "account": one.requisition.account,
        "requisition": one.requisition.id,
        "number": one.number,
    }
