"""The part of the store with the answers of pairs after a search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.model import PulseSheet


class PulseStore(Protocol):
    """Sheets of the two of a pair. Only `replies` and the messages to the two read the answers."""

    def ask_pulse(self, sheets: Sequence[PulseSheet]) -> None:
        """Store that these people were asked. A person is asked once about a requisition."""
        ...

    def read_sheets(self, account: str, requisition: str | None = None) -> Sequence[PulseSheet]:
        """The sheets of an account, or of one requisition, in order of requisition and person."""
        ...

    def save_answers(self, sheet: PulseSheet) -> None:
        """Store the answers of a sheet; nothing once it was shown."""
        ...

    def close_pulse(self, account: str, requisition: str, at: datetime) -> None:
        """Erase the answers of both: they were shown to them."""
        ...
