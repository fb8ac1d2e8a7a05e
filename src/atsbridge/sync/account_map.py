"""The account's own map: customer fields, tags, stage and reason names -> canonical columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    currency_code,
    every_field,
    suggest,
)
from atsbridge.ports import Stream
from atsbridge.sync.mapped_values import cast_value, find_value, map_term

Owned = Mapping[str, Mapping[str, tuple[str, ...]]]  # stream -> kind -> columns
_NAMED = {"stage_kind": ("stage", "kind"), "reason_kind": ("reason", "kind")}
_SIDES = ("recruiter", "hiring_manager")


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

    @property
    def reading(self) -> str:
        """Differs once the values of the line are read otherwise, so that its list is read anew."""
        dated = self.type in (FieldType.DATE, FieldType.INSTANT)
        truth = {source for source, _ in self.values} & {"true", "false"}
        return "2" if dated or self._is_currency or truth or "." in self.key else ""

    @property
    def _is_currency(self) -> bool:
        return KINDS[self.kind].fields[self.column].currency

    def apply(self, record: dict[str, Any]) -> None:
        """Fill the column of a record from its source column."""
        found = record.get(self.source)
        if self.key:
            found = find_value(found, self.key)
        if self.tags:
            record[self.column] = cast_value(self.type, self._join_tags(found or ()))
        elif not self.values:
            value = cast_value(self.type, found)
            record[self.column] = currency_code(value) if self._is_currency else value
        elif self.type is FieldType.BOOL:
            record[self.column] = self._translate(found) is not None
        elif self.only_if in ("", record.get(self.column)):
            record[self.column] = self._translate(found) or record.get(self.column)

    def _join_tags(self, tags: Sequence[Any]) -> str | None:
        """The tags that fit the pattern, sorted; None if there are none."""
        pattern = self.tags.lower()
        return (
            ", ".join(sorted(str(t) for t in tags if fnmatchcase(str(t).lower(), pattern))) or None
        )

    def _translate(self, found: Any) -> str | None:
        """The column's value for the first source value that has one."""
        given = found if isinstance(found, list | tuple) else (found,)
        values = dict(self.values)
        return next((values[map_term(one)] for one in given if map_term(one) in values), None)


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
        return {stream.name: self._find_columns(stream) for stream in streams}

    def _find_columns(self, stream: Stream) -> Mapping[str, tuple[str, ...]]:
        columns = {kind: list(names) for kind, names in stream.owns.items()}
        for line in self.lines:
            names = columns.get(line.kind)
            if names is None:
                continue
            brings = line.source in names
            if brings and line.column not in names:
                names.append(line.column)
            elif not brings and line.column in names:
                names.remove(line.column)
        return {kind: tuple(names) for kind, names in columns.items()}

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
        children = [s for s in streams if s.name in wanted]
        while children:
            parents = {s.parent.stream for s in children if s.parent is not None} - wanted
            wanted |= parents
            children = [s for s in streams if s.name in parents]
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
        return "".join(f"{line!r}{line.reading}" for line in self.lines if line.path == path)


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
            brief = _parse_brief_line(target.removeprefix("brief."), source, where)
            _check_owned("requisition", brief.source, streams, where)
            briefs.append(brief)
            continue
        if target in _NAMED:
            line = _parse_names(target, source, where)
        else:
            line = _parse_line(_find_target(target, where), source, where)
        _check_owned(line.kind, line.source, streams, where)
        lines.append(line)
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
        for keys, part in _split_names(target, source):
            try:
                parse_map({target: part}, account, streams)
            except ConfigError as error:
                yield keys, error


