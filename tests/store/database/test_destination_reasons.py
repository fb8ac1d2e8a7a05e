"""Notices of a store of schema 6 keep why they go to their destination, on both engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from atsbridge.model.notice import Destination, Notice, Purpose
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.presentation.recipient_text import describe_recipient
from atsbridge.store.database import destination_reasons
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import SystemTime

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
OLD = ("interviewer", "the interviewer is away: on leave", "", 'team "one"', "delegate of Zoë")
NEW = recipient_reason(RecipientCode.ROLE, role="seat.user.manager")
TO = Destination("post", "person", "ann@acme.example", "u1", (NEW, NEW))


def notice(key: str, to: Destination) -> Notice:
    return Notice(key=key, account="acme", case=7, rule="late", subject=Key("acme", "seat", "s1"),
                  destination=to, purpose=Purpose.SEND, created_at=NOW)  # fmt: skip


@pytest.fixture
def migrated(store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    monkeypatch.setattr(destination_reasons, "_BATCH", 2)
    store.outbox.queue([notice(f"k{number}", TO) for number in range(len(OLD))])
    with store._database.engine.begin() as connection:
        for number, why in enumerate(OLD):
            old = {"sink": "post", "kind": "person", "address": "ann@acme.example", "person": "u1"}
            old |= {"why": why} if why != "delegate of Zoë" else {"why": why, "fallback": True}
            connection.execute(
                text("UPDATE notices SET destination = :to WHERE key = :key"),
                {"key": f"k{number}", "to": json.dumps(old, ensure_ascii=False)},
            )
        connection.execute(text("UPDATE meta SET value = '6' WHERE name = 'schema'"))
    store.close()
    again = open_store(url, SystemTime())
    yield again
    again.close()


def test_every_sentence_is_kept(migrated: SqlStore) -> None:
    """As the text of a reason without a code of its own."""
    found = {one.key: one.destination for one in migrated.outbox.read_notices("acme")}
    assert [describe_recipient(found[f"k{number}"]) for number in range(len(OLD))] == [*OLD]
    assert found["k2"].why == ()
    assert [one.fallback for one in found.values()] == [False] * 4 + [True]


def test_codes_are_read_as_they_were_written(store: SqlStore) -> None:
    """With their parameters; half a character becomes one that both databases hold."""
    half = recipient_reason(RecipientCode.UNREACHABLE, trouble="away", away="\ud83d on leave")
    store.outbox.queue([notice("k", TO), notice("half", replace(TO, why=(half,)))])
    found = {one.key: one.destination for one in store.outbox.read_notices("acme")}
    assert found["k"] == TO
    assert describe_recipient(found["half"]).endswith("on leave")
