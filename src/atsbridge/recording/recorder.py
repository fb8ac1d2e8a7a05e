"""Read a few pages of each list of an account, and save their rows with everything replaced.

A row is replaced in memory before it is written; no file ever holds a value of the vendor's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec

from atsbridge.errors import FatalError, SkipRecord, SourceError
from atsbridge.model import Fragment
from atsbridge.ports import Connector, Parent, Stream
from atsbridge.recording.recorded_answers import RecordedList
from atsbridge.recording.replacement import LONGER_RUN, Replacer
from atsbridge.sync import in_order, raw_id


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """`pages`: of each list. `parents`: of each list that is read per parent. `rows`: of a list."""

    pages: int = 2
    parents: int = 10
    rows: int = 500


@dataclass(slots=True)
class RecordedAccount:
    """The lists of an account, replaced. `failures`: list -> why it could not be read.

    `changed`: list -> rows that the connector understands and whose replacement it does not.
    """

    lists: list[RecordedList] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)


def record(connector: Connector, replacer: Replacer, options: RecordingOptions) -> RecordedAccount:
    """Read the lists of the account, in their order, and replace what they hold.

    A list that cannot be read is left out. FatalError if something of an answer would stay: then
    nothing is returned.
    """
    found = RecordedAccount()
    raws: dict[str, list[bytes]] = {}
    for stream in in_order(connector.spec.streams):
        try:
            raws[stream.name] = list(_rows(connector, stream, raws, options))
        except SourceError as error:
            found.failures[stream.name] = error.what
    decoded = {name: [row for raw in its if (row := _decode(raw))] for name, its in raws.items()}
    for rows in decoded.values():
        replacer.learn(rows)
    for stream in in_order(connector.spec.streams):
        if stream.name in decoded:
            made = [replacer.replace(row) for row in decoded[stream.name]]
            found.lists.append(RecordedList(stream.name, made))
            if lost := _count_lost(stream, decoded[stream.name], made):
                found.changed[stream.name] = lost
    _check(found, decoded, replacer)
    return found


def _rows(
    connector: Connector,
    stream: Stream,
    raws: Mapping[str, Sequence[bytes]],
    options: RecordingOptions,
) -> Iterator[bytes]:
    """The raw rows of the first pages of a list; of one that has parents, those of some parents."""
    if stream.parent is None:
        pages = islice(connector.pages(stream), options.pages)
        yield from islice((bytes(raw) for page in pages for raw in page.rows), options.rows)
        return
    ids = [found for raw in raws.get(stream.parent.stream, ()) if (found := raw_id(raw))]
    above = connector.spec.stream(stream.parent.stream)
    wanted = _wanted(stream.parent, above, raws.get(above.name, ()))
    # Of what only `refresh` reads, a parent's id may be none that the list takes.
    with nullcontext() if wanted else suppress(FatalError):
        for parent in (wanted or ids)[: options.parents]:
            pages = islice(connector.pages(stream, parents=[parent]), options.pages)
            yield from islice((bytes(raw) for page in pages for raw in page.rows), options.rows)


def _wanted(parent: Parent, above: Stream, raws: Sequence[bytes]) -> list[str]:
    """The ids of the parents whose children are worth reading. `raws`: rows of `above`."""
    found = []
    for raw in raws:
        with suppress(Exception):  # a row that its Struct does not fit has no children
            if parent.wanted(msgspec.json.decode(raw, type=above.row)):
                found.append(raw_id(raw))
    return [one for one in found if one]


def _decode(raw: bytes) -> dict[str, Any] | None:
    with suppress(msgspec.DecodeError, RecursionError):
        row = msgspec.json.decode(raw)
        return row if isinstance(row, dict) else None
    return None


def _count_lost(stream: Stream, rows: Sequence[Any], made: Sequence[Any]) -> int:
    return sum(
        understand(stream, row) is not None and understand(stream, other) is None
        for row, other in zip(rows, made, strict=True)
    )


def understand(stream: Stream, row: Any) -> list[Fragment] | None:
    """The fragments of a decoded row; None if the connector leaves it out."""
    try:
        return list(
            stream.normalize(msgspec.json.decode(msgspec.json.encode(row), type=stream.row))
        )
    except (msgspec.DecodeError, SkipRecord):
        return None


def _check(
    found: RecordedAccount, decoded: Mapping[str, Sequence[Any]], replacer: Replacer
) -> None:
    """FatalError if a longer run of letters or digits of an answer is in the recording."""
    real: set[str] = set()
    for rows in decoded.values():
        real |= replacer.replaceable_runs(rows)
    for one in found.lists:
        if stray := _runs(one.rows) & real - replacer.made - replacer.kept_runs:
            raise FatalError(
                f"values of {one.stream} would have stayed: {len(stray)}",
                remedy="Nothing was written. Run it again, and report it if it stays",
            )


def _runs(value: Any) -> set[str]:
    """The longer runs of letters and digits in a value, without the names of its members."""
    if isinstance(value, Mapping):
        return set().union(*map(_runs, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(_runs, value))
    return set(LONGER_RUN.findall(str(value)))
