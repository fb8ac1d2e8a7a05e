"""Combines the brief of a requisition from its file, answers, a plugin and the ATS; stores it.

For each section the file takes precedence over what people answered, answers over the plugin, and
the plugin over the ATS.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from atsbridge.intake.brief_scope import BriefScope, to_instant
from atsbridge.model import (
    KINDS,
    All,
    Found,
    Fragment,
    Key,
    Origin,
    Query,
    bounded,
    parse_day,
    to_utc,
)
from atsbridge.ports import PageCounts, PageWrite, RowWrite, Store, StreamState, StreamStatus, Work
from atsbridge.rules import inside

STREAM = "briefs"
OWNS = {"brief": ("requisition", "version", "sections", "agreed", "source")}
_ALL = frozenset(f"brief.{name}" for name in OWNS["brief"])
_PAGE = 1000
_SIDES = ("recruiter", "hiring_manager")
_OVER = ("filled", "cancelled", "closed")


class MappedPart(Protocol):
    """A part of the brief that the account maps from a field of the ATS."""

    @property
    def part(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def key(self) -> str: ...


PluginBriefs = Callable[[Key], Mapping[str, Any] | None]  # the brief of a requisition from plugins


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefSources:
    """The sources of briefs. `remapped`: the account's map has changed since the last run."""

    scope: BriefScope
    lines: Sequence[MappedPart] = ()
    plugin: PluginBriefs | None = None
    remapped: bool = False


class CombinedBrief(NamedTuple):
    """One combined brief; `origin`: the cause of a change."""

    requisition: str
    sections: dict[str, Any]
    agreed: dict[str, str]
    source: str
    origin: Origin

    @property
    def values(self) -> dict[str, Any]:
        text = json.dumps(self.sections, sort_keys=True)
        return {
            "requisition": self.requisition,
            "version": int(hashlib.sha256(text.encode()).hexdigest()[:8], 16),
            "sections": self.sections,
            "agreed": self.agreed,
            "source": self.source,
        }

    @property
    def digest(self) -> bytes:
        text = json.dumps(self.values, sort_keys=True)
        return hashlib.sha256(text.encode()).digest()[:16]


