"""Write the sentences of an explanation: why a step waits, what a condition asks, a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from atsbridge.model import (
    KINDS,
    RELATIVE,
    All,
    Case,
    Condition,
    Found,
    Handling,
    Notice,
    Operator,
    Query,
    Sensitivity,
    State,
    Verdict,
    clean,
    resolve,
    roots,
)
from atsbridge.ports import SubjectStore
from atsbridge.presentation.notice_reasons import describe_notice_reason
from atsbridge.rules import Rule, inside, lasting, part

ABOUT = ("requisition.title", "candidate.initials", "stage.name")
OVER = (State.KEPT, State.CANCELLED, State.OUTSIDE)


def waits(rule: Rule, at: datetime | None, verdict: Verdict, case: Case | None, muted: str) -> str:
    """Why a step was not taken. `muted`: the suppression that applies now and why, or ""."""
    if case is not None and case.end is not None:
        return f"not taken: the case was {case.end}"
    if verdict.state in OVER:
        return f"not taken: {verdict.state}"
    if verdict.state is State.UNKNOWN:
        return "held: what the rule needs cannot be read now"
    if rule.status not in ("live", "shadow"):
        return f"not watched: the rule is {rule.status}"
    if at is None:
        return "held: the clock stands still"
    if at > verdict.at:
        return "to come"
    if not muted and case is not None and case.handling is not Handling.NONE:
        return f"held: {case.handling}"
    if muted:
        return f"held: {muted}"
    if verdict.state is State.PAUSED:
        return "held: the clock stands still"
    return "reached: the next run takes it"


def notice(notice: Notice) -> str:
    """ "sent to ana@x.example in slack", "held (shadow) for …"."""
    why = describe_notice_reason(notice)
    reason = f" ({why})" if why else ""
    to = notice.destination
    return f"{notice.state}{reason} to {to.address} in {to.sink}"


def about(found: Found) -> str:
    """Describe the subject in one line without control characters, from the facts in `ABOUT`."""
    title, initials, stage = (clean(str(found.facts.get(path) or "")) for path in ABOUT)
    text = " · ".join(part for part in (title, initials) if part) or found.id
    return f"{text} ({stage})" if stage else text


def described(
    store: SubjectStore, account: str, subjects: Iterable[tuple[str, str]], also: Iterable[str] = ()
) -> dict[tuple[str, str], Found]:
    """Read the stored subjects among these (kind, id), with the facts of `about` and `also`."""
    by_kind: dict[str, set[str]] = {}
    for kind, one in subjects:
        by_kind.setdefault(kind, set()).add(one)
    found: dict[tuple[str, str], Found] = {}
    for kind in by_kind.keys() & KINDS.keys():
        paths = tuple(path for path in (*ABOUT, *also) if path.partition(".")[0] in roots(kind))
        query = Query(kind, All(), paths)
        rows = store.select(account, query, ids=sorted(by_kind[kind]), filtered=False)
        found |= {(kind, row.id): row for row in rows}
    return found


def asks(where: Condition) -> str:
    """What a condition asks: "is active", "not in candidate, interviewer", "within 7 days"."""
    if where.operator is Operator.EQ:
        return f"is {_plain(where.value)}"
    if where.operator in (Operator.SET, Operator.UNSET):
        return "is set" if where.operator is Operator.SET else "is not set"
    if where.operator in RELATIVE:
        return f"{where.operator.replace('_', ' ')} {lasting(where.value.amount)}"
    return f"{where.operator.replace('_', ' ')} {_plain(where.value)}"


def shown(kind: str, path: str, facts: Mapping[str, Any]) -> str:
    """The value, unless it is more sensitive than operators may read."""
    column, key = part(kind, path)
    value = inside(facts.get(column), key)
    if value is None:
        return "not set"
    if resolve(kind, column).field.sensitivity > Sensitivity.PERSONAL:
        return "set, and not shown here"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(map(_plain, value))
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else str(value)
