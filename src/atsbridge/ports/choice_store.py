"""The part of the store with what people chose about their own messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.model import Choice, PersonChoices


class ChoiceStore(Protocol):
    """Choices of people by e-mail address in lower case, over all accounts."""

    def save_choices(self, choices: Sequence[Choice]) -> None:
        """Store choices that one person made at once. One that holds already is not repeated."""
        ...

    def read_choices(self) -> Mapping[str, PersonChoices]:
        """Person -> the choices that hold, in order of person."""
        ...

    def read_choice_history(self, person: str) -> Sequence[Choice]:
        """Every choice of a person, oldest first."""
        ...

    def undo_choice(self, person: str) -> Sequence[Choice]:
        """Take back what the person chose last; returns that, nothing where they chose nothing."""
        ...
