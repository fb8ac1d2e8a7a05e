"""The cases that a rule would have had on one subject in a window of the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from atsbridge.cases import DueStep
from atsbridge.model import Case, Clock, End, Key

StandingCase = tuple[Case, Clock, tuple[int, ...]]


@dataclass(slots=True)
class SimulatedCase:
    """A case that would have existed. `baseline`: already late at the start of the window.

    `backlog`: overdue for so long by then that nobody is reminded of it. `breached_at`: when it
    was first found to be late. `standing`: the case at each step that was reached, its clock and
    the steps done by then, which are newer than those in the case.
    """

    subject: Key
    opened_at: datetime
    baseline: bool
    backlog: bool = False
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    end: End | None = None
    reached_steps: list[tuple[datetime, DueStep]] = field(default_factory=list)
    standing: list[StandingCase] = field(default_factory=list)

    def reach(self, at: datetime, steps: Sequence[DueStep], standing: StandingCase) -> None:
        """Record that these steps were reached."""
        for one in steps:
            self.reached_steps.append((at, one))
            self.standing.append(standing)

    @property
    def reached_cases(self) -> Sequence[Case]:
        """The case as it stood at each step that was reached."""
        return [replace(case, clock=clock, steps_done=done) for case, clock, done in self.standing]


@dataclass(slots=True)
class SubjectHistory:
    """The outcome for one subject. `unknown`: paths whose value was not known at some time."""

    cases: list[SimulatedCase] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
