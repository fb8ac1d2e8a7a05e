"""Describe a list of an ATS as data, its pages, and how much an ATS says about each field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from msgspec import Raw, Struct

    from atsbridge.model import Fragment

# Names that vendors give the parameter for the size of a page, the most frequent first.
PAGE_SIZE_PARAMS = ("limit", "per_page", "page_size", "pageSize", "perPage", "count", "size")
POSITION = "#"  # in `Stream.id_from`: the place of the row in the answer for its parent, from 0
_SEPARATOR = ":"
PAGE_ROWS = 100  # rows of a page if the stream does not say


class SignalHistory(StrEnum):
    """How far back an ATS dates a field."""

    FULL = "full"
    SINCE_INSTALL = "since_install"  # atsbridge dates changes itself, from the first sync on
    NONE = "none"  # the ATS does not tell the field


@dataclass(frozen=True, slots=True)
class Signal:
    """How far an ATS supplies one "kind.field", if not in full.

    `why`: the reason, for the table of rules. `with_mapping`: only if the account maps the field.
    """

    history: SignalHistory
    why: str
    with_mapping: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: the raw JSON of each row (`msgspec.Raw`), as received.

    `last`: no further page follows. `token`: the sync token that the vendor gave with the last
    page, for `Incremental.token`. `deleted`: ids that the vendor says are deleted. `unknown`:
    "kind.field" -> why this page does not supply it, as a sentence for ops.
    """

    rows: Sequence[Raw]
    last: bool
    deleted: Sequence[str] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    token: str = ""


@dataclass(frozen=True, slots=True)
class Incremental:
    """How to ask a list for what changed: by time, or by the token of the read before.

    `since(start, end)`: the parameters that ask for rows changed in [start, end), UTC.
    `look_back`: how much of the time before the bookmark is asked for again, because the vendor
    may show a change late or its clock may differ from ours.

    `token`: instead of `since`, the parameter that takes the `Page.token` of the last read. If the
    vendor refuses it, the list is read whole. `whole_every`: how often a nightly sync reads the
    list whole, because a token never shows again what an answer left out. If it is longer than a
    day, each account and list has a night of its own. None: never.

    ValueError unless exactly one of `since` and `token` is given.
    """

    since: Callable[[datetime, datetime], Mapping[str, object]] | None = None
    look_back: timedelta = timedelta(hours=1)
    token: str = ""
    whole_every: timedelta | None = timedelta(days=1)

    def __post_init__(self) -> None:
        if (self.since is None) is (not self.token):
            raise ValueError("Incremental takes either `since` or `token`")


@dataclass(frozen=True, slots=True)
class Backfill:
    """How to read a long list: first what live rules need now, then its past in later syncs.

    `first(now)`: one set of query parameters per request series of the first read. Together they
    must return every row that a live rule can fire on; an empty sequence reads nothing.
    `past(start, end)`: the query parameters for one slice of the past; None uses
    `Incremental.since`. The past is read backward to the account's `history`.
    `unknown_until_read`: "kind.field"s that are unknown until the past is read.
    `repeat_after(rows)`: how often to repeat the first read once it returns so many rows, for
    changes that `Incremental.since` does not show. None: never.
    """

    first: Callable[[datetime], Sequence[Mapping[str, str]]]
    past: Callable[[datetime, datetime], Mapping[str, str]] | None = None
    unknown_until_read: tuple[str, ...] = ()
    repeat_after: Callable[[int], timedelta] | None = None


