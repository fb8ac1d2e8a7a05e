"""The part of the store that keeps promises and counts figures from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.model import Key, Promise


class Dimension(StrEnum):
    """What figures are counted by."""

    RULE = "rule"
    SIDE = "side"
    REQUISITION = "requisition"
    STAGE = "stage"  # by its name: each requisition may have stages of its own
    RECRUITER = "recruiter"
    MANAGER = "manager"
    WHY = "why"
    WEEK = "week"  # weeks since the begin of the window, from 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """Promises of one group. `keys`: a value for each dimension, in the order asked for.

    `late` has those that are `overdue`: late and still open. `answered`: those with a response
    time; `median` and `ninetieth` are nearest-rank percentiles of it, None for no answer and in
    groups by requisition, week or why, which are too small for them. `paused`:
    promises whose clock stood still for some time; `holidays`: promises that a holiday prolonged.
    """

    keys: tuple[str | int | None, ...]
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    cancelled: int = 0
    unknown: int = 0
    answered: int = 0
    median: timedelta | None = None
    ninetieth: timedelta | None = None
    paused: int = 0
    holidays: int = 0


class PromiseStore(Protocol):
    """Promises that ended or are watched, and the figures of them."""

    def save_promises(
        self,
        account: str,
        promises: Sequence[Promise],
        dropped: Sequence[tuple[str, Key]] = (),
        *,
        single: frozenset[str] = frozenset(),
    ) -> None:
        """Store promises in one transaction.

        One promise of a rule and subject runs at a time: stored ones that overlap with a new one
        are replaced. Rules in `single` make one promise of a subject ever. `dropped`: rules and
        subjects whose promise that has not ended is forgotten.
        """
        ...

    def read_open_promises(
        self, account: str, kind: str, ids: Sequence[str] | None = None
    ) -> Sequence[Promise]:
        """The promises that have not ended; of these subjects, if ids are given."""
        ...

    def read_ends(self, account: str, rule: str, ids: Sequence[str]) -> Mapping[str, datetime]:
        """Subject id -> when its latest promise of the rule ended. Open ones are left out.

        Those whose outcome is unknown are left out, too: they may be known by now.
        """
        ...

    def find_unknown_promises(self, account: str, rule: str, limit: int) -> Sequence[str]:
        """Ids of subjects with a promise that ended and whose outcome is unknown; latest first."""
        ...

    def count_promises(
        self,
        account: str,
        window: tuple[datetime, datetime],
        groupings: Sequence[Sequence[Dimension]],
        only: Mapping[Dimension, Sequence[str]] | None = None,
        without: Sequence[str] = (),
    ) -> Sequence[Sequence[FigureRow]]:
        """Count promises that were decided in [start, end), by each of the groupings.

        The promises are read once. Groups are in order of keys. `only`: dimensions that must have
        one of these values. `without`: requisitions to leave out.
        """
        ...
