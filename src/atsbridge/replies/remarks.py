"""Describe what people did with a case that is still in effect: who, what, until when, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from atsbridge.context import Suppression
from atsbridge.model import Case, Handling, Silence, Transition, TransitionName, clean
from atsbridge.ports import Store
from atsbridge.presentation import describe

_HANDLING = (
    TransitionName.ACKNOWLEDGED,
    TransitionName.SNOOZED,
    TransitionName.MARKED_DONE,
    TransitionName.FALSE_ALARM,
)


@dataclass(slots=True)
class Remarks:
    """The remarks on the open cases of an account at `now`."""

    store: Store
    account: str
    now: datetime
    _silences: Sequence[Silence] | None = None
    _suppression: Suppression | None = field(default=None)

    def of(self, case: Case) -> str:
        """Who handled or silenced the case, until when and why; "" if nobody did.

        For example "snoozed by Kim: until 2026-03-12 09:30 UTC: waits for legal".
        """
        if case.end is not None:
            return ""
        parts = []
        if case.handling is not Handling.NONE:
            parts.append(handled(case, self.store.cases.read_transitions(case.number)))
        if silence := self._silence(case):
            until = f"{silence.end:%Y-%m-%d %H:%M} UTC"
            parts.append(
                f"silenced by {silence.author} until {until} (silence {silence.number}):"
                f" {silence.comment}"
            )
        return clean("; ".join(part for part in parts if part), 1000)

    def _silence(self, case: Case) -> Silence | None:
        if self._suppression is None:
            self._silences = self.store.silences.read_silences(self.account, self.now)
            self._suppression = Suppression(self.store, self.account, self.now)
        return self._suppression.silence(case.rule, case.subject) if self._silences else None


def handled(case: Case, history: Sequence[Transition]) -> str:
    """Who handled the case last, how and why; "" if nobody did or it is no longer in effect."""
    if case.handling is Handling.NONE:
        return ""
    last = next((row for row in reversed(history) if row.name in _HANDLING), None)
    if last is None:
        return str(case.handling)
    return f"{last.name.replace('_', ' ')} by {last.actor}: {describe(last.reason)}"
