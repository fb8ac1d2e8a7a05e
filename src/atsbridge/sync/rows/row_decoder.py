"""One stream's raw rows -> what the store must write; rows already known are left alone.

Fetching pages is the connector's, deciding which pages to fetch is `lists` and `children`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from traceback import extract_tb
from typing import Any

import msgspec

from atsbridge.errors import PluginError, SkipRecord
from atsbridge.model import Fragment, is_id, roots
from atsbridge.ports import RecordStore, RowWrite, Stream, StreamState, Work
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.rows import fingerprints
from atsbridge.sync.rows.row_bounds import RowBounds
from atsbridge.sync.rows.schema_drift import OWN, SAMPLE, SHARE, Members, Salvage, Saved, blank
from atsbridge.sync.sync_report import Tally

_ID_FIRST = re.compile(rb'\s*\{\s*"id"\s*:\s*(?:(-?\d+)|"([^"\\]+)")\s*[,}]')
_NOTHING: tuple[Any, ...] = (None, "", [], {}, msgspec.UNSET)
_QUOTED = re.compile(r"'[^']*'")


class _Named(msgspec.Struct):
    id: int | str


_NAMED = msgspec.json.Decoder(_Named)


@dataclass(slots=True)
class Rows:
    """What some raw rows come to. `ids` are of all that have one, `same` of those not changed.

    `flawed`: how many were left out or read in part; `nameless`: how many of them had no id.
    """

    ids: list[str] = field(default_factory=list)
    writes: list[RowWrite] = field(default_factory=list)
    wanted: list[Work] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    flawed: int = 0
    nameless: int = 0
    odd: list[tuple[str, Any, bytes, str]] = field(default_factory=list)  # id, raw, digest, why
    blank: list[tuple[str, bytes, Any, list[Fragment]]] = field(default_factory=list)


class RowReader:
    """Reads the rows of one stream of one account. Not for several threads."""

    def __init__(
        self,
        account: str,
        stream: Stream,
        columns: Mapping[str, tuple[str, ...]],
        account_map: AccountMap,
        store: RecordStore,
        children: Sequence[Stream] = (),
        *,
        first: bool = False,
    ) -> None:
        self.stream = stream
        self.columns = columns
        self.prints = fingerprints.fields(stream, columns, account_map)
        self._account = account
        self._map = account_map
        self._mapped = account_map.touches(stream)
        self._store = store
        self._children = children
        self._kinds = {child.name: parents_are(child, stream) for child in children}
        self._owned = {kind: frozenset(names) for kind, names in columns.items()}
        self._first = first  # the stream was never read to its end
        self._empty = False
        self._digest = fingerprints.row_digest(self.prints)
        self._decoder = msgspec.json.Decoder(stream.row)
        self._salvage = Salvage(stream.row, stream.normalise, stream.owns)
        self.dim: frozenset[str] = frozenset()  # "kind.field"s that could not be read last time
        self.dark: frozenset[str] = frozenset()  # those that cannot be read now
        own = [li for li in account_map.lines if li.key and li.source in columns.get(li.kind, ())]
        self._own = {li.key: frozenset(o.path for o in own if o.key == li.key) for li in own}
        self.members = Members(stream.row, {}, frozenset(self._own))
        names = getattr(stream.row, "__struct_fields__", ())
        self._besides = tuple(name for name in names if name != "id")
        self._good = False  # some row could be read as it came
        self._odd: Counter[str] = Counter()  # rows in which a path was odd
        self._bounds = RowBounds(stream.name, columns)
        self._read = 0  # rows decoded

    def read(self, raws: Iterable[Any], tally: Tally, *, force: bool = False) -> Rows:
        """Look the digests up, decode and normalise what differs; with `force`, all of it.

        Of an id that comes twice the last row counts. PluginError where the connector breaks
        its contract; a bad record is only counted.
        """
        found = Rows()
        rows: dict[str, Any] = {}
        for raw in raws:
            tally.rows += 1
            if found_id := ident(raw):
                rows[found_id] = raw
            else:
                found.nameless += 1
                self._flaw(found, tally, "?", "no id")
        found.ids = list(rows)
        known = {} if force or self._empty else self._known(found.ids)
        for key, raw in rows.items():
            digest = self._digest(raw)
            if known.get(key) == digest:
                found.same.append(key)
            else:
                self._take(found, tally, key, raw, digest)
        self._read += len(rows) - len(found.same)
        if found.odd:
            self._settle(found, tally)
        if found.blank:
            self._weigh_blank(found, tally)
        if found.writes:
            self._bound(found, tally)
        if self.members.missing and found.writes:
            self._renamed(tally, rows[found.writes[0].id], len(found.writes))
        if self.members.hollow and found.writes:
            self._hollow(tally, found.writes[0].id)
        tally.unchanged += len(found.same)
        return found

    @property
    def proved(self) -> bool:
        """Whether rows came as they always did, as far as could be seen."""
        return self._good and self.members.back

    def miss(self, unknown: Mapping[str, str], tally: Tally) -> None:
        """Fields that the rows to come cannot tell: what they then hold is not to be believed."""
        for path, why in unknown.items():
            if path in self.prints:
                self.dark |= {path}
                tally.miss(why, frozenset({path}))

    def remember(self, state: StreamState) -> None:
        """What is known of the stream from when it was last read."""
        self.members = Members(self.stream.row, state.fingerprints, frozenset(self._own))

    def _renamed(self, tally: Tally, raw: Any, rows: int) -> None:
        """Members that every row had are in none: what hangs on them is not known any more."""
        for member in sorted(self.members.missing):
            hangs = self._own.get(member.removeprefix(OWN)) if member.startswith(OWN) else None
            hangs = hangs or self._salvage.without(raw, member)
            self.dark |= hangs
            tally.lose(member, "no record has it any more", hangs, rows)

    def _hollow(self, tally: Tally, example: str) -> None:
        """Rows that hold nothing but their id: that everybody lost everything is not believed."""
        self.dark |= self.prints.keys()
        why = (
            f"every record that was looked at has nothing but its id (for example"
            f" {self.stream.name}/{example}): the acting user may not see more"
        )
        tally.miss(why, frozenset(self.prints))

    def _known(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        """Digests as stored. On a first read, not looked up again once none was found: a digest
        missed costs a comparison in the store, nothing else."""
        known = self._store.read_digests(self._account, self.stream.name, ids)
        self._empty = self._first and not known
        return known

    def _take(self, found: Rows, tally: Tally, ident: str, raw: Any, digest: bytes) -> None:
        try:
            row = self._decoder.decode(raw)
            fragments = list(self.stream.normalise(row))
        except msgspec.DecodeError as error:
            found.odd.append((ident, raw, digest, _QUOTED.sub("(a value)", str(error))))
            return
        except SkipRecord as error:
            found.odd.append((ident, raw, digest, error.what))
            return
        except Exception as error:  # noqa: BLE001  the plugin boundary: one record, counted
            self._flaw(found, tally, ident, _told(error))
            return
        self._good = True
        if self.members.rows < SAMPLE:
            self.members.see(raw)
        if self._seems_blank(row) and blank(raw):
            found.blank.append((ident, digest, row, fragments))
        else:
            self._write(found, tally, ident, digest, row, fragments)

    def _seems_blank(self, row: Any) -> bool:
        """Whether nothing that is read of a row is there; most say no at the first look."""
        return all(getattr(row, name) in _NOTHING for name in self._besides)

    def _weigh_blank(self, found: Rows, tally: Tally) -> None:
        """Rows without anything are no facts among others that have some: they are left out.

        Where no row has anything, all are kept, and none of it is believed: see `_hollow`.
        """
        for ident, digest, row, fragments in found.blank:
            if self.members.hollow:
                self._write(found, tally, ident, digest, row, fragments)
            else:
                self._flaw(found, tally, ident, "nothing but its id")

    def _write(
        self,
        found: Rows,
        tally: Tally,
        ident: str,
        digest: bytes,
        row: Any,
        fragments: list[Fragment],
    ) -> None:
        try:
            writes = [self._whole(fragment) for fragment in fragments]
        except PluginError:
            raise
        except Exception as error:  # noqa: BLE001  a value that the account's map cannot read
            self._flaw(found, tally, ident, _told(error))
            return
        found.writes.append(RowWrite(ident, digest, writes))
        for child in self._children:
            if child.parent is not None and self._wants(child, row):
                found.wanted.append(Work(child.name, ident, self._kinds[child.name]))

    def _bound(self, found: Rows, tally: Tally) -> None:
        """Nothing goes on that a database would refuse."""
        lost = self.dim | self.dark
        out, unknown = self._bounds.apply(found.writes, lost, self._read, tally)
        self.dark |= unknown
        if out:
            ids = {found.writes[at].id for at in out}
            for at, why in sorted(out.items()):
                self._flaw(found, tally, found.writes[at].id, why)
            found.writes = [row for at, row in enumerate(found.writes) if at not in out]
            found.wanted = [work for work in found.wanted if work.parent not in ids]

    def _settle(self, found: Rows, tally: Tally) -> None:
        """A few odd rows are left out; what is odd in many is a field the vendor retyped.

        Those are read without it. They are no proof of what is complete.
        """
        try:
            saved = [(odd, self._salvage.read(odd[1])) for odd in found.odd]
        except Exception as error:  # noqa: BLE001  the plugin boundary: normalise may raise anything
            saved = [((*odd[:3], _told(error)), None) for odd in found.odd]
        self._odd.update(path for _, row in saved if row for path in row.fields)
        for (ident, _, digest, why), row in saved:
            if row is not None and self._is_no_slip(row):
                self._lose(tally, row)
                self._write(found, tally, ident, digest, row.row, row.fragments)
                found.flawed += 1
            else:
                self._flaw(found, tally, ident, why)

    def _is_no_slip(self, saved: Saved) -> bool:
        """Whether these fields are odd in so many rows that the vendor must have retyped them."""
        many = max(1.0, SHARE * self._read)
        known = bool(saved.dark) and saved.dark <= self.dim | self.dark
        return known or all(self._odd[path] > many for path in saved.fields)

    def _lose(self, tally: Tally, saved: Saved) -> None:
        self.dark |= saved.dark
        for path, example in saved.fields.items():
            tally.lose(path, example, saved.dark)

    def _whole(self, fragment: Fragment) -> Fragment:
        """The fragment with exactly the columns the stream owns, mapped ones filled."""
        owned = self._owned.get(fragment.kind)
        if owned is not None and fragment.kind in self._mapped:
            fragment = self._fill(fragment)
        if owned is None or fragment.values.keys() != owned:
            raise PluginError(
                f"a {fragment.kind} has other columns than the stream declares"
                f" ({_difference(owned, fragment)})",
                where=f"{self._account}/{self.stream.name}",
                remedy="The connector must be mended: see Stream.owns",
            )
        return fragment

    def _fill(self, fragment: Fragment) -> Fragment:
        declared = self.stream.owns.get(fragment.kind, ())
        if fragment.values.keys() != set(declared):
            return fragment  # found wanting by the caller
        return self._map.apply(fragment, self.columns[fragment.kind])

    def _wants(self, child: Stream, row: Any) -> bool:
        try:
            return child.parent is not None and bool(child.parent.wanted(row))
        except Exception as error:  # noqa: BLE001  the plugin boundary: the stream fails
            raise PluginError(
                f"`wanted` of stream {child.name} raised {_told(error)}",
                where=f"{self._account}/{self.stream.name}",
            ) from None

    def _flaw(self, found: Rows, tally: Tally, ident: str, why: str) -> None:
        found.flawed += 1
        tally.flaw(f"{self.stream.name}/{ident}: {why}")


def parents_are(child: Stream, parent: Stream) -> str:
    """The kind of record that has the id of a parent's row; "" where nothing joins the two."""
    if own := next((kind for kind in child.owns if kind in parent.owns), ""):
        return own
    ways = (root for kind in child.owns for root in roots(kind))
    return next((root for root in ways if root in parent.owns), "")


def ident(raw: Any) -> str:
    """The id of a raw row as text, "" if it has none. Most rows begin with it: not decoded."""
    try:
        if match := _ID_FIRST.match(raw):
            found = (match[1] or match[2]).decode()
        else:
            found = str(_NAMED.decode(raw).id)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return found if is_id(found) else ""


def _told(error: Exception) -> str:
    """What kind of error and where in the code, never its text: that may hold a value."""
    frames = extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _difference(owned: frozenset[str] | None, fragment: Fragment) -> str:
    if owned is None:
        return "it owns no such kind"
    missing, extra = owned - fragment.values.keys(), fragment.values.keys() - owned
    parts = [("missing", missing), ("not declared", extra)]
    return "; ".join(f"{word}: {', '.join(sorted(names))}" for word, names in parts if names)
