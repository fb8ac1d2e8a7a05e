"""A rehearsal finds reader and text by the stages of a delivery, and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.delivery import pipeline
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.rehearsal import OfflineSink, note_sent, rehearse
from atsbridge.delivery.rehearsal_store import RehearsalStore
from atsbridge.errors import FatalError
from atsbridge.model.notice import (
    Destination,
    DropCode,
    Message,
    Notice,
    NoticeState,
    NoticeText,
    Purpose,
)
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.sink import SinkSpec
from atsbridge.rules.rule import Rule
from atsbridge.timesource import ManualTime

from .conftest import NOW, SEAT, NoSettings, Shelf, case

SPEC = SinkSpec(
    name="post", title="Post", settings=NoSettings, open=lambda _a, _b: None, direct_messages=True
)


def notice(**changes: Any) -> Notice:
    plain = Notice(
        key="n1",
        account="acme",
        case=0,
        rule="feedback-late",
        subject=SEAT,
        destination=Destination("post", "person", "mara@acme.example", "u1"),
        purpose=Purpose.SEND,
        step=1,
        created_at=NOW,
    )
    return replace(plain, **changes)


def request(
    store: RehearsalStore, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> DeliveryRequest:
    sinks = {"post": OfflineSink(SPEC)}
    return DeliveryRequest("acme", store.store, sinks, rules, directory, time)


@pytest.fixture
def planned(store: Shelf) -> RehearsalStore:
    """A store as it would be once a case with one notice is in it."""
    made = RehearsalStore(store)
    made.add(Decision(account="acme", at=NOW, cases=[case()], notices=[notice()]))
    return made


def test_a_planned_notice_has_reader_and_text(
    planned: RehearsalStore, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> None:
    """The case has no number yet, and nothing is in the store afterwards."""
    (one,) = planned.outbox.read_notices("acme")
    assert one.case == -1
    found = rehearse(one, request(planned, rules, directory, time))
    assert found.to is not None
    assert found.to.address == "mara@acme.example"
    assert found.message is not None
    assert "B.K." in found.message.headline
    stored: Any = planned._stored
    assert not stored.cases.read_cases("acme")
    assert not stored.outbox.read_notices("acme")


def test_what_a_guard_refuses_has_a_reason(
    planned: RehearsalStore,
    store: Shelf,
    rules: dict[str, Rule],
    directory: Directory,
    time: ManualTime,
) -> None:
    """A confidential requisition in a channel is dropped, as in a delivery."""
    store.facts[SEAT]["requisition.confidential"] = True
    there = notice(case=-1, destination=Destination("post", "channel", "#recruiting"))
    found = rehearse(there, request(planned, rules, directory, time))
    assert found.message is None
    assert found.notice.drop is not None
    assert found.notice.drop.code is DropCode.CONFIDENTIAL_CHANNEL


def test_an_unknown_sink_is_an_error_and_not_a_crash(
    planned: RehearsalStore, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> None:
    """A channel of a sink that the account does not have."""
    there = notice(case=-1, destination=Destination("pager", "channel", "#x"))
    asked = replace(request(planned, rules, directory, time), sinks={})
    found = rehearse(there, asked)
    assert isinstance(found.error, FatalError)
    assert found.message is None


def test_the_next_message_follows_one_that_was_rehearsed(
    planned: RehearsalStore, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> None:
    """The first says why and what atsbridge is, the second neither: it is a reminder."""
    (one,) = planned.outbox.read_notices("acme")
    asked = request(planned, rules, directory, time)
    first = rehearse(one, asked)
    note_sent(first, asked, planned)
    time.advance(timedelta(hours=1))
    second = rehearse(replace(one, key="n2"), asked)
    assert first.message is not None
    assert second.message is not None
    assert first.message.intro
    assert first.message.why
    assert not second.message.intro
    assert not second.message.why


def test_a_rehearsal_never_sends() -> None:
    """Its sink refuses whatever would leave the machine."""
    sink, message = OfflineSink(SPEC), Message("k", "Headline", "Body")
    to = Destination("post", "person", "mara@acme.example")
    with pytest.raises(FatalError):
        sink.send(to, message)
    assert sink.find(to, "k") is None
    assert OfflineSink(replace(SPEC, direct_messages=False)).find_address("x@y.example") is None


def test_a_rehearsal_has_no_stage_that_a_delivery_lacks() -> None:
    """There is one way to a text. Only ratings are left out: those who preview may not see them."""
    for purpose in Purpose:
        rehearsed = pipeline.find_rehearsal(notice(purpose=purpose))
        names = _flat(pipeline._BY_PURPOSE[purpose])
        assert {one.__name__ for one in rehearsed} <= names | {"hide_ratings"}, purpose


def _flat(stages: Any) -> set[str]:
    found = set()
    for stage in stages:
        inner = [cell.cell_contents for cell in stage.__closure__ or ()]
        groups = [one for one in inner if not callable(one)]
        found |= _flat([one for group in groups for one in group]) if groups else {stage.__name__}
    return found


def test_a_weekly_message_has_its_text(
    planned: RehearsalStore, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> None:
    """The text that it carries, for its reader alone."""
    text = NoticeText("Your week", "Three of four promises were kept.")
    one = notice(key="w", rule="", purpose=Purpose.WEEKLY, text=text)
    found = rehearse(one, request(planned, rules, directory, time))
    assert found.message is not None
    assert (found.message.headline, found.message.body) == (text.headline, text.body)


def test_alone_hides_what_waits_in_the_outbox(store: Shelf) -> None:
    """A preview of one message does not list the others of its reader."""
    store.outbox.queue([notice(key="old", state=NoticeState.HELD)])
    assert [one.key for one in RehearsalStore(store).outbox.read_notices("acme")] == ["old"]
    alone = RehearsalStore(store, alone=True)
    alone.keep(notice(key="new"))
    assert [one.key for one in alone.outbox.read_notices("acme")] == ["new"]


def test_what_two_colleagues_answered_is_in_no_rehearsal(
    planned: RehearsalStore, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> None:
    """Whoever runs atsbridge reads the questions, and never the numbers."""
    asked = request(planned, rules, directory, time)
    shown = {}
    for purpose in (Purpose.PULSE, Purpose.PULSE_RESULT):
        text = NoticeText("Your answers", "Were answers quick? Ana 2, Ben 4.")
        one = notice(purpose=purpose, case=0, rule="", step=-1, text=text)
        shown[purpose] = rehearse(one, asked).message is not None
    assert shown == {Purpose.PULSE: True, Purpose.PULSE_RESULT: False}
