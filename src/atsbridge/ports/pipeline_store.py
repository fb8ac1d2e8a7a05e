"""The part of the store that counts applications and stages, for reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PipelineCount:
    """How many applications of a requisition have a status and stand in stages of a kind.

    `stage` is a kind of stage ("interview"), "" where it is not known; `new`: of these, how many
    applied within the window.
    """

    requisition: str | None
    stage: str
    status: str
    number: int
    new: int


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long applications stood in stages of one name and kind, in elapsed time.

    `left`: stays that ended within the window; percentiles (nearest rank) are of those, in whole
    hours. `now`:
    applications that stand there.
    """

    name: str
    kind: str
    left: int
    median: timedelta | None
    ninetieth: timedelta | None
    now: int


class PipelineStore(Protocol):
    """Counts applications without reading them one by one. Deleted records are left out."""

    def count_applications(
        self, account: str, window: tuple[datetime, datetime], requisitions: Sequence[str] | None
    ) -> Sequence[PipelineCount]:
        """Counts of these requisitions, or of all; in order of requisition, stage and status."""
        ...

    def count_reached(
        self, account: str, window: tuple[datetime, datetime], requisitions: Sequence[str] | None
    ) -> dict[str, int]:
        """Kind of stage -> applications that came into a stage of this kind in [start, end)."""
        ...

    def measure_stages(
        self, account: str, window: tuple[datetime, datetime], requisitions: Sequence[str] | None
    ) -> Sequence[StageTime]:
        """Times in stages of these requisitions, or of all, in order of the pipeline."""
        ...
