"""Decode the raw rows of one stream into what the store must write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from traceback import extract_tb
from typing import Any, NamedTuple

import msgspec

from atsbridge.errors import PluginError, SkipRecord
from atsbridge.model import MAX_ID, Fragment, is_id, roots
from atsbridge.ports import RecordStore, RowWrite, Stream, StreamState, Work
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.rows import fingerprints
from atsbridge.sync.rows.row_bounds import RowBounds
from atsbridge.sync.rows.schema_drift import SAMPLE, DriftTracker, MemberTracker, is_blank
from atsbridge.sync.rows.tolerant_decoder import TolerantDecoder
from atsbridge.sync.sync_report import Tally

_ID_FIRST = re.compile(rb'\s*\{\s*"id"\s*:\s*(?:(-?\d+)|"([^"\\]+)")\s*[,}]')
_NOTHING: tuple[Any, ...] = (None, "", [], {}, msgspec.UNSET)
_QUOTED = re.compile(r"'[^']*'")


class _Named(msgspec.Struct):
    id: int | str


_NAMED = msgspec.json.Decoder(_Named)


class StreamLayout(NamedTuple):
    """What the rows of a stream fill. `columns`: kind -> columns, mapped ones included.

    `children`: the streams that are read by the ids of these rows.
    """

    stream: Stream
    columns: Mapping[str, tuple[str, ...]]
    account_map: AccountMap
    children: Sequence[Stream] = ()


class _RejectedRow(NamedTuple):
    id: str
    digest: bytes
    raw: Any
    why: str


@dataclass(slots=True)
class DecodedRows:
    """The result of decoding some raw rows.

    `ids`: of all rows that have one. `writes`: the rows that differ from the stored ones. `same`:
    ids of unchanged rows. `wanted`: parents whose children must be read. `flawed`: how many rows
    were left out or stored in part; `nameless`: how many of them had no id.
    """

    ids: list[str] = field(default_factory=list)
    writes: list[RowWrite] = field(default_factory=list)
    wanted: list[Work] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    flawed: int = 0
    nameless: int = 0
    rejected: list[_RejectedRow] = field(default_factory=list)
    blank: list[tuple[RowWrite, Any]] = field(default_factory=list)


class RowDecoder:
    """Decodes the rows of one stream of one account. Not thread-safe.

    `first`: the stream was never read to its end. `held`: the digests of rows that were decoded
    and are not stored yet, by id; callers that hold rows keep it.
    """

    def __init__(
        self, account: str, layout: StreamLayout, store: RecordStore, *, first: bool = False
    ) -> None:
        stream, columns, account_map, children = layout
        self.stream = stream
        self.columns = columns
        self.prints = fingerprints.of_fields(stream, columns, account_map)
        self._account = account
        self._map = account_map
        self._mapped = account_map.touches(stream)
        self._store = store
        self._children = children
        self._kinds = {child.name: parent_kind_of(child, stream) for child in children}
        self._first = first
        self._empty = False
        self.held: dict[str, bytes] = {}
        self._digest = fingerprints.row_digest(self.prints)
        self._decoder = msgspec.json.Decoder(stream.row)
        self._tolerant = TolerantDecoder(stream.row, stream.normalize, stream.owns)
        own = [li for li in account_map.lines if li.key and li.source in columns.get(li.kind, ())]
        self._own = {li.key: frozenset(o.path for o in own if o.key == li.key) for li in own}
        self._drift = DriftTracker(stream.name, self._tolerant, self._own)
        self.members = MemberTracker(stream.row, {}, frozenset(self._own))
        names = getattr(stream.row, "__struct_fields__", ())
        self._members_read = tuple(name for name in names if name != "id")
        self._any_decoded = False
        self._bounds = RowBounds(account, stream.name, columns)
        self._decoded = 0

    @property
    def unreadable(self) -> frozenset[str]:
        """The "kind.field"s that are unknown because of the rows of this sync."""
        return self._drift.unreadable

    @property
    def proved(self) -> bool:
        """Whether rows were decoded as before, as far as could be seen."""
        return self._any_decoded and self.members.complete

    def resume(self, state: StreamState, previously_unreadable: frozenset[str]) -> None:
        """Take over what the last sync knew about the rows of the stream."""
        self._drift.previously_unreadable = previously_unreadable
        self.members = MemberTracker(self.stream.row, state.fingerprints, frozenset(self._own))

    def resume_unreadable(self, fields: frozenset[str]) -> None:
        """Take over the "kind.field"s that were unreadable in the last sync."""
        self._drift.previously_unreadable = fields

    def decode(self, raws: Iterable[Any], tally: Tally, *, force: bool = False) -> DecodedRows:
        """Decode the rows that differ from the stored ones; with `force`, all of them.

        If an id comes twice, the last row counts. A bad row is only counted. Raises PluginError
        if the connector breaks its contract.
        """
        found = DecodedRows()
        rows: dict[str, Any] = {}
        for raw in raws:
            tally.rows += 1
            if found_id := raw_id(raw):
                rows[found_id] = raw
            else:
                found.nameless += 1
                self._add_bad(found, tally, "?", "no id")
        found.ids = list(rows)
        known = {} if force or self._empty else self._stored_digests(found.ids)
        digest_of = self._digest
        for key, raw in rows.items():
            digest = digest_of(raw)
            if known and known.get(key) == digest:
                found.same.append(key)
            else:
                self._decode_row(found, tally, key, raw, digest)
        self._decoded += len(rows) - len(found.same)
        if found.rejected:
            self._decode_rejected(found, tally)
        if found.blank:
            self._handle_blank(found, tally)
        if found.writes:
            self._apply_bounds(found, tally)
        if self.members.missing and found.writes:
            example = rows[found.writes[0].id]
            self._drift.add_missing_members(self.members, example, len(found.writes), tally)
        if self.members.all_blank and found.writes:
            self._drift.add_blank_rows(frozenset(self.prints), found.writes[0].id, tally)
        tally.unchanged += len(found.same)
        return found

    def mark_unknown(self, unknown: Mapping[str, str], tally: Tally) -> None:
        """Mark "kind.field"s that the connector says its rows cannot tell now (-> why)."""
        for path, why in unknown.items():
            if path in self.prints:
                self._drift.mark(frozenset({path}))
                tally.add_unavailable(why, frozenset({path}))

    def _stored_digests(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        """The digests of these rows as they are stored, or will be once what is held is written.

        After a page of a first read without any, no more are looked up: a digest that is missed
        costs only a comparison in the store.
        """
        known = self._store.read_digests(self._account, self.stream.name, ids)
        self._empty = self._first and not known
        if self.held:
            return {**known, **{key: self.held[key] for key in ids if key in self.held}}
        return known

    def _decode_row(
        self, found: DecodedRows, tally: Tally, raw_id: str, raw: Any, digest: bytes
    ) -> None:
        try:
            row = self._decoder.decode(raw)
            fragments = list(self.stream.normalize(row))
        except msgspec.DecodeError as error:
            why = _QUOTED.sub("(a value)", str(error))
            found.rejected.append(_RejectedRow(raw_id, digest, raw, why))
            return
        except SkipRecord as error:
            found.rejected.append(_RejectedRow(raw_id, digest, raw, error.what))
            return
        except Exception as error:  # noqa: BLE001  the plugin boundary: one row, counted
            self._add_bad(found, tally, raw_id, _describe_error(error))
            return
        self._any_decoded = True
        if self.members.rows < SAMPLE:
            self.members.add(raw)
        write = RowWrite(raw_id, digest, fragments)
        if self._seems_blank(row) and is_blank(raw):
            found.blank.append((write, row))
        else:
            self._add_write(found, tally, write, row)

    def _seems_blank(self, row: Any) -> bool:
        """Whether no member that is read has a value. Most rows fail at the first member.

        If only the id of a row is read, the row has all that is needed.
        """
        if not self._members_read:
            return False
        for name in self._members_read:
            value = getattr(row, name)
            if value or value not in _NOTHING:
                return False
        return True

    def _handle_blank(self, found: DecodedRows, tally: Tally) -> None:
        """Leave out rows without any value.

        If no row has any, they are stored and all their fields are unknown
        (`DriftTracker.add_blank_rows`).
        """
        for write, row in found.blank:
            if self.members.all_blank:
                self._add_write(found, tally, write, row)
            else:
                self._add_bad(found, tally, write.id, "nothing but its id")

    def _add_write(self, found: DecodedRows, tally: Tally, write: RowWrite, row: Any) -> None:
        if self._mapped:
            try:
                write = write._replace(fragments=list(map(self._apply_map, write.fragments)))
            except Exception as error:  # noqa: BLE001  a value that the account's map cannot read
                self._add_bad(found, tally, write.id, _describe_error(error))
                return
        found.writes.append(write)
        for child in self._children:
            if child.parent is not None and self._wants(child, row):
                found.wanted.append(Work(child.name, write.id, self._kinds[child.name]))

    def _apply_bounds(self, found: DecodedRows, tally: Tally) -> None:
        """Leave out what a database would refuse. PluginError for columns that nobody declared."""
        lost = self._drift.previously_unreadable | self._drift.unreadable
        out, unknown = self._bounds.apply(found.writes, lost, self._decoded, tally)
        self._drift.mark(unknown)
        if out:
            ids = {found.writes[at].id for at in out}
            for at, why in sorted(out.items()):
                self._add_bad(found, tally, found.writes[at].id, why)
            found.writes = [row for at, row in enumerate(found.writes) if at not in out]
            found.wanted = [work for work in found.wanted if work.parent not in ids]

    def _decode_rejected(self, found: DecodedRows, tally: Tally) -> None:
        """Store rejected rows without the fields that the vendor has changed; leave out others.

        Such rows do not prove which children a parent has.
        """
        try:
            partial = [(one, self._tolerant.decode(one.raw)) for one in found.rejected]
        except Exception as error:  # noqa: BLE001  the plugin boundary: normalize may raise anything
            why = _describe_error(error)
            partial = [(one._replace(why=why), None) for one in found.rejected]
        self._drift.count_rejected([row for _, row in partial if row is not None])
        for one, row in partial:
            if row is not None and self._drift.is_changed_by_vendor(row, self._decoded):
                self._drift.add_partial(row, tally)
                write = RowWrite(one.id, one.digest, row.fragments)
                self._add_write(found, tally, write, row.row)
                found.flawed += 1
            else:
                self._add_bad(found, tally, one.id, one.why)

    def _apply_map(self, fragment: Fragment) -> Fragment:
        """The fragment with the columns that the account's map fills."""
        declared = self.stream.owns.get(fragment.kind, ())
        if fragment.kind not in self._mapped or fragment.values.keys() != set(declared):
            return fragment  # `RowBounds` raises the error
        return self._map.apply(fragment, self.columns[fragment.kind])

    def _wants(self, child: Stream, row: Any) -> bool:
        try:
            return child.parent is not None and bool(child.parent.wanted(row))
        except Exception as error:  # noqa: BLE001  the plugin boundary: the stream fails
            raise PluginError(
                f"`wanted` of stream {child.name} raised {_describe_error(error)}",
                where=f"{self._account}/{self.stream.name}",
                remedy="Report it to the author of the connector",
            ) from None

    def _add_bad(self, found: DecodedRows, tally: Tally, raw_id: str, why: str) -> None:
        found.flawed += 1
        tally.add_bad(f"{self.stream.name}/{raw_id}: {why}")


def parent_kind_of(child: Stream, parent: Stream) -> str:
    """The kind of record that has the id of a parent's row; "" if nothing connects the two."""
    if own := next((kind for kind in child.owns if kind in parent.owns), ""):
        return own
    ways = (root for kind in child.owns for root in roots(kind))
    return next((root for root in ways if root in parent.owns), "")


def raw_id(raw: Any) -> str:
    """The id of a raw row as text, "" if it has none.

    Most rows begin with their id, which is found without decoding the row.
    """
    try:
        if match := _ID_FIRST.match(raw):
            number, text = match.groups()
            if number is not None and len(number) <= MAX_ID:
                return str(number, "ascii")
            found = (number or text).decode().strip()
        else:
            found = str(_NAMED.decode(raw).id).strip()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return found if is_id(found) else ""


def _describe_error(error: Exception) -> str:
    """The class of the error and its place in the code, never its text, which may hold a value."""
    frames = extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
