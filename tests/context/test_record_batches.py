"""Records below several subjects are read by one Query; the answers are those of one for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from atsbridge.context.record_batches import RecordBatches
from atsbridge.model.query import All, Condition, Found, Operator, Query

PARENT, STATUS = "application.requisition", "application.status"
ACTIVE = Condition(STATUS, Operator.EQ, "active")


class Store:
    """Six applications on three requisitions; it counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Query] = []

    def select(self, query: Query) -> Iterator[Found]:
        self.asked.append(query)
        first = query.where.parts[0]  # type: ignore[union-attr]
        wanted = first.value if first.operator is Operator.IN else (first.value,)
        for number in range(6):
            parent = f"r{number % 3}"
            if parent in wanted:
                yield Found("acme", "application", f"a{number}", {PARENT: parent})


def below(requisition: str, *more: Condition) -> Query:
    """A Query for the applications of one requisition."""
    parent = Condition(PARENT, Operator.EQ, requisition)
    return Query("application", All((parent, *more)), (PARENT,))


def test_one_query_answers_for_all_that_were_named() -> None:
    """Each gets its own records, in order of id; what has none gets none."""
    store = Store()
    batches = RecordBatches(store.select)
    batches.prepare(["r0", "r1", "r9"])
    answers = {one: [f.id for f in batches.find(below(one))] for one in ("r0", "r1", "r9")}
    assert answers == {"r0": ["a0", "a3"], "r1": ["a1", "a4"], "r9": []}
    assert len(store.asked) == 1


def test_another_question_or_another_subject_is_asked_anew() -> None:
    """Other conditions, subjects that were not named, and one subject alone."""
    store = Store()
    batches = RecordBatches(store.select)
    batches.prepare(["r0", "r1"])
    batches.find(below("r0"))
    batches.find(below("r0", ACTIVE))
    assert [f.id for f in batches.find(below("r2"))] == ["a2", "a5"]
    batches.prepare(["r1"])
    assert [f.id for f in batches.find(below("r1"))] == ["a1", "a4"]
    assert len(store.asked) == 4


def test_nothing_is_kept_for_those_who_come_next() -> None:
    """What changed meanwhile is read anew."""
    store = Store()
    batches = RecordBatches(store.select)
    for _ in range(2):
        batches.prepare(["r0", "r1"])
        batches.find(below("r0"))
    assert len(store.asked) == 2


@pytest.mark.parametrize(
    ("each", "sizes"),
    [
        (0, [50, 200, 800, 950]),
        (10, [50, 200, 500, 500, 500, 250]),
        (1000, [50] * 40),
    ],
)
def test_a_batch_is_as_large_as_its_records_allow(each: int, sizes: list[int]) -> None:
    """Growing up to a thousand subjects, or as many as have some thousand records below them."""

    def select(query: Query) -> Iterator[Found]:
        for parent in query.where.parts[0].value:  # type: ignore[union-attr]
            facts = {PARENT: parent}
            yield from (Found("acme", "application", str(n), facts) for n in range(each))

    batches, found = RecordBatches(select), []
    for several in batches.split(Found("acme", "requisition", f"r{n}", {}) for n in range(2000)):
        found.append(len(several))
        assert len(batches.find(below(several[-1].id))) == each
    assert found == sizes
