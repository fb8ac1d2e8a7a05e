"""What a clock noted that was ahead is set back, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.record_store import StreamState, StreamStatus
from atsbridge.store.sql_store import SqlStore

from ..conftest import NOON

YEAR = timedelta(days=365)
MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)


def _state(name: str, at: datetime) -> StreamState:
    return StreamState(stream=name, status=StreamStatus.GOOD, bookmark=at, read_at=at)


def _notice(key: str, not_before: datetime, state: NoticeState) -> Notice:
    return Notice(
        key=key,
        account="acme",
        case=1,
        rule="r",
        subject=Key("acme", "application", "1"),
        destination=MARA,
        purpose=Purpose.SEND,
        state=state,
        not_before=not_before,
    )


def test_bookmarks_and_waits_of_a_later_instant_are_set_back(store: SqlStore) -> None:
    """Of this account only; what lies before now, and what may wait over a weekend, stays."""
    later = NOON + YEAR
    store.records.save_state("acme", _state("jobs", later))
    store.records.save_state("acme", _state("users", NOON - YEAR))
    store.records.save_state("globex", _state("jobs", later))
    monday = NOON + timedelta(days=3)
    notices = (
        _notice("far", later, NoticeState.RETRY),
        _notice("near", monday, NoticeState.HELD),
        _notice("sent", later, NoticeState.SENT),
    )
    store.cases.save_decision(Decision(account="acme", at=NOON, notices=notices))
    store.rewind("acme", NOON)
    jobs = store.records.read_state("acme", "jobs")
    assert (jobs.bookmark, jobs.read_at) == (None, NOON)
    users = store.records.read_state("acme", "users")
    assert (users.bookmark, users.read_at) == (NOON - YEAR, NOON - YEAR)
    assert store.records.read_state("globex", "jobs").bookmark == later
    waits = {one.key: one.not_before for one in store.outbox.read_notices("acme")}
    assert waits == {"far": NOON, "near": monday, "sent": later}
