"""What people write and vendors send reaches both databases alike, whatever is in it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from atsbridge.errors import ErrorCode, StoreError
from atsbridge.model.case import Case, Clock, Silence, Transition, TransitionName
from atsbridge.model.change import Change, Origin
from atsbridge.model.notice import Destination, Notice, NoticeError, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.model.value_bounds import corrections
from atsbridge.ports.decision_store import Decision

HOUR = timedelta(hours=1)
SUBJECT = Key("acme", "requisition", "r1")
EVIL = "on \0 leave \ud83d and \udcff back 👩🏽‍🚀"
HELD = "on \ufffd leave \ufffd and \ufffd back 👩🏽‍🚀"
LONG = "x" * 1_000_000


def test_what_people_say_of_a_case_is_kept(store, feed):
    """A reason and an actor of whatever text: from the command line, from chat."""
    case = Case(number=0, rule="late", subject=SUBJECT, opened_at=feed.at, clock=Clock.WARNED)
    said = Transition(
        0, feed.at, TransitionName.OPENED, because(ReasonCode.OTHER, text=EVIL), actor=EVIL
    )
    notice = Notice(
        key="k1",
        account="acme",
        case=0,
        rule="late",
        subject=SUBJECT,
        destination=Destination(
            "slack",
            "person",
            "ann@x.example",
            "u1",
            (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
        ),
        purpose=Purpose.SEND,
        step=0,
        error=NoticeError(ErrorCode.OTHER, EVIL),
        created_at=feed.at,
    )
    store.cases.save_decision(
        Decision(
            account="acme",
            at=feed.at,
            cases=[case],
            transitions=[(SUBJECT, "late", said)],
            notices=[notice],
        )
    )
    (kept,) = store.cases.read_transitions(store.cases.read_open_cases("acme")[0].number)
    assert (kept.reason["text"], kept.actor) == (HELD, HELD)


def test_a_silence_and_a_hand_over_are_kept(store, feed):
    """The comment is what people see later: it is cut where it would fill the store."""
    long = Silence(
        account="acme",
        rule="late",
        subject=SUBJECT,
        start=feed.at,
        end=feed.at + HOUR,
        author=EVIL,
        comment=LONG,
    )
    store.silences.add_silence(long)
    (kept,) = store.silences.read_silences("acme", feed.at)
    assert (kept.author, len(kept.comment)) == (HELD, 10_000)
    store.silences.reassign(SUBJECT, "u1", EVIL)
    assert store.silences.read_reassigned("acme") == {(SUBJECT, "u1"): HELD}


def _announced(feed, name, new):
    return Change(SUBJECT, name, None, new, feed.at, origin=Origin.ANNOUNCED, actor=EVIL)


def test_an_announced_change_is_kept_or_refused(store, feed):
    """A value that the field cannot have is an error, and nothing is written."""
    feed.page("requisition", {"id": "r1", "priority": "low", "headcount": 1})
    store.announcements.announce(_announced(feed, "priority", EVIL))
    (kept,) = store.announcements.read_announced("acme", "requisition", "priority")
    assert (kept.new, kept.actor) == (HELD, HELD)
    with pytest.raises(StoreError, match=r"requisition\.headcount cannot be kept: a number out"):
        store.announcements.announce(_announced(feed, "headcount", 10**20), takes=True)
    assert store.history.read_record(SUBJECT).headcount == 1


@pytest.mark.parametrize("text", ["\ud800", "a\udcffb"])
def test_half_a_character_asked_for_is_one_clear_error(store, text):
    """Not a traceback: an id that was typed into a terminal of another encoding."""
    with pytest.raises(StoreError, match="half a character"):
        store.history.read_record(Key("acme", "requisition", text))


def test_a_hostile_page_is_the_same_in_both_databases(store, feed):
    """Every column of a kind, each with a value that no database takes."""
    values = {
        "title": EVIL,
        "status": EVIL,
        "priority": LONG,
        "headcount": 10**20,
        "filled": 1e300,
        "pay_min": float("inf"),
        "confidential": "maybe",
        "opened_at": feed.at.replace(year=9999),
        "target_on": feed.at.date().replace(year=1),
        "office": EVIL,
        "custom": {EVIL: [EVIL, float("nan"), {"deep": {1, 2}}]},
    }
    columns = {name: [value] for name, value in values.items()}
    for wrong in corrections("requisition", columns):
        values[wrong.column] = wrong.value
    feed.page("requisition", {"id": "r1", **values})
    held = store.history.read_record(SUBJECT)
    assert (held.title, held.office, held.status) == (HELD, HELD, f"other:{HELD}")
    assert (held.headcount, held.filled, held.pay_min, held.confidential) == (None,) * 4
    assert (held.opened_at, held.target_on, len(held.priority)) == (None, None, 10_000)
    assert held.custom == {HELD: [HELD, None, {"deep": "{1, 2}"}]}
