"""Notices of a store of schema 4 keep what they were, in typed columns, on both engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import inspect, text

from atsbridge.errors import ErrorCode
from atsbridge.model.notice import (
    DropCode,
    DropReason,
    Hold,
    Notice,
    NoticeError,
    NoticeState,
    NoticeText,
    Purpose,
)
from atsbridge.presentation.recipient_text import describe_recipient
from atsbridge.store.database import notice_columns
from atsbridge.store.database.tables import NOTICES
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import SystemTime

TYPED = tuple(notice_columns._COLUMNS)
TO = '{"address":"ann@acme.example","kind":"person","person":"u1","sink":"post","why":"recruiter"}'
OLD_COLUMNS = "key, account, case_number, rule, kind, id, destination, purpose, step, state, reason"

# (state, reason, purpose, receipt) as schema 4 kept them -> the fields of the notice now.
KEPT: tuple[tuple[tuple[str, str, str, dict[str, Any]], dict[str, Any]], ...] = (
    (("queued", "", "send", {}), {}),
    (("queued", "", "send", {"handed_on": True}), {"handed_on": True}),
    (("queued", "", "resolve", {"refused": True}), {"refused_edit": True}),
    (("queued", "", "summary", {"cases": [3, 7]}), {"summary_cases": (3, 7)}),
    (
        ("queued", "", "ops", {"headline": "Held", "body": "25 cases"}),
        {"text": NoticeText("Held", "25 cases")},
    ),
    (("queued", "", "answer", {"body": "Thank you"}), {"text": NoticeText("", "Thank you")}),
    (("sending", "claimed", "send", {}), {}),
    (("sending", "", "send", {}), {"departed": True}),
    (("held", "quiet hours", "send", {}), {"hold": Hold.QUIET_HOURS}),
    (("held", "digest", "send", {}), {"hold": Hold.DIGEST}),
    (("held", "breaker", "send", {}), {"hold": Hold.BREAKER}),
    (("held", "shadow", "send", {}), {"hold": Hold.SHADOW}),
    (("held", "unconfirmed", "send", {}), {"hold": Hold.UNCONFIRMED}),
    (("held", "stopped", "send", {}), {"hold": Hold.STOPPED}),
    (("held", "muted", "send", {}), {"hold": Hold.SUPPRESSED}),
    (("held", "who knows", "send", {}), {"hold": Hold.BREAKER}),
    (
        ("retry", "post: send: busy. Wait", "send", {}),
        {"error": NoticeError(ErrorCode.OTHER, "post: send: busy. Wait")},
    ),
    (("retry", "", "resolve", {}), {}),
    (("dead", "gone", "send", {}), {"error": NoticeError(ErrorCode.OTHER, "gone")}),
    (("sent", "", "send", {"ts": "1"}), {"receipt": {"ts": "1"}}),
    (("sent", "", "send", {"digest": "d1"}), {"digest": "d1"}),
    (
        ("sent", "", "send", {"ts": "1", "heard": ["1.5", "eyes u1", "help"]}),
        {"receipt": {"ts": "1"}, "replies": ("1.5", "eyes u1"), "help_sent": True},
    ),
    (
        ("sent", "", "send", {"on": "candidate/c1", "had": True, "theirs": True}),
        {"receipt": {"on": "candidate/c1", "had": True}, "foreign_tag": True},
    ),
)
DROPPED: tuple[tuple[str, DropCode, dict[str, str]], ...] = (
    ("cured", DropCode.CASE_ENDED, {}),
    ("acknowledged", DropCode.HANDLED, {"handling": "acknowledged"}),
    ("snoozed", DropCode.HANDLED, {"handling": "snoozed"}),
    ("a later step", DropCode.LATER_STEP, {}),
    ("handed over", DropCode.HANDED_OVER, {}),
    ("reassigned", DropCode.REASSIGNED, {}),
    ("undone", DropCode.REASSIGNMENT_UNDONE, {}),
    ("told in the summary", DropCode.IN_SUMMARY, {}),
    ("the same message went there in this run", DropCode.REPEATED, {}),
    ("nothing had gone out", DropCode.NOTHING_SENT, {}),
    ("its reader has the news by another message", DropCode.ANOTHER_MESSAGE, {}),
    ("its message is gone", DropCode.MESSAGE_DELETED, {}),
    (
        "the message it answers is gone: no\nthread",
        DropCode.MESSAGE_DELETED,
        {"text": "no\nthread"},
    ),
    ("unconfirmed", DropCode.UNCONFIRMED, {}),
    (
        "guard: a confidential requisition never reaches a channel",
        DropCode.CONFIDENTIAL_CHANNEL,
        {},
    ),
    (
        "guard: a tag is seen wherever the candidate is, so it is not put on",
        DropCode.CONFIDENTIAL_TAG,
        {},
    ),
    ("guard: what is found of a person is told to that person alone", DropCode.PERSONAL, {}),
    (
        "a rule on people tells the person alone, and the recruiter is away",
        DropCode.PERSONAL,
        {"text": "the recruiter is away"},
    ),
    ("it stood there before, so it stays", DropCode.TAG_NOT_OURS, {}),
    ("another open case still needs it", DropCode.TAG_STILL_NEEDED, {}),
    (
        "the account does not allow application_note or job_note to be written",
        DropCode.WRITE_NOT_ALLOWED,
        {"capabilities": "application_note or job_note"},
    ),
    (
        "Greenhouse itself reminds interviewers every day",
        DropCode.ATS_REMINDS,
        {"ats": "Greenhouse", "text": "reminds interviewers every day"},
    ),
    ("ops", DropCode.OPERATOR, {}),
    ("forgotten", DropCode.FORGOTTEN, {}),
    ('who "knows"\\', DropCode.OTHER, {"text": 'who "knows"\\'}),
    ("", DropCode.OTHER, {}),
)
ROWS = [row for row, _ in KEPT] + [("dropped", one, "send", {}) for one, _, _ in DROPPED]


def downgrade(store: SqlStore) -> None:
    """Give the store the table of notices that schema 4 had, with `ROWS` in it."""
    with store._database.write() as connection:
        for name in TYPED:
            connection.execute(text(f"ALTER TABLE notices DROP COLUMN {name}"))
        connection.execute(text("ALTER TABLE notices ADD COLUMN reason TEXT DEFAULT '' NOT NULL"))
        for number, (state, reason, purpose, receipt) in enumerate(ROWS):
            connection.execute(
                text(
                    f"INSERT INTO notices ({OLD_COLUMNS}, attempts, receipt) VALUES (:key, 'acme',"
                    " 7, 'late', 'seat', 's1', :to, :purpose, 1, :state, :reason, 1, :receipt)"
                ),
                {"key": f"k{number:03d}", "to": TO, "purpose": purpose, "state": state}
                | {"reason": reason, "receipt": json.dumps(receipt)},
            )
        connection.execute(
            text("UPDATE notices SET destination = :to WHERE key = 'k001'"),
            {"to": TO.replace("recruiter", "the recruiter is away")},
        )
        connection.execute(text("UPDATE meta SET value = '4' WHERE name = 'schema'"))


@pytest.fixture(params=[3, 5_000], ids=["batches", "one batch"])
def migrated(
    url: str, store: SqlStore, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SqlStore]:
    monkeypatch.setattr(notice_columns, "_BATCH", request.param)
    downgrade(store)
    again = open_store(url, SystemTime())
    yield again
    again.close()


def test_every_kind_of_notice_is_kept(migrated: SqlStore) -> None:
    """Each with what its texts meant; `receipt` holds the sink's ids only."""
    found = {one.key: one for one in migrated.outbox.read_notices("acme")}
    assert len(found) == len(ROWS)
    for number, ((state, _, purpose, _), fields) in enumerate(KEPT):
        one = found[f"k{number:03d}"]
        plain = Notice(
            key=one.key,
            account="acme",
            case=7,
            rule="late",
            subject=one.subject,
            destination=one.destination,
            purpose=Purpose(purpose),
            step=1,
            attempts=1,
            state=NoticeState(state),
            **fields,
        )
        assert one == plain, (state, fields)


