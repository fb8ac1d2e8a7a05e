"""Which jobs an opening belongs to: for the approval of an opening, and for the job's headcount."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import msgspec

from atsbridge.api import DeniedError, ExpiringCache, FatalError, Page, TimeSource
from atsbridge_ashby import jobs, offers
from atsbridge_ashby.enrichment import with_members
from atsbridge_ashby.wire import id_of

NOT_FOUND = 404
_BELIEVED = timedelta(minutes=10)  # then the jobs of an opening are asked for again
Info = Callable[[str, dict[str, Any]], msgspec.Raw]


class _Jobs(msgspec.Struct, rename="camel"):
    job_ids: list[str] | None = None


class _Opening(msgspec.Struct, rename="camel"):
    latest_version: _Jobs | None = None


@dataclass(slots=True)
class OpeningJobs:
    """`info`: reads one record, by the path of its action and the body."""

    info: Info
    time: TimeSource
    _outdated: set[str] = field(default_factory=set)  # jobs of openings that changed
    _jobs_of: ExpiringCache[str, list[str]] = field(init=False)  # opening -> its jobs

    def __post_init__(self) -> None:
        self._jobs_of = ExpiringCache(self.time, _BELIEVED)

    def note_changes(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Pages of changed openings, whose jobs are to be read again."""
        for page in pages:
            for raw in page.rows:
                self._outdated.update(_jobs_in(raw))
            yield page

    def add_changed(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Pages of changed jobs; to the last one, other jobs of changed openings are added."""
        seen: set[str] = set()
        for page in pages:
            seen.update(map(id_of, page.rows))
            if not page.last:
                yield page
                continue
            further = [self.job(one) for one in sorted(self._outdated - seen)]
            yield replace(page, rows=[*page.rows, *(raw for raw in further if raw is not None)])
            self._outdated.clear()

    def job(self, id_: str) -> msgspec.Raw | None:
        """A job by its id; None if there is none."""
        try:
            return self.info("/job.info", {"id": id_, **jobs.EXPANDED})
        except FatalError as error:
            if error.status != NOT_FOUND:
                raise
            return None

    def complete_approval(self, raw: msgspec.Raw) -> msgspec.Raw:
        """The approval of an opening, with the jobs of the opening; another one as it is."""
        row = msgspec.json.decode(raw, type=offers.ApprovalRow)
        if row.entity_type != offers.OPENING or not row.entity_id:
            return raw
        opening = {"openingId": row.entity_id}
        try:
            found = self._jobs_of.find(
                row.entity_id, lambda: _jobs_in(self.info("/opening.info", opening))
            )
        except (DeniedError, FatalError):
            return raw  # nobody can tell what is approved
        return with_members(raw, {"requisitions": found})


def _jobs_in(raw: msgspec.Raw) -> list[str]:
    """The jobs of an opening; none if it cannot be read."""
    try:
        version = msgspec.json.decode(raw, type=_Opening).latest_version
    except msgspec.DecodeError:
        return []
    return list(filter(None, version.job_ids or ())) if version else []
