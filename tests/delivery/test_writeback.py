"""Marks in the ATS: put on by a step, off with its case, and nobody else's is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_report import DeliveryReport
from atsbridge.delivery.delivery_run import deliver
from atsbridge.errors import AmbiguousError, DeniedError
from atsbridge.model.case import Case, End
from atsbridge.model.notice import (
    Destination,
    DropCode,
    Message,
    Notice,
    NoticeState,
    Purpose,
    Receipt,
)
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.model.write_actions import Mark, address, read, tag
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

SEAT, OTHER = Key("acme", "seat", "s1"), Key("acme", "seat", "s2")
LATE = tag("feedback late")
A1 = Key("acme", "application", "a1")


class Ats:
    """The sink `ats` over an ATS where tags sit on the candidate c1 of every application."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.there: set[tuple[str, Mark]] = set()
        self.faults: list[Exception] = []
        self.arrives = False

    def _on(self, to: Destination) -> tuple[str, Mark]:
        record, mark = read(to.address)
        assert mark is not None
        assert record.kind == "application"
        return ("candidate/c1" if mark.field == "tag" else f"application/{record.id}"), mark

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        del message, thread
        on = self._on(to)
        had = on in self.there
        if not self.faults or self.arrives:
            self.there.add(on)
        if self.faults:
            raise self.faults.pop(0)
        return Receipt({"on": on[0], "had": had})

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        del sent, message
        if self.faults:
            raise self.faults.pop(0)
        self.there.discard(self._on(to))
        return Receipt({})

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        del key, thread
        on = self._on(to)
        return Receipt({"on": on[0], "had": False}) if on in self.there else None

    def find_address(self, email: str) -> None:
        del email

    def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def ats(post: Any) -> Ats:
    return Ats(replace(post.spec, edits=False, threads=False, direct_messages=False, looks_up=True))


@pytest.fixture
def run(
    store: SqlStore,
    post: Any,
    ats: Ats,
    rules: dict[str, Rule],
    directory: Directory,
    time: ManualTime,
) -> Callable[..., DeliveryReport]:
    def go(**more: Any) -> DeliveryReport:
        arguments: dict[str, Any] = {"rules": rules, "directory": directory, **more}
        return deliver(
            DeliveryRequest("acme", store, {"post": post, "ats": ats}, time=time, **arguments)
        )

    return go


@pytest.fixture
def step(store: SqlStore, time: ManualTime, given: tuple[Any, Any]) -> Callable[..., Notice]:
    """A case on a seat opens and its step puts a mark on."""
    _, make = given

    def go(subject: Key = SEAT, mark: Mark = LATE, index: int = 1) -> Notice:
        facts = store.facts  # type: ignore[attr-defined]
        facts[subject] = {**facts[SEAT], "interview.application": "a1"}
        now = time.now()
        one = Notice(
            key=f"put-{subject.id}-{mark}-{now.timestamp()}",
            account="acme",
            case=0,
            rule="feedback-late",
            subject=subject,
            destination=Destination("ats", "ats", address(subject, mark)),
            purpose=Purpose.SEND,
            step=index,
            created_at=now,
        )
        case = make(subject, opened_at=now)
        store.cases.save_decision(Decision(account="acme", at=now, cases=[case], notices=[one]))
        return one

    return go


@pytest.fixture
def end(store: SqlStore, time: ManualTime) -> Callable[..., None]:
    """The open case of a seat ends: what `cases.decide` makes of it."""

    def go(subject: Key = SEAT) -> None:
        now = time.now()
        (case,) = (c for c in store.cases.read_open_cases("acme") if c.subject == subject)
        done: Case = replace(
            case, end=End.RESOLVED, ended_at=now, end_reason=because(ReasonCode.STOPPED)
        )
        told = [
            replace(n, key=f"off-{n.key}", purpose=Purpose.RESOLVE, step=-1, receipt={})
            for n in store.outbox.read_notices("acme", case=case.number)
        ]
        queued = [
            replace(n, state=NoticeState.QUEUED, created_at=now, not_before=None) for n in told
        ]
        store.cases.save_decision(Decision(account="acme", at=now, cases=[done], notices=queued))

    return go


def state(store: SqlStore, key: str) -> tuple[NoticeState, DropCode | None]:
    (found,) = (n for n in store.outbox.read_notices("acme") if n.key == key)
    return found.state, found.drop.code if found.drop else None


def test_a_mark_goes_with_its_case(
    store: SqlStore, ats: Ats, run: Any, step: Any, end: Any
) -> None:
    """On the application of the seat; both writes are remembered as ours."""
    one = step()
    run()
    assert ats.there == {("candidate/c1", LATE)}
    assert dict(store.own_writes.read_own_writes("acme", A1)).keys() == {one.key}
    end()
    assert run().failures == ()
    assert ats.there == set()
    assert state(store, f"off-{one.key}")[0] is NoticeState.SENT
    assert dict(store.own_writes.read_own_writes("acme", A1)).keys() == {one.key, f"off-{one.key}"}


def test_what_a_person_put_there_stays(
    store: SqlStore, ats: Ats, run: Any, step: Any, end: Any
) -> None:
    """It stood there before we came."""
    ats.there.add(("candidate/c1", LATE))
    one = step()
    run()
    end()
    run()
    assert ats.there == {("candidate/c1", LATE)}
    assert state(store, f"off-{one.key}") == (
        NoticeState.DROPPED,
        DropCode.TAG_NOT_OURS,
    )


