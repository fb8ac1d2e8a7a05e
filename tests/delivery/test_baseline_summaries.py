"""What was late at the first run of a rule is one message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.model.case import End, FirstLook
from atsbridge.model.fields import Sensitivity
from atsbridge.model.notice import NoticeState, Purpose
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

from .conftest import OPS, SEAT, Run, notice


def test_a_first_look_is_one_message(
    store: SqlStore, run: Run, post: Any, time: ManualTime, given: tuple[Any, Any]
) -> None:
    """The ten that wait longest by name, the rest counted; what is cured is left out."""
    _, make = given
    now = time.now()
    facts = store.facts[SEAT]  # type: ignore[attr-defined]
    cases = []
    for n in range(13):
        key = Key("acme", "seat", f"s{n:02}")
        store.facts[key] = {**facts, "requisition.code": f"REQ-{n}"}  # type: ignore[attr-defined]
        due = datetime(2026, 3, 1 + n // 2, 12, tzinfo=UTC)
        ended = End.RESOLVED if n == 0 else None
        cases.append(make(key, first_look=FirstLook.SUMMARY, due_at=due, started_at=due, end=ended))
    summary = notice(
        "k1",
        OPS,
        purpose=Purpose.SUMMARY,
        rule="",
        subject=Key("acme", "account", "acme"),
        step=-1,
        created_at=now,
    )
    store.cases.save_decision(Decision(account="acme", at=now, cases=cases, notices=[summary]))
    assert run().counts == {NoticeState.SENT: 1}
    (message,) = post.messages
    lines = message.body.splitlines()
    assert "12" in message.headline
    assert [line.partition(":")[0] for line in lines[3:13]] == [
        f"• Data Engineer (REQ-{n})" for n in range(1, 11)
    ]
    assert len(lines) == 14


def test_a_first_look_is_told_by_search(
    store: SqlStore, run: Run, post: Any, time: ManualTime, given: tuple[Any, Any]
) -> None:
    """One line for a requisition with all that waits in it; of cases that were open before, too."""
    _, make = given
    now = time.now()
    facts = store.facts[SEAT]  # type: ignore[attr-defined]
    cases = []
    for n in range(5):
        key = Key("acme", "seat", f"s{n}")
        store.facts[key] = dict(facts)  # type: ignore[attr-defined]
        opened = now - timedelta(days=9) if n == 4 else now
        look = FirstLook.SUMMARY if n < 4 else FirstLook.NONE
        cases.append(make(key, first_look=look, opened_at=opened, owed_by=f"u{n % 2 + 1}"))
    summary = notice("k1", OPS, purpose=Purpose.SUMMARY, rule="", step=-1, created_at=now)
    store.cases.save_decision(Decision(account="acme", at=now, cases=cases, notices=[]))
    older = next(case.number for case in store.cases.read_cases("acme") if not case.in_summary)
    store.outbox.queue([replace(summary, summary_cases=(older,))])
    run()
    (message,) = post.messages
    assert "5" in message.headline
    (line,) = message.body.splitlines()[3:]
    assert line.startswith("• Data Engineer (REQ-104)")
    assert "Mara Lind and Ravi Sen" in line


@pytest.mark.parametrize("clearance", [Sensitivity.OPEN, Sensitivity.PERSONAL])
def test_a_first_look_names_people_where_the_sink_may_carry_names(
    clearance: Sensitivity,
    store: SqlStore,
    run: Run,
    post: Any,
    time: ManualTime,
    given: tuple[Any, Any],
) -> None:
    """As in every other message; what is late is said either way."""
    case = given[1](SEAT, first_look=FirstLook.SUMMARY)
    summary = notice("k1", OPS, purpose=Purpose.SUMMARY, rule="", step=-1, created_at=time.now())
    store.cases.save_decision(
        Decision(account="acme", at=time.now(), cases=[case], notices=[summary])
    )
    run(clearance={"post": clearance})
    (message,) = post.messages
    assert "Data Engineer (REQ-104): feedback" in message.body
    assert ("Mara Lind" in message.body) == (clearance is Sensitivity.PERSONAL)
