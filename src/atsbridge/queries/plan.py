"""What a run would do: open, send, edit, resolve or hold, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from atsbridge.cases import Attention
from atsbridge.model import ENDS, Case, Held, Key, Notice, NoticeState, Purpose, TransitionName
from atsbridge.ports import Decision
from atsbridge.rules import Rule

ORDER = ("open", "change", "resolve", "send", "edit", "hold", "drop")
_ENDINGS = (TransitionName.RESOLVED, TransitionName.CANCELLED, TransitionName.RETIRED)
_HELD = {
    Held.SHADOW: "the rule is shadow: kept to look at",
    Held.BREAKER: "the breaker holds the rule: see `atsbridge notices`",
    Held.STOPPED: "its rule has a mistake",
    Held.MUTED: "nobody is to hear of it now",
    Held.UNCONFIRMED: "the ATS could not confirm it",
}


def plan_actions(
    decision: Decision,
    waiting: Iterable[Notice],
    rules: Mapping[str, Rule],
    attention: Attention,
    now: datetime,
) -> list[dict[str, Any]]:
    """A line for each action: rules in their order, then as in `ORDER`.

    `waiting`: notices of earlier runs that were not sent. The daily limit is not foreseen: what is
    over it goes into the digest.
    """
    of = {(case.rule, case.subject): case for case in decision.cases}
    lines: list[dict[str, Any]] = []
    for subject, rule, row in decision.transitions:
        case = of.get((rule, subject))
        lines.append(_line(case, None, _moved(row.name), row.name, _why(row)))
    decided = {notice.key for notice in decision.notices}
    earlier = [notice for notice in waiting if notice.key not in decided]
    for notice in (*decision.notices, *earlier):
        does, reason = _does(notice, rules.get(notice.rule), attention, now)
        case = of.get((notice.rule, notice.subject))
        lines.append(_line(case, notice, does, notice.purpose, reason))
    places = {name: at for at, name in enumerate(rules)}

    def order(line: Mapping[str, Any]) -> tuple[int, int]:
        return places.get(line["rule"], len(places)), ORDER.index(line["does"])

    return sorted(lines, key=order)


def compare_plans(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Lines that only one plan has: ("-", line of before), ("+", line of after)."""
    old, new = ({_mark(line): line for line in lines} for lines in (before, after))
    yield from (("-", line) for mark, line in old.items() if mark not in new)
    yield from (("+", line) for mark, line in new.items() if mark not in old)


def _mark(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(line[key] for key in ("does", "action", "rule", "subject", "to"))


def _moved(name: TransitionName) -> str:
    if name is TransitionName.OPENED:
        return "open"
    return "resolve" if name in _ENDINGS else "change"


def _why(row: Any) -> str:
    spoken = row.name in (TransitionName.OPENED, *_ENDINGS)
    return str(row.reason) if spoken else f"{row.name}: {row.reason}"


def _does(
    notice: Notice, rule: Rule | None, attention: Attention, now: datetime
) -> tuple[str, str]:
    """What becomes of a notice, and why."""
    if notice.state is NoticeState.DROPPED:
        return "drop", notice.reason
    what = _what(notice, rule)
    if notice.state is NoticeState.HELD:
        return "hold", f"{what}; {_held(notice)}"
    if attention.disturbs(notice) and (opens := attention.opens(notice.destination, now)) > now:
        return "hold", f"{what}; quiet hours until {_stamp(opens)}"
    edits = notice.purpose in ENDS and notice.destination.sink in attention.edits
    return ("edit" if edits else "send"), what


def _what(notice: Notice, rule: Rule | None) -> str:
    """What it says, and why to this reader."""
    words = {
        Purpose.RESOLVE: "it is over",
        Purpose.HANDED_OVER: "it is another's now",
        Purpose.SUMMARY: "what was late before anybody looked, in one message",
        Purpose.DIGEST: "all that waited for the morning",
        Purpose.OPS: str(notice.receipt.get("headline", "word to ops")),
        Purpose.ANSWER: "an answer to what somebody said",
    }
    step = ""
    if rule is not None and 0 <= notice.step < len(rule.steps):
        step = f"step {rule.steps[notice.step].when.label}"
    said = words.get(notice.purpose) or step or str(notice.purpose)
    return f"{said}: {notice.destination.why}" if notice.destination.why else said


def _held(notice: Notice) -> str:
    until = f" until {_stamp(notice.not_before)}" if notice.not_before else ""
    if notice.reason == Held.DIGEST:
        return f"for the morning digest{until}"
    return next((words for held, words in _HELD.items() if held == notice.reason), notice.reason)


def _line(
    case: Case | None, notice: Notice | None, does: str, action: str, reason: str
) -> dict[str, Any]:
    """One line of a plan: what would be done, to what, to whom, and why."""
    subject: Key | None = case.subject if case else notice.subject if notice else None
    return {
        "does": does,
        "action": action,
        "rule": case.rule if case else notice.rule if notice else "",
        "subject": str(subject) if subject else "",
        "to": f"{notice.destination.sink}: {notice.destination.address}" if notice else "",
        "why": notice.destination.why if notice else "",
        "reason": reason,
        "state": str(notice.state) if notice else "",
        "hold": notice.reason if notice and notice.state is NoticeState.HELD else "",
        "first_look": bool(case and case.baseline and action == TransitionName.OPENED),
        "due_at": case.due_at.isoformat() if case and case.due_at else "",
    }


def _stamp(at: datetime) -> str:
    return f"{at:%a %d %b %H:%M} UTC"
