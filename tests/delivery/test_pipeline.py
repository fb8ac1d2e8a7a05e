"""The outbox emptied: once each, in the right place, and never silently lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory, Preferences
from atsbridge.errors import AuthError, FatalError
from atsbridge.model.case import End
from atsbridge.model.notice import Destination, DropCode, Hold, Notice, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

from .conftest import MARA, OPS, RAVI, SEAT, Killed, Run, notice, states


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


def test_two_who_are_unknown_to_the_sink_are_one_message_to_the_owner(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """The same text at the same place in one run is one message; the other says why it is not."""
    post.strangers = {"mara@acme.example", "ravi@acme.example"}
    put(notice("k1"), notice("k2", RAVI))
    assert run().counts == {NoticeState.SENT: 1, NoticeState.DROPPED: 1}
    assert [to for to, _, _ in post.sent] == ["#recruiting-ops"]
    assert states(store)["k2"][1] is DropCode.REPEATED


def test_what_a_refused_message_said_may_be_said_by_another(
    store: SqlStore, put: Any, run: Run, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing arrived of the first: the same text at the same place is no repetition."""
    put(notice("k1"), notice("k2"))
    send, refused = type(post).send, ["k1"]

    def refuse_once(sink: Any, to: Any, message: Any, **more: Any) -> Any:
        if refused:
            refused.pop()
            raise FatalError("not now", where="post")
        return send(sink, to, message, **more)

    monkeypatch.setattr(type(post), "send", refuse_once)
    run()
    assert [to for to, _, _ in post.sent] == ["#recruiting-ops", "mara@acme.example"]
    assert states(store)["k2"][0] is NoticeState.SENT


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
        "It comes here because the recruiter of the role cannot be reached in post."
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


def test_what_a_store_put_back_would_send_again_is_looked_up_first(
    put: Any, run: Run, post: Any, store: SqlStore
) -> None:
    """After a gap a message that stands at its destination is settled as sent, and not repeated."""
    put(notice("k1"), notice("k2", to=RAVI))
    post.sent.append(("mara@acme.example", "k1", None))  # sent after the backup was made
    assert run(look_first=True).counts == {NoticeState.SENT: 2}
    assert [key for _, key, _ in post.sent] == ["k1", "k2"]
    assert {one.receipt["id"] for one in store.outbox.read_notices("acme")} == {"m-k1", "m-k2"}
