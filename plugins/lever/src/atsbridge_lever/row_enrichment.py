"""Add to rows what the connector knows, and join several lists into one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

import msgspec

from atsbridge.api import Page
from atsbridge_lever.wire import Ms, Row, instant, spliced

Enrich = Callable[[msgspec.Raw], msgspec.Raw]


class _Made(Row):
    created_at: Ms = None


def enrich_pages(pages: Iterable[Page], lay: Enrich) -> Iterator[Page]:
    """The pages with `lay` done to each row; one that it cannot read is for the reader to count."""

    def with_it(raw: msgspec.Raw) -> msgspec.Raw:
        try:
            return lay(raw)
        except (msgspec.DecodeError, ValueError):
            return raw

    for page in pages:
        yield replace(page, rows=[with_it(raw) for raw in page.rows])


def chain_pages(*lists: Iterable[Page]) -> Iterator[Page]:
    """Join the pages of several lists: only the last page of the last list is `last`."""
    for pages in lists[:-1]:
        for page in pages:
            yield replace(page, last=False)
    yield from lists[-1]


def number_rows(parent: str, rows: Iterable[msgspec.Raw]) -> Enrich:
    """Adds to offers the id of their opportunity, and their number by age."""
    made = []
    for raw in rows:
        with suppress(msgspec.DecodeError):
            one = msgspec.json.decode(raw, type=_Made)
            made.append((instant(one.created_at) is None, str(one.created_at), one.id))
    order = {id_: number for number, (_, _, id_) in enumerate(sorted(made), 1)}

    def lay(raw: msgspec.Raw) -> msgspec.Raw:
        version = order.get(msgspec.json.decode(raw, type=Row).id)  # None: nobody knows its age
        return spliced(raw, {"opportunityId": parent, "version": version})

    return lay
