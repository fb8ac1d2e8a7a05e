"""Buttons under a message: offered with an app-level token only, stored, and applied by the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.errors import ConfigError, DeniedError, StoreError
from atsbridge.model.case import End, TransitionName
from atsbridge.model.notice import Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.sink import Reply, ReplyOutcome
from atsbridge.replies.apply import CaseActions
from atsbridge.replies.listen_session import ListenSession
from atsbridge.replies.poll import RECENT
from atsbridge.replies.reply_receiver import ReplyReceiver
from atsbridge.sandbox.chat.slack_events import list_buttons
from atsbridge.store.case_tables.sql_reply_inbox import SqlReplyInbox
from atsbridge.timesource import ManualTime

from .listening_room import receiver, session, sink_settings, waiting
from .reply_room import MARA, RAVI, Room

__all__ = ["receiver", "session", "sink_settings"]

LABELS = ["Seen", "Until tomorrow", "2 working days", "Until next week", "Not me", "Done", "Why?"]
APPLIED = {
    "Seen": (TransitionName.ACKNOWLEDGED, "I'll be quiet about this until Wed 11 Mar, 16:05"),
    "Until tomorrow": (TransitionName.SNOOZED, "I'll ask again on Tue 10 Mar, 09:30"),
    "2 working days": (TransitionName.SNOOZED, "I'll ask again on Wed 11 Mar, 16:05"),
    "Until next week": (TransitionName.SNOOZED, "I'll ask again on Mon 16 Mar, 09:30"),
    "Not me": (TransitionName.REASSIGNED, "I'll remember that"),
    "Done": (TransitionName.MARKED_DONE, "Thank you, Mara!"),
}


def press(key: str = "k1", text: str = "seen", email: str = MARA) -> Reply:
    return Reply(key, f"button {text} U1", email, "Mara Lind", text=text)


def test_a_message_has_buttons(room: Room) -> None:
    """In a direct message and in a channel, in the first message and the next one."""
    room.tell()
    room.tell(key="k2", purpose=Purpose.FOLLOW_UP)
    room.tell("#recruiting-ops", key="k3")
    for message in (*room.slack.dms(MARA), *room.slack.messages("recruiting-ops")):
        assert list_buttons(message) == LABELS


@pytest.mark.parametrize("label", APPLIED)
def test_a_press_is_applied_by_the_next_run_once(
    room: Room, receiver: ReplyReceiver, label: str
) -> None:
    """Like the same word in the thread: one transition, one answer, however many runs follow."""
    channel, ts = room.tell()
    payload = room.slack.make_press(channel, ts, label, MARA)["actions"][0]
    text = payload.get("value") or payload["selected_option"]["value"]
    outcome = receiver.receive(press(text=text))
    assert outcome == ReplyOutcome(
        f"Thank you, Mara. I noted “{label}” and confirm it below the message."
    )
    assert (room.history(), waiting(room)) == ([], [text])
    for _ in range(3):
        room.tick()
    name, words = APPLIED[label]
    assert room.history() == [(name, "Mara Lind in slack")]
    (reply,) = room.replies()
    assert words in reply
    assert waiting(room) == []


def test_pressed_twice_is_stored_once(room: Room, receiver: ReplyReceiver) -> None:
    """Before the run and after it; a different choice of the menu is a new reply."""
    room.tell()
    receiver.receive(press())
    again = "I have “Seen” from you already, Mara. Nothing has changed."
    assert receiver.receive(press()).text == again
    assert waiting(room) == ["seen"]
    room.tick()
    assert receiver.receive(press()).text == again
    assert (waiting(room), len(room.history())) == ([], 1)
    assert "noted" in receiver.receive(press(text="until tomorrow")).text
    assert "noted" in receiver.receive(press(text="snooze 2bd")).text
    assert receiver.stored == 3


def test_somebody_else_is_refused(room: Room, receiver: ReplyReceiver) -> None:
    """In a direct message; also a member without an address. In a channel everybody may."""
    room.tell()
    for email in (RAVI, ""):
        outcome = receiver.receive(press(email=email))
        assert outcome.text.startswith("This message is for somebody else")
    room.tell("#recruiting-ops", key="k2")
    assert "noted" in receiver.receive(press("k2", email=RAVI)).text
    assert waiting(room) == ["seen"]


def test_a_closed_case_is_over(room: Room, receiver: ReplyReceiver) -> None:
    """It says how it ended. A press that was stored just before it ended changes nothing."""
    room.tell()
    receiver.receive(press(text="done"))
    (case,) = room.store.cases.read_cases("acme")
    reason = because(ReasonCode.CANCELLED, path="interview.cancelled_at")
    ended = replace(case, end=End.CANCELLED, end_reason=reason)
    now = room.app.time.now()
    room.store.cases.save_decision(Decision(account="acme", at=now, cases=[ended]))
    outcome = receiver.receive(press())
    assert outcome.text == "The interview was canceled. Nothing is left to do here, Mara."
    room.tick()
    assert (room.history(), waiting(room)) == ([], [])
    (reply,) = room.replies()
    assert reply == outcome.text


def test_an_old_message_and_an_unknown_one(room: Room, receiver: ReplyReceiver) -> None:
    room.tell()
    assert "do not know this message" in receiver.receive(press("k9")).text
    assert "do not know" in ReplyReceiver(room.app, "teams").receive(press()).text
    room.app.time.advance(RECENT + timedelta(minutes=1))  # type: ignore[attr-defined]
    assert "more than two weeks old" in receiver.receive(press()).text
    assert waiting(room) == []


def test_a_text_that_no_button_has_is_refused(room: Room, receiver: ReplyReceiver) -> None:
    """Whatever a program sends: only what was offered is stored."""
    room.tell()
    for text in ("", "false alarm", "snooze 365d", "<!channel>"):
        assert "use one of the buttons" in receiver.receive(press(text=text)).text
    assert waiting(room) == []


def test_why_is_answered_at_once_and_changes_nothing(room: Room, receiver: ReplyReceiver) -> None:
    """In the thread, in the reader's zone, also while a run holds the account; again if asked."""
    room.tell()
    with room.store.lock("acme"):
        outcomes = [receiver.receive(press(text="why")) for _ in range(2)]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].in_thread
    assert "1 working day" in outcomes[0].text
    assert "B.K." not in outcomes[0].text
    assert (receiver.explained, waiting(room), room.history()) == (2, [], [])


