"""A pulse: both of a pair read both answers at once, nobody else ever does, and they are erased."""

from __future__ import annotations

import logging
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from atsbridge.model import Destination, Key, Notice, NoticeState, NoticeText, PulseSheet, Purpose

from .reply_room import MARA, RAVI, Room

ROLE = Key("acme", "requisition", "r1")


@pytest.fixture
def asked(room: Room) -> dict[str, tuple[str, str]]:
    """Mara and Ravi were asked; (channel, ts) of each."""
    now = room.app.time.now()
    room.store.pulses.ask_pulse([PulseSheet("acme", "r1", one, now) for one in (MARA, RAVI)])
    room.store.outbox.queue(
        [
            Notice(
                key=f"pulse-{email}",
                account="acme",
                case=0,
                rule="",
                subject=ROLE,
                destination=Destination("slack", "person", email),
                purpose=Purpose.PULSE,
                created_at=now,
                pair=(MARA, RAVI),
                text=NoticeText("Two questions", "1. Clear? 2. Quick?"),
            )
            for email in (MARA, RAVI)
        ]
    )
    room.tick()
    found = {}
    for one in room.notices().values():
        assert one.state is NoticeState.SENT
        found[one.destination.address] = (one.receipt["channel"], one.receipt["ts"])
    return found


def _answers(room: Room) -> list[tuple[int | None, ...]]:
    return [one.answers for one in room.store.pulses.read_sheets("acme")]


def _results(room: Room) -> list[str]:
    return [
        message["text"]
        for email in (MARA, RAVI)
        for message in room.slack.dms(email)
        if message["text"].startswith("Your answers about")
    ]


def test_both_read_both_answers_at_once(room: Room, asked: dict[str, tuple[str, str]]) -> None:
    """Nothing is shown before; afterwards no number is left in the store, also after a kill."""
    room.slack.reply(*asked[MARA], "2, 4", MARA)
    for _ in range(2):
        room.tick()
    assert (_results(room), _answers(room)) == ([], [(2, 4), (None, None)])
    assert "once your colleague has replied too" in room.replies()[-1]
    room.slack.reply(*asked[RAVI], "5 and 3", RAVI)
    room.tick()
    first, second = _results(room)
    assert first == second
    assert "Were the expectations clear? Recruiter 2, Hiring manager 5." in first
    assert "Were answers quick? Recruiter 4, Hiring manager 3." in first
    assert _answers(room) == [(None, None), (None, None)]
    room.slack.reply(*asked[RAVI], "1 1", RAVI)
    for _ in range(2):
        room.tick()
    assert len(_results(room)) == 2
    assert "erased" in room.replies(RAVI)[-1]


def test_one_number_at_a_time_and_a_change_of_mind(
    room: Room, asked: dict[str, tuple[str, str]]
) -> None:
    room.slack.reply(*asked[MARA], "3", MARA)
    room.tick()
    assert _answers(room)[0] == (3, None)
    assert "Were answers quick?" in room.replies()[-1]
    room.slack.reply(*asked[MARA], "5/5", MARA)
    room.tick()
    assert _answers(room)[0] == (3, 5)
    room.slack.reply(*asked[MARA], "4 4", MARA)
    room.tick()
    assert _answers(room)[0] == (4, 4)


@pytest.mark.parametrize("written", ["it was a pleasure!", "7 5", "4.5", "seen"])
def test_a_reply_that_is_no_number_gets_a_kind_word(
    room: Room, asked: dict[str, tuple[str, str]], written: str
) -> None:
    room.slack.reply(*asked[MARA], written, MARA)
    for _ in range(2):
        room.tick()
    (answer,) = room.replies()
    assert answer.startswith("Thank you for writing, Mara.")
    assert _answers(room)[0] == (None, None)


def test_nobody_answers_for_somebody_else(room: Room, asked: dict[str, tuple[str, str]]) -> None:
    channel, ts = asked[MARA]
    room.slack._rooms[channel].email = ""
    room.slack.reply(channel, ts, "1 1", RAVI)
    room.tick()
    assert _answers(room) == [(None, None), (None, None)]


def test_stop_under_a_pulse_is_a_choice(room: Room, asked: dict[str, tuple[str, str]]) -> None:
    room.slack.reply(*asked[MARA], "stop", MARA)
    room.tick()
    assert room.store.choices.read_choices()[MARA].stopped
    assert _answers(room)[0] == (None, None)


def test_no_answer_stands_in_a_log_or_in_the_notices(
    room: Room,
    asked: dict[str, tuple[str, str]],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """The reply itself stays in the chat; the store has the two numbers in one place alone."""
    with caplog.at_level(logging.DEBUG):
        room.slack.reply(*asked[MARA], "2 3", MARA)
        room.tick()
        room.slack.reply(*asked[RAVI], "3 2", RAVI)
        room.tick()
    assert [one for one in caplog.messages if "2 3" in one or "answers" in one] == []
    for one in room.notices().values():
        assert (one.state, one.text) == (NoticeState.SENT, None)
    with sqlite3.connect(tmp_path / "store.db") as base:
        left = base.execute("SELECT count(*) FROM pulses WHERE clear IS NOT NULL").fetchone()
    assert left == (0,)


def test_the_answer_of_one_alone_is_erased_after_a_month(
    room: Room, asked: dict[str, tuple[str, str]]
) -> None:
    from dataclasses import replace

    from atsbridge.context import AccountContext
    from atsbridge.tick.pulse_messages import PulseMessages

    room.slack.reply(*asked[MARA], "2 3", MARA)
    room.tick()
    now = room.app.time.now() + timedelta(days=31)
    context = AccountContext(replace(room.app), "acme")
    PulseMessages(context, now).queue()
    assert _answers(room) == [(None, None), (None, None)]
