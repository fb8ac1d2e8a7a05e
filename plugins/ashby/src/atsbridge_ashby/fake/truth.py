"""The records of the sandbox company by what they belong to, and what exists at Ashby only.

Jobs whose stages have the same names share an interview plan, whose stages are those of the first
of these jobs. Every plan ends with two stages that the company does not have: whoever is hired or
archived is in one of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atsbridge.sandbox import Company

Row = dict[str, Any]
_NAMESPACE = uuid.UUID("2d1e7c40-8a35-4f0c-9f6b-51c07f7a6d11")
HIRED, ARCHIVED = "Hired", "Archived"


def company_ids(kind: str, number: int) -> str:
    """Ids as Ashby has them: UUIDs."""
    return made_id(f"{kind}:{number}")


def made_id(text: str) -> str:
    """The id of what the company has no record of."""
    return str(uuid.uuid5(_NAMESPACE, text))


def stamp(at: datetime | None) -> str | None:
    """An instant as Ashby writes it: ISO 8601 in UTC with milliseconds."""
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def process_of(application: str) -> str:
    """The id of the offer of an application, which all its versions share."""
    return made_id(f"offer:{application}")


@dataclass(frozen=True, slots=True)
class Plan:
    """An interview plan: its id, when it was made, and its stages in order."""

    id: str
    created_at: datetime
    stages: tuple[Any, ...]

    def end(self, name: str) -> str:
        """The id of one of the two stages that end the plan."""
        return made_id(f"{name}:{self.id}")


class Truth:
    """Records of one company, found fast. Hold `company.lock` around every call."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._indexes: dict[tuple[str, str], tuple[int, dict[str, list[Any]]]] = {}
        self._planned: tuple[int, dict[str, Plan], dict[str, str]] = (-1, {}, {})

    @property
    def version(self) -> int:
        """Changes whenever any record does."""
        return sum(self.company.versions.values())

    def of(self, kind: str, ref: str, id_: str) -> list[Any]:
        """Records of a kind whose ref is that id, in order of creation."""
        version = self.company.versions[kind]
        known = self._indexes.get((kind, ref))
        if known is None or known[0] != version:
            index: dict[str, list[Any]] = {}
            for record in self.live(kind):
                index.setdefault(getattr(record, ref), []).append(record)
            known = self._indexes[kind, ref] = (version, index)
        return known[1].get(id_, [])

    def live(self, kind: str) -> Iterable[Any]:
        """Records that are not erased, in order of creation."""
        return (r for r in self.company.records(kind).values() if r.deleted_at is None)

    def one(self, kind: str, id_: str | None) -> Any:
        """The record, or None."""
        found = self.company.records(kind).get(id_ or "")
        return None if found is None or found.deleted_at is not None else found

    # --- plans --------------------------------------------------------------------------------

    def plans(self) -> Iterable[Plan]:
        """Every plan once, in order of creation."""
        self._arrange()
        return dict.fromkeys(self._planned[1].values())

    def plan_of(self, requisition: str) -> Plan:
        """The plan that a job follows."""
        self._arrange()
        return self._planned[1][requisition]

    def stage_of(self, stage: str) -> str:
        """The id at Ashby of a stage of the company: that of the plan's first job."""
        self._arrange()
        return self._planned[2].get(stage, stage)

    def stage_now(self, application: Any) -> str:
        """The stage that an application is in; the last one of its plan if it has ended."""
        if application.status == "active":
            return self.stage_of(application.stage)
        end = HIRED if application.status == "hired" else ARCHIVED
        return self.plan_of(application.requisition).end(end)

    def _arrange(self) -> None:
        version = self.company.versions["stage"]
        if self._planned[0] == version:
            return
        plans: dict[tuple[str, ...], Plan] = {}
        followed: dict[str, Plan] = {}
        same: dict[str, str] = {}
        for job in self.company.records("requisition").values():
            stages: list[Any] = self.of("stage", "requisition", job.id)
            key = tuple(stage.name for stage in stages)
            made: Any = job.created_at
            plan = plans.setdefault(key, Plan(made_id(f"plan:{job.id}"), made, tuple(stages)))
            followed[job.id] = plan
            pairs = zip(stages, plan.stages, strict=True)
            same |= {stage.id: shared.id for stage, shared in pairs}
        self._planned = (version, followed, same)

    # --- facts that several rows tell -----------------------------------------------------------

    def ended_at(self, application: Any) -> datetime | None:
        """When an application ended; None while it is open."""
        if application.status == "active":
            return None
        stays = self.of("stage_stay", "application", application.id)
        left: datetime = application.rejected_at or stays[-1].left_at
        return left

    def submitted(self, interview: str) -> list[Any]:
        """The scorecards of an interview that were submitted."""
        cards = self.of("scorecard", "interview", interview)
        return [card for card in cards if card.submitted_at is not None]