def test_why_that_cannot_be_answered_now_is_left_to_the_run(
    room: Room, receiver: ReplyReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from atsbridge.errors import PluginError

    def broken(*_: Any) -> str:
        raise PluginError("a plugin is broken")

    room.tell()
    with monkeypatch.context() as patched:
        patched.setattr("atsbridge.replies.reply_receiver.explain_briefly", broken)
        assert "noted “Why?”" in receiver.receive(press(text="why")).text
    room.tick()
    assert "1 working day" in room.replies()[0]


def test_a_store_that_does_not_answer_says_so(
    room: Room, receiver: ReplyReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any) -> bool:
        raise StoreError("busy")

    room.tell()
    monkeypatch.setattr(SqlReplyInbox, "add_reply", busy)
    assert "could not save that" in receiver.receive(press()).text


def test_a_reply_to_an_erased_message_is_dropped(room: Room, receiver: ReplyReceiver) -> None:
    room.tell()
    receiver.receive(press())
    room.store.privacy.forget_person(MARA)
    assert waiting(room) == []


def test_the_end_of_a_case_has_no_buttons(room: Room) -> None:
    """The message that now says how it ended offers nothing any more."""
    room.tell()
    (case,) = room.store.cases.read_cases("acme")
    ended = replace(case, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    end = replace(room.notices()["k1"], key="k9", purpose=Purpose.RESOLVE, sent_at=None)
    from atsbridge.model.notice import NoticeState

    end = replace(end, state=NoticeState.QUEUED, receipt={})
    now = room.app.time.now()
    room.store.cases.save_decision(Decision(account="acme", at=now, cases=[ended], notices=[end]))
    room.tick()
    (message,) = room.slack.dms(MARA)
    assert message.get("edited")
    assert list_buttons(message) == []


def test_from_the_button_to_the_answer(room: Room, session: ListenSession) -> None:
    """A press in Slack, stored by the session while a run is at work; the next run answers it."""
    channel, ts = room.tell()
    with room.store.lock("acme"):
        assert room.slack.press(channel, ts, "Done", MARA).acknowledged
        assert room.slack.press(channel, ts, "Why?", MARA).acknowledged
    assert waiting(room) == ["done"]
    room.tick()
    assert room.history() == [(TransitionName.MARKED_DONE, "Mara Lind in slack")]
    assert any("Thank you, Mara!" in text for text in room.replies())


def test_a_changed_pack_answers_at_once(room: Room, session: ListenSession) -> None:
    """The connection to Slack stays."""
    channel, ts = room.tell()
    room.slack.press(channel, ts, "Why?", MARA)
    assert room.slack.wait_until(lambda: len(room.replies()) == 1)
    opened, before = room.slack.socket_mode.opened, room.app.packs
    why = "Answers are quick."
    text = f"version: 1\noverrides: [{{id: feedback-late, why: {why}}}]\n"
    texts = [*before.texts, ("own.yaml", text)]
    services = replace(room.app, packs=before.replaced_by(texts))
    session.reload = lambda adopt: adopt(services) or True  # type: ignore[func-returns-value]
    session.look_at_files()
    room.slack.press(channel, ts, "Why?", MARA)
    assert room.slack.wait_until(lambda: len(room.replies()) == 2)
    first, second = room.replies()
    assert (why in first, why in second) == (False, True)
    assert room.slack.socket_mode.opened == opened


def test_settings_with_mistakes_are_noted(room: Room) -> None:
    def refuse(_: Any) -> bool:
        raise ConfigError("unknown key", where="atsbridge.toml:3:1")

    lines: list[Mapping[str, Any]] = []
    session = ListenSession(room.app, lines.append, refuse)
    session.look_at_files()
    assert lines == [{"action": "settings_kept", "what": "atsbridge.toml:3:1: unknown key"}]
    assert session.services is room.app


def test_other_settings_of_a_sink_need_a_new_session(room: Room) -> None:
    """Such as another token: `run` returns, and says so."""
    settings = room.app.settings
    section = settings.sinks["slack"].model_copy(update={"clearance": "open"})
    changed = replace(room.app, settings=settings.model_copy(update={"sinks": {"slack": section}}))
    lines: list[Mapping[str, Any]] = []
    session = ListenSession(room.app, lines.append, lambda adopt: adopt(changed) or True)  # type: ignore[func-returns-value]
    session.open()
    assert session.run()
    assert session.is_closed
    assert [line for line in lines if "sink" not in line] == [{"action": "settings_read"}]


def test_without_buttons_there_is_nothing_to_listen_to(room: Room) -> None:
    room.app.open_sink("slack").spec = replace(  # type: ignore[misc]
        room.app.open_sink("slack").spec, listens=False
    )
    with pytest.raises(ConfigError, match="no sink receives replies"):
        ListenSession(room.app, lambda _: None).open()


def test_a_refused_token_ends_the_session_with_its_error(room: Room) -> None:
    from atsbridge.errors import AuthError

    room.slack.revoked = True
    lines: list[Mapping[str, Any]] = []
    session = ListenSession(room.app, lines.append)
    session.open()
    with pytest.raises(AuthError, match="token_revoked"):
        session.run()
    assert [line["action"] for line in lines] == ["not_connected", "not_listening"]


@pytest.mark.parametrize("error", [ValueError("Mara Lind"), DeniedError("may not")])
def test_a_reply_that_cannot_be_applied_holds_up_nothing(
    room: Room, receiver: ReplyReceiver, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """It is reported without its text and tried again; the reply after it is applied at once."""
    room.tell()
    room.tell(key="k2", purpose=Purpose.FOLLOW_UP)
    receiver.receive(press(text="not me"))
    receiver.receive(press(key="k2", text="seen"))
    with monkeypatch.context() as patched:
        patched.setattr(CaseActions, "reassign", _raise(error))
        summary = room.tick()
        assert waiting(room) == ["not me"]
    (failed,) = summary.failures
    assert failed.place == "acme/answers/slack/reply"
    assert "Mara" not in str(failed)
    assert [name for name, _ in room.history()] == [TransitionName.ACKNOWLEDGED]
    assert room.tick().failures == []
    assert waiting(room) == []
    assert [name for name, _ in room.history()][-1] == TransitionName.REASSIGNED


def test_a_reply_that_never_can_be_applied_is_dropped_after_a_day(
    room: Room, receiver: ReplyReceiver, monkeypatch: pytest.MonkeyPatch, time: ManualTime
) -> None:
    """The last try is reported, too."""
    room.tell()
    receiver.receive(press())
    monkeypatch.setattr(CaseActions, "acknowledge", _raise(ValueError("broken")))
    room.tick()
    time.advance(timedelta(days=1))
    assert len(room.tick().failures) == 1
    assert waiting(room) == []


def _raise(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail
