"""The paths that a rule on one kind of record may use: fields, events, intervals, people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from atsbridge.model import (
    KINDS,
    Field,
    FieldType,
    Null,
    Resolved,
    answers_when_absent,
    resolve,
    roots,
)
from atsbridge.rules.language.pack_errors import Mistake, nearest, remedy, slip
from atsbridge.rules.language.recipient_names import is_place, split_recipient

DATED = (FieldType.INSTANT, FieldType.DATE)
# Fields that had another name in earlier versions: old name -> name now.
_RENAMED = {
    "holder": "assignee",
    "holder_role": "assignee_role",
    "holder_since": "assignee_since",
}
PERSON = "user"  # the kind of a rule on people, and the only recipient of its steps
IN_TEXT = "message"  # the key of a path in a text, in braces
_SAME_FIELD = 0.8  # similarity above which a field of another record is suggested
SEGMENT_TYPES = (FieldType.TEXT, FieldType.ENUM, FieldType.BOOL, FieldType.INT)

# Use of a path -> which fields are valid, and how to describe them.
_WANTS: dict[str, tuple[Callable[[Field], bool], str]] = {
    "event": (lambda f: f.type in DATED, "an instant (…_at) or a date (…_on)"),
    "interval": (lambda f: f.type is FieldType.INTERVAL, "a span of time"),
    "number": (lambda f: f.type in (FieldType.INT, FieldType.NUMBER), "a number"),
    "person": (lambda f: f.ref == "user", "a person"),
    "department": (lambda f: f.ref == "department", "a department"),
    "segment": (lambda f: f.type in SEGMENT_TYPES, "words, a whole number or true and false"),
    "list": (lambda f: f.type is FieldType.LIST, "a list"),
    "fact": (lambda f: f.stored, "a field with a value (spans of time belong under pause)"),
}


def subject_of(each: str) -> str | Mistake:
    """The kind of record that `each: interview.seat` names, after the kinds it belongs to."""
    *owners, kind = each.split(".")
    if kind not in KINDS:
        near = nearest(kind, KINDS)
        fixed = ".".join((*owners, near)) if near else "application"
        mend = remedy(near, f"each: {fixed}")
        return Mistake(f'"{each}" names no kind of record', mend)
    for owner in owners:
        if owner not in roots(kind):
            near = nearest(owner, roots(kind)) or ""
            fixed = f"{near}.{kind}" if near and near != kind else kind
            return Mistake(f'{an(kind)} does not belong to "{owner}"', f"Write: each: {fixed}")
    return kind


def guess_subject(each: object) -> str | None:
    """The kind that a wrong `each` probably means, so that the paths of its rule are checked."""
    return nearest(each.rpartition(".")[2], KINDS) if isinstance(each, str) else None


def check(
    subject: str, path: str, want: str, key: str, write: Callable[[str], str] | None = None
) -> Resolved | Mistake:
    """Resolve a path for this subject, or explain why it is not valid under `key`.

    `write`: the YAML that a remedy suggests for a path; "KEY: PATH" without it.
    """
    serves, needed = _WANTS[want]
    write = write or partial(_write, key)
    try:
        found = resolve(subject, path)
    except KeyError:
        choice = [*_paths(subject, serves), *_linked(subject, serves)]
        if renamed := _renamed(subject, path):
            what = f'"{path}" is called "{renamed}" now'
            return Mistake(what, f"Write: {write(renamed)}")
        what = f'"{path}" is not a field that a rule on {an(subject)} can read'
        elsewhere = _readable_by(subject, path)
        if elsewhere and key not in ("", "where", "given"):
            return Mistake(what, f"A rule on {an(elsewhere)} can. Write: each: {elsewhere}")
        return Mistake(what, _instead(path, choice, write))
    if not serves(found.field):
        what = f'"{path}" is {_kind(found.field)}; {key} needs {needed}'
        if want == "event" and found.field.type is FieldType.INTERVAL:
            return Mistake(what, f"Only pause takes it. Write: pause: [{path}]")
        return Mistake(what, _instead(path, list(_paths(subject, serves)), write))
    return found


def _renamed(subject: str, path: str) -> str:
    """The present name of a path that an earlier version had; "" if there is none."""
    parts = path.split(".")
    present = ".".join(_RENAMED.get(part, part) for part in parts)
    try:
        resolve(subject, present)
    except KeyError:
        return ""
    return present if present != path else ""


def _write(key: str, path: str) -> str:
    """The YAML of a path under a key; in a text it is in braces."""
    if key == IN_TEXT:
        return f"{{{path}}}"
    return f"{key}: {path}" if key else path


def _instead(path: str, choice: list[str], write: Callable[[str], str]) -> str:
    """Suggest a path: of the same record, or with a similar field."""
    root, _, name = path.partition(".")
    same = [one for one in choice if one.partition(".")[0] == root]
    fields = {one.partition(".")[2]: one for one in reversed(choice)}
    record = nearest(root, {one.partition(".")[0] for one in choice})
    near = f"{record}.{name}" if f"{record}.{name}" in choice else None
    near = near or nearest(path, same) or fields.get(name)
    near = near or fields.get(nearest(name, fields, _SAME_FIELD) or "")
    if near is None and root not in KINDS:
        near = nearest(path, choice)
    there = near or next((one for one in choice if one != path), "…")
    return remedy(near, write(there))


def _readable_by(subject: str, path: str) -> str:
    """The kind of record whose rules can read this path; "" if there is none.

    One that belongs to the subject comes first: for a candidate of a requisition the application.
    """
    root = path.partition(".")[0]
    if root not in KINDS or root in roots(subject):
        return ""
    try:
        resolve(root, path)
    except KeyError:
        return ""
    below = (kind for kind in (root, *KINDS) if {root, subject} <= {kind, *roots(kind)})
    return next(below, root)


def an(noun: str) -> str:
    """ "a seat", "an application"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _kind(field: Field) -> str:
    if field.ref:
        return f"a link to {an(field.ref)}"
    nouns = {"interval": "span of time", "int": "number", "enum": "word", "map": "block of keys"}
    return "true or false" if field.type == "bool" else an(nouns.get(field.type, field.type.value))


