"""What people choose about their own messages: stored once, answered, and followed at once."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.context import AccountContext, find_sharers
from atsbridge.model import (
    ChoiceValue,
    Destination,
    DropCode,
    Key,
    Notice,
    NoticeState,
    NoticeText,
    Purpose,
)

from .reply_room import MARA, RAVI, Room


def _chosen(room: Room, person: str = MARA) -> tuple[ChoiceValue | None, ChoiceValue | None]:
    found = room.store.choices.read_choices().get(person)
    if found is None:
        return None, None
    return (
        found.delivery.value if found.delivery else None,
        found.pairs.value if found.pairs else None,
    )


def test_digest_only_is_stored_once_and_followed(room: Room) -> None:
    """Also for what was queued before; the case itself is not touched."""
    channel, ts = room.tell()
    room.slack.reply(channel, ts, "Digest only, please", MARA)
    for _ in range(2):
        room.tick()
    assert (_chosen(room), room.history()) == ((ChoiceValue.DIGEST, None), [])
    (answer,) = room.replies()
    assert "one daily summary" in answer
    directory = AccountContext(room.app, "acme").directory
    assert directory.preferences[MARA].morning
    queued = room.notices()["k1"]
    room.store.outbox.queue([_again(queued)])
    room.tick()
    held = room.notices()["k2"]
    assert (held.state, str(held.hold)) == (NoticeState.HELD, "digest")


def _again(notice: Notice) -> Notice:
    return replace(notice, key="k2", state=NoticeState.QUEUED, receipt={}, sent_at=None, replies=())


def test_stop_is_told_to_ops_and_start_takes_it_back(room: Room) -> None:
    """Never silent: what the person owes comes in the digest; the operators hear of it once."""
    channel, ts = room.tell()
    room.slack.reply(channel, ts, "STOP!", MARA)
    room.tick()
    assert _chosen(room) == (ChoiceValue.STOP, ChoiceValue.OFF)
    directory = AccountContext(room.app, "acme").directory
    assert directory.preferences[MARA].stopped
    ops = [one for one in room.notices().values() if one.purpose is Purpose.OPS]
    assert len(ops) == 1
    assert "What waits on you still comes" in room.replies()[0]
    room.slack.reply(channel, ts, "start", MARA)
    room.tick()
    assert _chosen(room) == (ChoiceValue.ALL, ChoiceValue.OFF)
    assert not AccountContext(room.app, "acme").directory.preferences[MARA].stopped


def test_nobody_chooses_for_somebody_else(room: Room) -> None:
    """Neither in a direct message that another one sees, nor in a channel."""
    channel, ts = room.tell()
    room.slack._rooms[channel].email = ""
    room.slack.reply(channel, ts, "stop", RAVI)
    channel, ts = room.tell("#recruiting-ops", key="k9")
    room.slack.reply(channel, ts, "stop", RAVI)
    room.tick()
    assert (_chosen(room), _chosen(room, RAVI)) == ((None, None), (None, None))


def test_the_own_choice_comes_before_the_settings(room: Room) -> None:
    """`[report] pairs` lists somebody who then says "weekly off"."""
    room.app.settings.report.__dict__["pairs"] = (MARA, RAVI)
    assert find_sharers(room.app) == {MARA, RAVI}
    channel, ts = room.tell()
    room.slack.reply(channel, ts, "weekly off", MARA)
    room.tick()
    assert find_sharers(room.app) == {RAVI}
    room.slack.reply(channel, ts, "weekly on", MARA)
    room.tick()
    assert find_sharers(room.app) == {MARA, RAVI}


def _offer(room: Room) -> tuple[str, str]:
    """The offer of the weekly message goes out; (channel, ts)."""
    notice = Notice(
        key="o1",
        account="acme",
        case=0,
        rule="",
        subject=Key("acme", "account", "acme"),
        destination=Destination("slack", "person", MARA, "u1"),
        purpose=Purpose.OFFER,
        created_at=room.app.time.now(),
        pair=(MARA, RAVI),
        text=NoticeText("A weekly message?", "Reply yes or no.", "*yes* or *no*"),
    )
    room.store.outbox.queue([notice])
    room.tick()
    sent = room.notices()["o1"]
    assert (sent.state, sent.text) == (NoticeState.SENT, None)
    return sent.receipt["channel"], sent.receipt["ts"]


def test_yes_to_the_offer_is_consent(room: Room) -> None:
    """By text or thumb, answered in the thread of the offer; "no" afterwards ends it."""
    channel, ts = _offer(room)
    room.slack.react(channel, ts, "thumbsup", MARA)
    room.tick()
    assert _chosen(room) == (None, ChoiceValue.ON)
    room.slack.reply(channel, ts, "No, thank you", MARA)
    room.tick()
    assert _chosen(room) == (None, ChoiceValue.OFF)
    answers = [one for one in room.slack.dms(MARA) if one.get("thread_ts") == ts]
    assert [one["text"][:9] for one in answers if one.get("bot_id")] == ["Thank you", "All right"]


def test_a_message_about_no_case_acknowledges_none(room: Room) -> None:
    """ "done" under it gets a kind answer once."""
    room.tell()
    channel, ts = _offer(room)
    room.slack.reply(channel, ts, "done", MARA)
    for _ in range(2):
        room.tick()
    assert room.history() == []
    (answer,) = [one for one in room.replies() if "no single task" in one]
    assert answer.startswith("Thank you, Mara")


def test_a_message_to_a_pair_reaches_its_reader_or_nobody(room: Room) -> None:
    """No team and no channel stands in."""
    notice = Notice(
        key="o2",
        account="acme",
        case=0,
        rule="",
        subject=Key("acme", "account", "acme"),
        destination=Destination("slack", "person", "left@acme.example", "u9"),
        purpose=Purpose.OFFER,
        created_at=room.app.time.now(),
        text=NoticeText("A weekly message?", "Reply yes or no."),
    )
    room.store.outbox.queue([notice])
    room.tick()
    dropped = room.notices()["o2"]
    assert dropped.drop is not None
    assert (dropped.state, dropped.drop.code) == (NoticeState.DROPPED, DropCode.NOT_REACHED)
