"""What people answer under a message in Slack is heard once, done, and answered kindly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.context.account_context import AccountContext
from atsbridge.model.case import End, TransitionName
from atsbridge.model.notice import Destination, NoticeState, Purpose
from atsbridge.model.organization import User
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.ports.decision_store import Decision
from atsbridge.replies.poll import RECENT

from .reply_room import MARA, RAVI, SEAT, Room

SAID = {
    "eyes": (TransitionName.ACKNOWLEDGED, "Thank you, Mara. I'll be quiet about this until"),
    "zzz": (TransitionName.SNOOZED, "All right, Mara. I'll ask again on Tue 10 Mar, 16:05"),
    "+1::skin-tone-3": (TransitionName.ACKNOWLEDGED, "Thank you, Mara."),
    "white_check_mark": (TransitionName.MARKED_DONE, "You hear from me only if it still shows"),
    "no_entry_sign": (TransitionName.FALSE_ALARM, "note that I was wrong here"),
    "no_good": (TransitionName.REASSIGNED, "It goes to the rule's owner now"),
}
REPLIED = {
    "Seen.": (TransitionName.ACKNOWLEDGED, "until Wed 11 Mar, 16:05"),
    "snooze 2d": (TransitionName.SNOOZED, "on Wed 11 Mar, 16:05"),
    "until Friday": (TransitionName.SNOOZED, "on Fri 13 Mar, 09:30"),
    "not me": (TransitionName.REASSIGNED, "I'll remember that"),
    "false alarm!": (TransitionName.FALSE_ALARM, "Thank you, Mara."),
    "Done": (TransitionName.MARKED_DONE, "Thank you, Mara!"),
}


@pytest.mark.parametrize("said", [*SAID, *REPLIED])
def test_an_answer_is_done_once_and_said_so(room: Room, said: str) -> None:
    """By emoji or word, in the name of whoever said it, however many ticks and restarts follow."""
    channel, ts = room.tell()
    if said in SAID:
        room.slack.react(channel, ts, said, MARA)
    else:
        room.slack.reply(channel, ts, said, MARA)
    for _ in range(3):
        room.tick()
    name, words = {**SAID, **REPLIED}[said]
    assert room.history() == [(name, "Mara Lind in slack")]
    (reply,) = room.replies()
    assert words in reply


def test_without_an_app_token_there_is_no_button(room: Room) -> None:
    """Slack warns whoever presses a button of an app that takes none."""
    room.tell()
    (message,) = room.slack.dms(MARA)
    assert {block["type"] for block in message["blocks"]} == {"header", "section", "context"}


@pytest.mark.parametrize("said", ["snooze until 9999-12-31", "snooze 999d", "until 2027-04-01"])
def test_nobody_is_snoozed_for_more_than_a_year(room: Room, said: str) -> None:
    """It is said so, once, and the case goes on."""
    channel, ts = room.tell()
    room.slack.reply(channel, ts, said, MARA)
    for _ in range(2):
        room.tick()
    assert room.history() == []
    (reply,) = room.replies()
    assert reply.startswith("Sorry, that did not work: ")


def test_why_is_answered_and_changes_nothing(room: Room) -> None:
    """In the thread: the reason, how the time was counted, the case; no candidate is named."""
    channel, ts = room.tell()
    room.slack.reply(channel, ts, "Why?", MARA)
    before = room.history()
    room.tick()
    (answer,) = room.replies()
    (case,) = room.store.cases.read_cases("acme")
    assert (room.history(), str(case.handling)) == (before, "none")
    assert f"case {case.number}" in answer
    assert "1 working day" in answer
    assert "B.K." not in answer
    room.tick()
    assert len(room.replies()) == 1


def test_only_the_person_addressed_answers(room: Room) -> None:
    """In a direct message nobody else; in a channel whoever can write there."""
    channel, ts = room.tell()
    room.slack._rooms[channel].email = ""  # as if somebody else had come into it
    room.slack.react(channel, ts, "eyes", RAVI)
    room.slack.reply(channel, ts, "done", RAVI)
    room.tick()
    assert room.history() == []
    channel, ts = room.tell("#recruiting-ops", key="k2")
    room.slack.react(channel, ts, "eyes", RAVI)
    room.tick()
    assert room.history() == [(TransitionName.ACKNOWLEDGED, "Ravi Sen in slack")]


def test_an_emoji_nobody_knows_is_an_emoji(room: Room) -> None:
    """Nothing is done, nothing is said."""
    channel, ts = room.tell()
    room.slack.react(channel, ts, "partyparrot", MARA)
    assert room.tick().failures == []
    assert (room.history(), room.replies()) == ([], [])


def test_prose_is_answered_with_the_words_once(room: Room) -> None:
    """However much is written, the help comes once for a message, and a word still counts."""
    channel, ts = room.tell()
    for text in ("Could we talk about this tomorrow morning?", "Hello? Is anybody there?"):
        room.slack.reply(channel, ts, text, MARA)
        room.tick()
    (help_,) = room.replies()
    assert "snooze 2d" in help_
    assert room.history() == []
    room.slack.reply(channel, ts, "seen", MARA)
    room.tick()
    assert [name for name, _ in room.history()] == [TransitionName.ACKNOWLEDGED]


def test_people_may_talk_in_a_channel(room: Room) -> None:
    """Prose under a message in a channel is theirs: no help is offered."""
    channel, ts = room.tell("#recruiting-ops")
    room.slack.reply(channel, ts, "Mara is at the fair today, I think.", RAVI)
    room.tick()
    assert [m for m in room.slack.messages("recruiting-ops") if m.get("bot_id")][1:] == []


def test_not_me_names_who_it_is(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """A colleague the ATS knows gets it, and it is remembered; a stranger does not."""
    channel, ts = room.tell()
    room.slack.reply(channel, ts, "not me <@U000002>", MARA)
    room.tick()
    assert "I know nobody by that address" in room.replies()[0]
    ravi = User(account="acme", id="u2", name="Ravi Sen", email=RAVI, active=True)
    monkeypatch.setattr(AccountContext, "users", {"u2": ravi})
    room.slack.reply(channel, ts, "not me, <@U000002>", MARA)
    room.tick()
    assert "It goes to Ravi Sen now" in room.replies()[1]
    assert len(room.slack.dms(RAVI)) == 1
    assert room.store.silences.read_reassigned("acme") == {(SEAT, "u1"): RAVI}


def test_a_superior_whom_the_ats_does_not_list_takes_nothing_from_whoever_owes(
    room: Room,
) -> None:
    """Nothing would be remembered of them; the case stays where it is."""
    reason = recipient_reason(RecipientCode.ROLE, role="seat.user.manager")
    channel, ts = room.tell(RAVI, destination=Destination("slack", "person", RAVI, None, (reason,)))
    room.slack.reply(channel, ts, "not me", RAVI)
    room.tick()
    assert "the ATS does not list you" in room.replies(RAVI)[0]
    assert (room.history(), room.store.silences.read_reassigned("acme")) == ([], {})


def test_an_emoji_in_the_thread_counts(room: Room) -> None:
    """A later step stands in the thread of the first; what is put under it is heard too."""
    room.tell()
    channel, ts = room.tell(key="k2", purpose=Purpose.FOLLOW_UP)
    assert "thread" in room.notices()["k2"].receipt
    room.slack.react(channel, ts, "eyes", MARA)
    room.tick()
    assert [name for name, _ in room.history()] == [TransitionName.ACKNOWLEDGED]


def test_no_answer_costs_one_request_for_a_conversation(room: Room) -> None:
    """And one more for the newest word in a thread, however many stand there; none at all once
    they are two weeks old."""
    history, reactions = "/api/conversations.history", "/api/reactions.get"
    server = room.slack.server
    for number, expected in enumerate(([history], [history, reactions], [history, reactions])):
        room.tell(key=f"k{number}")
        room.tick()
        before = len(server.log)
        room.tick()
        assert [path for _, path, _ in server.log[before:]] == expected
    before = server.count()
    room.app.time.advance(RECENT + timedelta(minutes=1))  # type: ignore[attr-defined]
    room.tick()
    assert server.count() == before


def test_many_conversations_take_turns(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """No tick asks for more than it may; the next goes on with the others."""
    monkeypatch.setattr("atsbridge.replies.poll.MAX_CONVERSATIONS", 1)
    first, _ = room.tell()
    room.tell("#recruiting-ops", key="k2")
    server = room.slack.server
    asked = []
    for _ in range(3):
        before = len(server.log)
        room.app.time.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
        room.tick()
        asked += [query["channel"][0] for _, _, query in server.log[before:]]
    assert len(asked) == 3
    assert asked.count(first) in (1, 2)
    assert asked[0] != asked[1] != asked[2]


def test_an_app_outside_the_marketplace_is_heard_in_turns(room: Room) -> None:
    """One request a minute: no run waits for long, and in the end every conversation was read."""
    first, ts = room.tell()
    for number in range(6):
        room.tell("#recruiting-ops" if number else RAVI, key=f"k{number}b")
    second, ts2 = room.notices()["k0b"].receipt["channel"], room.notices()["k0b"].receipt["ts"]
    room.slack.restrict()
    room.slack.react(first, ts, "eyes", MARA)
    room.slack.react(second, ts2, "zzz", RAVI)
    for _ in range(4):
        before = room.app.time.now()
        assert room.tick().failures == []
        assert room.app.time.now() - before < timedelta(minutes=5)
        room.app.time.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
    assert {name for name, _ in room.history()} == {
        TransitionName.ACKNOWLEDGED,
        TransitionName.SNOOZED,
    }


def test_rate_limits_are_waited_for(room: Room) -> None:
    """Slack asks for patience: the answer is heard in the same tick."""
    channel, ts = room.tell()
    room.slack.react(channel, ts, "eyes", MARA)
    while room.slack._limits["conversations.history"].take().granted:
        pass
    assert room.tick().failures == []
    assert [name for name, _ in room.history()] == [TransitionName.ACKNOWLEDGED]


def test_a_kill_after_an_answer_was_heard_loses_no_word(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case, memory and word back are one transaction: the next tick sends it, and hears nothing
    twice."""
    channel, ts = room.tell()
    room.slack.react(channel, ts, "eyes", MARA)

    class Killed(BaseException):
        """The process is gone."""

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("atsbridge.tick.delivery_stage.deliver", killed)
        with pytest.raises(Killed):
            room.tick()
    room.tick()
    assert len(room.replies()) == 1
    assert [name for name, _ in room.history()] == [TransitionName.ACKNOWLEDGED]


def test_a_deleted_message_has_no_answers(room: Room) -> None:
    """The case goes on, and its end is a new message: there is none left to edit."""
    channel, ts = room.tell()
    room.slack.react(channel, ts, "eyes", MARA)
    room.slack.delete(channel, ts)
    assert room.tick().failures == []
    assert room.history() == []
    (case,) = room.store.cases.read_cases("acme")
    over = replace(
        room.notices()["k1"], key="k9", purpose=Purpose.RESOLVE, state=NoticeState.QUEUED
    )
    ended = replace(case, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    now = room.app.time.now()
    room.store.cases.save_decision(Decision(account="acme", at=now, cases=[ended], notices=[over]))
    assert room.tick().failures == []
    assert room.notices()["k9"].state is NoticeState.SENT
    (anew,) = room.slack.dms(MARA)
    assert anew["metadata"]["event_payload"]["key"] == "k9"


def test_a_revoked_token_is_told_once_and_the_case_goes_on(room: Room) -> None:
    """The run fails with the remedy; nothing heard is lost: it is heard when the token works."""
    channel, ts = room.tell()
    room.slack.react(channel, ts, "eyes", MARA)
    room.slack.revoked = True
    (failure,) = room.tick().failures
    assert (failure.what, failure.remedy) == (
        "Slack says token_revoked",
        "Check the token of sink slack",
    )
    room.slack.revoked = False
    assert room.tick().failures == []
    assert [name for name, _ in room.history()] == [TransitionName.ACKNOWLEDGED]


def test_a_renamed_channel_is_still_heard(room: Room) -> None:
    """What stands there is found by its id; what is new goes to ops, who are told once."""
    channel, ts = room.tell("#recruiting-ops")
    room.slack.rename("recruiting-ops", "talent")
    room.slack.react(channel, ts, "eyes", RAVI)
    assert room.tick().failures == []
    assert [name for name, _ in room.history()] == [TransitionName.ACKNOWLEDGED]


def test_somebody_who_left_answers_nothing(room: Room) -> None:
    """A deactivated member's emoji is of nobody."""
    channel, ts = room.tell()
    room.slack.react(channel, ts, "eyes", MARA)
    room.slack.deactivate(MARA)
    assert room.tick().failures == []
    assert room.history() == []


def test_a_pilots_reader_answers_for_nobody(room: Room) -> None:
    """With redirect_to nothing is asked for: the person addressed never saw the message."""
    room.tell()
    notify = room.app.settings.notify.model_copy(update={"redirect_to": RAVI})
    settings = room.app.settings.model_copy(update={"notify": notify})
    room.app = replace(room.app, settings=settings)
    before = room.slack.server.count("/api/conversations")
    room.tick()
    assert room.slack.server.count("/api/conversations") == before
