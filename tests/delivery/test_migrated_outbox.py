"""A run delivers what an older version left in its outbox: nothing is lost, nothing sent twice."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_run import deliver
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule
from atsbridge.store.database.notice_columns import _COLUMNS
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

MARA = {"sink": "post", "kind": "person", "address": "mara@acme.example", "person": "u1"}
OPS = {"sink": "post", "kind": "channel", "address": "#ops", "person": None}
LEFT: dict[str, tuple[dict[str, Any], str, str, str, dict[str, Any]]] = {
    # key: destination, purpose, state, reason, receipt
    "queued": (MARA, "send", "queued", "", {}),
    "claimed": (MARA, "send", "sending", "claimed", {}),
    "departed": (MARA, "send", "sending", "", {}),
    "night": (MARA, "send", "held", "quiet hours", {}),
    "shadow": (MARA, "send", "held", "shadow", {}),
    "cured": (MARA, "send", "dropped", "cured", {}),
    "sent": (MARA, "send", "sent", "", {"id": "m-sent"}),
    "ops": (OPS, "ops", "queued", "", {"headline": "The sync is late", "body": "Look at it."}),
}


@pytest.fixture
def old_store(store: SqlStore, given: tuple[Any, Any], time: ManualTime, tmp_path: Path) -> Any:
    """The store as schema 4 had it, with `LEFT` on one open case each."""
    facts, make = given
    now = int(time.now().timestamp() * 1000)
    file = tmp_path / "store.db"
    seats = {key: Key("acme", "seat", f"s-{key}") for key in LEFT}
    cases = [make(seat) for seat in seats.values()]
    store.cases.save_decision(Decision(account="acme", at=time.now(), cases=cases))
    numbers = {one.subject.id: one.number for one in store.cases.read_cases("acme")}
    with closing(sqlite3.connect(file)) as base:
        for name in _COLUMNS:
            base.execute(f"ALTER TABLE notices DROP COLUMN {name}")
        base.execute("ALTER TABLE notices ADD COLUMN reason TEXT NOT NULL DEFAULT ''")
        for key, (to, purpose, state, reason, receipt) in LEFT.items():
            case = 0 if purpose == "ops" else numbers[f"s-{key}"]
            base.execute(
                "INSERT INTO notices (key, account, case_number, rule, kind, id, destination,"
                " purpose, step, state, reason, attempts, created_at, sent_at, receipt)"
                " VALUES (?, 'acme', ?, 'feedback-late', 'seat', ?, ?, ?, 1, ?, ?, 0, ?, ?, ?)",
                (
                    key,
                    case,
                    f"s-{key}",
                    json.dumps({**to, "why": "interviewer"}),
                    purpose,
                    state,
                    reason,
                    now,
                    now if state == "sent" else None,
                    json.dumps(receipt),
                ),
            )
        base.execute("UPDATE meta SET value = '4' WHERE name = 'schema'")
        base.commit()
    for seat in seats.values():
        store.facts[seat] = {**facts[Key("acme", "seat", "s1")], "requisition.title": seat.id}  # type: ignore[attr-defined]
    return store


def test_a_run_goes_on_where_the_old_version_stopped(
    old_store: Any,
    post: Any,
    rules: dict[str, Rule],
    directory: Directory,
    time: ManualTime,
    tmp_path: Path,
) -> None:
    """The one that had departed is found at the sink; a second run sends nothing."""
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}", time)
    opened.subjects = old_store.subjects
    post.sent.append(("mara@acme.example", "departed", None))
    for _ in range(2):
        deliver(DeliveryRequest("acme", opened, {"post": post}, rules, directory, time))
    assert sorted(key for _, key, _ in post.sent) == [
        "claimed",
        "departed",
        "night",
        "ops",
        "queued",
    ]
    (ops,) = (one for one in post.messages if one.key == "ops")
    assert (ops.headline, ops.body) == ("The sync is late", "Look at it.")
    states = {one.key: str(one.state) for one in opened.outbox.read_notices("acme")}
    assert states == dict.fromkeys(
        ("claimed", "departed", "night", "ops", "queued", "sent"), "sent"
    ) | {
        "shadow": "held",
        "cured": "dropped",
    }
    opened.close()
