"""Some messages that a backtest would have sent, with their texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from atsbridge.cases import DueStep
from atsbridge.context import AccountContext, Services
from atsbridge.model import Case, Hold, Notice, Purpose, hold_notice
from atsbridge.ports import Decision
from atsbridge.queries.backtest_query import Backtest
from atsbridge.queries.rehearsals import Rehearsals, RehearsedNotice
from atsbridge.rules import RuleStatus


def sample_messages(services: Services, found: Backtest, number: int) -> list[RehearsedNotice]:
    """At most `number` messages, spread evenly over the window.

    Who gets them, when, and how the clock stood are of then. Names, titles and other facts are
    those of now. What is found of a person is not shown: nobody else may read it.
    """
    outcome = found.outcome
    rule = replace(outcome.rule, status=RuleStatus.LIVE)
    if rule.personal or number <= 0:
        return []
    context = AccountContext(services, found.account)
    shown = []
    for at, due, case in _spread(sorted(_list_reached(found), key=lambda one: one[0]), number):
        room = Rehearsals(context, {rule.id: rule}, alone=True)
        (notice,) = room.store.add(
            Decision(account=found.account, at=at, cases=[case], notices=[_make(case, due, at)])
        )
        shown.append(room.show(notice, at))
    return shown


def _list_reached(found: Backtest) -> Iterator[tuple[datetime, DueStep, Case]]:
    """Every step that would have sent something: when, to whom, and its case at that time."""
    for one in found.outcome.cases:
        if one.baseline:
            continue
        for (at, due), case in zip(one.reached_steps, one.reached_cases, strict=True):
            if due.drop is None:
                yield at, due, replace(case, number=0)


def _spread(
    reached: Sequence[tuple[datetime, DueStep, Case]], number: int
) -> Sequence[tuple[datetime, DueStep, Case]]:
    """So many of them, from the first to the last at even distances."""
    if len(reached) <= number:
        return reached
    last = len(reached) - 1
    return [reached[round(place * last / max(number - 1, 1))] for place in range(number)]


def _make(case: Case, due: DueStep, at: datetime) -> Notice:
    """The notice of a step; one for the daily summary is shown as a summary of its own."""
    notice = Notice(
        key=f"sample/{case.rule}/{case.subject}/{due.step}/{at.isoformat()}",
        account=case.subject.account,
        case=0,
        rule=case.rule,
        subject=case.subject,
        destination=due.to,
        purpose=Purpose.SEND,
        step=due.step,
        created_at=at,
    )
    return hold_notice(notice, Hold.DIGEST, until=at) if due.morning else notice
