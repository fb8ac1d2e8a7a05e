"""Look up rows that another list refers to, by their id or by the id of their parent.

Fifty ids are requested at a time. If many are needed at once, the list is read whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from atsbridge.api import HttpSession, LinkHeaderPages, NextPage, PageGuard
from atsbridge_greenhouse.listing import DATES, PAGE, asked
from atsbridge_greenhouse.values import Row, Scalar, ident, is_number

CHUNK = 50  # the most ids in one request
_LIST_FROM = 100  # for more ids than this the whole list is read
_LISTED = 500  # pages of it, at most
_REMEMBERED = 250_000  # rows of one list that are kept; beyond it they are dropped and read again

R = TypeVar("R", bound=Row)
S = TypeVar("S", bound=msgspec.Struct)


class Lookup(Generic[R]):
    """Rows of one list by id, requested in chunks and cached by the connector."""

    def __init__(
        self, session: HttpSession, path: str, row: type[R], *, listed: bool = True
    ) -> None:
        self._session = session
        self._path = path
        self._row = row
        self.listed = listed  # whether many ids may be found by reading the list
        self._read_whole = False
        self._known: dict[str, R | None] = {}

    def learn(self, rows: Iterable[R]) -> None:
        """Cache rows that were read elsewhere."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known.update((key, row) for row in rows if (key := ident(row.id)))

    def get(self, ids: Iterable[Scalar]) -> Mapping[str, R | None]:
        """Id -> row; None for an id that the vendor does not return."""
        wanted = dict.fromkeys(filter(None, map(ident, ids)))
        missing = [key for key in wanted if key not in self._known]
        if len(missing) > _LIST_FROM and self.listed and not self._read_whole:
            self._read_whole = True
            for page in islice(_lean(self._session, self._path, self._row), _LISTED):
                self.learn(page)
            missing = [key for key in wanted if key not in self._known]
        for chunk in chunks(missing):
            for page in _lean(self._session, self._path, self._row, ids=",".join(chunk)):
                self.learn(page)
            self._known.update((key, None) for key in chunk if key not in self._known)
        return {key: self._known.get(key) for key in wanted}


class ParentKey(NamedTuple):
    """How rows name their parent: the parameter that filters by parents, and the row's member."""

    param: str
    member: str


class Grouped(Generic[R]):
    """Rows of one list, grouped by the parent that they name."""

    def __init__(
        self,
        session: HttpSession,
        path: str,
        row: type[R],
        by: ParentKey,
        *,
        listed: bool = True,
        **which: str,
    ) -> None:
        self._session = session
        self._path = path
        self._row = row
        self._by = by
        self.listed = listed  # as in `Lookup`
        self._which = which
        self._whole: Mapping[str, Sequence[R]] | None = None  # all of the list, once it was read

    def get(self, parents: Sequence[str]) -> Mapping[str, Sequence[R]]:
        """Parent -> its rows, for parents that have rows."""
        if self.listed and self._whole is None and len(parents) > _LIST_FROM:
            self._whole = self._read()
        if self._whole is not None:
            return {key: self._whole[key] for key in parents if key in self._whole}
        found: dict[str, Sequence[R]] = {}
        for chunk in chunks(parents):
            found.update(self._read(**{self._by.param: ",".join(chunk)}))
        return found

    def _read(self, **more: str) -> Mapping[str, Sequence[R]]:
        found: dict[str, list[R]] = {}
        for page in _lean(self._session, self._path, self._row, **self._which, **more):
            for row in page:
                key = ident(getattr(row, self._by.member)) or ""
                found.setdefault(key, []).append(row)
        return found


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids in order, in chunks for one request, without ids that it would refuse."""
    good = [one for one in ids if is_number(one)]
    for start in range(0, len(good), CHUNK):
        yield good[start : start + CHUNK]


def _lean(session: HttpSession, path: str, row: type[R], **params: str) -> Iterator[list[R]]:
    """As `read`, without dates, which are not needed: many rows are cached."""
    return read(session, path, row, fields=asked(row, DATES), **params)


def read(session: HttpSession, path: str, row: type[R], **params: str) -> Iterator[list[R]]:
    """Each page of a list as rows, without rows that cannot be decoded."""
    ask: Mapping[str, str] | None = {"per_page": PAGE, "fields": asked(row), **params}
    after: NextPage = path
    progress = PageGuard(session.bounds.pages)
    while after is not None:
        raws, after = LinkHeaderPages().rows(session.get(str(after), ask))
        progress.check(raws, after)
        ask = None
        yield [found for found in decode_rows(raws, row) if found is not None]


def decode_rows(raws: Sequence[Any], row: type[S]) -> Sequence[S | None]:
    """Each row, in order; None for one that cannot be decoded, which is counted elsewhere."""
    decode = _decoder(row).decode
    try:
        return [*map(decode, raws)]
    except msgspec.DecodeError:
        return [_decode_row(raw, decode) for raw in raws]


@cache
def _decoder(row: type[S]) -> msgspec.json.Decoder[S]:
    """Made once for each type: making it takes longer than decoding a row."""
    return msgspec.json.Decoder(row)


def _decode_row(raw: Any, decode: Callable[[Any], S]) -> S | None:
    try:
        return decode(raw)
    except msgspec.DecodeError:
        return None