def _split_names(target: str, source: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The parts of an entry in which one error each is reported: (keys that lead to it, part)."""
    if target in _NAMED and isinstance(source, Mapping):
        for name, kind in source.items():
            yield (target, str(name)), {name: kind}
    else:
        yield (target,), source


def _parse_brief_line(part: str, source: Any, where: str) -> BriefLine:
    if part.split(".")[0] == "agreed":
        days = [f"agreed.{side}" for side in _SIDES]
        if part not in days:
            raise _unknown_name(f"brief.{part}", [f"brief.{one}" for one in days], where)
    elif part in KINDS["brief"].fields:
        remedy = 'Map its sections: "brief.must_haves" = "custom.must_haves"'
        raise ConfigError(f"brief.{part} is put together", where=where, remedy=remedy)
    elif part not in SECTIONS and (suggest(part, SECTIONS, SURE) or not part.isidentifier()):
        raise _unknown_name(f"brief.{part}", [f"brief.{one}" for one in SECTIONS], where)
    if not isinstance(source, str):
        raise ConfigError('must be text such as "custom.must_haves"', where=where)
    return BriefLine(part, *_parse_source("requisition", source, where))


def _parse_names(target: str, source: Any, where: str) -> ColumnMapping:
    kind, column = _NAMED[target]
    if not isinstance(source, Mapping):
        raise ConfigError("must be a table of name = kind", where=where)
    values = KINDS[kind].fields[column].values
    for name, value in source.items():
        if value not in values:
            raise _unknown_name(str(value), values, f"{where}.{name}")
    return ColumnMapping(kind, column, "name", FieldType.ENUM, values=tuple(source.items()))


def _find_target(path: str, where: str) -> Field:
    kind, _, name = path.partition(".")
    if kind not in KINDS:
        valid = [*_NAMED, *(f.path for f in every_field())]
        raise _unknown_name(path, valid, where)
    found = KINDS[kind].fields.get(name)
    if found is None:
        raise _unknown_name(path, [f.path for f in KINDS[kind].fields.values()], where)
    if found.derived and found.type is not FieldType.INTERVAL:
        raise ConfigError(
            f"{path} is computed and cannot be mapped", where=where, remedy="Map what it reads"
        )
    return found


def _parse_line(target: Field, source: Any, where: str) -> ColumnMapping:
    if isinstance(source, Mapping):
        if set(source) != {"field", "equals"}:
            raise ConfigError(
                "a condition has exactly `field` and `equals`",
                where=where,
                remedy='Write {field = "custom.hiring_status", equals = "On hold"}',
            )
        return _parse_condition(target, str(source["field"]), map_term(source["equals"]), where)
    if not isinstance(source, str):
        raise ConfigError('must be text such as "custom.priority"', where=where)
    if target.type is FieldType.INTERVAL:
        remedy = 'Write {field = "custom.hiring_status", equals = "On hold"}'
        raise ConfigError("needs a condition", where=where, remedy=remedy)
    if source.startswith("tag:"):
        return ColumnMapping(target.kind, target.name, "tags", target.type, tags=source[4:])
    column, key = _parse_source(target.kind, source, where)
    return ColumnMapping(target.kind, target.name, column, target.type, key)


def _parse_condition(target: Field, source: str, value: str, where: str) -> ColumnMapping:
    column, key = _parse_source(target.kind, source, where)
    if target.type is FieldType.INTERVAL:  # requisition.on_hold: the intervals of a status
        values = ((value, target.name),)
        return ColumnMapping(
            target.kind, "status", column, FieldType.ENUM, key, values, only_if="open"
        )
    if target.type is not FieldType.BOOL:
        raise ConfigError(f"{target.path} is no yes-or-no field", where=where)
    return ColumnMapping(target.kind, target.name, column, target.type, key, ((value, "true"),))


def _parse_source(kind: str, source: str, where: str) -> tuple[str, str]:
    column, _, key = source.partition(".")
    fields = KINDS[kind].supplied
    if column == "custom" and key:
        return column, key
    if source not in fields:
        raise _unknown_name(source, [*fields, "custom.KEY", "tag:PATTERN"], where)
    return source, ""


def _check_owned(kind: str, source: str, streams: Sequence[Stream], where: str) -> None:
    if streams and not any(source in stream.owns.get(kind, ()) for stream in streams):
        raise ConfigError(
            f"this connector brings no {kind}.{source}",
            where=where,
            remedy="Take the line out, or map another field",
        )


def _unknown_name(name: str, valid: Sequence[str], where: str) -> ConfigError:
    near = suggest(name, valid)
    remedy = f'Did you mean "{near}"?' if near else f"Valid: {', '.join(valid[:12])}"
    return ConfigError(f'"{name}" is unknown', where=where, remedy=remedy)
