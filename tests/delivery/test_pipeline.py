"""The outbox emptied: once each, in the right place, and never silently lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory, Preferences
from atsbridge.cases.throttle import Attention
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_report import DeliveryReport
from atsbridge.delivery.delivery_run import deliver
from atsbridge.delivery.failure_policy import TRIES
from atsbridge.errors import AmbiguousError, AuthError, FatalError, RetryableError
from atsbridge.model.case import Case, End, Handling
from atsbridge.model.notice import Destination, DropCode, Hold, Notice, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.sink import Sink
from atsbridge.presentation import resolution_text
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
RAVI = Destination(
    "post",
    "person",
    "ravi@acme.example",
    "u2",
    (recipient_reason(RecipientCode.ROLE, role="requisition.recruiter"),),
)
OPS = Destination("post", "channel", "#recruiting-ops")

Run = Callable[..., DeliveryReport]


@pytest.fixture
def run(
    store: SqlStore, post: Any, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> Run:
    def go(sinks: dict[str, Sink] | None = None, **more: Any) -> DeliveryReport:
        given = {"post": post} if sinks is None else sinks
        arguments: dict[str, Any] = {"rules": rules, "directory": directory, **more}
        return deliver(DeliveryRequest("acme", store, given, time=time, **arguments))

    return go


def notice(key: str, to: Destination = MARA, **changes: Any) -> Notice:
    plain = Notice(
        key=key,
        account="acme",
        case=0,
        rule="feedback-late",
        subject=SEAT,
        destination=to,
        purpose=Purpose.SEND,
        step=1,
    )
    return replace(plain, **changes)


@pytest.fixture
def put(store: SqlStore, time: ManualTime, given: tuple[Any, Any]) -> Callable[..., Case]:
    """Queue notices on the one case, opened or changed as asked."""
    _, make = given

    def go(*notices: Notice, **changes: Any) -> Case:
        now = time.now()
        there = store.cases.read_cases("acme")
        case: Case = replace(there[0], **changes) if there else make(**changes)
        dated = [replace(n, created_at=now) for n in notices]
        store.cases.save_decision(Decision(account="acme", at=now, cases=[case], notices=dated))
        return store.cases.read_cases("acme")[0]

    return go


def states(store: SqlStore) -> dict[str, tuple[NoticeState, Hold | DropCode | str | None]]:
    """Each notice's state, with why it is held, dropped or tried again."""
    return {
        n.key: (n.state, n.hold or (n.drop.code if n.drop else n.error.text if n.error else None))
        for n in store.outbox.read_notices("acme")
    }


