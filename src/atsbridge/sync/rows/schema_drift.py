"""Schema drift: which fields of a stream became unreadable, and when they are believed again.

A vendor may change the type of a field, rename it, or stop to send it. Such a field is unknown
until it can be read again; the stored fingerprint of the field says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from atsbridge.sync.rows.tolerant_decoder import PartialRow, TolerantDecoder
from atsbridge.sync.sync_report import Tally

# A field that is rejected in more than this share of the rows was changed by the vendor. Below it,
# single rows are bad.
SHARE = 0.05
LOST, BACK = "lost", "back"  # stored instead of a fingerprint: unreadable; readable since this sync
OWN = "custom."  # prefix of a customer's own field, as a map writes it
MEMBERS = "<members of a row>"  # key among the fingerprints: the members of every row, "a,b,c"
ENOUGH, SAMPLE = 5, 50  # rows that prove a member missing; rows that are looked at
_NOTHING = frozenset({b"null", b'""', b"[]", b"{}"})


def is_blank(raw: Any) -> bool:
    """Whether a raw row has several members besides its id, and none of them has a value."""
    members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return _all_nothing([bytes(members[name]) for name in members if name != "id"])


def _all_nothing(values: Collection[bytes]) -> bool:
    return len(values) > 1 and all(value in _NOTHING for value in values)


class MemberTracker:
    """Which members the rows of a stream have, seen from the first rows that are decoded.

    A renamed member leaves no other trace, because an absent member reads as null.

    `before`: the stored fingerprints. `keys`: the customer's own fields that the account's map
    reads.
    """

    def __init__(
        self, row: type[Any], before: Mapping[str, str], keys: frozenset[str] = frozenset()
    ) -> None:
        self._keys = frozenset(key for key in keys if "," not in key)
        self._declared = set(getattr(row, "__struct_encode_fields__", ())) - {"id"}
        self._declared |= {OWN + key for key in self._keys}
        self.before = {m for m in before.get(MEMBERS, "").split(",") if m in self._declared}
        self._always = set(self._declared)
        self._ever: set[str] = set()
        self._blank = 0
        self.rows = 0

    def add(self, raw: Any) -> None:
        """Look at one more row."""
        try:
            members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
            names = set(members)
            values = [bytes(members[name]) for name in names - {"id"}]
            if self._keys:
                inner = set[str]().union(*map(_inner_names, map(msgspec.json.decode, values)))
                names |= {OWN + key for key in self._keys & inner}
        except (ValueError, RecursionError):  # a member that nothing reads is not valid JSON
            return
        self.rows += 1
        self._blank += _all_nothing(values)
        self._always &= names
        self._ever |= names

    @property
    def missing(self) -> set[str]:
        """The members that every row had before and none has now."""
        return self.before - self._ever if self.rows >= ENOUGH else set()

    @property
    def all_blank(self) -> bool:
        """Whether no row has anything but its id."""
        return self.rows >= ENOUGH and self._blank == self.rows

    @property
    def complete(self) -> bool:
        """Whether every member that all rows had before was seen again."""
        return self.before <= self._ever

    def dump(self) -> str:
        """The members to store for the next sync."""
        known = self.rows >= 4 * ENOUGH and not self.missing
        return ",".join(sorted(self._always if known else self.before))


def _inner_names(value: Any) -> set[str]:
    """The names in a value and in all blocks inside it."""
    if not isinstance(value, dict | list):
        return set()
    names = set(value) if isinstance(value, dict) else set[str]()
    children = value.values() if isinstance(value, dict) else value
    return names.union(*map(_inner_names, children))


class DriftTracker:
    """Which "kind.field"s of one stream are unreadable in this sync.

    `own`: the customer's own fields that the account's map reads -> "kind.field"s they fill.
    `previously_unreadable`: those of the last sync. `unreadable`: those of this sync.
    """

    def __init__(
        self, stream: str, decoder: TolerantDecoder, own: Mapping[str, frozenset[str]]
    ) -> None:
        self.previously_unreadable: frozenset[str] = frozenset()
        self.unreadable: frozenset[str] = frozenset()
        self._stream = stream
        self._decoder = decoder
        self._own = own
        self._rejected: Counter[str] = Counter()  # path -> rows in which it did not fit

    def mark(self, fields: frozenset[str]) -> None:
        """These "kind.field"s are unreadable."""
        self.unreadable |= fields

    def count_rejected(self, rows: Collection[PartialRow]) -> None:
        """Count the paths that did not fit in these rows."""
        self._rejected.update(path for row in rows for path in row.fields)

    def is_changed_by_vendor(self, row: PartialRow, decoded: int) -> bool:
        """Whether the fields did not fit in so many of the `decoded` rows that the vendor must
        have changed them."""
        many = max(1.0, SHARE * decoded)
        known = self.previously_unreadable | self.unreadable
        if row.unreadable and row.unreadable <= known:
            return True
        return all(self._rejected[path] > many for path in row.fields)

    def add_partial(self, row: PartialRow, tally: Tally) -> None:
        """The row is stored without the fields that do not fit: they are unreadable."""
        self.mark(row.unreadable)
        for path, example in row.fields.items():
            tally.add_loss(path, example, row.unreadable)

    def add_missing_members(
        self, members: MemberTracker, raw: Any, rows: int, tally: Tally
    ) -> None:
        """The fields that depend on members that no row has any more are unreadable."""
        for member in sorted(members.missing):
            mapped = self._own.get(member.removeprefix(OWN)) if member.startswith(OWN) else None
            dependents = mapped or self._decoder.find_dependents(raw, member)
            self.mark(dependents)
            tally.add_loss(member, "no record has it any more", dependents, rows)

    def add_blank_rows(self, fields: frozenset[str], example: str, tally: Tally) -> None:
        """All rows have nothing but an id, which is not believed: all fields are unreadable."""
        self.mark(fields)
        why = (
            f"every record that was looked at has nothing but its id (for example"
            f" {self._stream}/{example}): the acting user may not see more"
        )
        tally.add_unavailable(why, fields)


def find_lost(fingerprints: Mapping[str, str]) -> frozenset[str]:
    """The "kind.field"s that were unreadable when their stream was last read."""
    return frozenset(field for field, print_ in fingerprints.items() if print_ in (LOST, BACK))


def update_fingerprints(
    prints: Mapping[str, str],
    before: Mapping[str, str],
    unreadable: frozenset[str],
    *,
    proved: bool,
    whole: bool,
    members: str = "",
) -> dict[str, str]:
    """The fingerprints to store after a read.

    `prints`: those of the present code and map. `before`: the stored ones. `proved`: rows were
    decoded as before. `whole`: all rows were read. `members`: see `MemberTracker.dump`. A field
    that is readable again is believed after one more whole read.
    """
    found = dict(prints)
    for field in find_lost(before) & found.keys():
        if before[field] == LOST:
            found[field] = BACK if proved and not whole else found[field] if proved else LOST
        elif not whole:
            found[field] = BACK
    kept = {MEMBERS: members} if members else {}
    return {**found, **dict.fromkeys(unreadable & found.keys(), LOST), **kept}
