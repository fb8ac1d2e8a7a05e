"""Transitions of an old store keep their reasons, as codes where they are recognized."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from atsbridge.model.case import Case, Clock, Transition, TransitionName
from atsbridge.model.reason import Reason, ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.store.database import transition_reasons
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import SystemTime

SUBJECT = Key("acme", "seat", "s1")
ODD = 'who "knows"\\ :x\n50% of it'
KEPT = [
    ("steps 80%, due have come", "atsbridge", because(ReasonCode.STEPS_COME, steps=("80%", "due"))),
    ("stopped by a.b_at", "atsbridge", because(ReasonCode.STOPPED, path="a.b_at")),
    ("due has come", "atsbridge", because(ReasonCode.DUE)),
    ("the clock runs again: running", "atsbridge", because(ReasonCode.RESUMED, clock="running")),
    (ODD, "atsbridge", because(ReasonCode.OTHER, text=ODD)),
    ("due has come", "ann@x.example", because(ReasonCode.OTHER, text="due has come")),
    ("", "ann@x.example", Reason(ReasonCode.OTHER)),
]


@pytest.mark.parametrize("batch", [2, 5_000])
def test_sentences_become_codes(url, store, feed, monkeypatch, batch):
    """In batches; what a person wrote is never taken for a sentence of atsbridge."""
    monkeypatch.setattr(transition_reasons, "_BATCH", batch)
    case = Case(number=0, rule="late", subject=SUBJECT, opened_at=feed.at, clock=Clock.BREACHED)
    rows = [
        (SUBJECT, "late", Transition(0, feed.at, TransitionName.STEP, reason, actor))
        for _, actor, reason in KEPT
    ]
    store.cases.save_decision(Decision(account="acme", at=feed.at, cases=[case], transitions=rows))
    (case,) = store.cases.read_open_cases("acme")
    with store._database.write() as connection:
        connection.execute(text("ALTER TABLE transitions DROP COLUMN params"))
        numbers = connection.execute(text("SELECT number FROM transitions ORDER BY number"))
        for (number,), (sentence, _, _) in zip(numbers.all(), KEPT, strict=True):
            connection.execute(
                text("UPDATE transitions SET reason = :text WHERE number = :number"),
                {"text": sentence, "number": number},
            )
        connection.execute(text("UPDATE meta SET value = '2' WHERE name = 'schema'"))
    again = open_store(url, SystemTime())
    assert [row.reason for row in again.cases.read_transitions(case.number)] == [
        reason for _, _, reason in KEPT
    ]
    again.close()
