"""A forgotten candidate: nothing tells of the person, what is counted stays, no sync undoes it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from atsbridge.model.case import Case, Clock, End, Transition, TransitionName
from atsbridge.model.catalog import KINDS
from atsbridge.model.notice import Destination, DropCode, DropReason, Notice, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.whole_store import Remains
from atsbridge.store.privacy import erasure, retention
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

from ..conftest import Feed

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
APPLICATION = Key("acme", "application", "a7")
# Planted wherever something may be kept of the person; looked for in the raw bytes of the store.
NAME, INITIALS, LINK = "Zephyrine Quillfeather", "Zq.Qf.", "https://ats.example/people/zq-4711"
SALARY, TAG, WORRY, REFERRER = "expects-91k-zq", "tag-zq-vip", "worry-zq-commute", "via-zq-aunt"
COMMENT, FINDING, SUBJECT = "comment-zq-called", "finding-zq-seen", "subject-zq-line"
PLANTED = (NAME, INITIALS, LINK, SALARY, TAG, WORRY, REFERRER, COMMENT, FINDING, SUBJECT)


def planted(feed: Any, *, twice: bool = True) -> None:
    """A candidate with two applications and what hangs on them; their texts change once."""
    for first in (True, False) if twice else (False,):
        was = "old " if first else ""
        feed.page(
            "candidate",
            {"id": "c7", "display_name": was + NAME, "initials": INITIALS, "url": LINK,
             "custom": {"pay": SALARY}},
            {"id": "c8", "display_name": "Ben Koh", "initials": "B.K.", "url": None,
             "custom": None},
        )  # fmt: skip
        feed.page(
            "application",
            *(
                {"id": one, "candidate": of, "status": status, "requisition": "r1",
                 "source": was + REFERRER, "tags": (TAG,) if first else (TAG, "more"),
                 "concern": was + WORRY, "applied_at": NOON, "url": LINK}
                for one, of, status in (("a7", "c7", "active"), ("a9", "c7", "hired"))
            ),
        )  # fmt: skip
        feed.page("interview", {"id": "i7", "application": "a7", "ends_at": NOON, "url": LINK})
        feed.page("scorecard", {"id": "s7", "application": "a7", "recommendation": -2,
                                "submitted_at": NOON, "author": "u1"})  # fmt: skip
        feed.page("seat", {"id": "t7", "interview": "i7", "user": "u1", "guest": SALARY})
        feed.page("offer", {"id": "o7", "application": "a9", "pay": {"base": SALARY},
                            "sent_at": NOON})  # fmt: skip


def told(store: SqlStore) -> None:
    """An ended and an open case of the candidate, with what was said and sent on them."""
    ended = Case(
        number=0,
        rule="old",
        subject=APPLICATION,
        opened_at=NOON,
        clock=Clock.BREACHED,
        end=End.RESOLVED,
        ended_at=NOON,
        end_reason=because(ReasonCode.STOPPED),
        finding=FINDING,
    )
    open_case = replace(ended, rule="new", end=None, ended_at=None)
    said = Transition(
        0,
        NOON,
        TransitionName.SNOOZED,
        because(ReasonCode.HANDLED_UNTIL, comment=COMMENT),
        "mara@acme.example",
    )
    to = Destination("mail", "person", "mara@acme.example", "u1")

    def notice(key: str, rule: str, **more: Any) -> Notice:
        receipt = {"id": f"<{key}>", "subject": SUBJECT}
        return Notice(key=key, account="acme", case=0, rule=rule, subject=APPLICATION,
                      destination=to, purpose=Purpose.SEND, created_at=NOON, receipt=receipt,
                      **more)  # fmt: skip

    sent = {"state": NoticeState.SENT, "sent_at": NOON}
    store.cases.save_decision(
        Decision(
            account="acme",
            at=NOON,
            cases=(ended, open_case),
            transitions=((APPLICATION, "old", said),),
            notices=(notice("k1", "old", **sent), notice("k2", "new")),
        )
    )


def stored(store: SqlStore) -> str:
    """Every value in every table, as one text."""
    from atsbridge.store.database.tables import metadata

    with store._database.read() as connection:
        return "\n".join(
            repr(tuple(row)) for table in metadata.sorted_tables
            for row in connection.execute(table.select())
        )  # fmt: skip


@pytest.fixture
def forgetting(store: SqlStore, feed: Any) -> SqlStore:
    planted(feed)
    told(store)
    everything = stored(store)
    assert [text for text in PLANTED if text not in everything] == []
    return store


def test_nothing_in_any_table_tells_of_the_person(forgetting: SqlStore) -> None:
    """Names, links, own fields, free text, ratings, pay, comments, subjects of mail."""
    done = forgetting.privacy.forget("acme", "c7", NOON)
    everything = stored(forgetting)
    assert [text for text in PLANTED if text in everything] == []
    assert "-2" not in everything
    assert "Ben Koh" in everything
    assert done.sent == {"mail": 1}
    assert done.rows == {
        "records": 7, "changes": 7, "findings": 2, "comments": 1, "waiting messages": 1,
        "receipts": 1,
    }  # fmt: skip


def test_the_file_itself_no_longer_holds_it(forgetting: SqlStore) -> None:
    """Neither the database nor its write-ahead log: what is erased is overwritten."""
    if not forgetting._database.sqlite:
        return  # a server's files are its own: VACUUM gives them back
    forgetting.privacy.forget("acme", "c7", NOON)
    path = forgetting._database.path
    assert path is not None
    raw = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    assert [text for text in PLANTED if text.encode() in raw] == []
    assert b"Ben Koh" in raw


def test_what_is_counted_stays(forgetting: SqlStore) -> None:
    """Instants, states and who owed: promises kept are still promises kept."""
    forgetting.privacy.forget("acme", "c7", NOON)
    kept = forgetting.history.read_record(APPLICATION)
    assert kept is not None
    assert (kept.applied_at, kept.status, kept.requisition) == (NOON, "active", "r1")  # type: ignore[attr-defined]
    scorecard = forgetting.history.read_record(Key("acme", "scorecard", "s7"))
    assert (scorecard.submitted_at, scorecard.author) == (NOON, "u1")  # type: ignore[union-attr]
    ended = forgetting.cases.read_cases("acme")[0]
    assert (ended.end, ended.ended_at) == (End.RESOLVED, NOON)


def test_its_records_are_gone_for_every_rule(forgetting: SqlStore) -> None:
    """So that no case opens on them; what was open is looked at in the next tick."""
    forgetting.privacy.forget("acme", "c7", NOON)
    assert {one.id for one in forgetting.history.read_records("acme", "application")} == set()
    assert {one.id for one in forgetting.history.read_records("acme", "candidate")} == {"c8"}
    (dropped,) = forgetting.outbox.read_notices("acme", states=[NoticeState.DROPPED])
    assert (dropped.key, dropped.drop) == ("k2", DropReason(DropCode.FORGOTTEN))


def test_a_sync_does_not_bring_the_person_back(forgetting: SqlStore, feed: Any) -> None:
    """Not as a row that changed, nor as a new application or interview of theirs."""
    forgetting.privacy.forget("acme", "c7", NOON)
    feed.at = NOON + timedelta(days=1)
    planted(feed)
    feed.page("application", {"id": "a10", "candidate": "c7", "source": REFERRER})
    feed.page("interview", {"id": "i10", "application": "a10", "url": LINK})
    feed.page("seat", {"id": "t10", "interview": "i10", "guest": SALARY})
    everything = stored(forgetting)
    texts = (NAME, INITIALS, LINK, SALARY, TAG, WORRY, REFERRER)
    assert [text for text in texts if text in everything] == []
    assert {one.id for one in forgetting.history.read_records("acme", "application")} == set()
    assert {one.id for one in forgetting.history.read_records("acme", "interview")} == set()


def test_another_account_s_candidate_of_that_number_is_another(
    forgetting: SqlStore, new_feed: Any
) -> None:
    """Marks are of an account, and show no id."""
    forgetting.privacy.forget("acme", "c7", NOON)
    planted(new_feed(forgetting, "globex"), twice=False)
    assert NAME in stored(forgetting)
    with forgetting._database.read() as connection:
        marks = [row[0] for row in connection.exec_driver_sql("SELECT mark FROM forgotten")]
    assert len(marks) == 7
    assert all(len(mark) == 32 and mark != "c7" for mark in marks)


def test_a_candidate_may_be_known_again(forgetting: SqlStore, feed: Any) -> None:
    """Once they ask for it: the next read is as of new rows."""
    forgetting.privacy.forget("acme", "c7", NOON)
    assert forgetting.privacy.remember("acme", "c7")
    assert not forgetting.privacy.remember("acme", "c7")
    planted(feed, twice=False)
    kept = forgetting.history.read_record(Key("acme", "candidate", "c7"))
    assert kept is not None
    assert (kept.display_name, kept.deleted_at) == (NAME, None)  # type: ignore[attr-defined]


def test_every_text_and_every_guarded_field_is_private() -> None:
    """A field the catalog gains is erased without anybody thinking of it."""
    assert set(erasure.find_private_fields("candidate")) == {
        "display_name",
        "initials",
        "custom",
        "url",
    }
    assert {"source", "tags", "concern", "custom", "url"} <= set(
        erasure.find_private_fields("application")
    )
    assert {"recommendation", "ratings"} <= set(erasure.find_private_fields("scorecard"))
    below = {kind for kind in KINDS if erasure._TREE.get(kind)}
    assert below >= {kind for kind in KINDS if "candidate" in _parents(kind)} - {"candidate"}


def _parents(kind: str) -> set[str]:
    from atsbridge.model.catalog import roots

    return set(roots(kind))


# --- by age ---------------------------------------------------------------------------------


def test_what_ended_long_ago_is_erased_in_batches(store: SqlStore, feed: Any) -> None:
    """Ended cases with history and receipts; changes and names of what is closed. Nothing else."""
    planted(feed)
    told(store)
    long_after = NOON + timedelta(days=1)
    with store._database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE applications SET closed_at = 1 WHERE account = 'acme' AND id = 'a9'"
        )
    done: dict[str, int] = {}
    while batch := store.privacy.expire("acme", long_after, limit=1):
        assert max(batch.values()) <= 3  # a batch of one for each kind of record with changes
        for what, rows in batch.items():
            done[what] = done.get(what, 0) + rows
    assert done["cases"] == 1
    assert [case.rule for case in store.cases.read_cases("acme")] == ["new"]
    assert {one.key for one in store.outbox.read_notices("acme")} == {"k2"}
    assert store.history.read_changes(Key("acme", "application", "a9")) == []
    assert store.history.read_changes(APPLICATION) != []
    assert done["names"] == 1
    assert NAME in stored(store)


def test_changes_of_what_hangs_on_what_ended_go_too(store: SqlStore, feed: Any) -> None:
    """Who sat in an interview, and who approved an offer or a requisition: two steps below it."""
    for who in ("u1", "u2"):
        feed.page("requisition", {"id": "r1", "status": "open"}, {"id": "r2", "status": "open"})
        feed.page("application", {"id": "a7", "candidate": "c7", "status": "active",
                                  "requisition": "r2"})  # fmt: skip
        feed.page("interview", {"id": "i7", "application": "a7", "ends_at": NOON})
        feed.page("offer", {"id": "o7", "application": "a7", "status": "sent"})
        feed.page("seat", {"id": "t7", "interview": "i7", "user": who})
        feed.page(
            "approval",
            {"id": "p7", "offer": "o7", "requisition": None, "user": who},
            {"id": "p8", "offer": None, "requisition": "r1", "user": who},
            {"id": "p9", "offer": None, "requisition": "r2", "user": who},
        )
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE applications SET closed_at = 1 WHERE id = 'a7'")
        connection.exec_driver_sql("UPDATE requisitions SET closed_at = 1 WHERE id = 'r1'")
    while store.privacy.expire("acme", NOON + timedelta(days=1), limit=1):
        pass

    def kept(kind: str, of: str) -> bool:
        return store.history.read_changes(Key("acme", kind, of)) != []

    gone = {("seat", "t7"), ("approval", "p7"), ("approval", "p8")}
    assert {one for one in gone if kept(*one)} == set()
    assert kept("approval", "p9")


def test_every_kind_below_what_ends_is_erased_by_age() -> None:
    """A kind that the catalog gains must not be kept for ever."""
    ends = {"application", "requisition"}
    assert set(retention._BELONGS) >= {kind for kind in KINDS if _parents(kind) & ends}


def test_names_go_once_nothing_of_the_candidate_is_open(store: SqlStore, feed: Any) -> None:
    """An application that is open, or was lately, keeps the name."""
    planted(feed, twice=False)
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE applications SET closed_at = 1")
    store.privacy.expire("acme", NOON)
    assert NAME not in stored(store)


def test_what_a_reader_keeps_in_the_log_is_said(tmp_path: Path) -> None:
    """SQLite: while another program reads, the erased bytes stay in its write-ahead log.

    Once it has finished, forgetting the same person again empties the log.
    """
    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}", ManualTime(NOON))
    planted(Feed(store))
    store._database.engine.dispose()
    event.listen(store._database.engine, "connect", _impatient)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM candidates").fetchone()
        erased = store.privacy.forget("acme", "c7", NOON)
        assert erased.remains is Remains.WRITE_AHEAD_LOG
        there = file.read_bytes() + file.with_name("store.db-wal").read_bytes()
        assert NAME.encode() in there
        reader.execute("COMMIT")
    assert store.privacy.forget("acme", "c7", NOON).remains is Remains.NOWHERE
    there = file.read_bytes() + file.with_name("store.db-wal").read_bytes()
    assert [one for one in PLANTED if one.encode() in there] == []
    store.close()


def _impatient(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout = 0")
