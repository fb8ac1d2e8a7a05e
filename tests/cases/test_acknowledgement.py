"""What people say of a case, what begins all at once, and what nobody is to hear of now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases import acknowledgement
from atsbridge.cases.recipients import Directory, recipient
from atsbridge.model.case import Case, Clock, Handling, TransitionName
from atsbridge.model.notice import Destination, Hold, Notice, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.model.verdict import State, Verdict
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]
Run = Callable[..., Decision]
SEAT = Key("acme", "seat", "s1")
MARA = Destination("slack", "person", "mara@acme.example", "u1")


@pytest.fixture
def stored(now: datetime) -> Case:
    return Case(
        number=7,
        rule="feedback-late",
        subject=SEAT,
        opened_at=now - timedelta(hours=5),
        clock=Clock.BREACHED,
        started_at=now - timedelta(days=3),
        due_at=now - timedelta(minutes=5),
        owed_by="u1",
        steps_done=(0, 1),
    )


def notice(key: str, state: NoticeState, to: Destination = MARA, **more: Any) -> Notice:
    plain = Notice(
        key=key,
        account="acme",
        case=7,
        rule="feedback-late",
        subject=SEAT,
        destination=to,
        purpose=Purpose.SEND,
        step=1,
        state=state,
    )
    return replace(plain, **more)


def test_an_acknowledgement_runs_out_in_one_reminder(
    run: Run, verdict: Make, stored: Case, now: datetime
) -> None:
    """Silent until then; then whoever owes hears once more, and not again at the next tick."""
    until = now + timedelta(days=1)
    (acked,) = acknowledgement.acknowledge(stored, now, until, "mara", "on it").cases
    assert run(verdict(State.BREACHED, 0, 1, 2), cases=(acked,)).notices == []
    told = {"read_notices": lambda _case: [notice("k1", NoticeState.SENT)]}
    decided = run(verdict(State.BREACHED, 0, 1), cases=(acked,), at=until, **told)
    (reminder,) = decided.notices
    assert (reminder.purpose, reminder.destination.person) == (Purpose.FOLLOW_UP, "u1")
    (after,) = decided.cases
    assert after.handling is Handling.NONE
    assert run(verdict(State.BREACHED, 0, 1), cases=(after,), at=until).notices == []


def test_what_is_said_to_be_done_is_looked_at_by_the_next_tick(
    run: Run, verdict: Make, stored: Case, now: datetime
) -> None:
    """Still owed: the word is lifted, and the person hears so once."""
    (said,) = acknowledgement.done(stored, now, "mara", "").cases
    decided = run(verdict(State.BREACHED, 0, 1), cases=(said,), at=now + timedelta(minutes=10))
    assert [row.name for _, _, row in decided.transitions] == [TransitionName.HANDLING_ENDED]
    assert len(decided.notices) == 1


def test_a_false_alarm_sleeps_until_its_facts_change(
    run: Run, verdict: Make, stored: Case, now: datetime
) -> None:
    """The same facts stay silent however late it gets; others wake it."""
    (said,) = acknowledgement.false_alarm(stored, now, "mara", "").cases
    (asleep,) = run(verdict(State.BREACHED, 0, 1), cases=(said,)).cases
    late = verdict(State.BREACHED, 0, 1, 2, 3)
    assert run(late, cases=(asleep,)).cases == []
    other = replace(late, evidence={**late.evidence, "requisition.recruiter": "u4"})
    (awake,) = run(other, cases=(asleep,)).cases
    assert (awake.handling, awake.false_facts) == (Handling.NONE, None)


def test_not_me_goes_to_the_one_named_and_is_remembered(
    rule: Rule, directory: Directory, verdict: Make, stored: Case, now: datetime
) -> None:
    """What waits for the wrong person is dropped, the right one hears, now and later."""
    to = Destination("slack", "person", "bo@acme.example", "u4")
    waits = [notice("k1", NoticeState.HELD), notice("k0", NoticeState.SENT)]
    decided = acknowledgement.reassign(
        stored, rule, waits, to, acknowledgement.Reassignment(now, "mara", name="Bo Ek")
    )
    assert [(n.key == "k1", n.state) for n in decided.notices] == [
        (True, NoticeState.DROPPED),
        (False, NoticeState.QUEUED),
    ]
    assert decided.notices[-1].destination.why == (recipient_reason(RecipientCode.ASSIGNED),)
    assert decided.transitions[0][2].reason == because(ReasonCode.REASSIGNED, to="Bo Ek")
    who = replace(directory, reassigned={(SEAT, "u1"): "bo@acme.example"})
    assert recipient("seat.user", rule, verdict(), who).address == "bo@acme.example"
    nobody = replace(directory, reassigned={(SEAT, "u1"): ""})
    assert recipient("seat.user", rule, verdict(), nobody).address == "#recruiting-ops"


def test_handing_on_again_and_again_leaves_one_message(
    rule: Rule, stored: Case, now: datetime
) -> None:
    """To one, to another, back to the first: what waited for each before is dropped."""
    outbox: dict[str, Notice] = {}
    for name in ("bo", "kim", "bo", "bo"):
        to = Destination("slack", "person", f"{name}@acme.example")
        decided = acknowledgement.reassign(
            stored, rule, list(outbox.values()), to, acknowledgement.Reassignment(now, "mara")
        )
        outbox |= {one.key: one for one in decided.notices}
        waits = [one for one in outbox.values() if one.state is NoticeState.QUEUED]
        assert [one.destination.address for one in waits] == [to.address]


def test_who_got_it_back_and_again_hears_of_it_each_time(
    rule: Rule, stored: Case, now: datetime
) -> None:
    """All of them arrive. Who has it already hears nothing twice."""
    outbox: dict[str, Notice] = {}
    for at, name in enumerate(("bo", "kim", "bo", "bo")):
        to = Destination("slack", "person", f"{name}@acme.example")
        given = acknowledgement.Reassignment(now + timedelta(hours=at), "mara")
        decided = acknowledgement.reassign(stored, rule, list(outbox.values()), to, given)
        fresh = decided.notices[-1]
        assert (fresh.key in outbox) is (at == 3)
        outbox.setdefault(fresh.key, replace(fresh, state=NoticeState.SENT))


def test_who_knew_of_it_already_hears_that_it_is_theirs_now(
    rule: Rule, stored: Case, now: datetime
) -> None:
    """They got the same step for another reason before."""
    given = acknowledgement.Reassignment(now, "mara")
    plain = acknowledgement.reassign(stored, rule, [], MARA, given).notices[-1]
    before = replace(plain, state=NoticeState.SENT, handed_on=False)
    fresh = acknowledgement.reassign(stored, rule, [before], MARA, given).notices[-1]
    assert fresh.key != before.key


def test_a_later_step_takes_the_place_of_what_still_waits(
    run: Run, verdict: Make, stored: Case
) -> None:
    """Held over night, then due: the reader gets one message in the morning, not two."""
    waits = notice("k0", NoticeState.HELD, hold=Hold.QUIET_HOURS, step=0)
    case = replace(stored, steps_done=(0,))
    found = run(
        verdict(State.BREACHED, 0, 1), cases=(case,), read_notices=lambda _: [waits]
    ).notices
    assert [(n.state, n.step) for n in found] == [
        (NoticeState.DROPPED, 0),
        (NoticeState.QUEUED, 1),
    ]


def test_what_waits_for_the_one_before_is_dropped_with_the_hand_over(
    run: Run, verdict: Make, stored: Case
) -> None:
    """Nobody hears in the morning of what was taken off them in the night."""
    waits = notice("k0", NoticeState.HELD, hold=Hold.QUIET_HOURS)
    now_u4 = verdict(State.BREACHED, 0, 1, owed_by="u4")
    now_u4 = replace(now_u4, evidence={**now_u4.evidence, "seat.user": "u4"})
    found = run(now_u4, cases=(stored,), read_notices=lambda _: [waits]).notices
    assert [(n.state, n.destination.person) for n in found] == [
        (NoticeState.DROPPED, "u1"),
        (NoticeState.QUEUED, "u4"),
    ]


def test_whoever_was_told_hears_that_another_has_it_now(
    run: Run, verdict: Make, stored: Case
) -> None:
    """Once, and not again when the case ends; the one who has it now hears of both."""
    told = [notice("k0", NoticeState.SENT)]
    now_u4 = verdict(State.BREACHED, 0, 1, owed_by="u4")
    now_u4 = replace(now_u4, evidence={**now_u4.evidence, "seat.user": "u4"})
    decided = run(now_u4, cases=(stored,), read_notices=lambda _: told)
    assert [(n.purpose, n.destination.person) for n in decided.notices] == [
        (Purpose.HANDED_OVER, "u1"),
        (Purpose.SEND, "u4"),
    ]
    (case,) = decided.cases
    told += [replace(one, state=NoticeState.SENT) for one in decided.notices]
    kept = replace(now_u4, state=State.KEPT)
    ended = run(kept, cases=(case,), read_notices=lambda _: told).notices
    assert [(n.purpose, n.destination.person) for n in ended] == [(Purpose.RESOLVE, "u4")]


def test_whoever_stood_in_hears_of_a_hand_over_too(
    run: Run, verdict: Make, stored: Case, directory: Directory
) -> None:
    """Told in place of the one who had it, they have nothing left to do either; but who stands in
    for the next one as well is only asked again, and whoever owed nothing is left alone."""
    deputy = Destination("slack", "person", "kim@acme.example", "u9")
    asked = replace(notice("k0", NoticeState.SENT, step=1), destination=deputy)
    recruiter = Destination("slack", "person", "ola@acme.example", "u8")
    aware = replace(notice("k1", NoticeState.SENT, step=2), destination=recruiter)
    now_u4 = verdict(State.BREACHED, 0, 1, owed_by="u4")
    now_u4 = replace(now_u4, evidence={**now_u4.evidence, "seat.user": "u4"})
    case = replace(stored, steps_done=(0, 1))
    found = run(now_u4, cases=(case,), read_notices=lambda _: [asked, aware]).notices
    assert [(n.purpose, n.destination.person) for n in found] == [
        (Purpose.HANDED_OVER, "u9"),
        (Purpose.SEND, "u4"),
    ]
    both = replace(directory, reassigned={(SEAT, "u4"): "kim@acme.example"})
    found = run(now_u4, cases=(case,), read_notices=lambda _: [asked, aware], who=both).notices
    assert [(n.purpose, n.destination.address) for n in found] == [
        (Purpose.FOLLOW_UP, "kim@acme.example")
    ]


def test_who_had_only_a_line_of_a_digest_hears_the_end_in_a_digest(
    run: Run, verdict: Make, stored: Case
) -> None:
    """Not by a message of its own, and not never; who had both hears it once, in place."""
    line = notice("k1", NoticeState.SENT, digest="d1")
    (over,) = run(verdict(State.KEPT), cases=(stored,), read_notices=lambda _: [line]).notices
    assert (over.purpose, over.state, over.hold) == (
        Purpose.RESOLVE,
        NoticeState.HELD,
        Hold.DIGEST,
    )
    assert over.not_before is not None
    both = [line, notice("k2", NoticeState.SENT, receipt={"id": "m"})]
    (over,) = run(verdict(State.KEPT), cases=(stored,), read_notices=lambda _: both).notices
    assert over.state is NoticeState.QUEUED


def test_a_silence_takes_no_step_and_loses_none(run: Run, verdict: Make) -> None:
    """The case opens and says why nobody hears; when it ends, the last step is told."""
    silent = run(verdict(State.BREACHED, 0, 1), find_suppression=lambda *_: "silenced by bo")
    assert silent.notices == []
    assert "silenced by bo" in silent.transitions[0][2].reason["text"]
    case = replace(silent.cases[0], number=7)
    (told,) = run(verdict(State.BREACHED, 0, 1), cases=(case,)).notices
    assert told.step == 1


def test_an_acknowledgement_waits_for_the_end_of_a_silence(
    run: Run, verdict: Make, stored: Case, now: datetime
) -> None:
    """It ran out while nobody was to hear: the reminder comes when that is over, and once."""
    until = now + timedelta(hours=1)
    (acked,) = acknowledgement.acknowledge(stored, now, until, "mara", "").cases
    later = until + timedelta(hours=1)
    silent = run(
        verdict(State.BREACHED, 0, 1), cases=(acked,), at=later, find_suppression=lambda *_: "x"
    )
    assert (silent.cases, silent.notices) == ([], [])
    heard = run(verdict(State.BREACHED, 0, 1), cases=(acked,), at=later)
    assert len(heard.notices) == 1


@pytest.mark.parametrize("state", [State.UNKNOWN, State.PAUSED])
def test_an_acknowledgement_that_runs_out_while_nobody_has_to_act_is_reminded_of_later(
    run: Run, verdict: Make, stored: Case, now: datetime, state: State
) -> None:
    """The case was unknown or paused then: the one reminder comes when it is late again."""
    until = now + timedelta(hours=1)
    (acked,) = acknowledgement.acknowledge(stored, now, until, "mara", "").cases
    later = until + timedelta(hours=1)
    meanwhile = run(verdict(state), cases=(acked,), at=later)
    (case,) = meanwhile.cases
    assert (meanwhile.notices, case.handling) == ([], Handling.ACKNOWLEDGED)
    again = run(verdict(State.BREACHED, 0, 1), cases=(case,), at=later)
    assert [(n.destination.person, n.step) for n in again.notices] == [("u1", 1)]
    assert run(verdict(State.BREACHED, 0, 1), cases=tuple(again.cases), at=later).notices == []


def test_a_false_alarm_whose_facts_change_during_a_pause_wakes_after_it(
    run: Run, verdict: Make, stored: Case, now: datetime
) -> None:
    """It ends with the change; the one reminder waits until the case is late again."""
    (alarm,) = acknowledgement.false_alarm(stored, now, "mara", "").cases
    (asleep,) = run(verdict(State.BREACHED, 0, 1), cases=(alarm,)).cases
    late = verdict(State.BREACHED, 0, 1)
    other = replace(late, evidence={**late.evidence, "requisition.recruiter": "u4"})
    paused = run(replace(other, state=State.PAUSED), cases=(asleep,))
    (awake,) = paused.cases
    assert (paused.notices, awake.handling) == ([], Handling.NONE)
    assert [n.step for n in run(other, cases=(awake,)).notices] == [1]


def test_who_takes_over_during_a_pause_hears_after_it(
    run: Run, verdict: Make, stored: Case
) -> None:
    """Nobody is reminded while the clock stands still; then the new one is, once."""
    paused = run(verdict(State.PAUSED, 0, owed_by="u4"), cases=(stored,))
    assert paused.notices == []
    (case,) = paused.cases
    late = verdict(State.BREACHED, 0, 1, owed_by="u4")
    late = replace(late, evidence={**late.evidence, "seat.user": "u4"})
    after = run(late, cases=(case,))
    assert [(n.destination.person, n.step) for n in after.notices] == [("u4", 1)]
    assert run(late, cases=tuple(after.cases)).notices == []


def test_who_takes_over_in_a_silence_hears_after_it(run: Run, verdict: Make, stored: Case) -> None:
    """The step that was told to the one before is taken again for the one who has it now."""
    now_u4 = verdict(State.BREACHED, 0, 1, owed_by="u4")
    now_u4 = replace(now_u4, evidence={**now_u4.evidence, "seat.user": "u4"})
    silent = run(now_u4, cases=(stored,), find_suppression=lambda *_: "x")
    assert silent.notices == []
    (case,) = silent.cases
    (told,) = run(now_u4, cases=(case,)).notices
    assert (told.destination.person, told.step) == ("u4", 1)


def test_what_one_persconfirm_binds_nobody_else(
    run: Run, verdict: Make, stored: Case, now: datetime
) -> None:
    """Acknowledged, then handed over: the one who has it now hears, with the reason kept."""
    (acked,) = acknowledgement.acknowledge(stored, now, now + timedelta(days=2), "mara", "").cases
    now_u4 = verdict(State.BREACHED, 0, 1, owed_by="u4")
    now_u4 = replace(now_u4, evidence={**now_u4.evidence, "seat.user": "u4"})
    decided = run(now_u4, cases=(acked,))
    assert [n.destination.person for n in decided.notices] == ["u4"]
    assert decided.transitions[-1][2].reason.code is ReasonCode.HANDLING_OF_OTHER
