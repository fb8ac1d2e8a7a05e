"""Quiet hours, cap and digest through the outbox: nobody too often, nothing lost, nothing stale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.ops_notice import make_ops_notice
from atsbridge.cases.quiet_hours import Attention
from atsbridge.cases.recipients import Directory
from atsbridge.delivery import reader_history
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_report import DeliveryReport
from atsbridge.delivery.delivery_run import deliver
from atsbridge.delivery.failure_policy import TRIES
from atsbridge.errors import FatalError, RetryableError
from atsbridge.model.case import Case, End
from atsbridge.model.notice import Destination, Hold, Notice, NoticeState, NoticeText, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.presentation import resolution_text
from atsbridge.presentation.digest_message import ENDED
from atsbridge.presentation.message_context import MessageContext
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime
from atsbridge.worktime.calendar import Calendar, parse_hours

SEAT = Key("acme", "seat", "s1")
MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)
UTC_OFFICE = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
MORNING = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)

BARE: dict[str, Any] = {
    "account": "acme",
    "case": 1,
    "rule": "feedback-late",
    "subject": SEAT,
    "destination": MARA,
    "purpose": Purpose.SEND,
}
Run = Callable[..., DeliveryReport]


def at(directory: Directory) -> MessageContext:
    return MessageContext(directory, MORNING)


@pytest.fixture
def run(
    store: SqlStore, post: Any, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> Run:
    attention = Attention(calendar=lambda _to: UTC_OFFICE)

    def go(account: str = "acme", **more: Any) -> DeliveryReport:
        return deliver(
            DeliveryRequest(
                account, store, {"post": post}, rules, directory, time, attention=attention, **more
            )
        )

    return go


@pytest.fixture
def put(store: Any, time: ManualTime, given: tuple[Any, Any]) -> Callable[..., None]:
    """One case for each of `count` seats of an account, each with a notice to Mara."""
    facts, make = given

    def go(count: int, account: str = "acme", **more: Any) -> None:
        now = time.now()
        for n in range(count):
            seat = Key(account, "seat", f"s{n}")
            store.facts[seat] = facts[SEAT]
            case: Case = make(seat, due_at=now - timedelta(hours=n + 1))
            notice = Notice(
                key=f"{account}-{n}",
                account=account,
                case=0,
                rule="feedback-late",
                subject=seat,
                destination=MARA,
                purpose=Purpose.SEND,
                step=1,
                created_at=now,
            )
            notice = replace(notice, **more)
            store.cases.save_decision(
                Decision(account=account, at=now, cases=[case], notices=[notice])
            )

    return go


def states(store: SqlStore, account: str = "acme") -> Counter[str]:
    return Counter(str(n.state) for n in store.outbox.read_notices(account))


def test_three_go_and_the_rest_is_one_message_in_the_morning(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Eight at once: the three that wait longest, then a digest of five, settled with it."""
    put(8)
    assert run().counts == {NoticeState.SENT: 3}
    assert [key for _, key, _ in post.sent] == ["acme-7", "acme-6", "acme-5"]
    assert states(store) == {"sent": 3, "held": 5}
    time.advance(MORNING - time.now())
    assert run().counts == {NoticeState.SENT: 1}
    assert post.messages[-1].body.count("B.K., Data Engineer (REQ-104)") == 5
    assert len([link for link in post.messages[-1].links if link]) == 5
    assert states(store) == {"sent": 9}


