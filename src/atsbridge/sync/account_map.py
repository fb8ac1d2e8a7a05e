"""The account's own map: customer fields, tags, stage and reason names -> canonical columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Any

from atsbridge.errors import ConfigError
from atsbridge.model import (
    KINDS,
    SECTIONS,
    SURE,
    Field,
    FieldType,
    Fragment,
    every_field,
    plain_number,
    suggest,
    whole_number,
)
from atsbridge.ports import Stream

Owned = Mapping[str, Mapping[str, tuple[str, ...]]]  # stream -> kind -> columns
_NAMED = {"stage_kind": ("stage", "kind"), "reason_kind": ("reason", "kind")}
_TRUE = frozenset({"true", "yes", "1", "on"})


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """One line of the map: column `kind.column` is filled from column `source` of its record.

    `type`: of the column. `key`: the key in `source` if that is a map (custom.KEY). `values`:
    (source value, column value) pairs; other source values leave the column as it is. `tags`: the
    pattern of the tags to use. `only_if`: fill the column only where it has this value.
    """

    kind: str
    column: str
    source: str
    type: FieldType
    key: str = ""
    values: tuple[tuple[str, str], ...] = ()
    tags: str = ""
    only_if: str = ""

    @property
    def path(self) -> str:
        return f"{self.kind}.{self.column}"

    def apply(self, record: dict[str, Any]) -> None:
        """Fill the column of a record from its source column."""
        found = record.get(self.source)
        if self.key:
            found = found.get(self.key) if isinstance(found, Mapping) else None
        if self.tags:
            hits = [tag for tag in found or () if fnmatchcase(str(tag).lower(), self.tags.lower())]
            record[self.column] = _cast(self.type, ", ".join(sorted(map(str, hits))) or None)
        elif self.values:
            given = found if isinstance(found, list | tuple) else (found,)
            values = dict(self.values)
            value = next((values[str(v)] for v in given if str(v) in values), None)
            if self.type is FieldType.BOOL:
                record[self.column] = value is not None
            elif value and self.only_if in ("", record.get(self.column)):
                record[self.column] = value
        else:
            record[self.column] = _cast(self.type, found)


@dataclass(frozen=True, slots=True)
class BriefLine:
    """One line of the map that fills a part of a requisition's brief from its column `source`.

    `part`: the section, or "agreed.ROLE" for the day on which that side agreed. `key`: the key in
    `source` if that is a map.
    """

    part: str
    source: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class AccountMap:
    """All lines of an account's map. `intake` writes what the `briefs` lines fill."""

    lines: tuple[ColumnMapping, ...] = ()
    briefs: tuple[BriefLine, ...] = ()

    def owned(self, streams: Sequence[Stream]) -> Owned:
        """The columns that each stream owns, mapped ones included.

        A mapped column belongs to the stream that owns its source, and to no other.
        """
        columns = {s.name: {k: list(c) for k, c in s.owns.items()} for s in streams}
        for line in self.lines:
            for kinds in columns.values():
                mine = kinds.get(line.kind)
                if mine is None:
                    continue
                brings = line.source in mine
                if brings and line.column not in mine:
                    mine.append(line.column)
                elif not brings and line.column in mine:
                    mine.remove(line.column)
        return {s: {k: tuple(c) for k, c in kinds.items()} for s, kinds in columns.items()}

    def select_streams(self, streams: Sequence[Stream]) -> tuple[Stream, ...]:
        """The streams to read: those that own columns, and the parents of those.

        Streams that are `only_if_mapped` are read only if the map reads one of their columns.
        """
        owned = self.owned(streams)
        wanted = {
            s.name
            for s in streams
            if any(owned[s.name].values()) and (not s.only_if_mapped or self._reads(s))
        }
        below = [s for s in streams if s.name in wanted]
        while below:
            above = {s.parent.stream for s in below if s.parent is not None} - wanted
            wanted |= above
            below = [s for s in streams if s.name in above]
        return tuple(s for s in streams if s.name in wanted)

    def _reads(self, stream: Stream) -> bool:
        return any(line.source in stream.owns.get(line.kind, ()) for line in self.lines)

    def apply(self, fragment: Fragment, columns: tuple[str, ...]) -> Fragment:
        """The fragment with exactly these columns, mapped ones filled."""
        values = dict(fragment.values)
        for line in self.lines:
            if line.kind == fragment.kind and line.source in values:
                line.apply(values)
        return Fragment(fragment.kind, fragment.id, {c: values[c] for c in columns})

    def touches(self, stream: Stream) -> frozenset[str]:
        """The kinds of this stream whose fragments the map changes."""
        return frozenset(line.kind for line in self.lines) & frozenset(stream.owns)

    def fingerprint(self, path: str) -> str:
        """A text that changes with the map's lines for "kind.field"; "" if there are none."""
        return "".join(repr(line) for line in self.lines if line.path == path)


