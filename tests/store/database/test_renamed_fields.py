"""A store of schema 10 names the organizer of an interview as its fields are named now."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from atsbridge.model.case import Case, Clock, End
from atsbridge.model.notice import Destination, Notice, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import SystemTime

INTERVIEW = Key("acme", "interview", "i1")
PATH = "interview.organizer"
_TEXTS = (
    *(("streams", one) for one in ("fingerprints", "owns", "facts")),
    *(("cases", "end_params"), ("notices", "destination")),
)


def downgrade(store: SqlStore) -> None:
    """Spell everything in the store as schema 10 did."""
    with store._database.write() as connection:
        connection.execute(text("ALTER TABLE interviews RENAME organizer TO organiser"))
        connection.execute(text("UPDATE changes SET field = 'organiser'"))
        for table, column in _TEXTS:
            spelled = f"replace({column}, 'organizer', 'organiser')"
            changed = connection.execute(
                text(f"UPDATE {table} SET {column} = {spelled} WHERE {column} LIKE '%organizer%'")
            )
            assert changed.rowcount == 1, f"{table}.{column}"
        connection.execute(text("UPDATE meta SET value = '10' WHERE name = 'schema'"))


@pytest.fixture
def migrated(url: str, store: SqlStore, feed) -> Iterator[SqlStore]:  # type: ignore[no-untyped-def]
    feed.page("interview", {"id": "i1", "organizer": "u1"}, stream="interviews")
    feed.page("interview", {"id": "i1", "organizer": "u2"}, stream="interviews")
    with store._database.write() as connection:
        connection.execute(
            text("UPDATE streams SET fingerprints = :prints, facts = :facts"),
            {"prints": json.dumps({PATH: "e79e418e4862"}), "facts": json.dumps([PATH])},
        )
    why = recipient_reason(RecipientCode.ROLE, role=PATH)
    to = Destination("post", "person", "ann@acme.example", "u1", why=(why,))
    case = Case(
        number=0,
        rule="late",
        subject=INTERVIEW,
        opened_at=feed.at,
        clock=Clock.BREACHED,
        end=End.RESOLVED,
        ended_at=feed.at,
        end_reason=because(ReasonCode.STOPPED, path=PATH),
    )
    notice = Notice(
        key="k1",
        account="acme",
        case=1,
        rule="late",
        subject=INTERVIEW,
        destination=to,
        purpose=Purpose.SEND,
    )
    store.cases.save_decision(Decision(account="acme", at=feed.at, cases=[case], notices=[notice]))
    store.run_state.put("tick/acme", json.dumps({"mapped": ["interview.organiser"]}).encode())
    downgrade(store)
    again = open_store(url, SystemTime())
    yield again
    again.close()


def test_the_organizer_and_its_history_are_kept(migrated: SqlStore) -> None:
    """The column is renamed, and the Changes of the field with it."""
    record = migrated.history.read_record(INTERVIEW)
    assert record is not None
    assert record.organizer == "u2"
    (change,) = migrated.history.read_changes(INTERVIEW, ("organizer",))
    assert (change.old, change.new) == ("u1", "u2")


def test_what_names_the_field_names_it_as_now(migrated: SqlStore) -> None:
    """Reasons of cases and destinations, fingerprints and columns of streams, the run's memory."""
    (case,) = migrated.cases.read_cases("acme")
    assert case.end_reason == because(ReasonCode.STOPPED, path=PATH)
    (notice,) = migrated.outbox.read_notices("acme", case=case.number)
    assert [reason["role"] for reason in notice.destination.why] == [PATH]
    assert set(migrated.records.read_state("acme", "interviews").fingerprints) == {PATH}
    assert migrated.run_state.get("tick/acme") == json.dumps({"mapped": [PATH]}).encode()
    with migrated._database.read() as connection:
        owns, facts = connection.execute(text("SELECT owns, facts FROM streams")).one()
    assert "organizer" in json.loads(owns)["interview"]
    assert json.loads(facts) == [PATH]
