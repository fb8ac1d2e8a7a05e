"""Add to rows what other lists say, before anything is stored: rows keep their own bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from atsbridge.api import Page

Enrich = Callable[[msgspec.Raw], msgspec.Raw]


def enrich_pages(pages: Iterable[Page], enrich: Enrich) -> Iterator[Page]:
    """The pages with each row enriched. A row that cannot be read is left to its reader."""
    for page in pages:
        yield replace(page, rows=[_tried(enrich, raw) for raw in page.rows])


def _tried(enrich: Enrich, raw: msgspec.Raw) -> msgspec.Raw:
    try:
        return enrich(raw)
    except (msgspec.DecodeError, ValueError):
        return raw


def with_members(raw: msgspec.Raw, added: Mapping[str, Any]) -> msgspec.Raw:
    """The raw row with further members at its end. ValueError if it is no object."""
    body = bytes(raw).rstrip()
    if not (body.startswith(b"{") and body.endswith(b"}")):
        raise ValueError("this row is not an object")
    head = body[:-1].rstrip()
    return msgspec.Raw(head + (b"" if head == b"{" else b",") + msgspec.json.encode(added)[1:])
