"""A store with as many requisitions, applications and promises as a report has to carry.

Rows are written at once, past the sync: what is measured and tested here is reading them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import isqrt
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from atsbridge.context import Services
from atsbridge.model import KINDS, Case, Clock, Key, Promise, PromiseOutcome
from atsbridge.ports import Decision, StreamState, StreamStatus
from atsbridge.store.database import RECORDS, encode

ACCOUNT = "acme"
SETTINGS = """\
[accounts.acme]
connector = "greenhouse"
client_id = "invented"
client_secret = "invented"

[sinks.console]
kind = "console"

[teams.ops]
sink = "console"
to = "channel:#ops"

[teams.recruiting_ops]
sink = "console"
to = "channel:#recruiting-ops"

[notify]
dm = ["console"]
ops = "ops"
"""
_ALL_PARTS = 2**40 - 1
_BATCH = 20_000
_STAGES = (("New", "lead"), ("Screen", "screen"), ("Interview", "interview"), ("Offer", "offer"))


@dataclass(frozen=True, slots=True)
class StoreSize:
    """How much of each. `pairs`: recruiters times managers that work together."""

    requisitions: int = 500
    applications: int = 5000
    promises: int = 4000
    cases: int = 150
    pairs: int = 200
    text: str = ""  # stands in every name, title and stage


def write_settings(folder: Path, size: StoreSize, *, opted_in: bool = True) -> Path:
    """The settings, with everybody opted in to figures of their pairs."""
    people = [f'"{_email(user)}"' for user in range(_people(size))] if opted_in else []
    config = folder / "atsbridge.toml"
    config.write_text(f"{SETTINGS}\n[report]\npairs = [{', '.join(people)}]\n", "utf-8")
    config.chmod(0o600)
    return config


def fill(services: Services, folder: Path, size: StoreSize, now: datetime) -> None:
    """Fill the store in this folder; `now`: the instant of the report, aware UTC."""
    store = services.store
    for stream in services.spec(ACCOUNT).streams:
        state = StreamState(
            stream=stream.name,
            status=StreamStatus.GOOD,
            bookmark=now,
            read_at=now,
            returned=True,
        )
        store.records.save_state(ACCOUNT, state)
    source = random.Random(1)
    engine = create_engine(f"sqlite:///{folder / 'atsbridge.db'}")
    with engine.begin() as connection:
        for kind, rows in _rows(size, now, source):
            table, waiting = RECORDS[kind], iter(rows)
            while batch := list(islice(waiting, _BATCH)):
                connection.execute(insert(table), [stored(kind, row) for row in batch])
    engine.dispose()
    store.promises.save_promises(ACCOUNT, list(_promises(size, now, source)))
    cases = [_case(size, number, now) for number in range(size.cases)]
    store.cases.save_decision(Decision(account=ACCOUNT, at=now, cases=cases))


def stored(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A record of the account as a row of its table."""
    fields = KINDS[kind].fields
    values = {name: encode(fields[name], value) for name, value in row.items() if name in fields}
    return {"account": ACCOUNT, "id": row["id"], "parts": _ALL_PARTS, **values}


def _people(size: StoreSize) -> int:
    return 2 * (isqrt(size.pairs) + 1)


def _email(user: int) -> str:
    return f"person{user}@acme.example"


def _pair(size: StoreSize, requisition: int) -> tuple[int, int]:
    """Recruiter and manager of a requisition: so many different pairs, one after the other."""
    people = _people(size)
    half = people // 2
    pair = requisition % size.pairs
    return pair % half, half + pair // half % (people - half)


def _rows(
    size: StoreSize, now: datetime, source: random.Random
) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    yield (
        "user",
        (
            {
                "id": f"u{user}",
                "name": f"Person {user} {size.text}",
                "email": _email(user),
                "active": True,
            }
            for user in range(_people(size))
        ),
    )
    yield (
        "stage",
        (
            {"id": f"s{place}", "name": f"{name} {size.text}", "kind": kind, "order": place}
            for place, (name, kind) in enumerate(_STAGES)
        ),
    )
    yield "requisition", (_requisition(size, number, now) for number in range(size.requisitions))
    yield (
        "candidate",
        (
            {"id": f"c{number}", "initials": f"A{size.text}"[:40]}
            for number in range(min(size.applications, 1000))
        ),
    )
    yield "application", (_application(size, n, now, source) for n in range(size.applications))
    yield (
        "stage_stay",
        (stay for number in range(size.applications) for stay in _stays(number, now)),
    )


