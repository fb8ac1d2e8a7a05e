"""The custom fields that an account maps: check them, and name their options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec

from atsbridge.api import CheckResult, DeniedError, HttpSession, SourceError
from atsbridge_greenhouse import problems
from atsbridge_greenhouse.lookups import Lookup, read
from atsbridge_greenhouse.values import Row, Scalar, ident, text

# kind -> its list, and its name in custom_fields.
_FIELD_TYPES = {
    "requisition": ("jobs", "job"),
    "application": ("applications", "application"),
    "offer": ("offers", "offer"),
}
_PARTS = (".min", ".max", ".amount", ".currency")  # of amounts and ranges, as `values` names them
_PREFIX = "custom."
# A select field whose value is an id instead of a label, or a list that begins with one.
_BY_ID = re.compile(
    rb'_select"\s*,\s*"value"\s*:\s*\[?\s*\d|"value"\s*:\s*\[?\s*\d[^{}]*"type"\s*:\s*"\w+_select"'
)


class Mapped(NamedTuple):
    """One line of an account's map that reads a custom field."""

    target: str
    kind: str
    key: str
    equals: str | None = None


class Definition(Row):
    """GET /v3/custom_fields."""

    name: Scalar = None
    name_key: Scalar = None
    active: Scalar = None


class Option(Row):
    """GET /v3/custom_field_options."""

    name: Scalar = None


class _Custom(msgspec.Struct):
    custom_fields: Any = None


def mapped(account_map: Mapping[str, Any]) -> tuple[Mapped, ...]:
    """The lines of the map that read a custom field."""
    found = []
    for target, source in account_map.items():
        of = source if isinstance(source, Mapping) else {"field": source}
        name, kind = str(of.get("field", "")), target.partition(".")[0]
        if name.startswith(_PREFIX) and kind in _FIELD_TYPES:
            key, equals = name.removeprefix(_PREFIX), of.get("equals")
            found.append(Mapped(target, kind, key, None if equals is None else str(equals)))
    return tuple(found)


# --- reading --------------------------------------------------------------------------------------


class MappedFields:
    """Replaces ids of options by their names; labels stay as they are."""

    def __init__(self, session: HttpSession, lines: Sequence[Mapped]) -> None:
        self._streams = {_FIELD_TYPES[line.kind][0] for line in lines}
        self._options = Lookup(session, "custom_field_options", Option)

    def spelled(self, stream: str, raws: Sequence[Any]) -> Sequence[Any]:
        """The rows with names instead of ids; the id of an unknown option stays."""
        if stream not in self._streams or not any(map(_BY_ID.search, raws)):
            return raws
        by_row = [_customs(raw) if _BY_ID.search(raw) else None for raw in raws]
        ids = {one for fields in by_row if fields for one in _ids(fields)}
        try:
            names = self._options.get(sorted(ids))
        except DeniedError:
            return raws
        return [
            raw if fields is None else _put(raw, {k: _named(f, names) for k, f in fields.items()})
            for raw, fields in zip(raws, by_row, strict=True)
        ]


def _customs(raw: Any) -> Mapping[str, Any] | None:
    try:
        held = msgspec.json.decode(raw, type=_Custom).custom_fields
    except msgspec.DecodeError:
        return None
    return held if isinstance(held, dict) else None


def _chosen(field: Any) -> Sequence[Any]:
    """The chosen options of a select field."""
    if not isinstance(field, dict) or not str(field.get("type")).endswith("_select"):
        return ()
    value = field.get("value")
    return value if isinstance(value, list) else (value,)


def _ids(fields: Mapping[str, Any]) -> Iterator[str]:
    for field in fields.values():
        yield from (str(one) for one in _chosen(field) if type(one) is int)


def _named(field: Any, names: Mapping[str, Option | None]) -> Any:
    if not (chosen := _chosen(field)):
        return field
    chosen_names = [_name(one, names) if type(one) is int else one for one in chosen]
    return {**field, "value": chosen_names if isinstance(field["value"], list) else chosen_names[0]}


def _name(one: int, names: Mapping[str, Option | None]) -> Any:
    option = names.get(str(one))
    return (text(option.name) if option else None) or one


def _put(raw: Any, fields: Mapping[str, Any]) -> msgspec.Raw:
    """The raw object with other `custom_fields`."""
    members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    members["custom_fields"] = msgspec.Raw(msgspec.json.encode(fields))
    return msgspec.Raw(msgspec.json.encode(members))


# --- doctor ---------------------------------------------------------------------------------------


def check(session: HttpSession, lines: Sequence[Mapped]) -> Iterator[CheckResult]:
    """For `doctor`: check that each mapped field and each compared option exists."""
    known: dict[str, Sequence[Definition]] = {}
    for line in lines:
        try:
            if line.kind not in known:
                known[line.kind] = _definitions(session, line.kind)
            yield _checked(session, line, known[line.kind])
        except SourceError as error:
            denied = isinstance(error, DeniedError)
            path = error.where.rpartition("/")[2]
            remedy = problems.permission(f"harvest:{path}:list") if denied else error.remedy
            yield CheckResult(f"map {line.target}", good=False, detail=error.what, remedy=remedy)
            return


def _definitions(session: HttpSession, kind: str) -> Sequence[Definition]:
    which = {"field_type": _FIELD_TYPES[kind][1]}
    return [one for page in read(session, "custom_fields", Definition, **which) for one in page]


def _checked(session: HttpSession, line: Mapped, fields: Sequence[Definition]) -> CheckResult:
    what = f"map {line.target}"
    by_key = {str(text(one.name_key)): one for one in fields}
    key = next((k for k in (line.key, _whole(line.key)) if k in by_key), None)
    if key is None:
        of = _FIELD_TYPES[line.kind][1]
        detail = f'Greenhouse has no custom field "{line.key}" of {of}s'
        return CheckResult(what, good=False, detail=detail, remedy=_nearest(line.key, by_key))
    field = by_key[key]
    if field.active is False:
        detail, remedy = f'the custom field "{key}" is switched off', "Map another, or switch it on"
        return CheckResult(what, good=False, detail=detail, remedy=remedy)
    options = () if line.equals is None else _options(session, field)
    if options and line.equals not in options:
        detail = f'"{line.equals}" is no option of the custom field "{key}"'
        return CheckResult(
            what, good=False, detail=detail, remedy=_meant(line.equals or "", options)
        )
    return CheckResult(what, good=True, detail=f'the custom field "{text(field.name) or key}"')


def _whole(key: str) -> str:
    """The key of the field that a part belongs to."""
    return next((key.removesuffix(part) for part in _PARTS if key.endswith(part)), key)


def _options(session: HttpSession, field: Definition) -> Sequence[str]:
    which = {"custom_field_ids": ident(field.id) or "0", "active": "true"}
    pages = read(session, "custom_field_options", Option, **which)
    return [name for page in pages for one in page if (name := text(one.name))]


def _nearest(key: str, by_key: Mapping[str, Definition]) -> str:
    """The closest field by key, or by label, which people often write instead of the key."""
    labels = {(text(one.name) or k).lower().replace(" ", "_"): k for k, one in by_key.items()}
    near = get_close_matches(key.lower(), [*by_key, *labels], 1, 0.5)
    found = [labels.get(name, name) for name in near]
    return _meant("", [*found]) if found else _meant(key, sorted(by_key))


def _meant(key: str, valid: Iterable[str]) -> str:
    held = list(valid)
    near = get_close_matches(key, held, 1, 0.5) if key else held[:1]
    return f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(held[:12]) or 'none'}"
