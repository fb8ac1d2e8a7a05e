"""A pulse: two questions to each of a pair after a search, answered from 1 to 5.

The answers are for the two alone. They are erased once both have read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LOWEST, HIGHEST = 1, 5  # of an answer
PULSE_QUESTIONS = 2


@dataclass(frozen=True, slots=True)
class PulseSheet:
    """What one of a pair was asked about a requisition, and answered so far.

    `person`: e-mail address in lower case. `answers`: one for each question, None for none yet.
    `shown_at`: when the answers of both were put into messages; then the answers are erased.
    """

    account: str
    requisition: str
    person: str
    asked_at: datetime
    answers: tuple[int | None, ...] = (None,) * PULSE_QUESTIONS
    shown_at: datetime | None = None

    @property
    def complete(self) -> bool:
        """Whether every question is answered."""
        return None not in self.answers

    def __repr__(self) -> str:
        """Without the answers: no log and no error may hold them."""
        return f"PulseSheet({self.account}, {self.requisition})"
