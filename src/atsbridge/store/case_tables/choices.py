"""What people chose about their own messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from atsbridge.model import Choice, ChoiceTopic, ChoiceValue, PersonChoices, storable
from atsbridge.store.database import Database, instant, ms, sql

_PUT = (
    "INSERT INTO choices (person, topic, value, at, actor)"
    " VALUES (:person, :topic, :value, :at, :actor)"
)
_READ = "SELECT person, topic, value, at, actor FROM choices"


@dataclass(frozen=True, slots=True)
class SqlChoices:
    """Choices of people; the latest of a topic holds. See `ports.ChoiceStore`."""

    _database: Database

    def save_choices(self, choices: Sequence[Choice]) -> None:
        """Store choices that one person made at once. One that holds already is not repeated."""
        with self._database.write() as connection:
            for one in choices:
                known = _choices(connection, "WHERE person = :person", {"person": one.person})
                last = next((old for old in reversed(known) if old.topic is one.topic), None)
                if last is None or last.value is not one.value:
                    connection.execute(sql(_PUT), _row(one))

    def read_choices(self) -> Mapping[str, PersonChoices]:
        """Person -> the choices that hold, in order of person."""
        found: dict[str, dict[str, Choice]] = {}
        with self._database.read() as connection:
            for one in _choices(connection):
                found.setdefault(one.person, {})[one.topic.value] = one
        return {person: PersonChoices(**its) for person, its in sorted(found.items())}

    def read_choice_history(self, person: str) -> Sequence[Choice]:
        """Every choice of a person, oldest first."""
        with self._database.read() as connection:
            return _choices(connection, "WHERE person = :person", {"person": person})

    def undo_choice(self, person: str) -> Sequence[Choice]:
        """Take back what the person chose last; returns that, nothing where they chose nothing."""
        which = {"person": person}
        with self._database.write() as connection:
            known = _choices(connection, "WHERE person = :person", which)
            if not known:
                return ()
            statement = "DELETE FROM choices WHERE person = :person AND at = :at"
            connection.execute(sql(statement), {**which, "at": ms(known[-1].at)})
        return [one for one in known if one.at == known[-1].at]


def _choices(
    connection: Connection, where: str = "", which: Mapping[str, Any] | None = None
) -> list[Choice]:
    rows = connection.execute(sql(f"{_READ} {where} ORDER BY number"), which or {})
    return [
        Choice(
            row.person, ChoiceTopic(row.topic), ChoiceValue(row.value), instant(row.at), row.actor
        )
        for row in rows
    ]


def _row(one: Choice) -> dict[str, Any]:
    return {
        "person": storable(one.person),
        "topic": one.topic.value,
        "value": one.value.value,
        "at": ms(one.at),
        "actor": storable(one.actor),
    }
