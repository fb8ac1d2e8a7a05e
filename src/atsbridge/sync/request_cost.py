"""How many requests a sync needs, by the lengths of its lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from atsbridge.ports import ConnectorSpec, Stream
from atsbridge.sync.engine import in_order

IDS = 50  # ids in one look-up request
WHOLE = 100  # for more ids than this their list is read whole instead

# list -> rows of each of its request series; child stream -> (queued parents,);
# "list>other" -> ids that each page of the list needs from another list.
Sizes = Mapping[str, Sequence[int]]


def requests(spec: ConnectorSpec, sizes: Sizes) -> dict[str, int]:
    """Stream name -> requests, in the order of reading. A list without a size has no rows."""
    read_whole: set[str] = set()
    streams = frozenset(stream.name for stream in spec.streams)
    return {
        stream.name: _children(stream, sizes)
        if stream.parent is not None
        else _list(stream, sizes) + sum(_looked_up(stream, sizes, read_whole, streams))
        for stream in in_order(spec.streams)
    }


def pages(stream: Stream, rows: int) -> int:
    """How many requests that many rows of a list take. An empty list is one page."""
    if stream.cost.answers is not None:
        return stream.cost.answers
    return max(1, ceil(rows / stream.page_rows))


def _list(stream: Stream, sizes: Sizes) -> int:
    asked = sizes.get(stream.name, (0,))
    own = sum(pages(stream, rows) for rows in asked)
    further = stream.cost.further(sum(asked)) if asked else 0
    details = sum(asked) if stream.detail else 0
    return own * (1 + stream.cost.joined_lists) + further + details


def _children(stream: Stream, sizes: Sizes) -> int:
    size = stream.parent.size if stream.parent is not None else 1
    return ceil(sum(sizes.get(stream.name, ())) / size)


def _looked_up(
    stream: Stream, sizes: Sizes, read_whole: set[str], streams: frozenset[str]
) -> Sequence[int]:
    """Requests for rows of other lists. A list that is itself a stream is never read whole."""
    found: list[int] = []
    for name in stream.cost.lookups:
        for ids in sizes.get(f"{stream.name}>{name}", ()):
            if name in read_whole:
                continue
            if ids > WHOLE and name in sizes and name not in streams:
                read_whole.add(name)
                found.append(pages(stream, sum(sizes[name])))
            else:
                found.append(ceil(ids / IDS))
    return found
