"""Figures counted in SQL equal figures counted one by one, on both engines."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from atsbridge.model import Key, Promise, PromiseOutcome
from atsbridge.ports import Dimension, FigureRow
from atsbridge.store import SqlStore

START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(weeks=4)
HOUR = timedelta(hours=1)


def promise(subject: str = "s1", **given: Any) -> Promise:
    start = given.pop("started_at", START + HOUR)
    values: dict[str, Any] = {
        "rule": "feedback-late",
        "side": "manager",
        "due_at": start + 8 * HOUR,
        "ended_at": start + 4 * HOUR,
        "counted_at": start + 4 * HOUR,
        "outcome": PromiseOutcome.ON_TIME,
        "worked": 3 * HOUR,
    }
    return Promise(subject=Key("acme", "seat", subject), started_at=start, **{**values, **given})


def _random(source: random.Random, number: int) -> Promise:
    start = START + timedelta(minutes=source.randrange(5 * 7 * 24 * 60)) - timedelta(days=3)
    outcome = source.choice(list(PromiseOutcome))
    open_ = outcome is PromiseOutcome.RUNNING or (
        outcome is PromiseOutcome.LATE and source.random() < 0.3
    )
    answered = outcome in (PromiseOutcome.ON_TIME, PromiseOutcome.LATE) and not open_
    return promise(
        f"s{number}",
        started_at=start,
        rule=source.choice(["feedback-late", "decision-late", "draft"]),
        side=source.choice(["manager", "recruiter", ""]),
        outcome=outcome,
        ended_at=None if open_ else start + HOUR,
        counted_at=None if outcome is PromiseOutcome.RUNNING else start + HOUR,
        worked=timedelta(minutes=source.randrange(3000)) if answered else None,
        paused=timedelta(hours=source.choice([0, 0, 5])),
        holidays=timedelta(hours=source.choice([0, 24])),
        requisition=source.choice([None, "r1", "r2", "r3"]),
        recruiter=source.choice([None, "u1", "u2"]),
        manager=source.choice(["u3", "u4"]),
    )


def _rank(answers: list[timedelta], tenths: int) -> timedelta | None:
    """The smallest answer that so many tenths of all do not exceed."""
    return answers[math.ceil(Fraction(tenths * len(answers), 10)) - 1] if answers else None


def _counted(rows: Iterable[Promise], key: Callable[[Promise], tuple[Any, ...]]) -> list[FigureRow]:
    """Slow and plain: each promise in turn, percentiles from a sorted list."""
    groups: dict[tuple[Any, ...], list[Promise]] = defaultdict(list)
    for one in rows:
        if one.counted_at is not None and START <= one.counted_at < END:
            groups[key(one)].append(one)
    found = []
    for keys, its in groups.items():
        answers = sorted(one.worked for one in its if one.worked is not None)
        outcomes = [one.outcome for one in its]
        found.append(
            FigureRow(
                keys=keys,
                on_time=outcomes.count(PromiseOutcome.ON_TIME),
                late=outcomes.count(PromiseOutcome.LATE),
                overdue=sum(
                    one.outcome is PromiseOutcome.LATE and one.ended_at is None for one in its
                ),
                cancelled=outcomes.count(PromiseOutcome.CANCELLED),
                unknown=outcomes.count(PromiseOutcome.UNKNOWN),
                answered=len(answers),
                median=_rank(answers, 5),
                ninetieth=_rank(answers, 9),
                paused=sum(bool(one.paused) for one in its),
                holidays=sum(bool(one.holidays) for one in its),
            )
        )
    return sorted(found, key=lambda one: [(part is not None, part) for part in one.keys])


_KEYS: dict[Dimension, Callable[[Promise], Any]] = {
    Dimension.RULE: lambda one: one.rule,
    Dimension.SIDE: lambda one: one.side,
    Dimension.REQUISITION: lambda one: one.requisition,
    Dimension.RECRUITER: lambda one: one.recruiter,
    Dimension.MANAGER: lambda one: one.manager,
    Dimension.WEEK: lambda one: (one.counted_at - START) // timedelta(weeks=1),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "by",
    [
        (),
        (Dimension.RULE,),
        (Dimension.SIDE, Dimension.WEEK),
        (Dimension.REQUISITION,),
        (Dimension.RECRUITER, Dimension.MANAGER, Dimension.SIDE),
    ],
)
def test_figures_equal_a_slow_count(store: SqlStore, seed: int, by: tuple[Dimension, ...]) -> None:
    source = random.Random(seed)
    promises = [_random(source, number) for number in range(300)]
    store.promises.save_promises("acme", promises)
    store.promises.save_promises("globex", promises[:50])
    (found,) = store.promises.count_promises("acme", (START, END), [by])
    counted = _counted(promises, lambda one: tuple(_KEYS[part](one) for part in by))
    if {Dimension.REQUISITION, Dimension.WEEK} & set(by):  # too small for response times
        counted = [replace(one, median=None, ninetieth=None) for one in counted]
    assert found == counted


def test_figures_can_be_narrowed(store: SqlStore) -> None:
    source = random.Random(7)
    promises = [_random(source, number) for number in range(200)]
    store.promises.save_promises("acme", promises)
    only = {Dimension.RULE: ("feedback-late", "decision-late"), Dimension.MANAGER: ("u3",)}
    (found,) = store.promises.count_promises("acme", (START, END), [()], only, without=("r2",))
    kept = [
        one
        for one in promises
        if one.rule != "draft" and one.manager == "u3" and one.requisition != "r2"
    ]
    assert found == _counted(kept, lambda _: ())
    (nothing,) = store.promises.count_promises("acme", (START, END), [()], {Dimension.RULE: ()})
    assert list(nothing) == []


def test_a_corrected_start_replaces_the_promise(store: SqlStore) -> None:
    """A rule with a stop makes one promise of a subject: a later start is a correction."""
    single = frozenset({"feedback-late"})
    store.promises.save_promises("acme", [promise()], single=single)
    later = promise(started_at=START + 9 * HOUR, worked=HOUR)
    store.promises.save_promises("acme", [later], single=single)
    ((row,),) = store.promises.count_promises("acme", (START, END), [()])
    assert (row.on_time, row.median) == (1, HOUR)


def test_promises_one_after_the_other_both_count(store: SqlStore) -> None:
    """A clock that begins anew makes a new promise; one that overlaps is a correction."""
    second = promise(started_at=START + 5 * HOUR)
    store.promises.save_promises("acme", [promise(), second])
    ((row,),) = store.promises.count_promises("acme", (START, END), [()])
    assert row.on_time == 2
    store.promises.save_promises("acme", [promise(started_at=START + 6 * HOUR)])
    ((row,),) = store.promises.count_promises("acme", (START, END), [()])
    assert row.on_time == 2


def test_open_promises_are_found_and_dropped(store: SqlStore) -> None:
    running = promise(outcome=PromiseOutcome.RUNNING, ended_at=None, counted_at=None, worked=None)
    other = promise("s2", outcome=PromiseOutcome.LATE, ended_at=None, counted_at=START, worked=None)
    store.promises.save_promises("acme", [running, other, promise("s3")])
    assert store.promises.read_open_promises("acme", "seat") == [running, other]
    assert store.promises.read_open_promises("acme", "seat", ["s2"]) == [other]
    assert store.promises.read_open_promises("acme", "seat", []) == []
    unknown = promise("s4", outcome=PromiseOutcome.UNKNOWN, worked=None)
    store.promises.save_promises("acme", [unknown])
    assert store.promises.find_unknown_promises("acme", "feedback-late", 9) == ["s4"]
    assert store.promises.find_unknown_promises("acme", "decision-late", 9) == []
    assert store.promises.read_ends("acme", "feedback-late", ["s1", "s3", "s4"]) == {
        "s3": START + 5 * HOUR
    }
    store.promises.save_promises("acme", [], [("feedback-late", running.subject)])
    assert store.promises.read_open_promises("acme", "seat") == [other]


def test_old_promises_expire(store: SqlStore) -> None:
    store.promises.save_promises("acme", [promise(), promise("s2", counted_at=END - HOUR)])
    assert store.privacy.expire("acme", END - 2 * HOUR) == {"promises": 1}
    ((row,),) = store.promises.count_promises("acme", (START, END), [()])
    assert row.on_time == 1
