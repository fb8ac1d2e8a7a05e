"""How fast many open cases are decided, and whether a flood of notices stays within the cap.

    python benchmarks/attention.py [CASES] [NOTICES] [PEOPLE]

Prints the seconds that deciding 10,000 open cases and storing the decision on SQLite takes, and
what 200 people get of 1,000 notices in a day and the morning after.
"""

from __future__ import annotations

import sys
import tempfile
import time as wall
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.cases.quiet_hours import Attention
from atsbridge.cases.recipients import Directory
from atsbridge.context.suppression import CaseNotices
from atsbridge.model.case import Case, Clock
from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.organization import User
from atsbridge.model.record import Key
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.ports.decision_store import Decision
from atsbridge.presentation import digest_message
from atsbridge.rules.compile.discovery import builtin_folder
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime
from atsbridge.worktime.calendar import Calendar, parse_hours

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)  # a Monday
CAP = 3
OFFICE = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
OPS = Destination("slack", "channel", "#ops")


def main(cases: int, notices: int, people: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'store.db'}", ManualTime(NOW))
        seconds, busy = deciding(store, cases)
        print(f"{cases:,} open cases decided and stored in {seconds:.2f} s, {busy:.2f} s of CPU")
        flood(store, notices, people)
        store.close()


def deciding(store: SqlStore, count: int) -> tuple[float, float]:
    """Seconds, and CPU seconds, from verdicts to the stored decision; each case takes a step."""
    text = (builtin_folder() / "responsiveness.yaml").read_text("utf-8")
    rules = load([("responsiveness.yaml", text)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
    users = {f"u{n}": _user(n) for n in range(200)}
    directory = Directory(users=users, teams={}, ops=OPS, sinks=("slack",))
    seats = [Key("acme", "seat", f"s{n}") for n in range(count)]
    opened = [
        Case(
            number=0,
            rule="feedback-late",
            subject=seat,
            opened_at=NOW - timedelta(hours=5),
            clock=Clock.WARNED,
            owed_by=f"u{n % 200}",
            steps_done=(0,),
        )
        for n, seat in enumerate(seats)
    ]
    store.cases.save_decision(Decision(account="acme", at=NOW, cases=opened))
    verdicts = [
        Verdict(
            rule="feedback-late",
            subject=seat,
            at=NOW,
            state=State.BREACHED,
            due=Due(NOW, (None, NOW, None, None)),
            owed_by=f"u{n % 200}",
            steps_due=(0, 1),
            evidence={"seat.user": f"u{n % 200}"},
        )
        for n, seat in enumerate(seats)
    ]
    began, busy = wall.perf_counter(), wall.process_time()
    options = DecisionOptions(
        directory=directory,
        calendars=lambda _user, _name: OFFICE,
        read_notices=CaseNotices(store, "acme").of_case,
    )
    held = store.cases.read_open_cases("acme")
    decided = decide("acme", NOW, verdicts, held, rules, options)
    store.cases.save_decision(decided)
    return wall.perf_counter() - began, wall.process_time() - busy


def flood(store: SqlStore, count: int, people: int) -> None:
    """What everybody gets of `count` notices; raises where one is lost or somebody over the cap."""
    subject = Key("globex", "account", "globex")
    store.outbox.queue(
        [
            Notice(
                key=f"n{n}",
                account="globex",
                case=0,
                rule=f"rule-{n % 7}",
                subject=subject,
                destination=Destination("slack", "person", f"p{n % people}@acme.example"),
                purpose=Purpose.SEND,
                created_at=NOW,
            )
            for n in range(count)
        ]
    )
    attention = Attention(calendar=lambda _to: OFFICE, per_day=CAP)
    got = _deliver(store, attention, NOW)
    waits = sum(one.state is NoticeState.HELD for one in store.outbox.read_notices("globex"))
    morning = NOW.replace(day=10, hour=9, minute=30)
    mornings = _deliver(store, attention, morning)
    states = Counter(
        str(one.state) for one in store.outbox.read_notices("globex") if one.key.startswith("n")
    )
    assert sum(got.values()) + waits == count
    assert max(got.values()) <= CAP
    assert max(mornings.values(), default=0) <= 1
    assert states == {"sent": count}, states
    print(
        f"{count:,} notices to {people:,} people: {sum(got.values()):,} at once, at most"
        f" {max(got.values())} each; {waits:,} in {sum(mornings.values()):,} digests; none lost"
    )


def _deliver(store: SqlStore, attention: Attention, now: datetime) -> Counter[str]:
    """Claim and settle as delivery does, without a sink: person -> messages."""
    got: Counter[str] = Counter()
    held = store.outbox.read_notices("globex", states=[NoticeState.HELD])
    store.outbox.queue(digest_message.gather("globex", now, held, ()))

    while batch := store.outbox.claim("globex", now, 100, lambda w, s: attention.admit(w, s, now)):
        for notice in batch:
            got[notice.destination.address] += 1
            lines = (
                digest_message.find_digest_lines(notice, held)
                if notice.purpose is Purpose.DIGEST
                else []
            )
            store.outbox.settle(_sent(notice, now), *(_sent(line, now) for line in lines))
    return got


def _sent(notice: Notice, now: datetime) -> Notice:
    from dataclasses import replace

    return replace(notice, state=NoticeState.SENT, sent_at=now)


def _user(number: int) -> User:
    return User(
        account="acme",
        id=f"u{number}",
        name=f"Person {number}",
        email=f"p{number}@acme.example",
        active=True,
    )


if __name__ == "__main__":
    sizes = [int(one) for one in sys.argv[1:]] + [10_000, 1_000, 200][len(sys.argv) - 1 :]
    main(*sizes)
