"""The explanation of a rule on a subject: conditions, events, counted time, people, steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atsbridge.model import Case, Transition, Verdict
from atsbridge.presentation import explanation_text
from atsbridge.rules import Rule


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition: its value here and whether it holds, None: cannot be known.

    `block`: "" where it has to hold itself, "any" or "none" within such a block.
    """

    block: str
    path: str
    asks: str
    value: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class ExplainedEvent:
    """One event of the clock: its role ("start", "stop", "pause", …), its field and when it was."""

    role: str
    path: str
    at: Any  # an instant, a day, or None
    note: str = ""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """One step: when it is due, whom it reaches and why them, and what became of it."""

    label: str
    via: str
    at: datetime | None
    to: str
    why: str
    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that explains one rule on one subject at `verdict.at`. `zone`: of who owes."""

    rule: Rule
    verdict: Verdict
    about: str
    zone: str
    zone_from: str  # where that zone comes from, as a text
    calendar: str
    owes: str
    owes_why: str
    conditions: tuple[ConditionResult, ...]
    events: tuple[ExplainedEvent, ...]
    steps: tuple[StepOutcome, ...]
    looked: tuple[tuple[str, str], ...] = ()  # what a check looks at: path, value
    beneath: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # rows below it: id, the same
    case: Case | None = None
    history: tuple[Transition, ...] = ()
    lacking: tuple[str, ...] = ()  # why a live rule is shadow on this account
    handling: str = ""  # by whom the case is handled or silenced, and why

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to watch: kept, canceled, or not covered by the rule."""
        return self.verdict.state in explanation_text.OVER and self.case is None
