"""Read the records below many subjects by one Query, in place of one Query for each subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from atsbridge.model import All, Condition, Found, Operator, Query


@dataclass(slots=True)
class RecordBatches:
    """Answers Queries whose first condition says whose records are wanted.

    `select`: what a Query finds, in order of id. What is read for the subjects that were named
    last is kept until others are.
    """

    select: Callable[[Query], Iterable[Found]]
    _ids: tuple[str, ...] = ()
    _known: dict[tuple[object, ...], dict[object, list[Found]]] = field(default_factory=dict)

    def prepare(self, ids: Sequence[str]) -> None:
        """Name the subjects that are evaluated next."""
        self._ids = tuple(ids)
        self._known.clear()

    def find(self, query: Query) -> Sequence[Found]:
        """What the Query finds, in order of id."""
        first, *rest = query.where.parts if isinstance(query.where, All) else (query.where,)
        if not isinstance(first, Condition) or first.operator is not Operator.EQ:
            return list(self.select(query))
        if len(self._ids) < 2 or first.value not in self._ids:
            return list(self.select(query))
        key = (query.subject, query.columns, first.path, *rest)
        if key not in self._known:
            everyone = replace(first, operator=Operator.IN, value=self._ids)
            found: dict[object, list[Found]] = {}
            for one in self.select(replace(query, where=All((everyone, *rest)))):
                found.setdefault(one.facts.get(first.path), []).append(one)
            self._known[key] = found
        return self._known[key].get(first.value, ())
