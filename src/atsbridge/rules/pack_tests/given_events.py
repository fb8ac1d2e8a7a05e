"""Parse the `given` block besides facts: records, changes of fields, replies of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from atsbridge.model import KINDS, Field, Origin
from atsbridge.rules.evaluate import market_data
from atsbridge.rules.language import Mistake, field_paths, instants, listed, nearest, remedy, shown
from atsbridge.rules.pack_tests.given_values import Given, fact, person, plain
from atsbridge.rules.rule import PackTestAnswer, PackTestChange

_AT = '"2026-03-06T10:00Z"'
# Each block with a valid line.
BLOCKS = {
    "people": "people: {ana: {timezone: Europe/Lisbon, country: PT, name: Ana Reis}}",
    "records": "records: {seat: [{seat.user: ana, seat.feedback_owed: true}]}",
    "changes": f"changes: [{{at: {_AT}, field: requisition.priority, from: High, to: Low}}]",
    "market": "market: [{title: Data*, days_to_fill: 45, source: a survey, as_of: 2026-01-31}]",
    "answers": f'answers: [{{at: {_AT}, says: ack, until: "2026-03-09T10:00Z"}}]',
}
_CHANGE = ("at", "field", "from", "to", "origin")
_ANSWER = ("at", "says", "until")
SAYS = ("ack", "snooze", "done", "false-alarm")


def read(found: Given, block: str, value: Any, subject: str) -> list[Mistake]:
    """Parse a block into `found`; return its errors by their path in the block.

    Changes and answers come in the order of their instants.
    """
    if block == "people":
        return list(_people(found, value))
    if block == "market":
        return list(_market(found, value))
    if block == "records":
        return list(_records(found, value))
    if not isinstance(value, list):
        return [Mistake(f"{block} needs a list, not {shown(value)}", f"Write: {BLOCKS[block]}")]
    mistakes: list[Mistake] = []
    for index, one in enumerate(value):
        try:
            if block == "changes":
                found.changes = _in_order((*found.changes, _change(one, subject)))
            else:
                found.answers = _in_order((*found.answers, _answer(one)))
        except _Wrong as wrong:
            mistakes.append(wrong.mistake._replace(loc=(index, *wrong.mistake.loc)))
    return mistakes


class _Wrong(Exception):
    """One entry cannot be read."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.what)
        self.mistake = mistake


def _in_order(entries: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(entries, key=lambda one: one.at))


def _people(found: Given, block: Any) -> Iterator[Mistake]:
    """People by an id that facts may name."""
    if not isinstance(block, Mapping):
        yield Mistake(f"people needs names, not {shown(block)}", f"Write: {BLOCKS['people']}")
        return
    for name, value in block.items():
        try:
            found.people[str(name)] = person(value)
        except ValueError as error:
            yield Mistake(f"{shown(value)}: {error}", f"Write: {BLOCKS['people']}", (name,))


def _market(found: Given, block: Any) -> Iterator[Mistake]:
    """Rows of a market table, by its columns."""
    if not isinstance(block, list) or not all(isinstance(one, Mapping) for one in block):
        what = f"market needs a list of rows, not {shown(block)}"
        yield Mistake(what, f"Write: {BLOCKS['market']}")
        return
    for index, one in enumerate(block):
        for key in one.keys() - set(market_data.COLUMNS):
            near = nearest(key, market_data.COLUMNS)
            what = f'a market table has no column "{key}"'
            yield Mistake(what, remedy(near, f"{near or 'title'}: …"), (index, key), key=True)
        made, wrong = market_data.row({key: str(value) for key, value in one.items()})
        for key, what in wrong:
            yield Mistake(what, f"Write: {BLOCKS['market']}", (index, key))
        found.market = (*found.market, *([made] if made else []))


