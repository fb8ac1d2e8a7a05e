"""Kind `changed`: one message about changes of watched fields that nobody announced.

It is news, with old and new value and day. After `within` no message is sent any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from atsbridge.model import (
    KINDS,
    OTHER_TERM,
    Change,
    Condition,
    Field,
    FieldType,
    Found,
    Key,
    Operator,
    Origin,
    Sensitivity,
    resolve,
)
from atsbridge.ports import RuleSource
from atsbridge.rules.compile import CheckPrefilter, check_rule
from atsbridge.rules.evaluate import Below, EvaluationContext, Finding
from atsbridge.rules.language import (
    CheckKeys,
    Event,
    FieldPath,
    Length,
    Mistake,
    day,
    filled,
    format_value,
    named,
    wrong,
)
from atsbridge.rules.rule import Rule
from atsbridge.worktime import Duration, reach


def _own(fields: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Fields of the subject itself whose changes are stored."""
    subject = (info.context or {}).get("subject")
    if subject is None:
        return fields
    mistakes = []
    for index, path in enumerate(fields):
        resolved = resolve(subject, path)
        if resolved.refs or (resolved.field.derived and not resolved.field.logged):
            mend = f"Write: fields: [{subject}.{KINDS[subject].supplied[0]}]"
            what = f'no changes are kept of "{path}" for each {subject}'
            mistakes.append(Mistake(what, mend, (index,)))
    if mistakes:
        raise wrong(mistakes)
    return fields


class ChangedKeys(CheckKeys):
    """The watched fields, and from when on."""

    fields: Annotated[tuple[FieldPath, ...], AfterValidator(filled), AfterValidator(_own)]
    since: Event
    within: Length = Duration.parse("2bd")


@dataclass(frozen=True, slots=True)
class Changed:
    """Reports changes, without announced ones and those of the account's map.

    A change is news from when it was observed; a field that came back to what it was is none.
    """

    subject: str
    fields: tuple[str, ...]
    since: str
    within: Duration
    calendar: str
    below: Below | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.since,)

    @property
    def watched(self) -> tuple[str, ...]:
        """The watched fields, for `coverage`: a connector need not supply all of them."""
        return self.fields

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        unread = tuple(p for p in self.fields if p in context.unreadable - context.never)
        if unread:
            return Finding(False, unknown=unread)
        start = found.facts.get(self.since)
        if not isinstance(start, datetime) or start > context.now:
            return Finding(False, f"{self.since} has not happened")
        key = Key(found.account, found.kind, found.id)
        names = tuple(path.rpartition(".")[2] for path in self.fields)
        calendar = context.calendars(None, self.calendar)
        news: list[tuple[datetime, datetime]] = []
        by_day: dict[str, dict[str, None]] = {}  # by the day of the change
        changes = list(context.changes(key, names))
        for path, name in zip(self.fields, names, strict=True):
            fresh: list[Change] = []
            field = resolve(self.subject, path).field
            of_field = (one for one in changes if one.field == name)
            for one in _between_known_terms(_unannounced(of_field), field):
                over = reach(calendar, self.within.unit, one.observed_at, self.within.span)
                if _at(one) > start and over > context.now:
                    fresh.append(one)
                    news.append((one.observed_at, over))
            if fresh and fresh[0].old != fresh[-1].new:
                on = day(_at(fresh[-1]), calendar.zone)
                by_day.setdefault(on, {})[self._describe(path, fresh)] = None
        if not by_day:
            return Finding(False, "nothing new", look_at=min((o for _, o in news), default=None))
        latest = max(at for at, _ in news)
        text = "; ".join(f"{', '.join(those)} (on {on})" for on, those in by_day.items())
        return Finding(True, text, since=latest, look_at=min(o for _, o in news))

    def _describe(self, path: str, fresh: list[Change]) -> str:
        """Old and new value if they are open facts; the field's name if several are watched."""
        field = resolve(self.subject, path).field
        old, new = fresh[0].old, fresh[-1].new
        if field.ref or field.type is FieldType.MAP or field.sensitivity is not Sensitivity.OPEN:
            return named(path)
        if field.type is FieldType.LIST:
            name = f"{named(path)}: " if len(self.fields) > 1 else ""
            return f"{name}{_listed(old or (), new or ())}"
        if field.type is FieldType.ENUM:
            old, new = (_readable(one) for one in (old, new))
        return f"{named(path)} from {format_value(old)} to {format_value(new)}"


def _readable(value: object) -> object:
    """An enum value as text: "on hold"."""
    return value.removeprefix(OTHER_TERM).replace("_", " ") if isinstance(value, str) else value


def _listed(before: Sequence[str], after: Sequence[str]) -> str:
    """The difference of two lists: "Writing added, SQL dropped"."""
    added = [one for one in after if one not in before]
    dropped = [one for one in before if one not in after]
    both = ((added, "added"), (dropped, "dropped"))
    return ", ".join(f"{', '.join(names)} {what}" for names, what in both if names)


def _at(change: Change) -> datetime:
    return change.occurred_at or change.observed_at


def _unannounced(changes: Iterable[Change]) -> Iterator[Change]:
    """Changes in the ATS without an earlier announcement of the same field and value.

    What was said once covers one change, not the next one to that value.
    """
    announced: list[object] = []
    for one in changes:
        if one.origin is Origin.ANNOUNCED:
            announced.append(one.new)
        elif one.new in announced:
            announced.remove(one.new)
        elif one.origin is not Origin.MAPPING:
            yield one


def _between_known_terms(changes: Iterable[Change], field: Field) -> Iterator[Change]:
    """The changes without terms that nobody knows: each leads on from the last one known."""
    left: Change | None = None
    for one in changes:
        if field.is_unknown_term(one.new):
            left = left or one
            continue
        known = replace(one, old=left.old) if left else one
        left = None
        if known.old != known.new and not field.is_unknown_term(known.old):
            yield known


class ChangedKind:
    """The kind `changed`."""

    name = "changed"
    question = "Did a watched field change after an event, although nobody announced it?"
    schema = ChangedKeys

    def compile(self, keys: ChangedKeys, source: RuleSource) -> Rule:
        """Compile the rule. SQL narrows it to subjects whose start is past."""
        check = Changed(source.subject, keys.fields, keys.since, keys.within, keys.calendar)
        begun = (Condition(keys.since, Operator.SET),)
        return check_rule(keys, source, check, CheckPrefilter(begun, begun), news=True)
