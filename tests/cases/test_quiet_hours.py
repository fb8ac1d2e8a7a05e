"""Who may be disturbed: never at night, never too often, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from atsbridge.cases.quiet_hours import Attention
from atsbridge.model.notice import Destination, Hold, Notice, NoticeState, Purpose
from atsbridge.model.record import Key
from atsbridge.ports.outbox_store import Admitted, PendingNotice, Spent
from atsbridge.worktime.calendar import Calendar, parse_hours

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)  # a Monday
LISBON = Calendar("office", "Europe/Lisbon", parse_hours("mon-fri 09:00-18:00"))
MARA = Destination("slack", "person", "Mara@acme.example", "u1")
NOBODY = Spent({}, {})


def waiting(key: str, to: Destination = MARA, **more: object) -> PendingNotice:
    case = {name: more.pop(name) for name in ("due_at", "owed_by") if name in more}
    plain = Notice(
        key=key,
        account="acme",
        case=1,
        rule="feedback-late",
        subject=Key("acme", "seat", key),
        destination=to,
        purpose=Purpose.SEND,
    )
    return PendingNotice(replace(plain, **more), **case)  # type: ignore[arg-type]


@pytest.fixture
def attention() -> Attention:
    return Attention(calendar=lambda _to: LISBON, edits=frozenset({"slack"}))


def states(found: Sequence[Admitted]) -> dict[str, tuple[NoticeState, Hold | None]]:
    return {one.notice.key: (one.notice.state, one.notice.hold) for one in found}


def going(found: Sequence[Admitted]) -> list[str]:
    return [one.notice.key for one in found if one.notice.state is NoticeState.SENDING]


@pytest.mark.parametrize("purpose", [Purpose.RESOLVE, Purpose.HANDED_OVER])
def test_good_news_by_mail_joins_the_digest(attention: Attention, purpose: Purpose) -> None:
    """A sink that can neither edit nor thread would ring for it; a thread takes it at once."""
    mail = replace(MARA, sink="mail")
    (one,) = attention.admit([waiting("k", mail, purpose=purpose)], NOBODY, NOON)
    assert (one.notice.state, one.notice.hold) == (NoticeState.HELD, Hold.DIGEST)
    threads = replace(attention, threads=frozenset({"mail"}))
    (one,) = threads.admit([waiting("k", mail, purpose=purpose)], NOBODY, NOON)
    assert one.notice.state is NoticeState.SENDING


@pytest.mark.parametrize("purpose", [Purpose.AGREEMENT, Purpose.QUESTIONS, Purpose.WEEKLY])
def test_who_wants_the_digest_only_gets_what_no_digest_can_list(
    attention: Attention, purpose: Purpose
) -> None:
    """It would be held from one morning to the next for ever; a reminder joins the digest."""
    digest_only = replace(attention, digest_only=frozenset({MARA.address.lower()}))
    alone, reminder = waiting("a", purpose=purpose), waiting("r")
    found = digest_only.admit([alone, reminder], NOBODY, NOON)
    assert going(found) == ["a"]
    assert states(found)["r"] == (NoticeState.HELD, Hold.DIGEST)


def test_at_night_it_waits_for_the_morning(attention: Attention) -> None:
    """Held with the reason and the instant it may go."""
    (one,) = attention.admit([waiting("a")], NOBODY, NOON + timedelta(hours=10))
    assert (one.notice.state, one.notice.hold) == (NoticeState.HELD, Hold.QUIET_HOURS)
    assert one.notice.not_before == datetime(2026, 3, 10, 9, tzinfo=UTC)


def test_a_channel_hears_at_any_hour(attention: Attention) -> None:
    """A channel is nobody's bedside; an edit in place rings nowhere."""
    channel = waiting("c", Destination("slack", "channel", "#ops"))
    edit = waiting("e", purpose=Purpose.RESOLVE)
    assert going(attention.admit([channel, edit], NOBODY, NOON.replace(hour=23))) == ["c", "e"]


