"""A rule over 90 days of the past on a large store: `python -m benchmarks.backtest`.

Goal: each rule within 30 seconds on 1,000,000 applications (120,000 active), 100,000 interviews and
20,000 requisitions. The store is filled by plain inserts; what is measured is reading it, living
every subject through and counting.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as of_day
from pathlib import Path
from typing import Any

from atsbridge.cases.recipients import Directory
from atsbridge.model.notice import Destination
from atsbridge.model.organization import User
from atsbridge.rules.compile import discovery
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.simulation.backtest_figures import MessageHabits, figures
from atsbridge.simulation.backtest_run import backtest
from atsbridge.simulation.past_rows import BacktestWindow
from atsbridge.store.database.record_tables import RECORDS
from atsbridge.store.database.tables import CHANGES
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime
from atsbridge.worktime.calendar import Calendar, parse_hours

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
RULES = ("feedback-late", "profile-review-late", "stalled-in-stage")
GOAL = 30.0
USERS = 200
_HOURS = parse_hours("mon-fri 09:00-18:00")
_ZONES = ("UTC", "Europe/Lisbon", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
CALENDARS = [Calendar(zone, zone, _HOURS) for zone in _ZONES]
_STAGES = ("lead", "review", "screen", "interview", "offer")
_DAY = 86_400_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=1_000_000, help="applications")
    options.add_argument("--url", default="", help="an empty store; else a SQLite file of its own")
    options.add_argument("--rules", default=",".join(RULES))
    chosen = options.parse_args()
    gc.disable()  # as the command does: nothing here goes round in circles, so nothing piles up
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.url or f"sqlite:///{Path(folder) / 'store.db'}"
        store = open_store(url, ManualTime(NOW))
        began = time.perf_counter()
        fill(store, chosen.records)
        print(f"{chosen.records:,} applications written in {time.perf_counter() - began:.0f} s")
        slowest = max(run(store, name) for name in chosen.rules.split(","))
        store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    verdict = "reached" if slowest <= GOAL else "missed"
    print(f"slowest {slowest:.1f} s (goal {GOAL:.0f} s: {verdict}), peak {peak:,} MB")


def run(store: SqlStore, name: str) -> float:
    """Seconds for one rule over 90 days."""
    folder = discovery.builtin_folder()
    packs = discovery.texts(sorted(folder.glob("*.yaml")), folder)
    rule = load(packs, {kind.name: kind for kind in BUILTIN_KINDS}).rules[name]

    def calendar(user: str | None, _name: str) -> Calendar:
        return CALENDARS[int(user or 0) % len(CALENDARS)]

    around = EvaluationContext(now=NOW, calendars=calendar)
    users = {
        str(n): User(account="acme", id=str(n), name=f"P{n}", email=f"p{n}@x.example", active=True)
        for n in range(USERS)
    }
    ops = Destination("chat", "channel", "#ops")
    directory = Directory(users=users, teams={}, ops=ops, sinks=("chat",))
    began, busy = time.perf_counter(), time.process_time()
    window = BacktestWindow(NOW - timedelta(days=90), NOW)
    outcome = backtest("acme", rule, store, around, directory, window)
    habits = MessageHabits(
        calendar=lambda to: calendar(to.person, ""),
        quiet=True,
        digest_at=of_day(9, 30),
        per_day=3,
    )
    found = figures(outcome, habits)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    print(
        f"{name}: {seconds:.1f} s ({busy:.1f} s of CPU), {found.subjects:,} looked at,"
        f" {found.opened:,} cases, {found.messages:,} messages, no history for {found.unsure:,}"
    )
    return seconds


def fill(store: SqlStore, applications: int) -> None:
    """A company of the past three years; an eighth of the applications is active."""
    dice = random.Random(7)
    now, span = int(NOW.timestamp() * 1000), 1095 * _DAY
    requisitions = max(applications // 50, 1)
    interviews = applications // 10
    active = applications * 12 // 100

    def ago(most: int) -> int:
        return now - dice.randrange(most)

    def people() -> Iterator[dict[str, Any]]:
        yield from ({"id": str(n), "name": f"P{n}", "active": 1} for n in range(USERS))

    def stages() -> Iterator[dict[str, Any]]:
        yield from ({"id": str(n), "name": k, "kind": k} for n, k in enumerate(_STAGES))

    def searches() -> Iterator[dict[str, Any]]:
        for n in range(requisitions):
            yield {
                "id": str(n),
                "status": "open",
                "title": f"Search {n}",
                "opened_at": ago(span),
                "recruiter": str(n % USERS),
                "hiring_manager": str((n + 7) % USERS),
            }

    def candidates() -> Iterator[dict[str, Any]]:
        for n in range(applications):
            live = n < active
            applied = ago(120 * _DAY if live else span)
            closed = None if live else min(now, applied + dice.randrange(60 * _DAY))
            entered = min(now, applied + dice.randrange(20 * _DAY))
            decided = entered + dice.randrange(6 * _DAY) if dice.random() < 0.7 else None
            yield {
                "id": str(n),
                "requisition": str(n % requisitions),
                "stage": str(n % len(_STAGES)),
                "status": "active" if live else "rejected",
                "recruiter": str(n % USERS),
                "created_at": applied,
                "applied_at": applied,
                "closed_at": closed,
                "stage_entered_at": entered,
                "submitted_at": entered,
                "decided_at": decided if decided and decided < now else None,
                "assignee": str(n % USERS) if live else None,
                "assignee_role": "recruiter" if live else None,
                "assignee_since": entered if live else None,
            }

    def stays() -> Iterator[dict[str, Any]]:
        for n in range(applications):
            for stage in range(2):
                at = ago(120 * _DAY if n < active else span)
                ident = f"{n}-{stage}"
                yield {
                    "id": ident,
                    "application": str(n),
                    "stage": str(stage),
                    "entered_at": at,
                    "left_at": None,
                }

    def talks() -> Iterator[dict[str, Any]]:
        for n in range(interviews):
            at = ago(span // 2)
            whose = n if n % 2 else (n * 7) % applications
            row = {"id": str(n), "application": str(whose), "status": "complete"}
            yield row | {"created_at": at - 3 * _DAY, "starts_at": at - 3_600_000, "ends_at": at}

    def seats() -> Iterator[dict[str, Any]]:
        for n in range(interviews):
            row = {"id": str(n), "interview": str(n), "user": str(n % USERS)}
            yield row | {
                "scorecard": str(n),
                "feedback_required": int(n % 10 > 0),
                "feedback_owed": int(n % 10 > 0),
            }

    def cards() -> Iterator[dict[str, Any]]:
        for n in range(interviews):
            yield {"id": str(n), "author": str(n % USERS), "submitted_at": ago(span // 2)}

    tables = {
        "user": people(),
        "stage": stages(),
        "requisition": searches(),
        "application": candidates(),
        "stage_stay": stays(),
        "interview": talks(),
        "seat": seats(),
        "scorecard": cards(),
    }
    for kind, rows in tables.items():
        put(store, kind, rows, seen=now - 60 * _DAY)
    log(store, applications, now)


def put(store: SqlStore, kind: str, rows: Iterable[dict[str, Any]], seen: int) -> None:
    common = {"account": "acme", "parts": 0, "first_seen_at": seen}
    for piece in pieces(rows):
        with store._database.write() as connection:
            connection.execute(RECORDS[kind].insert(), [common | row for row in piece])


def log(store: SqlStore, applications: int, now: int) -> None:
    """A change for every fifth application: a status that took another word."""
    rows = (
        {
            "account": "acme",
            "kind": "application",
            "id": str(n),
            "field": "status",
            "old": '"on_hold"',
            "new": '"active"',
            "observed_at": now - n % 60 * _DAY,
            "origin": "poll",
        }
        for n in range(0, applications, 5)
    )
    for piece in pieces(rows):
        with store._database.write() as connection:
            connection.execute(CHANGES.insert(), piece)


def pieces(
    rows: Iterable[dict[str, Any]], size: int = 20_000
) -> Iterator[Sequence[dict[str, Any]]]:
    piece: list[dict[str, Any]] = []
    for row in rows:
        piece.append(row)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece


if __name__ == "__main__":
    main()
