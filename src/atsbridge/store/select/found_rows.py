"""The rows of a compiled Query, and the `Found` subjects that they become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from atsbridge.model import Found

FIRST = 2  # the place of the first value in a row
_NOTHING = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Layout:
    """The places in a row.

    `paths`: of the values, which follow the id and whether the condition is unknown. `decoders`:
    (path, place, decoder) of the values that are stored in another form. `doubts`: (place of
    whether values are missing, their paths). `waits`: (place of a boolean, "kind.field"s that it
    makes unknown). `deleted`: the place of whether the subject is deleted; None if those are left
    out.
    """

    paths: Sequence[str]
    decoders: Sequence[tuple[str, int, Callable[[Any], Any]]]
    doubts: Sequence[tuple[int, tuple[str, ...]]]
    waits: Sequence[tuple[int, frozenset[str]]]
    deleted: int | None


def make_found(account: str, kind: str, layout: Layout, row: Sequence[Any]) -> Found:
    """Decode a row of a compiled Query."""
    facts = dict(zip(layout.paths, row[FIRST:], strict=False))  # what is missing comes after
    for path, at, decode in layout.decoders:
        if row[at] is not None:
            facts[path] = decode(row[at])
    missing: tuple[str, ...] = ()
    for at, paths in layout.doubts:
        if row[at]:
            missing += paths
    waits = _NOTHING
    for at, of in layout.waits:
        if row[at]:
            waits |= of
    deleted = layout.deleted is not None and bool(row[layout.deleted])
    return Found(account, kind, row[0], facts, bool(row[1]), missing, waits, deleted)
