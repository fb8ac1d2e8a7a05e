"""A requisition's brief put together from its file, a plugin and the ATS, and written.

Section by section the file comes before the plugin, the plugin before the ATS. Who reads the
result are the rules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Protocol

from atsbridge.intake.brief_scope import Roll, instant_of
from atsbridge.model import KINDS, All, Found, Fragment, Key, Origin, Query, bounded
from atsbridge.ports import PageCounts, PageWrite, RowWrite, Store, StreamState, StreamStatus, Work
from atsbridge.rules import inside

STREAM = "briefs"
OWNS = {"brief": ("requisition", "version", "sections", "agreed", "source")}
_ALL = frozenset(f"brief.{name}" for name in OWNS["brief"])
_PAGE = 1000
_SIDES = ("recruiter", "hiring_manager")
_OVER = ("filled", "cancelled", "closed")


class Line(Protocol):
    """A part of the brief that stands in the ATS: see `sync.mapping.BriefLine`."""

    @property
    def part(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def key(self) -> str: ...


Asked = Callable[[Key], Mapping[str, Any] | None]  # the plugins' brief of a requisition


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where briefs come from. `remapped`: the map differs from that of last time."""

    roll: Roll
    lines: Sequence[Line] = ()
    plugin: Asked | None = None
    remapped: bool = False


class Brief(NamedTuple):
    """One brief, ready to be written; `origin` says how a difference came about."""

    requisition: str
    sections: dict[str, Any]
    agreed: dict[str, str]
    source: str
    origin: Origin

    @property
    def values(self) -> dict[str, Any]:
        told = json.dumps(self.sections, sort_keys=True)
        return {
            "requisition": self.requisition,
            "version": int(hashlib.sha256(told.encode()).hexdigest()[:8], 16),
            "sections": self.sections,
            "agreed": self.agreed,
            "source": self.source,
        }

    @property
    def digest(self) -> bytes:
        told = json.dumps(self.values, sort_keys=True)
        return hashlib.sha256(told.encode()).digest()[:16]


@dataclass(slots=True)
class Composer:
    """Briefs of one account at an instant."""

    account: str
    store: Store
    sources: Sources
    now: datetime
    _said: dict[str, dict[str, str]] = field(default_factory=dict)  # requisition -> user -> at

    def write(self, ids: Sequence[str] | None) -> PageCounts:
        """Bring these requisitions' briefs, and those of all files, up to date; None: every one.

        What did not change is not written. A requisition whose file cannot be read keeps what it
        has and waits in the work queue, so that nothing of it is believed.
        """
        self._known()
        for change in self.store.announcements.read_announced(self.account, "brief", "agreed"):
            self._said.setdefault(change.key.id, {}).update(change.new or {})
        there: set[str] = set()
        counts = PageCounts()
        fresh = list(self._fresh(ids, there))  # all read before the first is written
        for origin, rows in _by_origin(fresh):
            counts = _sum(counts, self._put(origin, rows))
        self._queue()
        gone = self._gone(ids, there)
        if gone:
            went = self.store.records.delete_rows(self.account, STREAM, gone, self.now)
            counts = _sum(counts, PageCounts(gone=went))
        return counts

    def _known(self) -> None:
        """The first brief of an account is new; it is no reason to judge all of the account."""
        if self.store.records.read_state(self.account, STREAM).read_at is None:
            state = StreamState(stream=STREAM, status=StreamStatus.GOOD, read_at=self.now)
            self.store.records.save_state(self.account, state)

    def _fresh(self, ids: Sequence[str] | None, there: set[str]) -> Iterator[Brief]:
        """Briefs that differ from what is stored; `there` gathers all that there are."""
        pieces = _pieces(self._composed(ids))
        for piece in pieces:
            there.update(brief.requisition for brief in piece)
            numbers = [brief.requisition for brief in piece]
            stored = self.store.records.read_digests(self.account, STREAM, numbers)
            yield from (one for one in piece if stored.get(one.requisition) != one.digest)

    def _composed(self, ids: Sequence[str] | None) -> Iterator[Brief]:
        roll, lines = self.sources.roll, self.sources.lines
        beyond = bool(lines) or self.sources.plugin is not None
        wanted = None if ids is None and beyond else sorted({*(ids or ()), *roll.written})
        if wanted == []:
            return
        columns = dict.fromkeys(f"requisition.{name}" for name in ("status", *_SIDES))
        columns |= dict.fromkeys(f"requisition.{line.source}" for line in lines)
        query = Query("requisition", All(), tuple(columns))
        for found in self.store.subjects.select(self.account, query, ids=wanted):
            if found.id not in roll.unreadable and (brief := self._brief(found)) is not None:
                yield brief

    def _brief(self, found: Found) -> Brief | None:
        """None where nobody has written anything."""
        file, agreed = self.sources.roll.written.get(found.id, (None, {}))
        mapped, mapped_agreed = _mapped(self.sources.lines, found)
        told = self._asked(found) if self.sources.plugin is not None else {}
        sections = {**mapped, **told, **_filled(file.sections if file else {})}
        if file is None and not sections and not mapped_agreed:
            return None
        source = file.name if file else "a plugin" if told else "the ATS"
        origin = Origin.ANNOUNCED if file else Origin.POLL
        if self.sources.remapped and file is None:
            origin = Origin.MAPPING
        all_agreed = _first([mapped_agreed, agreed, self._said.get(found.id, {})])
        return Brief(found.id, sections, all_agreed, source, origin)

    def _asked(self, found: Found) -> dict[str, Any]:
        """What the plugins know of an open search; of others nobody asks."""
        assert self.sources.plugin is not None
        if found.facts["requisition.status"] in _OVER:
            return {}
        told = self.sources.plugin(Key(self.account, "requisition", found.id)) or {}
        return _filled({str(section): value for section, value in told.items()})

    def _put(self, origin: Origin, briefs: Sequence[Brief]) -> PageCounts:
        number = [Fragment("brief", one.requisition, _bounded(one.values)) for one in briefs]
        rows = [
            RowWrite(one.requisition, one.digest, [fragment])
            for one, fragment in zip(briefs, number, strict=True)
        ]
        mapping = origin is Origin.MAPPING
        return self.store.records.write_page(
            PageWrite(
                account=self.account,
                stream=STREAM,
                at=self.now,
                owns=OWNS,
                rows=rows,
                origin=Origin.POLL if mapping else origin,
                remapped=_ALL if mapping else frozenset(),
            )
        )

    def _queue(self) -> None:
        """Those whose file cannot be read wait; those whose can do not any more."""
        before = {
            one.parent for one in self.store.records.read_work(self.account, STREAM, 1_000_000)
        }
        now = self.sources.roll.unreadable
        if before == now:
            return
        self.store.records.write_page(
            PageWrite(
                account=self.account,
                stream=STREAM,
                at=self.now,
                owns=OWNS,
                wanted=[Work(STREAM, one, "requisition") for one in sorted(now - before)],
                done=[Work(STREAM, one) for one in sorted(before - now)],
            )
        )

    def _gone(self, ids: Sequence[str] | None, there: set[str]) -> list[str]:
        roll = self.sources.roll
        kept = there | roll.unreadable
        live = set(self.store.records.read_live_ids(self.account, STREAM))
        if ids is not None:
            return sorted((live & set(ids)) - kept)
        return sorted(live - kept)