def parse_map(raw: Mapping[str, Any], account: str, streams: Sequence[Stream] = ()) -> AccountMap:
    """Parse `[accounts.X.map]` of the settings.

    Forms: "custom.KEY" or another column; {field, equals}; "tag:PATTERN"; tables stage_kind and
    reason_kind; "brief.SECTION" and "brief.agreed.ROLE" from columns of the requisition. With
    `streams`, a source that none of them owns is an error. Raises ConfigError, which suggests the
    closest valid name.
    """
    lines: list[ColumnMapping] = []
    briefs: list[BriefLine] = []
    for target, source in raw.items():
        where = f"[accounts.{account}.map] {target}"
        if target.startswith("brief."):
            briefs.append(_brief(target.removeprefix("brief."), source, where))
            _check_owned(
                ColumnMapping("requisition", "", briefs[-1].source, FieldType.TEXT), streams, where
            )
            continue
        if target in _NAMED:
            lines.append(_named(target, source, where))
        else:
            lines.append(_line(_target(target, where), source, where))
        _check_owned(lines[-1], streams, where)
    return AccountMap(tuple(lines), tuple(briefs))


def find_map_errors(
    raw: Mapping[str, Any], account: str, streams: Sequence[Stream]
) -> Iterator[tuple[tuple[str, ...], ConfigError]]:
    """Every error in a map: (keys that lead to it, error)."""
    for target, source in raw.items():
        if target in KINDS and isinstance(source, Mapping):
            what = f'"{target}" is a kind of record, not one of its fields'
            remedy = f'Put the whole path in quotes: "{target}.FIELD" = "custom.KEY"'
            yield (target,), ConfigError(what, remedy=remedy)
            continue
        split = target in _NAMED and isinstance(source, Mapping)
        for keys, part in (
            [((target, str(name)), {name: kind}) for name, kind in source.items()]
            if split
            else [((target,), source)]
        ):
            try:
                parse_map({target: part}, account, streams)
            except ConfigError as error:
                yield keys, error


def _brief(part: str, source: Any, where: str) -> BriefLine:
    role = part.removeprefix("agreed.")
    sides = ("recruiter", "hiring_manager")
    if part.startswith("agreed") and (role == part or role not in sides):
        raise _unknown(f"brief.{part}", [f"brief.agreed.{side}" for side in sides], where)
    near = suggest(part, SECTIONS, SURE)
    own = part.isidentifier()
    if part in KINDS["brief"].fields:
        remedy = 'Map its sections: "brief.must_haves" = "custom.must_haves"'
        raise ConfigError(f"brief.{part} is put together", where=where, remedy=remedy)
    if role == part and part not in SECTIONS and (near or not own):
        raise _unknown(f"brief.{part}", [f"brief.{one}" for one in SECTIONS], where)
    if not isinstance(source, str):
        raise ConfigError('must be text such as "custom.must_haves"', where=where)
    return BriefLine(part, *_source("requisition", source, where))


def _named(target: str, source: Any, where: str) -> ColumnMapping:
    kind, column = _NAMED[target]
    if not isinstance(source, Mapping):
        raise ConfigError("must be a table of name = kind", where=where)
    values = KINDS[kind].fields[column].values
    for name, value in source.items():
        if value not in values:
            raise _unknown(str(value), values, f"{where}.{name}")
    return ColumnMapping(kind, column, "name", FieldType.ENUM, values=tuple(source.items()))


