"""What ops are told about signals that are lost and lists that are not believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.context.run_memory import Memory
from atsbridge.model.notice import Destination
from atsbridge.ports.record_store import Doubt, StreamState, StreamStatus
from atsbridge.presentation import outage_message
from atsbridge.presentation.local_time import Reader
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.tick.ops_alerts import DataLossAlert, DoubtedList, apart_from_strangers
from atsbridge_lever.spec import SPEC as LEVER

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
OPS = Destination("slack", "channel", "#ops")
PACK = """\
version: 1
defaults: {owner: ops, status: live}
rules:
  - id: starred
    kind: complete
    title: No target
    each: requisition
    where: {requisition.priority: high, requisition.status: open}
    needs: [requisition.title]
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: late
    kind: sla
    title: Feedback
    each: interview.seat
    where: {seat.feedback_required: true}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      pause: [requisition.on_hold]
      owed_by: seat.user
    target: 1bd
    steps: [{at: due, to: seat.user}]
    message: Please.
"""


@pytest.fixture(scope="module")
def rules() -> Any:
    return load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS})


def memory(*unreadable: str) -> Memory:
    return Memory(at=NOW, unreadable=unreadable)


def alert(before: Memory, rules: list[Any]) -> DataLossAlert:
    return DataLossAlert("acme", OPS, before, rules, NOW)


def bodies(rules: Any, before: Memory, *unknown: str) -> list[str]:
    several = list(rules.rules.values())
    found = alert(before, several).report_lost(frozenset(unknown))
    return [str(one.text.body) for one in found]


def test_ops_hear_once_of_a_signal_that_is_lost(rules: Any) -> None:
    """When it is lost, not while it stays lost, and not of what no rule needs."""
    card = "scorecard.submitted_at"
    (body,) = bodies(rules, memory(), card)
    assert "late" in body
    assert "starred" not in body
    assert bodies(rules, memory(card), card) == []
    assert bodies(rules, memory(card)) == []
    assert bodies(rules, memory(), "offer.sent_at") == []


def test_a_first_tick_says_nothing(rules: Any) -> None:
    """What is never read is `doctor`'s to tell."""
    assert bodies(rules, Memory(), "scorecard.submitted_at") == []


def test_the_notice_names_fields_and_says_what_follows(rules: Any) -> None:
    """Nothing is fired, escalated or resolved."""
    (one,) = alert(memory(), list(rules.rules.values())).report_lost(
        frozenset({"scorecard.submitted_at", "requisition.status"})
    )
    assert one.destination == OPS
    assert "late, starred" in one.text.body
    assert "requisition.status, scorecard.submitted_at" in one.text.body


CARDS = DoubtedList(
    "scorecards@2026-03-02",
    "scorecards has never returned a row",
    "If there really is none: atsbridge sync --account acme --accept-empty scorecards",
    frozenset({"scorecard.submitted_at"}),
)


def test_ops_hear_once_of_a_list_that_never_returned_a_row(rules: Any) -> None:
    """At the first tick too: why, which rules are silent, and the exact command."""
    several = list(rules.rules.values())
    (one,), keys = alert(Memory(), several).report_doubted([CARDS])
    body = one.text.body
    assert "scorecards has never returned a row." in body
    assert "late" in body
    assert "--accept-empty scorecards" in body
    assert keys == (CARDS.key,)
    again, kept = alert(Memory(at=NOW, doubted=keys), several).report_doubted([CARDS])
    assert (again, kept) == ((), keys)
    assert alert(Memory(at=NOW, doubted=keys), several).report_doubted([]) == ((), ())


def test_a_list_that_no_rule_needs_is_no_news(rules: Any) -> None:
    """`doctor` shows it; it is told once a rule comes to need it."""
    other = replace(CARDS, fields=frozenset({"offer.sent_at"}))
    assert alert(Memory(), list(rules.rules.values())).report_doubted([other]) == ((), ())


def test_the_first_tick_tells_of_lists_that_failed(rules: Any) -> None:
    """But not of what an ATS never says."""
    card = frozenset({"scorecard.submitted_at"})
    several = list(rules.rules.values())
    (one,) = alert(Memory(), several).report_lost(card, card)
    assert "late" in one.text.body
    assert list(alert(Memory(), several).report_lost(card)) == []


def test_children_of_a_list_of_another_account_are_no_outage_of_their_own() -> None:
    """The doubt about their parents is told; those of a list that is only empty are."""
    failed = StreamState(stream="interviews", status=StreamStatus.FAILED, detail="404")
    for rows in (True, False):
        parents = StreamState(stream="opportunities", doubt=Doubt(since=NOW, rows=rows))
        states = {"opportunities": parents, "interviews": failed}
        found = apart_from_strangers(LEVER.streams, states)
        assert ("interviews" in found) is not rows
        assert "opportunities" in found


OUT = outage_message.Outage(
    "Greenhouse", "acme", ("scorecards",), True, "Mon 9 Mar, 08:16 UTC", "connection refused"
)
READER = Reader(Directory(users={}, teams={}, ops=OPS, sinks=("slack",)), OPS, NOW)


def test_an_outage_is_told_with_its_cause_and_the_command(rules: Any) -> None:
    """In one message, whatever number of rules is paused."""
    card = frozenset({"scorecard.submitted_at"})
    (one,) = alert(memory(), list(rules.rules.values())).report_lost(card, card, OUT)
    assert "08:16" in one.text.headline
    assert "onnection refused" in one.text.body
    assert "atsbridge doctor --account acme" in one.text.body


def test_a_recovery_is_told_once_to_those_who_heard_of_the_outage(rules: Any) -> None:
    """Not while it lasts, and not where nobody was told of one."""
    key = "outage@2026-03-09T08:16:00+00:00"
    several = list(rules.rules.values())
    told = alert(Memory(at=NOW, doubted=(key,)), several)
    assert told.report_recovery("Greenhouse", READER, is_out=True) == ((), (key,))
    (one,), keys = told.report_recovery("Greenhouse", READER, is_out=False)
    assert keys == ()
    assert "08:16" in one.text.body
    assert alert(memory(), several).report_recovery("Greenhouse", READER, is_out=False) == ((), ())
