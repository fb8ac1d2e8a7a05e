"""Streams: one list of an ATS as data, the pages it is read in, and what is said of its signals.

How they are fetched over HTTP is `net`'s; how they are stored is `sync`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from atsbridge.model import Fragment


class History(StrEnum):
    """How far back an ATS dates a signal."""

    FULL = "full"
    SINCE_INSTALL = "since_install"  # we date it ourselves, from the first sync on
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Signal:
    """What a connector can say of one "kind.field" where it is less than all of it."""

    history: History
    why: str
    with_mapping: bool = False  # only once the account maps it


@dataclass(frozen=True, slots=True)
class Watch:
    """Children that may change without a sign on their parent: it is asked again `every` so often.

    Those of `kind` whose `field` lies between `back` ago and `ahead` from now; and longer, until
    `until` ago, those that still stand as `open` = (field, value) says. `ref` leads to the parent,
    where the stream is no `complete` list of that kind.
    """

    kind: str
    field: str
    every: timedelta
    back: timedelta
    ahead: timedelta
    open: tuple[str, str]
    until: timedelta
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Parent:
    """The rows of a stream are asked for by rows of another stream.

    `param` takes up to `batch` parent ids joined by commas; with no `param`, the stream's path
    has `{parent}` in it and one request reads one parent's children. `wanted` says from a
    changed parent row whether its children are worth reading. Where an answer lists all
    children of its parents, `complete` names (kind, ref to the parent): others are gone.
    `watch`: parents asked again though nothing shows on them.
    `later`: no rule waits for them on the first day; the sync of a first leg leaves them out.
    """

    stream: str
    param: str = ""
    batch: int = 1
    wanted: Callable[[Any], bool] = bool
    complete: tuple[tuple[str, str], ...] = ()
    watch: Watch | None = None
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One list of an ATS as data.

    `row` is a msgspec Struct with an `id`; `normalise` is pure: a row -> the fragments it
    holds, each with exactly the columns of `owns[kind]`. `since(start, end)` gives the query
    parameters that ask for what changed in [start, end); without it the list is always read
    whole. `whole` streams tell us what is gone by what a full list no longer holds. `lag` is
    how old the vendor may leave its own answers; `version` is raised when `normalise` changes.

    A long list is read in two legs. `first(now)` gives the questions of the first one, each a set
    of parameters: together what live rules can fire on, none at all being allowed. What they
    leave out is read by later syncs in windows of `since`, back to the account's `history`; until
    then the "kind.field"s of `partial` are not believed. `ids`: parameters that ask for nothing
    but ids, by which a nightly sync finds what vanished. `looks_up`: further lists from which
    its rows are completed (`sync.cost` counts them). `past(start, end)`: as `since`, for windows
    of the past, where those cannot be asked for by `since`. `again(rows)`: how often the questions
    of the first leg are asked besides the window, for what moves without a sign, where they bring
    so many rows; children show no sooner. `open`: kind, field and the words that the records have
    which those questions bring: one of them that they bring no more is asked for by id, at night.
    `by_map`: "kind.field" -> another whose line in the account's map the connector fills it by.
    `mapped`: asked only for an account whose map reads a column of it. `needed_for`: the
    "kind.field"s that are unknown while this list cannot be read, where that is less than all it
    owns: another list brings those records without it. `implied`: kinds whose
    records never come without rows of this list, so that it cannot be empty beside them.

    `creates`: the kinds of `owns` whose records exist because this list shows them. Only such a
    list makes a record, brings a deleted one back, or proves by its absence that it is deleted;
    what another list says of a record nobody has shown yet is kept until somebody does. Left out,
    it is derived: see `creators`.
    """

    name: str
    path: str
    row: type[Any]
    normalise: Callable[[Any], Iterable[Fragment]]
    owns: Mapping[str, tuple[str, ...]]
    params: Mapping[str, str] = field(default_factory=dict)
    since: Callable[[datetime, datetime], Mapping[str, str]] | None = None
    look_back: timedelta = timedelta(hours=1)
    lag: timedelta = timedelta(minutes=5)
    parent: Parent | None = None
    whole: bool = False
    version: int = 1
    scope: str = ""  # the vendor's name of the permission it needs
    first: Callable[[datetime], Sequence[Mapping[str, str]]] | None = None
    partial: tuple[str, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    looks_up: tuple[str, ...] = ()
    besides: int = 0  # requests that each reading of the list takes besides its own pages
    joined: int = 0  # further lists, each about as long as its own, read with it every time
    deleted: int = 0  # further requests of each window: lists of what was deleted
    past: Callable[[datetime, datetime], Mapping[str, str]] | None = None
    again: Callable[[int], timedelta] | None = None
    open: tuple[str, str, tuple[str, ...]] | None = None
    by_map: Mapping[str, str] = field(default_factory=dict)
    mapped: bool = False
    creates: tuple[str, ...] | None = None
    implied: tuple[str, ...] = ()
    needed_for: tuple[str, ...] | None = None


def creators(streams: Sequence[Stream]) -> Mapping[str, frozenset[str]]:
    """Stream name -> the kinds of record that it creates, all streams of a connector considered.

    What a stream declares as `creates` holds. For a kind that nobody declares, the streams that
    own the most columns of it create it: those that only add to a record own few.
    """
    declared = {kind for stream in streams for kind in stream.creates or ()}
    most: dict[str, int] = {}
    for stream in streams:
        for kind, columns in stream.owns.items():
            if stream.creates is None:
                most[kind] = max(most.get(kind, 0), len(columns))
    return {
        stream.name: frozenset(
            stream.creates
            if stream.creates is not None
            else (
                kind
                for kind, columns in stream.owns.items()
                if kind not in declared and len(columns) == most[kind]
            )
        )
        for stream in streams
    }


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: the raw JSON slice of every row, as received; `gone`: ids said to be deleted.

    `unknown`: "kind.field"s that its rows cannot tell this time -> why, in a sentence for ops.
    """

    rows: Sequence[Any]  # msgspec.Raw
    last: bool
    gone: Sequence[str] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