def _paths(subject: str, serves: Callable[[Field], bool]) -> Iterator[str]:
    """Valid paths, those of the nearest records first."""
    starts = roots(subject)
    for root in sorted(starts, key=lambda name: len(starts[name])):
        for name, field in KINDS[root].fields.items():
            if serves(field):
                yield f"{root}.{name}"


def _linked(subject: str, serves: Callable[[Field], bool]) -> Iterator[str]:
    """Valid paths that follow one link."""
    for root in roots(subject):
        for name, link in KINDS[root].fields.items():
            inner = KINDS[link.ref].fields if link.ref else {}
            yield from (f"{root}.{name}.{one}" for one, field in inner.items() if serves(field))


@cache
def part(subject: str, path: str) -> tuple[str, str]:
    """A path that leads into a block of keys: the path to the block, and the key inside it.

    `part("requisition", "requisition.custom.level") == ("requisition.custom", "level")`; any other
    path comes back with "" for a key.
    """
    needed = path.split(".")
    for cut in range(2, len(needed)):
        column = ".".join(needed[:cut])
        try:
            found = resolve(subject, column).field
        except KeyError:
            continue
        if found.type is FieldType.MAP:
            return column, ".".join(needed[cut:])
    return path, ""


def check_part(subject: str, path: str, want: str, key: str) -> Mistake | None:
    """Explain why a path is valid under `key` neither as a field nor as a key inside a block."""
    column, inner = part(subject, path)
    if not inner:
        found = check(subject, path, want, key)
        return found if isinstance(found, Mistake) else None
    known = resolve(subject, column).field.values
    near = slip(inner, known)
    if near is None:
        return None
    what = f'"{path}" is not among the {column.rpartition(".")[2]} that are known'
    fixed = f"{column}.{near}"
    return Mistake(what, remedy(near, _write(key, fixed)))


