"""Whose names are fetched: those that a message about to go out uses and nobody stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.delivery.candidate_names import find_unnamed
from atsbridge.model.notice import Destination, Hold, Notice, NoticeState, Purpose
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.presentation.message_data import INITIALS, path_to
from atsbridge.rules.rule import Rule
from atsbridge.timesource import ManualTime

SEAT = Key("acme", "seat", "s1")
MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)


def _notice(**changes: Any) -> Notice:
    plain = Notice(
        key="k1",
        account="acme",
        case=0,
        rule="feedback-late",
        subject=SEAT,
        destination=MARA,
        purpose=Purpose.SEND,
        step=1,
    )
    return replace(plain, **changes)


@pytest.fixture
def unnamed(store: Any, given: tuple[Any, Any], time: ManualTime, rules: dict[str, Rule]) -> Any:
    """Queue notices about a candidate whose name is not stored; who is to be fetched."""
    store.facts[SEAT][INITIALS] = None
    store.facts[SEAT][path_to("seat", "candidate")] = "c7"

    def ask(*notices: Notice) -> tuple[str, ...]:
        case = given[1]()
        store.cases.save_decision(
            Decision(account="acme", at=time.now(), cases=[case], notices=notices)
        )
        return find_unnamed("acme", store, rules, time.now())

    return ask


def test_a_candidate_without_a_name_is_wanted_once(unnamed: Any) -> None:
    """However many messages are about them."""
    assert unnamed(_notice(), _notice(key="k2")) == ("c7",)


def test_a_name_that_is_stored_is_not_fetched_again(unnamed: Any, store: Any) -> None:
    """The store has it: nobody is asked."""
    store.facts[SEAT][INITIALS] = "B.K."
    assert unnamed(_notice()) == ()


def test_nobody_is_named_before_the_message_is_due(unnamed: Any, time: ManualTime) -> None:
    """What is held or waits for later needs no name yet."""
    later = _notice(not_before=time.now() + timedelta(hours=1))
    held = _notice(key="k2", state=NoticeState.HELD, hold=Hold.SHADOW)
    assert unnamed(later, held) == ()


def test_a_message_that_names_nobody_fetches_nobody(unnamed: Any) -> None:
    """No candidate is named in a channel."""
    channel = Destination("post", "channel", "#recruiting-ops")
    assert unnamed(_notice(destination=channel)) == ()


def test_a_line_of_a_digest_names_its_candidate(
    unnamed: Any, store: Any, rules: dict[str, Rule], time: ManualTime
) -> None:
    """Once its morning has come: a line that does not say who helps nobody."""
    morning = time.now() + timedelta(hours=1)
    line = _notice(state=NoticeState.HELD, hold=Hold.DIGEST, not_before=morning)
    assert unnamed(line) == ()
    time.advance(timedelta(hours=1))
    assert find_unnamed("acme", store, rules, time.now()) == ("c7",)
