"""Checks: find what is wrong with a subject from its facts and the records below it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple, Protocol

from atsbridge.model import All, Condition, Found, Operator, Query, Where, parents, paths
from atsbridge.rules.evaluate import predicates
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.relative_time import Moment, passed
from atsbridge.rules.language import field_paths, unique


class Finding(NamedTuple):
    """The result of a check on a subject at an instant.

    `reason`: what was found, made of open fields only. `since`: the event that it is
    about; without one a finding counts from when it was found. `look_at`: when time alone could
    change it. `unknown`: what could not be read; then the verdict is unknown.
    """

    wrong: bool
    reason: str = ""
    since: datetime | None = None
    look_at: datetime | None = None
    unknown: tuple[str, ...] = ()


class Check(Protocol):
    """A compiled check. `reads`: paths of the subject; `below`: further records that it reads.

    `watched`: fields of the subject whose Changes it reads.
    """

    @property
    def reads(self) -> tuple[str, ...]: ...

    @property
    def below(self) -> Below | None: ...

    @property
    def watched(self) -> tuple[str, ...]: ...

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        """Find what is wrong with the subject. Pure: reads only its arguments."""
        ...


class Records(NamedTuple):
    """Records below a subject. `unknown`: the paths of theirs that could not be read.

    `look_at`: when time alone changes which of them count.
    """

    rows: Sequence[Found]
    unknown: tuple[str, ...]
    look_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Below:
    """Records that belong to a subject: those of `kind` whose `parent` path leads to it.

    `where` says which of them count; `same`: (path of theirs, path of the subject) that must
    have one value. `columns` are the paths wanted; `named` those that only the finding names.
    """

    kind: str
    parent: str
    where: Where
    same: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    named: tuple[str, ...] = ()

    def read(self, found: Found, context: EvaluationContext) -> Records:
        """Read the records that count, in order of id, and the paths that could not be read.

        ValueError where the calendar of a relative condition counts nothing.
        """
        rows, unknown, flips = [], dict[str, None](), list[datetime | None]()
        moment = Moment(context.now, context.calendars)
        where = moment.fix(self.where, self.kind)
        for row in context.others(self.query(found, context.now)):
            if row.facts.get(self.parent) != found.id:
                continue  # it is unknown to which subject the record belongs
            if where is not self.where:
                flips.append(moment.next_flip(self.where, row.facts))
            doubtful = self._find_doubtful(row, context)
            holds = predicates.evaluate(where, row.facts, doubtful, self.kind)
            if holds is False or (self.same and not self._is_same(row, found, doubtful)):
                continue
            terms = () if holds else predicates.find_unknown_terms(where, row.facts, self.kind)
            unknown.update(dict.fromkeys((*doubtful, *terms)))
            rows.append(row)
        known = (at for at in flips if at is not None)
        return Records(rows, tuple(unknown), min(known, default=None))

    def those(self, where: Where, rows: Sequence[Found], context: EvaluationContext) -> Records:
        """Select the records for which `where` holds. `columns` must contain its paths, which are
        known.
        """
        moment = Moment(context.now, context.calendars)
        fixed = moment.fix(where, self.kind)
        flips = (moment.next_flip(where, row.facts) for row in rows)
        held, unknown = [], dict[str, None]()
        for row in rows:
            holds = predicates.evaluate(fixed, row.facts, (), self.kind)
            if holds:
                held.append(row)
            elif holds is None:
                terms = predicates.find_unknown_terms(fixed, row.facts, self.kind)
                unknown.update(dict.fromkeys(terms))
        known = (at for at in flips if at is not None)
        return Records(held, tuple(unknown), min(known, default=None))

    def unread(self, context: EvaluationContext) -> Iterator[str]:
        """Paths of these records that cannot be read, so that records may be missing."""
        for path in self.columns:
            if field_paths.columns(self.kind, path) & context.unreadable:
                yield path

    def query(self, found: Found, now: datetime) -> Query:
        """The Query for one subject; its first condition says whose records they are.

        It leaves out `same`, so that it differs between subjects in that condition alone, and
        records that time has passed: they do not count at `now` or later unless they change.
        """
        whose = Condition(self.parent, Operator.EQ, found.id)
        parts = (whose, self.where, *passed(self.where, self.kind, now))
        columns = unique((*self.columns, *self.named)) if self.named else self.columns
        return Query(self.kind, All(parts), columns)

    def _is_same(self, row: Found, found: Found, doubtful: Collection[str]) -> bool:
        """Whether each pair in `same` has, or may have, one value."""
        return all(
            theirs in doubtful or row.facts.get(theirs) == found.facts.get(ours)
            for theirs, ours in self.same
        )

    def _find_doubtful(self, row: Found, context: EvaluationContext) -> Sequence[str]:
        """Paths that are unknown for the record."""
        if row.missing or row.unread or context.unreadable:
            return tuple(self._doubtful(row, context))
        facts = row.facts  # of nearly every record
        return [path for path in _silent(self.kind, self.columns) if facts.get(path) is None]

    def _doubtful(self, row: Found, context: EvaluationContext) -> Iterator[str]:
        facts = row.facts
        for path in self.columns:
            read = field_paths.columns(self.kind, path)
            unread = read & context.unreadable or read & row.unread
            silent = facts.get(path) is None and field_paths.silent(self.kind, path)
            if unread or silent or path in row.missing:
                yield path


def below(
    subject: str,
    kind: str,
    where: Where,
    same: tuple[tuple[str, str], ...],
    columns: tuple[str, ...],
    *,
    through: str = "",
) -> Below:
    """The records of a kind below a subject. KeyError where the kind does not belong to it.

    `through`: the path of theirs that leads to the subject, where they do not belong to it.
    """
    parent = through or parents(kind)[subject]
    wanted = (parent, *paths(where), *(theirs for theirs, _ in same), *columns)
    return Below(kind, parent, where, same, unique(wanted))


@cache
def _silent(kind: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the paths whose absent value is unknown."""
    return tuple(path for path in paths if field_paths.silent(kind, path))