def test_who_gets_it_instead_of_somebody_else_is_known(migrated: SqlStore) -> None:
    """By a field; the sentence stays."""
    found = {one.key: one.destination for one in migrated.outbox.read_notices("acme")}
    assert (describe_recipient(found["k000"]), found["k000"].fallback) == ("recruiter", False)
    instead = found["k001"]
    assert (describe_recipient(instead), instead.fallback) == ("the recruiter is away", True)


def test_the_reason_of_every_drop_is_kept(migrated: SqlStore) -> None:
    """As a code with parameters; a text that nobody recognizes stays as it was."""
    found = {one.key: one for one in migrated.outbox.read_notices("acme")}
    for number, (_, code, params) in enumerate(DROPPED, start=len(KEPT)):
        assert found[f"k{number:03d}"].drop == DropReason(code, tuple(sorted(params.items())))


def test_a_run_goes_on_with_the_notices_of_an_old_store(migrated: SqlStore) -> None:
    """What was queued, due again or held for a while is claimed; what may have arrived is looked
    up first; what is held for a decision, sent, dead or dropped stays as it is.
    """
    claimed = {one.key: one.departed for one in migrated.outbox.claim("acme", SystemTime().now())}
    passing = {"quiet hours", "unconfirmed", "muted", "stopped"}
    expected = {
        f"k{number:03d}": state == "sending" and reason == ""
        for number, (state, reason, _, _) in enumerate(ROWS)
        if state in ("queued", "retry", "sending") or (state == "held" and reason in passing)
    }
    assert claimed == expected
    assert sum(claimed.values()) == 1


def test_the_column_of_many_meanings_is_gone(migrated: SqlStore) -> None:
    """Nothing reads or writes it any more."""
    names = {one["name"] for one in inspect(migrated._database.engine).get_columns("notices")}
    assert "reason" not in names


def test_the_columns_are_those_of_a_new_store(migrated: SqlStore) -> None:
    """A store that was migrated is like one that was created."""
    there = {one["name"]: one for one in inspect(migrated._database.engine).get_columns("notices")}
    assert set(there) == {column.name for column in NOTICES.columns}
    for column in NOTICES.columns:
        assert there[column.name]["nullable"] is column.nullable, column.name
