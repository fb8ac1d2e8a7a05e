"""The part of the store with the versions of briefs, and who agreed to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.model import BriefAgreement, BriefVersion, Impact, Key


class BriefStore(Protocol):
    """Versions of briefs and agreements to them."""

    def save_version(self, version: BriefVersion) -> None:
        """Store a version; one with its number is replaced."""
        ...

    def delete_version(self, requisition: Key, number: int) -> None:
        """Delete a draft that became equal to the version before it."""
        ...

    def mark_sent(self, requisition: Key, number: int, at: datetime) -> None:
        """Note when both were asked to agree; the first such instant stays."""
        ...

    def read_versions(self, requisition: Key) -> Sequence[BriefVersion]:
        """The versions of a requisition, oldest first."""
        ...

    def find_current(self, account: str, ids: Sequence[str] | None) -> Mapping[str, BriefVersion]:
        """Requisition id -> its newest version; `ids` None: of all requisitions."""
        ...

    def add_agreement(self, requisition: Key, agreement: BriefAgreement) -> bool:
        """Store an agreement. False, and nothing changes, if the person agreed to it before."""
        ...

    def read_agreements(self, requisition: Key) -> Sequence[BriefAgreement]:
        """The agreements to all versions, in order of version and instant."""
        ...

    def find_untold(self, account: str) -> Sequence[Key]:
        """Requisitions of which both sides agreed to an earlier version, but not to the newest.

        Those whose newest version was sent are left out.
        """
        ...

    def measure_impact(
        self, requisition: Key, since: datetime | None, until: datetime, dropped: Sequence[str]
    ) -> Impact:
        """What a change at `until` means for candidates; `since`: the earlier version's instant.

        Feedback counts by its submission. A dropped criterion is known by the reasons for
        rejection whose names contain it.
        """
        ...