@dataclass(frozen=True, slots=True)
class OpenRecords:
    """The records that the first read of a long list returns: `field` of `kind` is in `values`."""

    kind: str
    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How deleted records are found.

    `complete`: the list shows every record, so a record that it no longer shows is deleted. `ids`:
    query parameters that ask for ids only; with them, the nightly sync compares the ids of a
    complete list without reading its rows. `open_records`: the nightly sync asks by id for those
    that a repeated first read did not return.
    """

    complete: bool = False
    ids: Mapping[str, str] = field(default_factory=dict)
    open_records: OpenRecords | None = None


@dataclass(frozen=True, slots=True)
class RequestCost:
    """The requests that a list needs besides its own pages, for the estimate of a sync.

    `per_read`: further requests of each reading, or a function from the number of rows to them.
    `per_window`: further requests of each incremental sync, such as for a list of deletions.
    `joined_lists`: how many further lists, each about as long as this one, are read with it.
    `lookups`: paths of the lists from which its rows are completed. `answers`: the requests of the
    list itself, if they do not depend on its length; None: one for each page.
    """

    per_read: int | Callable[[int], int] = 0
    per_window: int = 0
    joined_lists: int = 0
    lookups: tuple[str, ...] = ()
    answers: int | None = None

    def further(self, rows: int) -> int:
        """Further requests of a reading that returns so many rows."""
        return self.per_read(rows) if callable(self.per_read) else self.per_read


@dataclass(frozen=True, slots=True)
class ChildWatch:
    """Which unchanged parents to ask again, and how often.

    A parent is asked again once per `every` if it has a child of `kind` whose instant `field` lies
    between `back` ago and `ahead` from now. A child whose `unfinished` = (field, value) holds
    counts for longer, until its instant is `unfinished_for` ago. `parent_ref`: the field of the
    child that holds the parent's id, if `Parent.complete` does not name it.
    """

    kind: str
    field: str
    every: timedelta
    back: timedelta
    ahead: timedelta
    unfinished: tuple[str, str]
    unfinished_for: timedelta
    parent_ref: str = ""


@dataclass(frozen=True, slots=True)
class Parent:
    """How to read the rows of a stream by the ids of another stream's rows.

    `param` takes up to `batch` parent ids: joined by commas in a query, as a list in a JSON body.
    Without `param`, the stream's path has `{parent}` in it and one request reads the children of
    one parent. Parents whose id has several parts (`Stream.id_from`) are named by several
    parameters, one for each part, or by `{parent[0]}` and `{parent[1]}` in the path.

    `into`: the member of a child's row that is set to the id of its parent, if the vendor does not
    name the parent there. `every`: how often to ask all parents again, if nothing on them shows
    that their children changed; each has a time of its own within the period, so that every sync
    asks its share. `wanted(row)`: whether the children of a changed parent row are worth reading.
    `complete`: (kind, field with the parent's id) for each kind of which an answer holds every
    record of its parents; others are deleted. `watch`: parents to ask again. `skip_first_sync`: no
    rule needs these rows on the first day, so the first sync does not read them.
    """

    stream: str
    param: str | tuple[str, ...] = ""
    batch: int = 1
    into: str = ""
    wanted: Callable[[Any], bool] = bool  # `Any`: the Struct of the parent's stream
    complete: tuple[tuple[str, str], ...] = ()
    watch: ChildWatch | None = None
    every: timedelta | None = None
    skip_first_sync: bool = False

    @property
    def size(self) -> int:
        """How many parents one request names."""
        return max(1, self.batch) if isinstance(self.param, str) and self.param else 1

    @property
    def named_in_rows(self) -> bool:
        """Whether the vendor writes the parent into each row, so that it proves something."""
        return bool(self.param) and not self.into


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One list of an ATS as data.

    `row`: a msgspec Struct with an `id`. `normalize`: a pure function from a row to its
    fragments, each with exactly the columns of `owns[kind]`. `params`: sent with every request.
    `method`: "GET" sends them in the query, "POST" as the members of a JSON body, with their types.
    `size_param`: the one of them that sets the size of a page; "" if it has a usual name.
    `id_from`: for rows without an `id`, the members that make one, joined by colons; "stage.id"
    leads into an object, POSITION is the row's place. `detail`: the path of one row, with `{id}` in
    it, if the list returns ids only. `single`: the path to read one record again, with `{id}` in
    it; for a list that is read by POST, the id is the member `single_param` of the body. `every`:
    how often a slow list is read.
    `incremental`: how to ask for what changed; without it the list is always read whole.
    `backfill`: how to read a long list in parts. `reconciliation`: how deletions are found.
    `cost`: requests besides its own pages. `parent`: its rows are read per parent.

    `lag`: how old the vendor's own answers may be. `version`: raise it when `normalize` returns
    something else for the same row; all rows are then read once more. `scope`: the vendor's name
    of the permission it needs.

    `creates`: the kinds of `owns` whose records exist because this list shows them. Only this list
    creates such a record or restores a deleted one, and only a record's absence from it proves
    that the record was deleted. None: it is derived, see `creators`.
    `absent_is_fact`: "kind.field"s of records that other lists create. This list shows every value
    of these fields, so a record that it does not name has no value. Without it, such a field is
    unknown until this list names the record.
    `required_by`: kinds whose records never exist without rows of this list, so that it cannot be
    empty beside them. `needed_for`: the "kind.field"s that are unknown while this list cannot be
    read; None: all it owns.
    `uses_map_of`: "kind.field" -> another "kind.field" whose entry in the account's map the
    connector uses to fill it. `only_if_mapped`: the list is read only if the account maps one of
    its columns.
    """

    name: str
    path: str
    row: type[Struct]
    normalize: Callable[[Any], Iterable[Fragment]]  # `Any`: the Struct that `row` names
    owns: Mapping[str, tuple[str, ...]]
    params: Mapping[str, object] = field(default_factory=dict)
    method: str = "GET"
    size_param: str = ""
    id_from: tuple[str, ...] = ()
    detail: str = ""
    single: str = ""
    single_param: str = "id"
    every: timedelta = timedelta(0)
    incremental: Incremental | None = None
    backfill: Backfill | None = None
    reconciliation: Reconciliation = Reconciliation()
    cost: RequestCost = RequestCost()
    parent: Parent | None = None
    lag: timedelta = timedelta(minutes=5)
    version: int = 1
    scope: str = ""
    creates: tuple[str, ...] | None = None
    absent_is_fact: tuple[str, ...] = ()
    required_by: tuple[str, ...] = ()
    needed_for: tuple[str, ...] | None = None
    uses_map_of: Mapping[str, str] = field(default_factory=dict)
    only_if_mapped: bool = False

    @property
    def page_rows(self) -> int:
        """How many rows its parameters ask for in one page."""
        name = find_size_param(self.params, self.size_param)
        return int(str(self.params[name])) if name else PAGE_ROWS

    def in_pages_of(self, rows: int, size_param: str = "") -> Stream:
        """The same list in pages of so many rows.

        `size_param`: the parameter for the size, if the connector adds it to each request itself.
        """
        name = find_size_param(self.params, self.size_param) or size_param or PAGE_SIZE_PARAMS[0]
        return replace(self, params=with_page_size(self.params, name, rows))


def no_fragments(row: object) -> Iterable[Fragment]:
    """The `normalize` of a stream that owns nothing: its rows are only parents of other rows."""
    del row
    return ()


def join_id(parts: Sequence[str]) -> str:
    """One id of several parts. A colon within a part is escaped."""
    return _SEPARATOR.join(p.replace("%", "%25").replace(_SEPARATOR, "%3A") for p in parts)


def split_id(id_: str) -> list[str]:
    """The parts that `join_id` joined."""
    return [p.replace("%3A", _SEPARATOR).replace("%25", "%") for p in id_.split(_SEPARATOR)]


def find_size_param(params: Mapping[str, object], declared: str = "") -> str:
    """The name of the parameter for the size of a page; "" if there is none among `params`."""
    usual = (name for name in PAGE_SIZE_PARAMS if name in params)
    return declared if declared in params else next(usual, "")


def with_page_size(params: Mapping[str, object], name: str, rows: int) -> dict[str, object]:
    """The parameters for pages of so many rows: a number where a number was, else text."""
    text = not isinstance(params.get(name, ""), int)
    return {**params, name: str(rows) if text else rows} if name else dict(params)


def creators(streams: Sequence[Stream]) -> Mapping[str, frozenset[str]]:
    """Stream name -> the kinds of record that it creates, for all streams of a connector.

    `Stream.creates` decides if it is declared. A kind that no stream declares is created by the
    streams that own the most columns of it: streams that only add to a record own few.
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