def test_two_cases_share_a_tag_until_both_are_over(
    store: SqlStore, ats: Ats, run: Any, step: Any, end: Any, time: ManualTime
) -> None:
    """One person bears it once: the first end leaves it to the other."""
    one = step()
    run()
    time.advance(timedelta(hours=1))
    two = step(OTHER)
    run()
    end()
    run()
    assert ats.there == {("candidate/c1", LATE)}
    assert state(store, f"off-{one.key}")[1] is DropCode.TAG_STILL_NEEDED
    end(OTHER)
    run()
    assert ats.there == set()
    assert state(store, f"off-{two.key}")[0] is NoticeState.SENT


def test_what_was_taken_off_and_put_there_by_a_person_is_theirs(
    store: SqlStore, ats: Ats, run: Any, step: Any, end: Any, time: ManualTime
) -> None:
    """That it was ours once does not make it ours again."""
    step()
    run()
    time.advance(timedelta(hours=1))
    end()
    run()
    ats.there.add(("candidate/c1", LATE))
    time.advance(timedelta(hours=1))
    two = step()
    run()
    end()
    run()
    assert ats.there == {("candidate/c1", LATE)}
    assert state(store, f"off-{two.key}")[0] is NoticeState.DROPPED


def test_a_rule_that_is_gone_leaves_no_mark_behind(ats: Ats, run: Any, step: Any, end: Any) -> None:
    """Taking off needs no words of it."""
    step()
    run()
    end()
    run(rules={})
    assert ats.there == set()


def test_a_mark_whose_answer_was_lost_is_read_back(
    store: SqlStore, ats: Ats, run: Any, step: Any, end: Any
) -> None:
    """It is there: sent, and taken off with its case."""
    ats.faults, ats.arrives = [AmbiguousError("did not answer")], True
    one = step()
    run()
    assert state(store, one.key)[0] is NoticeState.SENT
    end()
    run()
    assert ats.there == set()


@pytest.mark.parametrize("index", [0, 1])
def test_the_end_waits_for_what_may_have_been_put_on(
    index: int, store: SqlStore, ats: Ats, run: Any, step: Any, end: Any, time: ManualTime
) -> None:
    """A try of which nobody could tell is settled first; then it is taken off."""
    ats.faults = [AmbiguousError("did not answer")]
    one = step(index=index)
    run()
    assert state(store, one.key)[0] is NoticeState.RETRY
    ats.there.add(("candidate/c1", LATE))  # it arrived late
    end()
    run()
    assert state(store, f"off-{one.key}")[0] is NoticeState.RETRY
    time.advance(timedelta(minutes=11))
    run()
    time.advance(timedelta(minutes=11))
    run()
    assert state(store, one.key)[0] is NoticeState.SENT
    assert ats.there == set()


def test_a_note_is_known_as_ours_before_it_is_written(
    store: SqlStore, ats: Ats, run: Any, step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the write and its record, it must not count as what a person did."""

    class Killed(BaseException):
        """SIGKILL, as near as a test comes."""

    def arrives_and_dies(*_: Any, **__: Any) -> Receipt:
        raise Killed

    monkeypatch.setattr(ats, "send", arrives_and_dies, raising=False)
    one = step()
    with pytest.raises(Killed):
        run()
    assert one.key in dict(store.own_writes.read_own_writes("acme", A1))


def test_a_pilot_takes_no_mark_off(
    store: SqlStore, post: Any, ats: Ats, run: Any, step: Any, end: Any
) -> None:
    """With redirect_to nothing in the ATS is touched, and nothing is recorded as if it were."""
    step()
    run()
    before = store.own_writes.read_own_writes("acme", A1)
    end()
    run(redirect_to="pilot@acme.example")
    assert ats.there == {("candidate/c1", LATE)}
    assert store.own_writes.read_own_writes("acme", A1) == before
    assert [to for to, _, _ in post.sent] == ["pilot@acme.example"]


def test_a_tag_on_a_confidential_requisition_is_not_put_on(
    store: SqlStore, ats: Ats, run: Any, step: Any
) -> None:
    """It is seen wherever the candidate is; a field of the application is not."""
    store.facts[SEAT]["requisition.confidential"] = True  # type: ignore[attr-defined]
    one = step()
    run()
    assert ats.there == set()
    assert state(store, one.key)[1] is DropCode.CONFIDENTIAL_TAG
    step(OTHER, Mark("custom.sla", "late"))
    run()
    assert ats.there == {("application/a1", Mark("custom.sla", "late"))}


def test_what_may_not_be_written_any_more_is_given_up_at_once(
    store: SqlStore, post: Any, ats: Ats, run: Any, step: Any, time: ManualTime
) -> None:
    """It goes no other way and is not tried again; ops hear of it once, however much it is."""
    ats.faults = [DeniedError("the account does not allow tag to be written")] * 2
    made = [step(), step(OTHER, Mark("custom.sla", "late"))]
    failures = run().failures
    assert {one.what for one in failures} == {"the account does not allow tag to be written"}
    assert {state(store, one.key)[0] for one in made} == {NoticeState.DEAD}
    time.advance(timedelta(days=1))
    run()
    assert [m.headline for m in post.messages] == ["The ATS refuses what we write"]
    assert "atsbridge notices replay put-s" in post.messages[0].body


def test_a_pilot_reads_of_marks_and_none_is_put_on(
    post: Any, ats: Ats, run: Any, step: Any, end: Any
) -> None:
    """With redirect_to nothing is written into the ATS."""
    step()
    run(redirect_to="ravi@acme.example")
    end()
    run(redirect_to="ravi@acme.example")
    assert ats.there == set()
    assert [m.headline.partition("] ")[0] for m in post.messages] == [
        "[ats: for acme/application/a1#tag=feedback late"
    ] * 2