def _mapped(lines: Sequence[Line], found: Found) -> tuple[dict[str, Any], dict[str, str]]:
    """Sections, and user id -> when they agreed, as the ATS has them."""
    sections: dict[str, Any] = {}
    agreed: dict[str, str] = {}
    for line in lines:
        value = inside(found.facts.get(f"requisition.{line.source}"), line.key)
        role = line.part.removeprefix("agreed.")
        if role == line.part:
            sections[line.part] = value
        elif (user := found.facts.get(f"requisition.{role}")) and (at := _dated(value)):
            agreed[user] = at
    return _filled(sections), agreed


def _dated(value: Any) -> str:
    """A day or an instant of the ATS as ISO text in UTC; "" where it is neither."""
    if isinstance(value, datetime):
        return value.isoformat()
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        return instant_of(day, "UTC").isoformat()
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return ""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _filled(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Sections that say something; text that is only space does not."""
    plain = {
        name: list(value) if isinstance(value, list | tuple) else value
        for name, value in sections.items()
    }
    return {
        name: value
        for name, value in plain.items()
        if value not in (None, [], {}) and str(value).strip()
    }


def _bounded(values: dict[str, Any]) -> dict[str, Any]:
    """The same as a database can hold it; texts that are too long are cut."""
    fields = KINDS["brief"].fields
    return {name: bounded(fields[name], value)[0] for name, value in values.items()}


def _first(several: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Each person's first word."""
    found: dict[str, str] = {}
    for one in several:
        for user, at in one.items():
            before = found.get(user)
            if before is None or datetime.fromisoformat(at) < datetime.fromisoformat(before):
                found[user] = at
    return dict(sorted(found.items()))


def _pieces(briefs: Iterable[Brief]) -> Iterator[list[Brief]]:
    piece: list[Brief] = []
    for one in briefs:
        piece.append(one)
        if len(piece) == _PAGE:
            yield piece
            piece = []
    if piece:
        yield piece


def _by_origin(briefs: Iterable[Brief]) -> Iterator[tuple[Origin, list[Brief]]]:
    """A page has one origin."""
    for piece in _pieces(briefs):
        for origin in dict.fromkeys(one.origin for one in piece):
            yield origin, [one for one in piece if one.origin is origin]


def _sum(one: PageCounts, other: PageCounts) -> PageCounts:
    return PageCounts(
        one.new + other.new,
        one.changed + other.changed,
        one.unchanged + other.unchanged,
        one.gone + other.gone,
    )
