"""Which members of a row fill which columns: parse the description, build the row's Struct."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import msgspec

from atsbridge.errors import PluginError
from atsbridge.model import KINDS, Field, FieldType
from atsbridge.net.time_formats import TimeFormat, find_fault

_PATH = re.compile(r"[A-Za-z_]\w*(?:\[\]\.[A-Za-z_]\w*|(?:\.[A-Za-z_]\w*)*)")
_ANY_VALUE = "other:"


@dataclass(frozen=True, slots=True)
class RowColumn:
    """One column: its field in the catalog, and the paths of the members that fill it.

    `paths`: more than one are joined by spaces. `in_list`: the path goes through a list.
    """

    column: str
    field: Field
    paths: tuple[tuple[str, ...], ...]
    in_list: bool
    format: TimeFormat | None

    @property
    def member(self) -> str:
        """The outermost member that it is read from."""
        return self.paths[0][0]

    @property
    def find(self) -> Callable[[Any], Any]:
        """The function that finds the raw value in a decoded row."""
        if self.in_list:
            outer, inner = self.paths[0]
            return lambda row: _inside_list(getattr(row, outer), inner)
        if len(self.paths) > 1:
            return lambda row: _join(_at(row, path) for path in self.paths)
        (path,) = self.paths
        return lambda row: _at(row, path)


def _at(row: Any, path: Sequence[str]) -> Any:
    for name in path:
        if row is None:
            return None
        row = getattr(row, name)
    return row


def _join(values: Iterable[Any]) -> str | None:
    return " ".join(one.strip() for one in values if one and one.strip()) or None


def _inside_list(rows: list[Any] | None, name: str) -> list[Any] | None:
    return None if rows is None else [getattr(one, name) for one in rows]


def parse(
    kind: str,
    columns: str,
    formats: Mapping[str, TimeFormat],
    values: Mapping[str, Mapping[str, str]],
) -> list[RowColumn]:
    """The columns in order. PluginError for what the catalog does not have."""
    if kind not in KINDS:
        raise _mistake(kind, f"no kind of record is called {kind!r}", _suggest(kind, KINDS))
    fields = {n: f for n, f in KINDS[kind].fields.items() if f.stored}
    found: list[RowColumn] = []
    for item in columns.split():
        column, _, source = item.partition("=")
        if column not in fields:
            raise _mistake(kind, f"{kind} has no column {column!r}", _suggest(column, fields))
        found.append(_column(kind, fields[column], source or column, formats.get(column)))
    names = [one.column for one in found]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise _mistake(kind, f"the column {twice} is named twice", "Remove one")
    for what, given in (("format", formats), ("values", values)):
        if lost := next((name for name in given if name not in names), ""):
            raise _mistake(kind, f"{what} of {lost}, which is no column of it", "Name the column")
    for one in found:
        _check_values(kind, one, values.get(one.column, {}))
    return found


def _column(kind: str, field: Field, source: str, form: TimeFormat | None) -> RowColumn:
    paths = source.split("+")
    if bad := next((path for path in paths if not _PATH.fullmatch(path)), None):
        remedy = "Write column, column=member, column=block.member, column=first+last, or list[].x"
        raise _mistake(kind, f"{bad!r} is no member of a row", remedy)
    in_list = "[]" in source
    if len(paths) > 1 and (in_list or field.type is not FieldType.TEXT):
        what = f"{field.name} is {field.type}: only text is joined"
        raise _mistake(kind, what, "Name one member")
    if in_list and field.type is not FieldType.LIST:
        raise _mistake(kind, f"{field.name} is {field.type}, not a list", "Take the [] away")
    if form is not None and (fault := find_fault(form, field.type)):
        raise _mistake(kind, f"{field.name}: {fault}", "Correct its format")
    parts = tuple(tuple(path.replace("[]", "").split(".")) for path in paths)
    return RowColumn(field.name, field, parts, in_list, form)


def _check_values(kind: str, column: RowColumn, values: Mapping[str, str]) -> None:
    field = column.field
    if values and field.type is not FieldType.ENUM:
        raise _mistake(kind, f"{field.name} is {field.type} and has no values", "Remove them")
    for value in values.values():
        if value not in field.values and not value.startswith(_ANY_VALUE):
            what = f"{field.path} has no value {value!r}"
            raise _mistake(kind, what, _suggest(value, field.values))


def build_struct(
    kind: str,
    columns: Sequence[RowColumn],
    types: Mapping[str, Any],
    rename: Literal["camel"] | None,
) -> type[msgspec.Struct]:
    """The Struct of a row: an id, and every member that a column is read from."""
    tree: dict[str, Any] = {}
    for one in columns:
        for path in one.paths:
            block = tree
            for name in path[:-1]:
                block = block.setdefault(f"{name}[]" if one.in_list else name, {})
                if not isinstance(block, dict):
                    raise _mixed(kind, name)
            if block.setdefault(path[-1], types[one.column]) != types[one.column]:
                raise _mixed(kind, path[-1])
    tree.pop("id", None)
    return _struct(kind.title(), tree, rename, [("id", int | str)])


def _struct(
    name: str, tree: Mapping[str, Any], rename: Literal["camel"] | None, first: list[Any]
) -> type[msgspec.Struct]:
    members: list[Any] = []
    for member, inside in tree.items():
        plain = member.removesuffix("[]")
        kind = _struct(plain.title(), inside, rename, []) if isinstance(inside, dict) else inside
        whole = list[kind] if member.endswith("[]") else kind  # type: ignore[valid-type]
        members.append((plain, whole | None, None))
    return msgspec.defstruct(name, [*first, *members], rename=rename)


def _mixed(kind: str, member: str) -> PluginError:
    what = f"the member {member} is read as two different types"
    return _mistake(kind, what, "Write the row as a msgspec Struct with a function of its own")


def _suggest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f"Did you mean {near[0]}?" if near else f"It is one of: {', '.join(known)}"


def _mistake(kind: str, what: str, remedy: str) -> PluginError:
    return PluginError(what, where=f'SimpleRow("{kind}")', remedy=remedy)
