"""Interview plans that jobs name and the list of plans leaves out.

Without its plan a stage is not read, and whoever is in it seems to be nowhere: drafts are never
listed, and an answer may lack rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import msgspec

from atsbridge.api import Page, is_id
from atsbridge_ashby.wire import Row, id_of


class _Plans(msgspec.Struct, rename="camel"):
    default_interview_plan_id: str | None = None
    interview_plan_ids: list[str] | None = None


@dataclass(slots=True)
class JobPlans:
    """The plans that the jobs of this run name; jobs are read before plans."""

    _named: set[str] = field(default_factory=set)

    def note_plans(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Pages of jobs, whose plans are noted."""
        for page in pages:
            for raw in page.rows:
                self._named.update(_plans_in(raw))
            yield page

    def add_missing(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Pages of plans; to the last one, plans that were named and not listed are added."""
        seen: set[str] = set()
        for page in pages:
            seen.update(map(id_of, page.rows))
            if page.last:
                further = [msgspec.json.encode(Row(id=one)) for one in sorted(self._named - seen)]
                page = replace(page, rows=[*page.rows, *map(msgspec.Raw, further)])
                self._named.clear()
            yield page


def _plans_in(raw: msgspec.Raw) -> Iterator[str]:
    """The plans that a job names; none if it cannot be read."""
    try:
        job = msgspec.json.decode(raw, type=_Plans)
    except msgspec.DecodeError:
        return
    for one in (job.default_interview_plan_id, *(job.interview_plan_ids or ())):
        if one and is_id(one):
            yield one