def near_block(subject: str, path: str) -> str:
    """The path into a block of keys that was probably meant; "" if there is none."""
    root, _, rest = path.partition(".")
    name, _, key = rest.partition(".")
    if not key or root not in roots(subject):
        return ""
    near = slip(name, [n for n, f in KINDS[root].fields.items() if f.type is FieldType.MAP])
    return f"{root}.{near}.{key}" if near else ""


def value_at(subject: str, path: str, facts: Mapping[str, Any]) -> Any:
    """The value of a path, or of the key inside a block that it leads to; None where there is none.

    `facts`: by the paths of columns, as a subject has them.
    """
    column, key = part(subject, path)
    return inside(facts.get(column), key)


def inside(value: Any, key: str) -> Any:
    """The value at a key of a block, which may be nested; the value itself without a key."""
    if not key:
        return value
    if not isinstance(value, Mapping):
        return None
    if key in value:
        return value[key]
    first, _, rest = key.partition(".")
    return inside(value.get(first), rest) if rest else None


@cache
def find_interval_record(subject: str, interval: str) -> tuple[str, str]:
    """The record of an interval: its kind, and the path to its id ("" for the subject itself).

    For seats, `requisition.on_hold` belongs to ("requisition", "application.requisition").
    """
    found = resolve(subject, interval)
    if not found.refs:
        return subject, ""
    last = found.refs[-1]
    path = interval.rpartition(".")[0]
    return last.ref, path if "." in path else last.path


@cache
def origin(subject: str, interval: str) -> str:
    """The path whose changes make an interval: "requisition.status" for its on_hold."""
    source = resolve(subject, interval).field.sources[0].partition(".")[2]
    return f"{interval.rpartition('.')[0]}.{source}"


@cache
def twin(subject: str, path: str) -> str | None:
    """The date that replaces an instant without a time: `interview.ends_on` of an all-day event."""
    if not path.endswith("_at"):
        return None
    other = f"{path[:-3]}_on"
    try:
        return other if resolve(subject, other).field.type is FieldType.DATE else None
    except KeyError:
        return None


@cache
def is_interval(subject: str, path: str) -> bool:
    """Whether the path is an interval, which is no column."""
    return resolve(subject, path).field.type is FieldType.INTERVAL


@cache
def planned(subject: str, path: str) -> bool:
    """Whether this instant may be in the future.

    One that may not, and does, comes from a clock that runs ahead of ours: it has happened.
    """
    return resolve(subject, path).field.planned


@cache
def silent(subject: str, path: str) -> bool:
    """Whether NULL at the end of this path means unknown."""
    return answers_when_absent(resolve(subject, path)) is Null.UNKNOWN


@cache
def columns(subject: str, path: str) -> frozenset[str]:
    """Every "kind.field" that must be known for this path to be known."""
    return frozenset(resolve(subject, path).columns)


@cache
def addressed(subject: str, to: tuple[str, ...]) -> frozenset[str]:
    """Every "kind.field" that must be known to find the recipients of these steps.

    `to`: as in `rule.Step`. Channels, teams and the ATS are nobody who has to be known.
    """
    people = [split_recipient(one).path for one in to if not is_place(one)]
    paths = [one for one in people if one != PERSON]
    found = {column for one in paths for column in resolve(subject, part(subject, one)[0]).columns}
    return frozenset(found | {"user.email", "user.active"} if people else found)


@cache
def declared(subject: str, path: str) -> str:
    """The "kind.field" that a path ends in."""
    return resolve(subject, path).field.path


def unique(paths: Iterable[str | None]) -> tuple[str, ...]:
    """Each path once, in order of first use."""
    return tuple(dict.fromkeys(path for path in paths if path))


def day_start(day: date, zone: str) -> datetime:
    """The first instant of a day in an IANA zone. UTC."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return local.astimezone(ZoneInfo("UTC"))


def day_end(day: date, zone: str) -> datetime:
    """The first instant after a day in an IANA zone. UTC."""
    return day_start(day + timedelta(days=1), zone)
