"""List what a run would do, with the reason for each action, and what a sync would cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from atsbridge.cases import Attention
from atsbridge.context import AccountContext, Services
from atsbridge.model import (
    ENDS,
    Case,
    FirstLook,
    Key,
    Notice,
    NoticeState,
    Transition,
    TransitionName,
)
from atsbridge.ports import Decision
from atsbridge.presentation import describe, describe_notice_reason, describe_recipient, plan_text
from atsbridge.rules import PERSON, Rule

if TYPE_CHECKING:
    from atsbridge.sync import Estimate

_ENDS = (TransitionName.RESOLVED, TransitionName.CANCELLED, TransitionName.RETIRED)


class Action(StrEnum):
    """A kind of action of a run, in the order in which a plan lists them."""

    OPEN = "open"
    CHANGE = "change"
    RESOLVE = "resolve"
    SEND = "send"
    EDIT = "edit"
    HOLD = "hold"
    DROP = "drop"


_ORDER = list(Action)


def plan_actions(
    decision: Decision,
    waiting: Iterable[Notice],
    rules: Mapping[str, Rule],
    attention: Attention,
    now: datetime,
) -> list[dict[str, Any]]:
    """A line for each action: rules in their order, then as in `Action`.

    `waiting`: notices of earlier runs that were not sent. The daily limit is not foreseen: what is
    over it goes into the digest. What is found of a person is in no plan.
    """
    of = {(case.rule, case.subject): case for case in decision.cases}
    lines: list[dict[str, Any]] = []
    for subject, rule, row in decision.transitions:
        if subject.kind == PERSON:
            continue
        case = of.get((rule, subject))
        lines.append(_line(case, None, _case_action(row.name), row.name, _transition_reason(row)))
    decided = {notice.key for notice in decision.notices}
    earlier = [notice for notice in waiting if notice.key not in decided]
    for notice in (*decision.notices, *earlier):
        if notice.subject.kind == PERSON:
            continue
        action, reason = _notice_action(notice, rules.get(notice.rule), attention, now)
        case = of.get((notice.rule, notice.subject))
        lines.append(_line(case, notice, action, notice.purpose, reason))
    places = {name: at for at, name in enumerate(rules)}

    def order(line: Mapping[str, Any]) -> tuple[int, int]:
        return places.get(line["rule"], len(places)), _ORDER.index(Action(line["does"]))

    return sorted(lines, key=order)


def compare_plans(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Lines that only one plan has: ("-", line of before), ("+", line of after)."""
    old, new = ({_identity(line): line for line in lines} for lines in (before, after))
    yield from (("-", line) for key, line in old.items() if key not in new)
    yield from (("+", line) for key, line in new.items() if key not in old)


def plan_requests(
    services: Services, accounts: Iterable[str], *, full: bool = False, active: int | None = None
) -> dict[str, tuple[Estimate, ...]]:
    """What the next sync would cost: account -> an estimate per stream, in order of the names.

    Computed without sending anything.

    `full`: all rows are read again. `active`: applications to count with where nothing has been
    read yet.
    """
    from atsbridge.sync import Asked, estimate_requests

    now, found = services.time.now(), {}
    for name in accounts:
        context = AccountContext(services, name)
        nightly = bool(context.run_state.read_due_night(now, services.settings.run.nightly_at))
        asked = Asked(full=full, nightly=nightly, history=context.section.history, active=active)
        account_map = context.account_map
        found[name] = estimate_requests(
            context.spec, services.store.records, name, now, asked, account_map
        )
    return found


def _identity(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(line[name] for name in ("does", "action", "rule", "subject", "to"))


def _case_action(name: TransitionName) -> Action:
    if name is TransitionName.OPENED:
        return Action.OPEN
    return Action.RESOLVE if name in _ENDS else Action.CHANGE


def _transition_reason(row: Transition) -> str:
    speaks = row.name in (TransitionName.OPENED, *_ENDS)
    return describe(row.reason) if speaks else f"{row.name}: {describe(row.reason)}"


def _notice_action(
    notice: Notice, rule: Rule | None, attention: Attention, now: datetime
) -> tuple[Action, str]:
    """What a run would do with a notice, and why."""
    if notice.state is NoticeState.DROPPED:
        return Action.DROP, describe_notice_reason(notice)
    text = plan_text.describe_notice(notice, rule)
    if notice.state is NoticeState.HELD:
        return Action.HOLD, f"{text}; {plan_text.describe_hold(notice)}"
    if (
        attention.disturbs(notice)
        and (opens := attention.find_quiet_end(notice.destination, now)) > now
    ):
        return Action.HOLD, f"{text}; quiet hours until {plan_text.stamp(opens)}"
    edits = notice.purpose in ENDS and notice.destination.sink in attention.edits
    return (Action.EDIT if edits else Action.SEND), text


def _line(
    case: Case | None, notice: Notice | None, action: Action, name: str, reason: str
) -> dict[str, Any]:
    """One line of a plan: the action, its subject, its reader, and the reason."""
    opened = name == TransitionName.OPENED
    subject: Key | None = case.subject if case else notice.subject if notice else None
    return {
        "does": str(action),
        "action": name,
        "rule": case.rule if case else notice.rule if notice else "",
        "subject": str(subject) if subject else "",
        "to": f"{notice.destination.sink}: {notice.destination.address}" if notice else "",
        "why": describe_recipient(notice.destination) if notice else "",
        "reason": reason,
        "state": str(notice.state) if notice else "",
        "hold": notice.hold.value if notice and notice.hold else "",
        "first_look": opened and case is not None and case.first_look is not FirstLook.NONE,
        "backlog": opened and case is not None and case.in_backlog,
        "due_at": case.due_at.isoformat() if case and case.due_at else "",
    }