def _target(path: str, where: str) -> Field:
    kind, _, name = path.partition(".")
    if kind not in KINDS:
        valid = [*_NAMED, *(f.path for f in every_field())]
        raise _unknown(path, valid, where)
    found = KINDS[kind].fields.get(name)
    if found is None:
        raise _unknown(path, [f.path for f in KINDS[kind].fields.values()], where)
    if found.derived and found.type is not FieldType.INTERVAL:
        raise ConfigError(
            f"{path} is computed and cannot be mapped", where=where, remedy="Map what it reads"
        )
    return found


def _line(target: Field, source: Any, where: str) -> ColumnMapping:
    if isinstance(source, Mapping):
        if set(source) != {"field", "equals"}:
            raise ConfigError(
                "a condition has exactly `field` and `equals`",
                where=where,
                remedy='Write {field = "custom.hiring_status", equals = "On hold"}',
            )
        return _equals(target, str(source["field"]), str(source["equals"]), where)
    if not isinstance(source, str):
        raise ConfigError('must be text such as "custom.priority"', where=where)
    if target.type is FieldType.INTERVAL:
        remedy = 'Write {field = "custom.hiring_status", equals = "On hold"}'
        raise ConfigError("needs a condition", where=where, remedy=remedy)
    if source.startswith("tag:"):
        return ColumnMapping(target.kind, target.name, "tags", target.type, tags=source[4:])
    column, key = _source(target.kind, source, where)
    return ColumnMapping(target.kind, target.name, column, target.type, key)


def _equals(target: Field, source: str, value: str, where: str) -> ColumnMapping:
    column, key = _source(target.kind, source, where)
    if target.type is FieldType.INTERVAL:  # requisition.on_hold: the intervals of a status
        values = ((value, target.name),)
        return ColumnMapping(
            target.kind, "status", column, FieldType.ENUM, key, values, only_if="open"
        )
    if target.type is not FieldType.BOOL:
        raise ConfigError(f"{target.path} is no yes-or-no field", where=where)
    return ColumnMapping(target.kind, target.name, column, target.type, key, ((value, "true"),))


def _source(kind: str, source: str, where: str) -> tuple[str, str]:
    column, _, key = source.partition(".")
    fields = KINDS[kind].supplied
    if column == "custom" and key:
        return column, key
    if source not in fields:
        raise _unknown(source, [*fields, "custom.KEY", "tag:PATTERN"], where)
    return source, ""


def _check_owned(line: ColumnMapping, streams: Sequence[Stream], where: str) -> None:
    if streams and not any(line.source in s.owns.get(line.kind, ()) for s in streams):
        raise ConfigError(
            f"this connector brings no {line.kind}.{line.source}",
            where=where,
            remedy="Take the line out, or map another field",
        )


def _unknown(name: str, valid: Sequence[str], where: str) -> ConfigError:
    near = suggest(name, valid)
    remedy = f'Did you mean "{near}"?' if near else f"Valid: {', '.join(valid[:12])}"
    return ConfigError(f'"{name}" is unknown', where=where, remedy=remedy)


def _cast(kind: FieldType, value: Any) -> Any:
    """A customer's value as the column's type. None if it cannot be converted."""
    if value is None or value == "":
        return None
    if isinstance(value, list | tuple) and kind is not FieldType.LIST:
        value = value[0] if value else None
    match kind:
        case FieldType.BOOL:
            return value if isinstance(value, bool) else str(value).strip().lower() in _TRUE
        case FieldType.INT | FieldType.NUMBER:
            return _number(kind, value)
        case FieldType.INSTANT | FieldType.DATE:
            return _dated(kind, value)
        case FieldType.LIST:
            return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
        case _:
            return None if value is None else str(value)


def _number(kind: FieldType, value: Any) -> Any:
    return whole_number(value) if kind is FieldType.INT else plain_number(value)


def _dated(kind: FieldType, value: Any) -> Any:
    try:
        if kind is FieldType.DATE:
            return value if type(value) is date else date.fromisoformat(str(value)[:10])
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no instant, or one that lies before the year 1 in UTC
        return None
