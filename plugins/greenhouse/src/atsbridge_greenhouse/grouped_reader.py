"""Group the rows of a list into one row per record, over all pages of a read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from atsbridge.api import HttpSession, Page
from atsbridge_greenhouse import contacts, pay, ratings
from atsbridge_greenhouse.lookups import Grouped, Lookup, ParentKey, decode_rows
from atsbridge_greenhouse.values import ident, text, whole

Window = tuple[datetime, datetime]


class GroupedReader:
    """Groups the rows of streams that need it."""

    def __init__(self, session: HttpSession) -> None:
        self._session = session
        self.names = {s.name for s in (ratings.STREAM, contacts.STREAM, pay.STREAM)}

    def page(
        self, stream: str, pages: Iterable[Page], window: Window | None, parents: Sequence[str]
    ) -> Page:
        """One page with the rows of all pages: the rows of one record may be on two pages."""
        raws = (raw for page in pages for raw in page.rows)
        return Page(self._rows(stream, raws, window, parents), last=True)

    def _rows(
        self, stream: str, raws: Iterable[Any], window: Window | None, parents: Sequence[str]
    ) -> Sequence[Any]:
        if stream == contacts.STREAM.name:
            return contacts.gathered(raws, parents)
        if stream == pay.STREAM.name:
            return _priced(self._session, raws, whole_list=window is None)
        return ratings.gathered(raws)


def _priced(session: HttpSession, raws: Iterable[Any], *, whole_list: bool) -> list[msgspec.Raw]:
    """One row per job with all ranges of its published posts.

    Of a list that is not whole, the other ranges of the same jobs are asked for.
    """
    ranges = [row for row in decode_rows([*raws], pay.Range) if row is not None]
    if not ranges:
        return []
    posts = Lookup(session, "job_posts", pay.Post, listed=whole_list)
    found = posts.get(row.job_post_id for row in ranges)
    if not whole_list:
        jobs = {key for post in found.values() if post and (key := ident(post.job_id))}
        by_job = ParentKey("job_ids", "job_id")
        more = Grouped(session, "job_posts", pay.Post, by_job, listed=False).get(sorted(jobs))
        found = {key: p for some in more.values() for p in some if (key := ident(p.id))}
        held = Grouped(
            session,
            "pay_input_ranges",
            pay.Range,
            ParentKey("job_post_ids", "job_post_id"),
            listed=False,
        )
        ranges = [row for some in held.get(sorted(found)).values() for row in some]
    return list(_by_job(ranges, found))


def _by_job(
    ranges: Iterable[pay.Range], posts: Mapping[str, pay.Post | None]
) -> Iterator[msgspec.Raw]:
    jobs: dict[str, list[Sequence[Any]]] = {}
    for row in ranges:
        post = posts.get(ident(row.job_post_id) or "")
        if post is not None and (job := ident(post.job_id)):
            ends = (whole(row.min_cents), whole(row.max_cents), text(row.currency_type))
            jobs.setdefault(job, []).append(ends)
    for job, held in sorted(jobs.items()):
        by_currency = sorted(held, key=repr)
        yield msgspec.Raw(msgspec.json.encode({"id": job, "ranges": by_currency}))
