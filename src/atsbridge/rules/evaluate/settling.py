"""Wait until a change has lasted for a while, so that a change that is undone stays silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge.model import Key, ReasonCode, State, Verdict, because, parents, paths, resolve
from atsbridge.rules.evaluate.rule_subject import RuleSubject


def settle(subject: RuleSubject, verdict: Verdict) -> Verdict:
    """The verdict; pending while the deciding fields changed less than `rule.settle` ago.

    Only the opening of a case waits. Steps that come meanwhile are taken when it is over.
    """
    wait, context = subject.rule.settle, subject.context
    if wait is None or not (verdict.open and verdict.steps_due):
        return verdict
    if context.opened(subject.rule.id, subject.key) is not None:
        return verdict
    until = _latest(subject, verdict, wait)
    if until is None or until <= context.now:
        return verdict
    looks = (at for at in (until, verdict.look_at) if at is not None)
    reason = because(ReasonCode.SETTLING)
    return replace(
        verdict, state=State.PENDING, reason=reason, steps_due=(), look_at=min(looks), finding=""
    )


def _latest(subject: RuleSubject, verdict: Verdict, wait: timedelta) -> datetime | None:
    """When the last change of a deciding field will have lasted long enough."""
    moved = [
        change.occurred_at or change.observed_at
        for key, fields in _deciding(subject).items()
        for change in subject.context.changes(key, fields)
    ]
    if subject.rule.clock is not None and verdict.started_at is not None:
        moved.append(verdict.started_at)
    past = [at for at in moved if at <= subject.context.now]
    return max(past) + wait if past else None


def _deciding(subject: RuleSubject) -> dict[Key, tuple[str, ...]]:
    """The deciding fields by record: of the subject and its parents."""
    found, kind = subject.found, subject.rule.subject
    above = {root: found.facts.get(path) for root, path in parents(kind).items()}
    records = {**above, kind: found.id}
    fields: dict[str, dict[str, None]] = {}
    for path in _paths(subject):
        resolved = resolve(kind, path)
        for one in (*resolved.refs, resolved.field):
            fields.setdefault(one.kind, {})[one.name] = None
    known = {one: record for one, record in records.items() if record}
    return {
        Key(found.account, one, str(known[one])): tuple(names)
        for one, names in fields.items()
        if one in known
    }


def _paths(subject: RuleSubject) -> Iterator[str]:
    rule = subject.rule
    yield from paths(rule.where)
    if rule.check is not None:
        yield from (*rule.check.reads, *rule.check.watched)
    if rule.clock is not None:
        yield from (rule.clock.start, *rule.clock.reset, *rule.clock.cancel)
