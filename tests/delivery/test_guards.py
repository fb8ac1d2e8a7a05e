"""What is found of a person reaches that person alone, and a stand-in's attention counts too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.cases.quiet_hours import Attention
from atsbridge.cases.recipients import Directory, Preferences
from atsbridge.model.case import End
from atsbridge.model.notice import Destination, DropCode, Hold, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime
from atsbridge.worktime.calendar import Calendar, parse_hours

from .conftest import MARA, NOW, RAVI, Run, notice, states

PERSON = Key("acme", "user", "u1")


@pytest.fixture
def personal(rules: Mapping[str, Rule], store: Any) -> dict[str, Rule]:
    """The rule as one about a person, Mara, whose facts are known."""
    rule = rules["feedback-late"]
    store.facts[PERSON] = {}
    return {**rules, rule.id: replace(rule, subject=PERSON.kind)}


@pytest.mark.parametrize(
    ("to", "ends"),
    [
        (MARA, (NoticeState.SENT, None)),
        (RAVI, (NoticeState.DROPPED, DropCode.PERSONAL)),
        (Destination("post", "channel", "#ops"), (NoticeState.DROPPED, DropCode.PERSONAL)),
    ],
    ids=["the person", "somebody else", "a channel"],
)
def test_what_is_found_of_a_person_is_for_that_person(
    run: Run,
    put: Any,
    post: Any,
    store: SqlStore,
    personal: dict[str, Rule],
    to: Destination,
    ends: tuple[NoticeState, DropCode | None],
) -> None:
    """Anybody else gets nothing, and the operators learn that a message was dropped."""
    put(notice("k1", to, subject=PERSON), subject=PERSON, rule="feedback-late", steps_done=(0,))
    report = run(rules=personal)
    assert states(store)["k1"] == ends
    assert [address for address, _, _ in post.sent] == ([MARA.address] if to is MARA else [])
    assert bool(report.failures) == (to is not MARA)


def test_the_end_of_what_is_found_of_a_person_is_for_that_person(
    run: Run, put: Any, post: Any, store: SqlStore, personal: dict[str, Rule]
) -> None:
    """They read the message and cannot be reached when it ends: their team learns nothing."""
    post.spec = replace(post.spec, edits=False)
    put(notice("k1", subject=PERSON), subject=PERSON, rule="feedback-late", steps_done=(0,))
    run(rules=personal)
    post.strangers.add(MARA.address)
    over = {"end": End.RESOLVED, "end_reason": because(ReasonCode.CLEARED)}
    put(notice("k2", subject=PERSON, purpose=Purpose.RESOLVE, step=-1), **over)
    report = run(rules=personal)
    assert states(store)["k2"] == (NoticeState.DROPPED, DropCode.PERSONAL)
    assert [address for address, _, _ in post.sent] == [MARA.address]
    assert report.failures


@pytest.mark.parametrize("reached", [True, False])
def test_a_digest_for_a_stand_in_has_no_line_about_the_person(
    reached: bool, run: Run, put: Any, post: Any, store: SqlStore, personal: dict[str, Rule]
) -> None:
    """Who cannot be reached has a team that reads their digest, but never what is theirs alone."""
    if not reached:
        post.strangers.add(MARA.address)
    line = notice("k1", subject=PERSON, state=NoticeState.HELD, hold=Hold.DIGEST, not_before=NOW)
    put(line, subject=PERSON, rule="feedback-late", steps_done=(0,))
    office = Calendar("office", "UTC", parse_hours("mon-fri 09:00-20:00"))
    report = run(rules=personal, attention=Attention(calendar=lambda _to: office))
    assert [address for address, _, _ in post.sent] == ([MARA.address] if reached else [])
    ends = (NoticeState.SENT, None) if reached else (NoticeState.DROPPED, DropCode.PERSONAL)
    assert states(store)["k1"] == ends
    assert bool(report.failures) != reached


def test_a_message_for_a_stand_in_waits_for_their_working_hours(
    run: Run, put: Any, post: Any, store: SqlStore, directory: Directory, time: ManualTime
) -> None:
    """Mara cannot be reached: her delegate is asleep, and gets it in the morning."""
    post.strangers.add(MARA.address)
    stands_in = replace(directory, preferences={MARA.address: Preferences(delegate=RAVI.address)})
    early = Calendar("early", "UTC", parse_hours("mon-fri 06:00-10:00"))
    late = Calendar("late", "UTC", parse_hours("mon-fri 09:00-20:00"))
    hours = Attention(calendar=lambda to: early if to.address == RAVI.address else late)
    put(notice("k1"))
    run(directory=stands_in, attention=hours)
    assert post.sent == []
    (waiting,) = store.outbox.read_notices("acme")
    assert waiting.destination.address == RAVI.address
    time.advance(datetime(2026, 3, 10, 7, tzinfo=UTC) - time.now())
    run(directory=stands_in, attention=hours)
    assert [to for to, _, _ in post.sent] == [RAVI.address]


def test_the_end_for_a_stand_in_waits_for_their_working_hours(
    run: Run,
    put: Any,
    post: Any,
    store: SqlStore,
    directory: Directory,
    time: ManualTime,
) -> None:
    """Mara left after her message: her delegate is asleep, and learns in the morning that it is
    done; nobody waits for the hours of Mara, who reads nothing."""
    post.spec = replace(post.spec, edits=False, threads=True)
    put(notice("k1"))
    run()
    post.strangers.add(MARA.address)
    stands_in = replace(directory, preferences={MARA.address: Preferences(delegate=RAVI.address)})
    early = Calendar("early", "UTC", parse_hours("mon-fri 06:00-08:00"))
    late = Calendar("late", "UTC", parse_hours("mon-fri 09:00-20:00"))
    hours = Attention(calendar=lambda to: early if to.address == RAVI.address else late).with_sinks(
        {"post": post}
    )
    over = {"end": End.RESOLVED, "end_reason": because(ReasonCode.STOPPED)}
    put(notice("k2", purpose=Purpose.RESOLVE, step=-1), **over)
    run(directory=stands_in, attention=hours)
    assert [to for to, _, _ in post.sent] == [MARA.address]
    assert states(store)["k2"] == (NoticeState.HELD, Hold.QUIET_HOURS)
    time.advance(datetime(2026, 3, 10, 7, tzinfo=UTC) - time.now())
    run(directory=stands_in, attention=hours)
    assert post.sent[1:] == [(RAVI.address, "k2", None)]
    assert states(store)["k2"][0] == NoticeState.SENT