def _requisition(size: StoreSize, number: int, now: datetime) -> dict[str, Any]:
    recruiter, manager = _pair(size, number)
    return {
        "id": f"r{number}",
        "code": f"ENG-{number}",
        "title": f"Engineer {number} {size.text}",
        "status": "open",
        "confidential": False,
        "url": f"https://ats.example/{number}",
        "opened_at": now - timedelta(days=number % 90),
        "headcount": 2,
        "filled": 0,
        "recruiter": f"u{recruiter}",
        "hiring_manager": f"u{manager}",
        "assignee": f"u{manager if number % 2 else recruiter}",
        "assignee_role": "hiring_manager" if number % 2 else "recruiter",
        "assignee_since": now - timedelta(days=number % 20),
    }


def _application(
    size: StoreSize, number: int, now: datetime, source: random.Random
) -> dict[str, Any]:
    active = number % 3 == 0
    return {
        "id": f"a{number}",
        "requisition": f"r{number % size.requisitions}",
        "candidate": f"c{number % 1000}",
        "stage": f"s{number % 4}",
        "status": "active" if active else "rejected",
        "applied_at": now - timedelta(minutes=number % 120_000),
        "closed_at": None if active else now - timedelta(minutes=source.randrange(90_000)),
        "stage_entered_at": now - timedelta(hours=90),
        "assignee": f"u{number % _people(size)}",
        "assignee_role": "recruiter",
        "assignee_since": now - timedelta(hours=90),
    }


def _stays(number: int, now: datetime) -> Iterator[dict[str, Any]]:
    at = now - timedelta(minutes=number % 120_000)
    for place in range(number % 4 + 1):
        last = place == number % 4
        end = at + timedelta(hours=1 + (number * 7 + place) % 200)
        yield {
            "id": f"y{number}-{place}",
            "application": f"a{number}",
            "stage": f"s{place}",
            "entered_at": at,
            "left_at": None if last or end > now else end,
        }
        at = end


def _promises(size: StoreSize, now: datetime, source: random.Random) -> Iterator[Promise]:
    rules = {"feedback-late": ("manager", "seat"), "stalled-in-stage": ("recruiter", "application")}
    outcomes = [PromiseOutcome.ON_TIME] * 6 + [PromiseOutcome.LATE] * 2
    outcomes += [PromiseOutcome.CANCELLED, PromiseOutcome.UNKNOWN]
    for number in range(size.promises):
        rule, (side, kind) = list(rules.items())[number % 2]
        requisition = number % size.requisitions
        recruiter, manager = _pair(size, requisition)
        end = now - timedelta(minutes=source.randrange(11 * 7 * 24 * 60))
        outcome = source.choice(outcomes)
        answered = outcome in (PromiseOutcome.ON_TIME, PromiseOutcome.LATE)
        yield Promise(
            rule=rule,
            side=side,
            subject=Key(ACCOUNT, kind, f"p{number}"),
            started_at=end - timedelta(hours=30),
            due_at=end - timedelta(hours=1 if outcome is PromiseOutcome.LATE else -1),
            ended_at=end,
            counted_at=end,
            outcome=outcome,
            worked=timedelta(minutes=source.randrange(2000)) if answered else None,
            owed_by=f"u{manager}",
            requisition=f"r{requisition}",
            stage=f"s{number % 4}",
            recruiter=f"u{recruiter}",
            manager=f"u{manager}",
            why="application.status" if outcome is PromiseOutcome.UNKNOWN else "",
        )


def _case(size: StoreSize, number: int, now: datetime) -> Case:
    application = number * 3  # active ones
    return Case(
        number=0,
        rule="stalled-in-stage",
        subject=Key(ACCOUNT, "application", f"a{application}"),
        opened_at=now - timedelta(hours=5),
        clock=Clock.BREACHED,
        started_at=now - timedelta(hours=90),
        due_at=now - timedelta(hours=4),
        owed_by=f"u{application % _people(size)}",
        steps_done=(0,),
    )