@dataclass(slots=True)
class BriefWriter:
    """Writes the briefs of one account at an instant."""

    account: str
    store: Store
    sources: BriefSources
    now: datetime
    _announced: dict[str, dict[str, str]] = field(default_factory=dict)  # requisition -> user -> at
    _answers: dict[str, dict[str, Any]] = field(default_factory=dict)  # requisition -> section

    def write(self, ids: Sequence[str] | None) -> PageCounts:
        """Update the briefs of these requisitions (None: all) and of all files.

        Unchanged briefs are not written. A requisition whose file cannot be read keeps its stored
        brief and is queued, so that rules treat its brief as unknown.
        """
        self._mark_read()
        for change in self.store.announcements.read_announced(self.account, "brief", "agreed"):
            self._announced.setdefault(change.key.id, {}).update(change.new or {})
        for change in self.store.announcements.read_announced(self.account, "brief", "sections"):
            self._answers.setdefault(change.key.id, {}).update(change.new or {})
        present: set[str] = set()
        counts = PageCounts()
        fresh = list(self._find_changed(ids, present))  # read all before the first write
        for origin, rows in _group_by_origin(fresh):
            counts = _add(counts, self._write(origin, rows))
        self._queue()
        deleted = self._find_deleted(ids, present)
        if deleted:
            went = self.store.records.delete_rows(self.account, STREAM, deleted, self.now)
            counts = _add(counts, PageCounts(deleted=went))
        return counts

    def _mark_read(self) -> None:
        """Note that briefs were read: the first brief must not make the whole account dirty."""
        if self.store.records.read_state(self.account, STREAM).read_at is None:
            state = StreamState(stream=STREAM, status=StreamStatus.GOOD, read_at=self.now)
            self.store.records.save_state(self.account, state)

    def _find_changed(
        self, ids: Sequence[str] | None, present: set[str]
    ) -> Iterator[CombinedBrief]:
        """Briefs that differ from the stored ones; `present` collects the ids of all briefs."""
        pieces = _split_pages(self._compose(ids))
        for piece in pieces:
            present.update(brief.requisition for brief in piece)
            ids_of_piece = [brief.requisition for brief in piece]
            stored = self.store.records.read_digests(self.account, STREAM, ids_of_piece)
            yield from (one for one in piece if stored.get(one.requisition) != one.digest)

    def _compose(self, ids: Sequence[str] | None) -> Iterator[CombinedBrief]:
        scope, lines = self.sources.scope, self.sources.lines
        beyond = bool(lines) or self.sources.plugin is not None
        known = {*(ids or ()), *scope.written, *(self._answers if ids is None else ())}
        wanted = None if ids is None and beyond else sorted(known)
        if wanted == []:
            return
        columns = dict.fromkeys(f"requisition.{name}" for name in ("status", *_SIDES))
        columns |= dict.fromkeys(f"requisition.{line.source}" for line in lines)
        query = Query("requisition", All(), tuple(columns))
        for found in self.store.subjects.select(self.account, query, ids=wanted):
            if found.id not in scope.unreadable and (brief := self._brief(found)) is not None:
                yield brief

    def _brief(self, found: Found) -> CombinedBrief | None:
        """Combine one brief; None if no source has content."""
        file, agreed = self.sources.scope.written.get(found.id, (None, {}))
        mapped, mapped_agreed = _read_mapped(self.sources.lines, found)
        from_plugin = self._read_plugin(found)
        answers = _drop_empty(self._answers.get(found.id, {}))
        written = _drop_empty(file.sections if file else {})
        sections = {**mapped, **from_plugin, **answers, **written}
        if not sections and not mapped_agreed and not (file and file.agreed):
            return None  # a file that was only begun is no brief yet
        source = "a plugin" if from_plugin else "the ATS"
        source = file.name if file else "answers" if answers else source
        origin = Origin.ANNOUNCED if file or answers else Origin.POLL
        if self.sources.remapped and origin is Origin.POLL:
            origin = Origin.MAPPING
        all_agreed = _merge_agreements([mapped_agreed, agreed, self._announced.get(found.id, {})])
        return CombinedBrief(found.id, sections, all_agreed, source, origin)

    def _read_plugin(self, found: Found) -> dict[str, Any]:
        """The plugins' sections for an open requisition; nothing for others."""
        plugin = self.sources.plugin
        if plugin is None or found.facts["requisition.status"] in _OVER:
            return {}
        found_sections = plugin(Key(self.account, "requisition", found.id)) or {}
        return _drop_empty({str(section): value for section, value in found_sections.items()})

    def _write(self, origin: Origin, briefs: Sequence[CombinedBrief]) -> PageCounts:
        fragments = [
            Fragment("brief", one.requisition, _apply_bounds(one.values)) for one in briefs
        ]
        rows = [
            RowWrite(one.requisition, one.digest, [fragment])
            for one, fragment in zip(briefs, fragments, strict=True)
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
        """Queue requisitions whose file cannot be read, and remove the others from the queue."""
        before = {
            one.parent for one in self.store.records.read_work(self.account, STREAM, 1_000_000)
        }
        now = self.sources.scope.unreadable
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

    def _find_deleted(self, ids: Sequence[str] | None, present: set[str]) -> list[str]:
        scope = self.sources.scope
        kept = present | scope.unreadable
        live = set(self.store.records.read_live_ids(self.account, STREAM))
        if ids is not None:
            return sorted((live & set(ids)) - kept)
        return sorted(live - kept)


def _read_mapped(
    lines: Sequence[MappedPart], found: Found
) -> tuple[dict[str, Any], dict[str, str]]:
    """Sections, and user id -> instant of agreement, from mapped fields of the ATS."""
    sections: dict[str, Any] = {}
    agreed: dict[str, str] = {}
    for line in lines:
        value = inside(found.facts.get(f"requisition.{line.source}"), line.key)
        role = line.part.removeprefix("agreed.")
        if role == line.part:
            sections[line.part] = value
        elif (user := found.facts.get(f"requisition.{role}")) and (at := _parse_date(value)):
            agreed[user] = at
    return _drop_empty(sections), agreed


def _parse_date(value: Any) -> str:
    """A day or an instant of the ATS as ISO text in UTC; "" for anything else."""
    if isinstance(value, datetime):
        return value.isoformat()
    try:
        day = parse_day(str(value))
        return to_instant(day, "UTC").isoformat()
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return ""
    try:
        return to_utc(at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    except ValueError:
        return ""


def _drop_empty(sections: Mapping[str, Any]) -> dict[str, Any]:
    """The sections with content; blank text does not count."""
    plain = {
        name: list(value) if isinstance(value, list | tuple) else value
        for name, value in sections.items()
    }
    return {
        name: value
        for name, value in plain.items()
        if value not in (None, [], {}) and str(value).strip()
    }


def _apply_bounds(values: dict[str, Any]) -> dict[str, Any]:
    """The values within the bounds of the database; long texts are cut."""
    fields = KINDS["brief"].fields
    return {name: bounded(fields[name], value)[0] for name, value in values.items()}


def _merge_agreements(several: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Each person's earliest agreement."""
    found: dict[str, str] = {}
    for one in several:
        for user, at in one.items():
            before = found.get(user)
            if before is None or datetime.fromisoformat(at) < datetime.fromisoformat(before):
                found[user] = at
    return dict(sorted(found.items()))


def _split_pages(briefs: Iterable[CombinedBrief]) -> Iterator[list[CombinedBrief]]:
    piece: list[CombinedBrief] = []
    for one in briefs:
        piece.append(one)
        if len(piece) == _PAGE:
            yield piece
            piece = []
    if piece:
        yield piece


def _group_by_origin(
    briefs: Iterable[CombinedBrief],
) -> Iterator[tuple[Origin, list[CombinedBrief]]]:
    """Split into pages with one origin each."""
    for piece in _split_pages(briefs):
        for origin in dict.fromkeys(one.origin for one in piece):
            yield origin, [one for one in piece if one.origin is origin]


def _add(one: PageCounts, other: PageCounts) -> PageCounts:
    return PageCounts(
        one.new + other.new,
        one.changed + other.changed,
        one.unchanged + other.unchanged,
        one.deleted + other.deleted,
    )
