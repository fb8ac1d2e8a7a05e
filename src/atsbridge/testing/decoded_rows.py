"""Rows of a fake's lists, decoded and normalized, and what they say about each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from atsbridge.model import KINDS, Fragment
from atsbridge.ports import Stream

RecordValues = dict[str, dict[str, dict[str, Any]]]  # kind -> id -> values


class Row(msgspec.Struct):
    """One raw row of a stream, with its fragments."""

    stream: Stream
    raw: bytes
    row: Any
    fragments: list[Fragment]


def understood(stream: Stream, raw: bytes) -> Row:
    """Decode and normalize a raw row of a stream."""
    row = msgspec.json.decode(raw, type=stream.row)
    return Row(stream, raw, row, list(stream.normalize(row)))


class NotedParents:
    """The parents of child streams, noted while their lists are read."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        self._children = [stream for stream in streams if stream.parent is not None]
        self._wanted: dict[str, dict[str, None]] = defaultdict(dict)
        self._others: dict[str, dict[str, None]] = defaultdict(dict)

    def note(self, row: Row) -> None:
        """Note a row as a parent of the streams below its own."""
        for child in self._children:
            of = child.parent
            if of is not None and of.stream == row.stream.name:
                id_ = str(msgspec.json.decode(row.raw)["id"])
                if of.wanted(row.row):
                    self._wanted[child.name][id_] = None
                else:
                    self._others[child.name][id_] = None

    def of(self, stream: Stream) -> list[str]:
        """The parents that the stream wants."""
        return list(self._wanted[stream.name])

    def any_of(self, stream: Stream) -> list[str]:
        """The same; all others where it wants none, as one that only a watch reads."""
        return self.of(stream) or list(self._others[stream.name])


def batches(stream: Stream, ids: Sequence[str]) -> list[Sequence[str]]:
    """The parents of each request of a stream; one request without any where it has none above."""
    if stream.parent is None:
        return [()]
    size = stream.parent.size
    return [ids[n : n + size] for n in range(0, len(ids), size)]


def silent_streams(streams: Sequence[Stream], rows: Sequence[Row]) -> list[Stream]:
    """The streams that fill columns and have none of these rows."""
    read = {row.stream.name for row in rows}
    return [one for one in streams if one.owns and one.name not in read]


def named_ids(rows: Sequence[Row], kind: str) -> list[str]:
    """The ids of records of that kind to which the rows refer, in their order."""
    found = (
        value
        for row in rows
        for fragment in row.fragments
        for name, value in fragment.values.items()
        if value and KINDS[fragment.kind].fields[name].ref == kind
    )
    return list(dict.fromkeys(found))


def merge_fragments(rows: Sequence[Row]) -> RecordValues:
    """Merge the fragments of all rows: kind -> id -> values."""
    found: RecordValues = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        for fragment in row.fragments:
            found[fragment.kind][fragment.id].update(fragment.values)
    return found