def _records(found: Given, block: Any) -> Iterator[Mistake]:
    """The facts of each record, by paths as in rules on records of that kind."""
    if not isinstance(block, Mapping):
        yield Mistake(f"records needs kinds, not {shown(block)}", f"Write: {BLOCKS['records']}")
        return
    for kind, rows in block.items():
        if kind not in KINDS:
            near = nearest(str(kind), KINDS)
            what = f'"{kind}" names no kind of record'
            yield Mistake(what, remedy(near, f"{near or 'seat'}: [{{…}}]"), (kind,), key=True)
            continue
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            what = f"{kind} needs a list of records, not {shown(rows)}"
            yield Mistake(
                what, f"Write: {kind}: [{{{kind}.{KINDS[kind].supplied[0]}: …}}]", (kind,)
            )
            continue
        read_rows: list[Mapping[str, Any]] = []
        for index, row in enumerate(rows):
            facts: dict[str, Any] = {}
            for path, value in row.items():
                mistake = fact(kind, str(path), value, _into(facts))
                if mistake is not None:
                    yield mistake._replace(loc=(kind, index, *mistake.loc))
            read_rows.append(facts)
        found.records[kind] = tuple(read_rows)


def _into(facts: dict[str, Any]) -> Any:
    def take(path: str, declared: Field, value: Any) -> None:
        facts[path] = plain(declared, value)

    return take


def _change(value: Any, subject: str) -> PackTestChange:
    _keys("changes", value, _CHANGE, ("at", "field", "to"))
    path = str(value["field"])
    known = field_paths.check(subject, path, "fact", "field")
    if isinstance(known, Mistake):
        raise _Wrong(known._replace(loc=("field",)))
    origin = value.get("origin", "poll")
    if origin not in tuple(Origin):
        what = f"{shown(origin)} is no origin: {listed(Origin)}"
        near = nearest(str(origin), tuple(Origin))
        raise _Wrong(Mistake(what, remedy(near, f"origin: {near or 'announced'}"), ("origin",)))
    sides = []
    for key in ("from", "to"):
        try:
            sides.append(plain(known.field, value.get(key)))
        except ValueError as error:
            what = f"{shown(value[key])} is no value of {path}: {error}"
            raise _Wrong(Mistake(what, f"Write: {BLOCKS['changes']}", (key,))) from None
    return PackTestChange(_instant(value, "at"), path, sides[0], sides[1], Origin(origin))


def _answer(value: Any) -> PackTestAnswer:
    _keys("answers", value, _ANSWER, ("at", "says"))
    says = value["says"]
    if says not in SAYS:
        near = nearest(str(says), SAYS)
        what = f"{shown(says)} is nothing to say of a case: {listed(SAYS)}"
        raise _Wrong(Mistake(what, remedy(near, f"says: {near or 'ack'}"), ("says",)))
    lasts = says in ("ack", "snooze")
    if lasts is not ("until" in value):
        what = f"{says} needs until: when it ends" if lasts else f"{says} has no until"
        raise _Wrong(Mistake(what, f"Write: {BLOCKS['answers']}"))
    return PackTestAnswer(_instant(value, "at"), says, _instant(value, "until") if lasts else None)


def _keys(block: str, value: Any, known: tuple[str, ...], needed: tuple[str, ...]) -> None:
    if not isinstance(value, Mapping):
        what = f"an entry of {block} is a block of keys, not {shown(value)}"
        raise _Wrong(Mistake(what, f"Write: {BLOCKS[block]}"))
    for key in value:
        if key not in known:
            near = nearest(str(key), known)
            what = f'an entry of {block} has no "{key}": {listed(known)}'
            raise _Wrong(Mistake(what, remedy(near, BLOCKS[block]), (key,), key=True))
    for key in needed:
        if key not in value:
            raise _Wrong(Mistake(f'"{key}" is missing', f"Write: {BLOCKS[block]}"))


def _instant(value: Mapping[str, Any], key: str) -> Any:
    try:
        return instants.parse(value[key])
    except ValueError as error:
        what = f"{shown(value[key])} is no instant: {error}"
        raise _Wrong(Mistake(what, f"Write: {key}: {_AT}", (key,))) from None
