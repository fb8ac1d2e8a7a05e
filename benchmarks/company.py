"""A large company's records, put into a store's tables without a sync: what `rules` evaluates.

1,000,000 applications, 120,000 of them active, 100,000 interviews with a seat each, 20,000
requisitions, 500 people in five time zones. A few in a hundred promises are late, as in a company
that uses such a tool. How records get into a store for real is measured in `sync`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from atsbridge.model.organization import User
from atsbridge.store.database.connection import Database
from atsbridge.store.database.record_tables import RECORDS
from atsbridge.store.sql_store import SqlStore

ACCOUNT = "acme"
NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)  # a Wednesday
ZONES = ("Europe/Lisbon", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney")
SEGMENTS = ("p0", "p1", "p2", "p3", "p4")
ASSIGNEES = ("recruiter", "hiring_manager", "coordinator")
_DAY = timedelta(days=1)
_BATCH = 20_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each."""

    applications: int = 1_000_000
    active: int = 120_000
    interviews: int = 100_000
    requisitions: int = 20_000
    people: int = 500


def people(size: Size) -> list[User]:
    """Everybody, by number; their zone is that of their number."""
    return [
        User(account=ACCOUNT, id=f"u{n}", name=f"P{n}", email=f"p{n}@acme.example", active=True)
        for n in range(size.people)
    ]


def zone(user: User) -> str:
    """Where somebody works."""
    return ZONES[int(user.id[1:]) % len(ZONES)]


def fill(database: Database, size: Size, calendars: dict[str, str]) -> None:
    """Write all of it. `calendars`: user id -> the key of their calendar."""
    dice = random.Random(5)
    users = (
        {"id": u.id, "email": u.email, "active": 1, "calendar": calendars[u.id]}
        for u in people(size)
    )
    put(database, "user", users)
    put(database, "requisition", _requisitions(size, dice))
    put(
        database,
        "stage",
        (
            {"id": f"s{n}", "kind": kind, "name": kind}
            for n, kind in enumerate(("review", "interview", "screen"))
        ),
    )
    put(database, "application", applications(size, dice))
    put(database, "interview", _interviews(size, dice))
    put(
        database,
        "scorecard",
        (
            {"id": f"c{n:06}", "submitted_at": _ms(NOW - _DAY)}
            for n in range(size.interviews)
            if n % 25
        ),
    )
    put(database, "seat", _seats(size, dice))


def age(database: Database, size: Size) -> None:
    """As many closed applications again, older than all that are there."""
    older = (
        {**row, "id": f"0{row['id']}"}
        for row in applications(size, random.Random(7))
        if row["status"] != "active"
    )
    put(database, "application", older)


def put(database: Database, kind: str, rows: Iterable[Row]) -> None:
    """Rows of one kind, all with the same columns, in the order of their ids."""
    table = RECORDS[kind]
    with database.write() as connection:
        left = iter(rows)
        while batch := list(islice(left, _BATCH)):
            names = ["account", "first_seen_at", *batch[0]]
            marks = ", ".join("?" for _ in names)
            columns = ", ".join(f'"{name}"' for name in names)
            insert = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"
            values = [(ACCOUNT, _ms(NOW), *row.values()) for row in batch]
            connection.exec_driver_sql(database.driver(insert), values)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _ago(dice: random.Random, most: float, late: float = 0.05) -> int:
    """An instant of the last `most` days; a few lie up to ten times as far back."""
    days = dice.random() * most * (10 if dice.random() < late else 1)
    return _ms(NOW - days * _DAY)


def _requisitions(size: Size, dice: random.Random) -> Iterator[Row]:
    for n in range(size.requisitions):
        is_open = n % 4 == 0
        yield {
            "id": f"r{n:05}",
            "status": "open" if is_open else "closed",
            "title": f"Role {n}",
            "priority": dice.choice(SEGMENTS),
            "recruiter": f"u{dice.randrange(size.people)}",
            "hiring_manager": f"u{dice.randrange(size.people)}",
            "opened_at": _ago(dice, 6),
            "first_submission_at": None if n % 8 == 0 else _ago(dice, 5),
        }


def applications(size: Size, dice: random.Random) -> Iterator[Row]:
    """Every application, in order of id."""
    every = size.applications // size.active
    for n in range(size.applications):
        active = n % every == 0
        requisition = dice.randrange(size.requisitions // 4) * 4 if active else n
        stage = dice.randrange(3)
        feedback = stage == 1 and dice.random() < 0.3
        yield {
            "id": f"a{n:07}",
            "requisition": f"r{requisition % size.requisitions:05}",
            "status": "active" if active else "rejected",
            "stage": f"s{stage}",
            "stage_entered_at": _ago(dice, 18) if active else _ago(dice, 300),
            "submitted_at": _ago(dice, 1.2),
            "feedback_complete_at": _ago(dice, 1.2) if feedback else None,
            "decided_at": None if active and dice.random() < 0.4 else _ms(NOW),
            "closed_at": None if active else _ms(NOW - 30 * _DAY),
            "assignee": f"u{dice.randrange(size.people)}" if active else None,
            "assignee_role": dice.choice(ASSIGNEES) if active else None,
            "assignee_since": _ago(dice, 15) if active else None,
        }


def _interviews(size: Size, dice: random.Random) -> Iterator[Row]:
    every = size.applications // size.active
    for n in range(size.interviews):
        yield {
            "id": f"i{n:06}",
            "application": f"a{dice.randrange(size.active) * every:07}",
            "status": "scheduled",
            "ends_at": _ago(dice, 0.9) if n % 25 == 0 else _ago(dice, 40),
        }


def _seats(size: Size, dice: random.Random) -> Iterator[Row]:
    for n in range(size.interviews):
        yield {
            "id": f"t{n:06}",
            "interview": f"i{n:06}",
            "user": f"u{dice.randrange(size.people)}",
            "feedback_required": 1,
            "feedback_owed": 1,
            "scorecard": f"c{n:06}" if n % 25 else None,
        }


def settle(store: SqlStore) -> None:
    """All that is stored counts as evaluated."""
    from atsbridge.ports.decision_store import Decision

    store.cases.save_decision(Decision(account=ACCOUNT, at=NOW, dirty_done=True))