def test_a_notice_is_sent_once_and_kept_with_its_receipt(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Sent, settled, and not sent again by the next tick."""
    put(notice("k1"))
    assert run().counts == {NoticeState.SENT: 1}
    assert run().counts == {}
    assert post.sent == [("mara@acme.example", "k1", None)]
    (kept,) = store.outbox.read_notices("acme")
    assert (kept.state, kept.sent_at, kept.receipt) == (
        NoticeState.SENT,
        time.now(),
        {"id": "m-k1"},
    )


def test_a_later_step_answers_in_the_thread_and_edits_the_first(
    put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """One case, one message per destination: the rest happens in and on it."""
    put(notice("k1", step=0), due_at=time.now() + timedelta(hours=1))
    run()
    time.advance(timedelta(hours=2))
    put(notice("k2", purpose=Purpose.FOLLOW_UP))
    run()
    assert post.sent[1] == ("mara@acme.example", "k2", "m-k1")
    assert post.edited == [("m-k1", "due")]


def test_the_end_edits_the_first_message(put: Any, run: Run, post: Any) -> None:
    """Good news disturbs nobody: the message that went out changes, nothing new is sent."""
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    assert run().counts == {NoticeState.SENT: 1}
    assert [key for _, key, _ in post.sent] == ["k1"]
    assert post.edited == [("m-k1", "done")]
    assert post.messages[-1].key == "k1"


def test_a_message_that_is_anothers_now_says_so(put: Any, run: Run, post: Any) -> None:
    """Edited in place, with the name; where nothing can be edited, in its thread."""
    for key, edits in (("k1", True), ("k3", False)):
        post.spec = replace(post.spec, edits=edits)
        put(notice(key), owed_by="u1")
        run()
        put(notice(f"{key}-over", purpose=Purpose.HANDED_OVER, step=-1), owed_by="u3")
        run()
        said = post.messages[-1]
        assert said.tone == "done"
        assert "Ines Prado" in said.body
    assert post.sent[-1] == ("mara@acme.example", "k3-over", "m-k1")


@pytest.mark.parametrize("waits", [False, True])
def test_the_end_of_a_case_is_sent_though_its_rule_was_removed(
    waits: bool, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """By edit, or as a line of a digest: whoever had the first message has the last one too."""
    put(notice("k1"))
    run()
    held = {"state": NoticeState.HELD, "hold": Hold.DIGEST, "not_before": time.now()}
    over = notice("k2", purpose=Purpose.RESOLVE, step=-1, **(held if waits else {}))
    put(over, end=End.RETIRED, end_reason=because(ReasonCode.RULE_REMOVED))
    calm = Calendar("office", "UTC", parse_hours("mon-sun 00:00-24:00"))
    run(rules={}, attention=Attention(calendar=lambda _: calm))
    assert resolution_text.sentence(because(ReasonCode.RULE_REMOVED)) in post.messages[-1].body


def test_without_edits_the_end_is_a_message_of_its_own(put: Any, run: Run, post: Any) -> None:
    """Where a sink can neither edit nor thread, the end is told plainly."""
    post.spec = replace(post.spec, edits=False, threads=False)
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    run()
    assert post.sent[-1] == ("mara@acme.example", "k2", None)


def test_a_plain_end_is_looked_up_before_it_is_repeated(
    store: SqlStore, put: Any, run: Run, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between sending and settling the end: found, not told twice."""
    post.spec = replace(post.spec, edits=False, threads=False)
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    with monkeypatch.context() as patched:
        patched.setattr(
            type(store.outbox), "settle", lambda _self, _n: (_ for _ in ()).throw(Killed)
        )
        with pytest.raises(Killed):
            run()
    run()
    assert [key for _, key, _ in post.sent] == ["k1", "k2"]


def test_what_is_cured_meanwhile_is_not_sent(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """A case that ended or was taken in hand drops its unsent notices, with the reason."""
    put(notice("k1"), end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    assert run().counts == {NoticeState.DROPPED: 1}
    assert states(store) == {"k1": (NoticeState.DROPPED, DropCode.CASE_ENDED)}
    put(notice("k2"), end=None, handling=Handling.ACKNOWLEDGED)
    run()
    assert states(store)["k2"] == (NoticeState.DROPPED, DropCode.HANDLED)
    assert post.sent == []


def test_an_end_whose_beginning_never_went_out_is_dropped(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """Nobody hears "done" about something nobody was told."""
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    run()
    assert states(store) == {"k2": (NoticeState.DROPPED, DropCode.NOTHING_SENT)}
    assert post.sent == post.edited == []


class Killed(BaseException):
    """The process is gone."""


def test_a_kill_between_send_and_settle_repeats_nothing(
    store: SqlStore, put: Any, run: Run, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next tick takes the notice over, finds its key, and settles without sending."""
    put(notice("k1"))

    def killed(_notice: Notice) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(type(store.outbox), "settle", lambda _self, n: killed(n))
        with pytest.raises(Killed):
            run()
    assert states(store)["k1"][0] is NoticeState.SENDING
    assert run().counts == {NoticeState.SENT: 1}
    assert [key for _, key, _ in post.sent] == ["k1"]


def test_what_may_have_arrived_is_looked_up_even_after_a_refused_credential(
    store: SqlStore,
    put: Any,
    run: Run,
    post: Any,
    time: ManualTime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It departed before a kill, and the sink refused to look: the next run looks, and finds it."""
    put(notice("k1"))
    store.outbox.claim("acme", time.now())
    store.outbox.depart("k1")
    post.sent.append(("mara@acme.example", "k1", None))

    def refuse(*_: Any, **__: Any) -> None:
        raise AuthError("the token was revoked")

    with monkeypatch.context() as patched:
        patched.setattr(post, "find", refuse)
        assert run().counts == {NoticeState.RETRY: 1}
    time.advance(timedelta(hours=1))
    assert run().counts == {NoticeState.SENT: 1}
    assert [key for _, key, _ in post.sent] == ["k1"]


def test_a_kill_before_sending_loses_nothing(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Of what was claimed only what had set off is looked up; not found, it is sent."""
    put(notice("k1"), notice("k2", RAVI), notice("k3", OPS))
    store.outbox.claim("acme", time.now())
    store.outbox.depart("k1")
    assert run().counts == {NoticeState.SENT: 3}
    assert post.looked == 1
    assert sorted(key for _, key, _ in post.sent) == ["k1", "k2", "k3"]


def test_what_was_claimed_by_a_dead_tick_and_never_set_off_is_dropped_when_cured(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Nobody is asked whether it arrived, and nobody hears of it."""
    put(notice("k1"))
    store.outbox.claim("acme", time.now())
    put(end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    assert run().counts == {NoticeState.DROPPED: 1}
    assert (post.looked, post.sent) == (0, [])


def test_a_message_that_arrived_before_its_case_ended_is_brought_up_to_date(
    store: SqlStore, put: Any, run: Run, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after sending, resolved meanwhile: found, settled, and edited to its end."""
    put(notice("k1"))
    with monkeypatch.context() as patched:
        patched.setattr(
            type(store.outbox), "settle", lambda _self, _n: (_ for _ in ()).throw(Killed)
        )
        with pytest.raises(Killed):
            run()
    put(end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    assert run().counts == {NoticeState.SENT: 1}
    assert post.edited == [("m-k1", "done")]


def test_an_ambiguous_send_is_looked_up_at_once(put: Any, run: Run, post: Any) -> None:
    """It arrived after all: settled as sent, not repeated."""
    put(notice("k1"))
    post.faults, post.arrives = [AmbiguousError("timed out")], True
    assert run().counts == {NoticeState.SENT: 1}
    assert [key for _, key, _ in post.sent] == ["k1"]


def test_a_failed_send_is_tried_again_with_growing_waits_and_then_given_up(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Each failure is reported; the wait doubles; after the last try it is dead, with a reason."""
    put(notice("k1"))
    post.faults = [RetryableError("busy", where="post: send") for _ in range(TRIES)]
    waits = []
    for _ in range(TRIES - 1):
        report = run()
        assert report.counts == {NoticeState.RETRY: 1}
        (failure,) = report.failures
        assert (failure.where, failure.what) == ("post: send", "busy")
        (kept,) = store.outbox.read_notices("acme")
        assert kept.not_before is not None
        waits.append(kept.not_before - time.now())
        assert run().counts == {}
        time.advance(waits[-1])
    assert waits == [timedelta(minutes=5 * 2**n) for n in range(TRIES - 1)]
    assert run().counts == {NoticeState.DEAD: 1}
    assert states(store)["k1"] == (NoticeState.DEAD, "post: send: busy")


def test_a_wait_the_service_asks_for_is_kept(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Retry-After longer than our own wait comes first."""
    put(notice("k1"))
    post.faults = [RetryableError("busy", retry_after=3600.0)]
    run()
    (kept,) = store.outbox.read_notices("acme")
    assert kept.not_before == time.now() + timedelta(hours=1)


def test_a_refused_credential_stops_the_sink_and_kills_no_notice(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """One request tells; everything waits; once the token is mended, all of it goes out."""
    put(notice("k1"), notice("k2", RAVI))
    for _ in range(TRIES + 2):
        post.faults = [AuthError("token_revoked"), AuthError("asked again")]
        assert run().counts == {NoticeState.RETRY: 2}
        assert len(post.faults) == 1
        time.advance(timedelta(minutes=5))
    post.faults = []
    assert run().counts == {NoticeState.SENT: 2}
    assert sorted(key for _, key, _ in post.sent) == ["k1", "k2"]


def test_a_broken_plugin_stops_nobody_else(store: SqlStore, put: Any, run: Run, post: Any) -> None:
    """An exception of any type is one failed notice, by name of the sink; the others go out."""
    put(notice("k1"), notice("k2", RAVI))
    post.faults = [ZeroDivisionError("secret detail")]
    report = run()
    assert report.counts == {NoticeState.RETRY: 1, NoticeState.SENT: 1}
    assert [failure.what for failure in report.failures] == ["sink post raised ZeroDivisionError"]


def test_a_notice_that_cannot_be_made_holds_up_nobody(
    store: SqlStore, put: Any, run: Run, post: Any, rules: dict[str, Rule]
) -> None:
    """A fault of our own is one failed notice; the next one goes out."""
    broken = {**rules, "broken": replace(rules["feedback-late"], id="broken", steps=None)}  # type: ignore[arg-type]
    put(notice("k1"), notice("k2", RAVI))
    kept = replace(store.outbox.read_notices("acme")[0], rule="broken")
    store.cases.save_decision(
        Decision(
            account="acme",
            at=kept.created_at or datetime.now(UTC),
            notices=[replace(kept, key="k0")],
        )
    )
    report = run(rules=broken)
    assert report.counts == {NoticeState.RETRY: 1, NoticeState.SENT: 2}
    assert [f.what for f in report.failures] == ["the notice could not be made: TypeError"]


def test_an_end_that_cannot_be_edited_is_sent_anew_once(put: Any, run: Run, post: Any) -> None:
    """Somebody deleted the message, or it is too old: the news comes as a new one, not in the
    thread of what is gone."""
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    post.faults = [FatalError("Slack says message_not_found")]
    report = run()
    assert (report.counts, report.failures) == ({NoticeState.QUEUED: 1, NoticeState.SENT: 1}, ())
    assert run().counts == {}
    assert post.sent[1:] == [("mara@acme.example", "k2", None)]
    assert post.messages[-1].tone == "done"


def test_an_end_that_is_sent_anew_disturbs_like_any_message(
    put: Any, run: Run, post: Any, store: SqlStore, time: ManualTime
) -> None:
    """An edit rings nowhere, a new message does: at night it waits for the morning."""
    put(notice("k1"))
    run()
    time.advance(timedelta(hours=8))
    over = notice("k2", purpose=Purpose.RESOLVE, step=-1)
    put(over, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    office = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
    post.faults = [FatalError("Slack says message_not_found")]
    run(attention=Attention(calendar=lambda _: office))
    assert (len(post.sent), states(store)["k2"]) == (1, (NoticeState.HELD, Hold.QUIET_HOURS))
    time.advance(timedelta(hours=10))
    run(attention=Attention(calendar=lambda _: office))
    assert post.sent[1:] == [("mara@acme.example", "k2", None)]


def test_who_left_hears_the_end_where_they_had_the_first(put: Any, run: Run, post: Any) -> None:
    """Their message is edited without looking them up; nobody in their place is messaged."""
    put(notice("k1"))
    run()
    post.strangers = {"mara@acme.example"}
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    assert run().counts == {NoticeState.SENT: 1}
    assert (len(post.sent), post.edited) == (1, [("m-k1", "done")])


def test_the_end_for_one_who_left_goes_to_their_stand_in_where_nothing_can_be_edited(
    put: Any, run: Run, post: Any
) -> None:
    """Once; not to a reader who has the news by a message of their own."""
    post.spec = replace(post.spec, edits=False, threads=False)
    put(notice("k1"))
    run()
    post.strangers = {"mara@acme.example"}
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    run()
    assert post.sent[1:] == [("#recruiting-ops", "k2", None)]


def test_an_end_that_failed_too_often_is_sent_anew_before_it_is_given_up(
    put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """The message may be what is broken, not the way to its reader."""
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    for _ in range(TRIES):
        post.faults = [RetryableError("Slack says fatal_error")]
        run()
        time.advance(timedelta(days=1))
    assert post.sent[1:] == [("mara@acme.example", "k2", None)]


def test_two_who_are_unknown_to_the_sink_are_one_message_to_the_owner(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """The same text at the same place in one run is one message; the other says why it is not."""
    post.strangers = {"mara@acme.example", "ravi@acme.example"}
    put(notice("k1"), notice("k2", RAVI))
    assert run().counts == {NoticeState.SENT: 1, NoticeState.DROPPED: 1}
    assert [to for to, _, _ in post.sent] == ["#recruiting-ops"]
    assert states(store)["k2"][1] is DropCode.REPEATED


def test_what_came_again_in_a_later_run_is_sent(
    put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Only within one run is the same text a mistake: a reminder says the same again."""
    for key in ("k1", "k2"):
        put(notice(key))
        run()
        time.advance(timedelta(days=2))
    assert [key for _, key, _ in post.sent] == ["k1", "k2"]


def test_delegates_of_each_other_who_are_both_unknown_do_not_hold_up_the_run(
    put: Any, run: Run, post: Any, directory: Directory
) -> None:
    """The round is walked once; then the owner hears."""
    post.strangers = {"mara@acme.example", "ravi@acme.example"}
    round_trip = {
        "mara@acme.example": Preferences(delegate="ravi@acme.example"),
        "ravi@acme.example": Preferences(delegate="mara@acme.example"),
    }
    put(notice("k1"))
    run(directory=replace(directory, preferences=round_trip))
    assert post.sent == [("#recruiting-ops", "k1", None)]


def test_who_cannot_be_reached_is_stood_in_for(
    store: SqlStore, put: Any, run: Run, post: Any, directory: Directory
) -> None:
    """The delegate; without one the owner's team, told why; never nobody."""
    post.strangers = {"mara@acme.example"}
    delegated = replace(
        directory,
        preferences={"mara@acme.example": Preferences(delegate="ines@acme.example")},
    )
    put(notice("k1"))
    run(directory=delegated)
    put(notice("k2", RAVI))
    post.strangers.add("ravi@acme.example")
    run()
    assert post.sent == [("ines@acme.example", "k1", None), ("#recruiting-ops", "k2", None)]
    assert post.messages[0].why.endswith(
        "You get this as delegate of Mara Lind, who cannot be reached here."
    )
    assert post.messages[1].why.endswith(
        "It comes here because the recruiter of the requisition cannot be reached in post."
    )
    assert store.outbox.read_notices("acme", case=1)[0].destination.person == "u3"


def test_the_next_sink_is_tried_before_anybody_else(
    put: Any, run: Run, post: Any, directory: Directory
) -> None:
    """[notify] dm: the first that can reach the person."""
    other = type(post)()
    post.strangers = {"mara@acme.example"}
    put(notice("k1"))
    run({"post": post, "mail": other}, directory=replace(directory, sinks=("post", "mail")))
    assert (post.sent, other.sent) == ([], [("mara@acme.example", "k1", None)])


def test_a_sink_without_direct_messages_is_passed_over(
    put: Any, run: Run, post: Any, directory: Directory
) -> None:
    """What cannot write to a person is not asked to, even where it would take the address."""
    other = type(post)()
    post.spec = replace(post.spec, direct_messages=False)
    put(notice("k1"))
    run({"post": post, "mail": other}, directory=replace(directory, sinks=("post", "mail")))
    assert (post.sent, len(other.sent)) == ([], 1)


def test_a_sink_the_account_does_not_name_gets_nothing(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """A channel on somebody else's sink is an error with a remedy, and is not sent."""
    put(notice("k1", replace(OPS, sink="other")))
    report = run()
    assert report.counts == {NoticeState.RETRY: 1}
    assert [failure.what for failure in report.failures] == [
        "sink 'other' is not one of this account's"
    ]
    assert post.sent == []


def test_a_confidential_requisition_never_reaches_a_channel(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """Dropped by the guard for the channel, sent to the person."""
    store.facts[SEAT]["requisition.confidential"] = True  # type: ignore[attr-defined]
    put(notice("k1", OPS), notice("k2", MARA))
    (failure,) = run().failures
    assert failure.what == "a confidential requisition never reaches a channel"
    assert [to for to, _, _ in post.sent] == ["mara@acme.example"]
    assert states(store)["k1"] == (NoticeState.DROPPED, DropCode.CONFIDENTIAL_CHANNEL)


def test_a_note_goes_to_the_application_and_is_remembered_as_ours(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """The seat's note hangs on its application, and no clock mistakes it for work done."""
    post.spec = replace(post.spec, edits=False, threads=False, direct_messages=False)
    put(notice("k1", Destination("ats", "ats", "acme/seat/s1")))
    run({"ats": post})
    assert post.sent == [("acme/application/a1", "k1", None)]
    written = store.own_writes.read_own_writes("acme", Key("acme", "application", "a1"))
    assert [at for _, at in written] == [time.now()]


def test_a_note_without_an_application_is_an_error(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """What concerns no application cannot be noted; the failure says what to do instead."""
    store.facts[SEAT]["interview.application"] = None  # type: ignore[attr-defined]
    put(notice("k1", Destination("ats", "ats", "acme/seat/s1")))
    (failure,) = run({"ats": post}).failures
    assert failure.what == "a note needs an application, and this seat has none"


def test_a_first_look_is_one_message(
    store: SqlStore, run: Run, post: Any, time: ManualTime, given: tuple[Any, Any]
) -> None:
    """The ten that wait longest by name, the rest counted; what is cured is left out."""
    _, make = given
    now = time.now()
    facts = store.facts[SEAT]  # type: ignore[attr-defined]
    cases = []
    for n in range(13):
        key = Key("acme", "seat", f"s{n:02}")
        store.facts[key] = {**facts, "requisition.code": f"REQ-{n}"}  # type: ignore[attr-defined]
        due = datetime(2026, 3, 1 + n // 2, 12, tzinfo=UTC)
        ended = End.RESOLVED if n == 0 else None
        cases.append(make(key, baseline=True, due_at=due, started_at=due, end=ended))
    summary = notice(
        "k1",
        OPS,
        purpose=Purpose.SUMMARY,
        rule="",
        subject=Key("acme", "account", "acme"),
        step=-1,
        created_at=now,
    )
    store.cases.save_decision(Decision(account="acme", at=now, cases=cases, notices=[summary]))
    assert run().counts == {NoticeState.SENT: 1}
    (message,) = post.messages
    lines = message.body.splitlines()
    assert "12" in message.headline
    assert [line.partition(":")[0] for line in lines[3:13]] == [
        f"• Data Engineer (REQ-{n})" for n in range(1, 11)
    ]
    assert len(lines) == 14


def test_a_first_look_is_told_by_search(
    store: SqlStore, run: Run, post: Any, time: ManualTime, given: tuple[Any, Any]
) -> None:
    """One line for a requisition with all that waits in it; of cases that were open before, too."""
    _, make = given
    now = time.now()
    facts = store.facts[SEAT]  # type: ignore[attr-defined]
    cases = []
    for n in range(5):
        key = Key("acme", "seat", f"s{n}")
        store.facts[key] = dict(facts)  # type: ignore[attr-defined]
        opened = now - timedelta(days=9) if n == 4 else now
        cases.append(make(key, baseline=n < 4, opened_at=opened, owed_by=f"u{n % 2 + 1}"))
    summary = notice("k1", OPS, purpose=Purpose.SUMMARY, rule="", step=-1, created_at=now)
    store.cases.save_decision(Decision(account="acme", at=now, cases=cases, notices=[]))
    older = next(case.number for case in store.cases.read_cases("acme") if not case.baseline)
    store.outbox.queue([replace(summary, summary_cases=(older,))])
    run()
    (message,) = post.messages
    assert "5" in message.headline
    (line,) = message.body.splitlines()[3:]
    assert line.startswith("• Data Engineer (REQ-104)")
    assert "Mara Lind and Ravi Sen" in line


def test_what_waits_of_a_rule_that_went_back_to_shadow_is_held(
    store: SqlStore, put: Any, run: Run, post: Any, rules: dict[str, Rule]
) -> None:
    """It was decided while the rule was live; now nobody is to hear of it."""
    put(notice("k1"))
    shadow = {**rules, "feedback-late": replace(rules["feedback-late"], status="shadow")}
    run(rules=shadow)
    assert states(store) == {"k1": (NoticeState.HELD, Hold.SHADOW)}
    assert post.sent == []


def test_a_listener_hears_every_message_that_goes_out(put: Any, run: Run) -> None:
    """What `demo` shows is what was sent, to whom it was really sent."""
    heard: list[tuple[str, str]] = []
    put(notice("k1"))
    run(watch=lambda n, m: heard.append((n.destination.address, m.key)))
    assert heard == [("mara@acme.example", "k1")]


def test_what_nobody_is_to_hear_of_now_waits(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """A silence that came after the decision holds the notice; it goes out when that is over."""
    put(notice("k1"))
    assert run(suppress=lambda _case, _rule: "silenced").counts == {NoticeState.HELD: 1}
    assert states(store) == {"k1": (NoticeState.HELD, Hold.SUPPRESSED)}
    time.advance(timedelta(minutes=10))
    assert run(suppress=lambda _case, _rule: "").counts == {NoticeState.SENT: 1}
    assert [key for _, key, _ in post.sent] == ["k1"]


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (1.0, timedelta(minutes=5)),
        (3600.0, timedelta(hours=1)),
        (30 * 365 * 86400.0, timedelta(hours=6)),
        (1e300, timedelta(hours=6)),
        (float("inf"), timedelta(hours=6)),
        (float("nan"), timedelta(minutes=5)),
        (-5.0, timedelta(minutes=5)),
    ],
)
def test_a_sink_s_wish_to_wait_is_bounded(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime, asked: float, wait: timedelta
) -> None:
    """Any number a chat service names costs that notice some hours at most, and nothing else."""
    put(notice("k1"), notice("k2", to=RAVI))
    post.faults = [RetryableError("rate limited", retry_after=asked)]
    assert run().counts == {NoticeState.RETRY: 1, NoticeState.SENT: 1}
    (kept,) = store.outbox.read_notices("acme", states=[NoticeState.RETRY])
    assert kept.not_before == time.now() + wait


def test_what_a_store_put_back_would_send_again_is_looked_up_first(
    put: Any, run: Run, post: Any, store: SqlStore
) -> None:
    """After a gap a message that stands at its destination is settled as sent, and not repeated."""
    put(notice("k1"), notice("k2", to=RAVI))
    post.sent.append(("mara@acme.example", "k1", None))  # sent after the backup was made
    assert run(look_first=True).counts == {NoticeState.SENT: 2}
    assert [key for _, key, _ in post.sent] == ["k1", "k2"]
    assert {one.receipt["id"] for one in store.outbox.read_notices("acme")} == {"m-k1", "m-k2"}


def test_what_took_a_message_is_in_the_report_and_what_failed_is_named_alike(
    put: Any, run: Run, post: Any
) -> None:
    """So that "recovered" is a fact: the sink that failed took a message; a person whom it refuses
    is not vouched for by another who had theirs."""
    put(notice("k1"))
    post.faults = [RetryableError("Slack says ratelimited")]
    (down,) = run().failures
    assert (down.place, down.code) == ("sink/post", "RetryableError")
    put(notice("k2", RAVI))
    worked = run().worked
    assert down.place in worked
    put(notice("k3"))
    post.faults = [FatalError("Slack says cannot_dm"), FatalError("no such channel")]
    report = run()
    refused = next(one for one in report.failures if one.what == "Slack says cannot_dm")
    assert refused.place not in worked
