"""One subject of a rule during evaluation: its unknown paths, and verdicts on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict, Unpack

from atsbridge.model import (
    OTHER_TERM,
    Due,
    Found,
    Key,
    Reason,
    ReasonCode,
    Span,
    State,
    Verdict,
    Where,
    because,
    resolve,
)
from atsbridge.model import paths as paths_of
from atsbridge.rules.evaluate import predicates
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.language import field_paths
from atsbridge.rules.rule import Rule


class VerdictDetails(TypedDict, total=False):
    """Members of a `Verdict` that not every verdict has."""

    started_at: datetime | None
    ended_at: datetime | None
    due: Due | None
    owed_by: str | None
    steps_due: tuple[int, ...]
    look_at: datetime | None
    spans: tuple[Span, ...]
    unknown: tuple[str, ...]
    finding: str
    ending: Reason | None


@dataclass(frozen=True, slots=True)
class RuleSubject:
    """A rule, a subject, and the context of their verdict."""

    rule: Rule
    found: Found
    context: EvaluationContext

    @classmethod
    def create(cls, rule: Rule, found: Found, context: EvaluationContext) -> RuleSubject:
        """Columns whose parent is still queued are unknown for this subject."""
        if found.unread:
            context = replace(context, unreadable=context.unreadable | found.unread)
        return cls(rule, found, context)

    @property
    def key(self) -> Key:
        """The subject's key."""
        return Key(self.found.account, self.found.kind, self.found.id)

    def verdict(
        self, state: State, reason: Reason | None = None, **more: Unpack[VerdictDetails]
    ) -> Verdict:
        """A verdict in this state, with its details."""
        return Verdict(
            rule=self.rule.id,
            subject=self.key,
            at=self.context.now,
            state=state,
            reason=reason,
            evidence=self.found.facts,
            **more,
        )

    def unknown_verdict(self, paths: Sequence[str]) -> Verdict:
        """The verdict where these paths are unknown.

        While a parent waits for its turn to be read, every run evaluates the subject again.
        """
        waits = bool(self.found.unread)
        reason = because(ReasonCode.UNREAD if waits else ReasonCode.UNREADABLE, paths=tuple(paths))
        terms = {path: term for path in paths if (term := self._find_unknown_term(path))}
        if len(terms) == len(paths):
            reason = because(
                ReasonCode.UNKNOWN_TERM, paths=tuple(terms), terms=tuple(terms.values())
            )
        return self.verdict(
            State.UNKNOWN,
            reason,
            unknown=tuple(paths),
            look_at=self.context.now if waits else None,
        )

    def evaluate(self, where: Where) -> tuple[bool | None, tuple[str, ...]]:
        """Whether the conditions hold, and the paths that are unknown; None because of these."""
        unknown, facts = self.find_unknown(paths_of(where)), self.found.facts
        holds = predicates.evaluate(where, facts, unknown, self.rule.subject)
        if holds is None:
            terms = predicates.find_unknown_terms(where, facts, self.rule.subject)
            unknown = field_paths.unique((*unknown, *terms))
        return holds, unknown

    def find_unknown(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Those of the paths that are unknown, each once."""
        unknown = [path for path in wanted if self._is_unknown(path)]
        return field_paths.unique(unknown) if unknown else ()

    def _find_unknown_term(self, path: str) -> str:
        """What the ATS says there, if nobody knows the term; else ""."""
        value = self.found.facts.get(path)
        if value is None or not resolve(self.rule.subject, path).field.is_unknown_term(value):
            return ""
        return str(value).removeprefix(OTHER_TERM)

    def _is_unknown(self, path: str) -> bool:
        subject, found, context = self.rule.subject, self.found, self.context
        if path in found.missing:
            return True
        if context.unreadable and field_paths.columns(subject, path) & context.unreadable:
            return True
        if found.facts.get(path) is not None:
            return False
        if field_paths.is_interval(subject, path):
            ways = (
                field_paths.find_interval_record(subject, path)[1],
                field_paths.origin(subject, path),
            )
            return any(way in found.missing for way in ways)
        return field_paths.silent(subject, path)
