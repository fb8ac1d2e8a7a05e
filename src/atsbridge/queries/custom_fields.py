"""Find custom fields that a rule reads and no record of an account has: a slip, mostly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from atsbridge.context import Services
from atsbridge.model import All, Condition, Query, Where, resolve
from atsbridge.rules import Rule, field_paths, placeholders

_LOOKED_AT = 2_000  # records of a kind whose fields are looked at
_CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class AbsentField:
    """`kind`: of the records. `rules`: those that read it. `known`: the fields that have values."""

    kind: str
    key: str
    rules: tuple[str, ...]
    known: tuple[str, ...]


def find_absent_fields(services: Services, account: str) -> Iterator[AbsentField]:
    """The custom fields in conditions and texts that have no value in any record of the account.

    A kind of record that shows no custom field at all says nothing about their names.
    """
    asked: dict[tuple[str, str], dict[str, None]] = {}
    for rule in services.packs.rule_set.rules.values():
        for kind, key in _read_by(rule):
            asked.setdefault((kind, key), {})[rule.id] = None
    for kind in sorted({kind for kind, _ in asked}):
        column = f"{kind}.{_CUSTOM}"
        rows = services.store.subjects.select(account, Query(kind, All(), (column,)))
        held = [row.facts[column] for row in islice(rows, _LOOKED_AT) if row.facts[column]]
        known = tuple(sorted({name for one in held for name in one}))
        for (of, key), rules in sorted(asked.items()):
            if of == kind and held and all(field_paths.inside(one, key) is None for one in held):
                yield AbsentField(kind, key, tuple(rules), known)


def _read_by(rule: Rule) -> Iterator[tuple[str, str]]:
    """(kind of record, key) of each custom field that conditions and texts of a rule read."""
    read = [(one.path, one.key) for one in _conditions(rule.where)]
    texts = {path for text in rule.messages for path in placeholders(text)}
    read += [field_paths.part(rule.subject, path) for path in sorted(texts)]
    for path, key in read:
        if key and path.rpartition(".")[2] == _CUSTOM:
            yield resolve(rule.subject, path).field.kind, key


def _conditions(where: Where) -> Iterator[Condition]:
    if isinstance(where, Condition):
        yield where
        return
    for one in where.parts:
        yield from _conditions(one)
