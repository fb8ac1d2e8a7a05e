"""What is found of a person reaches that person alone, and a stand-in's attention counts too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.cases.quiet_hours import Attention
from atsbridge.cases.recipients import Directory, Preferences
from atsbridge.model.notice import Destination, DropCode, NoticeState
from atsbridge.model.record import Key
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime
from atsbridge.worktime.calendar import Calendar, parse_hours

from .conftest import MARA, RAVI, Run, notice, states

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