def test_the_cap_counts_all_accounts(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """A person is one address: the second account finds one place left."""
    put(2)
    run()
    put(3, account="globex")
    assert run("globex").counts == {NoticeState.SENT: 1}


def test_in_the_night_it_waits_and_only_what_is_still_true_is_sent(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Done in between: nobody hears of it in the morning."""
    time.advance(timedelta(hours=6))
    put(2)
    assert run().counts == {}
    case = store.cases.read_open_cases("acme")[0]
    ended = replace(case, end=End.RESOLVED, ended_at=time.now())
    store.cases.save_decision(Decision(account="acme", at=time.now(), cases=[ended]))
    time.advance(datetime(2026, 3, 10, 9, tzinfo=UTC) - time.now())
    assert run().counts == {NoticeState.DROPPED: 1, NoticeState.SENT: 1}
    assert len(post.sent) == 1


def test_a_digest_whose_lines_are_all_done_is_not_sent(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Its lines are looked at again; none left, no message, no attention spent."""
    put(1, state=NoticeState.HELD, hold=Hold.DIGEST, not_before=MORNING)
    (case,) = store.cases.read_open_cases("acme")
    store.cases.save_decision(
        Decision(account="acme", at=time.now(), cases=[replace(case, end=End.RESOLVED)])
    )
    time.advance(MORNING - time.now())
    assert run().counts == {NoticeState.DROPPED: 1}
    assert (post.sent, states(store)) == ([], {"dropped": 2})


def test_what_fails_gives_its_place_back(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """A message that did not go out disturbed nobody: another may."""
    post.faults = [RetryableError("busy")]
    put(4)
    run()
    assert states(store)["sent"] == 2
    time.advance(timedelta(minutes=6))
    run()
    assert states(store) == {"sent": 3, "held": 1}


def test_ops_hear_once_of_what_is_given_up(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """With the command that tries again, and without a word about anybody."""
    put(1, attempts=TRIES - 1)
    post.faults = [FatalError("no such channel")] * 3
    assert run().counts == {NoticeState.DEAD: 1}
    post.faults.clear()
    run()
    said = [m.body for m in post.messages if "atsbridge notices replay acme-0" in m.body]
    assert len(said) == 1
    assert {to for to, _, _ in post.sent} == {"#ops"}
    assert run().counts == {}


def test_a_night_without_a_server_is_one_word_to_ops(
    put: Any, run: Run, post: Any, store: SqlStore
) -> None:
    """Three are given up for the same cause: ops hear how to try all of them again."""
    put(3, attempts=TRIES - 1)
    post.faults = [RetryableError("nobody listens there")] * 3
    assert run().counts == {NoticeState.DEAD: 3}
    post.faults.clear()
    run()
    (said,) = [m.body for m in post.messages if "given up" in m.headline]
    assert "`atsbridge notices replay --dead` all of it" in said


def test_word_to_ops_is_told_once_per_topic_and_its_words_are_not_kept(
    store: SqlStore, run: Run, post: Any, time: ManualTime
) -> None:
    """Queued again and again, sent once; the outbox keeps the receipt only."""
    ops = Destination("post", "channel", "#ops")
    for _ in range(3):
        store.outbox.queue(
            [make_ops_notice("acme", ops, "stale/users", NoticeText("Stale", "…"), time.now())]
        )
        run()
    assert [to for to, _, _ in post.sent] == ["#ops"]
    (kept,) = store.outbox.read_notices("acme")
    assert kept.text is None


def test_a_pilot_leads_everything_to_one_address(put: Any, run: Run, post: Any) -> None:
    """Marked for whom it was; what each would have had in a day stays as it would have been."""
    put(4)
    run(redirect_to="pilot@acme.example")
    assert {to for to, _, _ in post.sent} == {"pilot@acme.example"}
    assert len(post.sent) == 3
    assert post.messages[0].headline.startswith("[post: for mara@acme.example] ")


def test_what_a_pilot_read_reached_nobody(
    put: Any, run: Run, post: Any, store: SqlStore, time: ManualTime
) -> None:
    """The first real message to a person is their first; the next one is not."""
    put(1)
    run(redirect_to="pilot@acme.example")
    assert reader_history.read(store, Notice(**{**BARE, "key": "x"}), MARA).is_first
    later = {"key": "y", "step": 2, "created_at": time.now()}
    store.outbox.queue([Notice(**{**BARE, **later})])
    run()
    assert not reader_history.read(store, Notice(**{**BARE, "key": "z"}), MARA).is_first
    assert post.messages[1].intro != ""


def test_a_pilots_edit_changes_the_pilots_message(
    put: Any, run: Run, post: Any, store: SqlStore, time: ManualTime
) -> None:
    """The end of a case is put in the place of the message that went to the pilot's address."""
    put(1)
    run(redirect_to="pilot@acme.example")
    (case,) = store.cases.read_open_cases("acme")
    (first,) = store.outbox.read_notices("acme")
    over = replace(first, key="over", purpose=Purpose.RESOLVE, step=-1, receipt={})
    over = replace(over, state=NoticeState.QUEUED, sent_at=None)
    ended = replace(case, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    store.cases.save_decision(
        Decision(account="acme", at=time.now(), cases=[ended], notices=[over])
    )
    run(redirect_to="pilot@acme.example")
    assert [one for one, _ in post.edited] == [first.receipt["id"]]
    assert post.edited[0][1] == "done"
    assert post.messages[-1].headline.startswith("[post: for mara@acme.example] ")


def test_the_end_of_what_was_a_line_of_a_digest_is_a_line_of_the_next(
    put: Any, run: Run, post: Any, store: SqlStore, time: ManualTime
) -> None:
    """With how it ended, under what is no longer open."""
    put(1, state=NoticeState.HELD, hold=Hold.DIGEST, not_before=MORNING)
    time.advance(MORNING - time.now())
    run()
    (case,) = store.cases.read_open_cases("acme")
    line = next(n for n in store.outbox.read_notices("acme") if n.case == case.number)
    over = replace(line, key="over", purpose=Purpose.RESOLVE, step=-1, digest="", sent_at=None)
    next_day = MORNING + timedelta(days=1)
    over = replace(over, state=NoticeState.HELD, hold=Hold.DIGEST, not_before=next_day)
    ended = replace(case, end=End.CANCELLED, end_reason=because(ReasonCode.PILOT))
    store.cases.save_decision(
        Decision(account="acme", at=time.now(), cases=[ended], notices=[over])
    )
    time.advance(timedelta(days=1))
    run()
    assert len(post.sent) == 2
    title, line = post.messages[-1].body.splitlines()
    assert title == f"{ENDED}:"
    assert resolution_text.sentence(because(ReasonCode.PILOT)) in line


def test_a_digest_found_after_a_kill_keeps_its_receipt(
    put: Any, run: Run, post: Any, store: SqlStore, time: ManualTime
) -> None:
    """It arrived before the kill: found by its key, settled with its lines, and sent once."""
    put(1, state=NoticeState.HELD, hold=Hold.DIGEST, not_before=MORNING)
    time.advance(MORNING - time.now())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            type(store.outbox), "settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            run()
    assert len(post.sent) == 1
    run()
    (digest,) = (n for n in store.outbox.read_notices("acme") if n.purpose is Purpose.DIGEST)
    assert (len(post.sent), digest.state) == (1, NoticeState.SENT)
    assert digest.receipt == {"id": f"m-{digest.key}"}
    assert states(store) == {"sent": 2}


def test_a_pilot_nobody_reads_sends_nothing(put: Any, run: Run, post: Any) -> None:
    """Better nothing than something to the wrong people."""
    post.strangers = {"pilot@acme.example"}
    put(1)
    with pytest.raises(FatalError, match="redirect_to"):
        run(redirect_to="pilot@acme.example")
    assert post.sent == []
