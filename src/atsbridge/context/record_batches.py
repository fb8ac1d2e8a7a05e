"""Read the records below many subjects by one Query, in place of one Query for each subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from atsbridge.model import All, Condition, Found, Operator, Query, Where

_FEWEST, _MOST = 50, 1000  # subjects in a batch
_RECORDS = 5000  # below the subjects of a batch
_GROWTH = 4  # times as many subjects as in the batch before


@dataclass(slots=True)
class RecordBatches:
    """Answers Queries whose first condition says whose records are wanted.

    `select`: what a Query finds, in order of id. What is read for the subjects that were named
    last is kept until others are.
    """

    select: Callable[[Query], Iterable[Found]]
    _ids: frozenset[str] = frozenset()
    _known: dict[tuple[object, ...], dict[object, list[Found]]] = field(default_factory=dict)
    _read: int = 0

    def split(self, several: Iterable[Found]) -> Iterator[Sequence[Found]]:
        """The subjects of one rule in batches. What is below a batch is read at once.

        Few Queries, and few records in memory: a batch is as large as its predecessor allows.
        """
        self.prepare(())
        rest, size = iter(several), _FEWEST
        while piece := list(islice(rest, size)):
            self.prepare([found.id for found in piece])
            yield piece
            allowed = len(piece) * _RECORDS // max(self._read, 1)
            size = max(min(len(piece) * _GROWTH, allowed, _MOST), _FEWEST)

    def prepare(self, ids: Sequence[str]) -> None:
        """Name the subjects that are evaluated next."""
        self._ids = frozenset(ids)
        self._known.clear()
        self._read = 0

    def find(self, query: Query) -> Sequence[Found]:
        """What the Query finds, in order of id."""
        first, *rest = query.where.parts if isinstance(query.where, All) else (query.where,)
        if not isinstance(first, Condition) or first.operator is not Operator.EQ:
            return list(self.select(query))
        if len(self._ids) < 2 or first.value not in self._ids:
            return list(self.select(query))
        key = (query.subject, query.columns, first.path, *rest)
        if key not in self._known:
            self._known[key] = self._select_all(query, first, rest)
        return self._known[key].get(first.value, ())

    def _select_all(
        self, query: Query, first: Condition, rest: Iterable[Where]
    ) -> dict[object, list[Found]]:
        """What the Query finds for each of the subjects."""
        everyone = replace(first, operator=Operator.IN, value=tuple(sorted(self._ids)))
        found: dict[object, list[Found]] = {}
        for one in self.select(replace(query, where=All((everyone, *rest)))):
            found.setdefault(one.facts.get(first.path), []).append(one)
            self._read += 1
        return found
