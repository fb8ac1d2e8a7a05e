"""The part of the store with calibration rounds and the ratings in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.model import CalibrationRound, Key, ProfileRating


class CalibrationStore(Protocol):
    """Rounds and ratings. Nobody but the two who rate gets a rating."""

    def add_round(self, fresh: CalibrationRound) -> None:
        """Store a round."""
        ...

    def read_rounds(self, requisition: Key) -> Sequence[CalibrationRound]:
        """The rounds of a requisition, oldest first; erased profiles are left out."""
        ...

    def save_ratings(self, of: CalibrationRound, ratings: Sequence[ProfileRating]) -> None:
        """Store ratings; the newer rating of a person and profile replaces the older."""
        ...

    def read_ratings(self, of: CalibrationRound) -> Sequence[ProfileRating]:
        """All ratings of a round."""
        ...

    def mark_compared(self, of: CalibrationRound, at: datetime) -> None:
        """Note when both got the comparison."""
        ...