def test_over_the_cap_the_rest_joins_the_digest(attention: Attention) -> None:
    """Three now, the others tomorrow at half past nine; each exactly once."""
    found = attention.admit([waiting(key) for key in "edcba"], NOBODY, NOON)
    assert going(found) == ["a", "b", "c"]
    held = [one.notice for one in found if one.notice.state is NoticeState.HELD]
    assert {(n.hold, n.not_before) for n in held} == {
        (Hold.DIGEST, datetime(2026, 3, 10, 9, 30, tzinfo=UTC))
    }
    assert [one.day for one in found] == ["2026-03-09"] * 3 + ["", ""]


def test_what_others_sent_today_counts(attention: Attention) -> None:
    """The cap is a person's, not a rule's or an account's; letters' case makes nobody another."""
    spent = Spent({("mara@acme.example", "2026-03-09"): 2}, {})
    assert going(attention.admit([waiting("a"), waiting("b")], spent, NOON)) == ["a"]


def test_what_waits_dearest_goes_first(attention: Attention) -> None:
    """What only the reader can do, then what was due longest ago, then what they are told."""
    old, new = NOON - timedelta(days=3), NOON - timedelta(hours=1)
    found = attention.admit(
        [
            waiting("told", due_at=old - timedelta(days=9), owed_by="u2"),
            waiting("new", due_at=new, owed_by="u1"),
            waiting("old", due_at=old, owed_by="u1"),
        ],
        NOBODY,
        NOON,
    )
    assert going(found) == ["old", "new", "told"]


def test_a_place_is_kept_for_todays_digest(attention: Attention) -> None:
    """Three a day, the digest that is still to come included."""
    early = NOON.replace(hour=9, minute=5)
    promised = Spent({}, {"mara@acme.example": [early.replace(minute=30)]})
    assert len(going(attention.admit([waiting(k) for k in "abc"], promised, early))) == 2
    assert len(going(attention.admit([waiting(k) for k in "abcd"], NOBODY, early))) == 2
    assert len(going(attention.admit([waiting(k) for k in "abc"], NOBODY, early))) == 3


def test_a_digest_goes_though_the_cap_is_reached(attention: Attention) -> None:
    """It is what the rest waits for."""
    spent = Spent({("mara@acme.example", "2026-03-09"): 3}, {})
    found = attention.admit([waiting("d", purpose=Purpose.DIGEST), waiting("a")], spent, NOON)
    assert going(found) == ["d"]


def test_good_news_without_a_place_joins_the_digest(attention: Attention) -> None:
    """A sink that can neither edit nor thread interrupts nobody to say that all is well."""
    mail = Destination("mail", "person", "mara@acme.example", "u1")
    news = waiting("r", mail, purpose=Purpose.RESOLVE)
    assert states(attention.admit([news], NOBODY, NOON))["r"] == (NoticeState.HELD, Hold.DIGEST)
    threads = replace(attention, threads=frozenset({"mail"}))
    assert going(threads.admit([news], NOBODY, NOON)) == ["r"]


def test_without_quiet_hours_the_night_is_as_the_day(attention: Attention) -> None:
    """The setting does what it says; the cap holds all the same."""
    awake = replace(attention, quiet=False, per_day=1, digest_at=time(9, 30))
    assert going(awake.admit([waiting("a"), waiting("b")], NOBODY, NOON.replace(hour=22))) == ["a"]


@pytest.mark.parametrize("purpose", [Purpose.SUMMARY, Purpose.CLEANUP, Purpose.OPS])
def test_what_is_no_line_of_a_digest_waits_for_the_next_day(
    attention: Attention, purpose: Purpose
) -> None:
    """It belongs to no case: in a digest it would be lost."""
    alone = waiting("alone", purpose=purpose, case=0)
    spent = Spent({("mara@acme.example", "2026-03-09"): 3}, {})
    (one,) = attention.admit([alone], spent, NOON)
    assert (one.notice.hold, one.day) == (Hold.DAILY_LIMIT, "")
    assert one.notice.not_before == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    assert going(attention.admit([alone], NOBODY, NOON)) == ["alone"]


def test_a_proposal_to_clean_up_has_time(attention: Attention) -> None:
    """It takes no reminder's place."""
    cleanup = waiting("a", purpose=Purpose.CLEANUP, case=0)
    several = [cleanup, *(waiting(f"k{n}") for n in range(3))]
    assert "a" not in going(attention.admit(several, NOBODY, NOON))
