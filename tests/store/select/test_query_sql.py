"""Queries: what `select` finds is what a slow evaluation over plain objects finds."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atsbridge.model import catalog
from atsbridge.model.change import as_of
from atsbridge.model.fields import FieldType, Null
from atsbridge.model.query import All, AnyOf, Bound, Condition, NoneOf, Operator, Query
from atsbridge.model.record import Key

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
on_one_store = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

VALUES = {
    "application.status": ["active", "hired", "rejected", "other", "other:parked"],
    "application.source": ["fair", "friend"],
    "application.tags": ["a", "b", ","],
    "application.applied_at": [START + DAY * n for n in range(4)],
    "application.rejected_at": [START + DAY * n for n in range(4)],
    "requisition.headcount": [1, 2, 3],
    "requisition.confidential": [True, False],
    "requisition.target_on": [date(2026, 1, n) for n in (1, 2, 3)],
    "requisition.pay_min": [1.0, 2.5, 3.0],
    "requisition.priority": ["high", "low"],
    "stage.kind": ["review", "interview", "other"],
}
_PATTERNS = [Operator.CONTAINS, Operator.LIKE]  # only the evaluation decides them
_SETS = [Operator.IN, Operator.NOT_IN]
_EITHER = [Operator.SET, Operator.UNSET]
_ORDER = [Operator.GT, Operator.GTE, Operator.LT, Operator.LTE]


def _operators(path):
    kind = catalog.resolve("application", path).field.type
    if kind is FieldType.LIST:
        return [Operator.ANY_OF, Operator.NONE_OF, *_PATTERNS, *_EITHER]
    if kind in (FieldType.INSTANT, FieldType.DATE, FieldType.INT, FieldType.NUMBER):
        return [*_ORDER, *_EITHER, Operator.EQ]
    if kind is FieldType.BOOL:
        return [Operator.EQ, *_EITHER]
    patterns = _PATTERNS if kind is FieldType.TEXT else []
    return [Operator.EQ, *_SETS, *patterns, *_EITHER]


@st.composite
def conditions(draw):
    path = draw(st.sampled_from(sorted(VALUES)))
    operator = draw(st.sampled_from(_operators(path)))
    one = st.sampled_from(VALUES[path])
    if operator in _EITHER:
        return Condition(path, operator)
    if operator in (*_SETS, Operator.ANY_OF, Operator.NONE_OF):
        several = draw(st.lists(one, min_size=1, max_size=2, unique=True))
        return Condition(path, operator, tuple(several))
    return Condition(path, operator, draw(one))


def _block(parts):
    return st.builds(
        lambda kind, inner: kind(tuple(inner)),
        st.sampled_from([All, AnyOf, NoneOf]),
        st.lists(parts, min_size=1, max_size=3),
    )


trees = st.recursive(conditions(), _block, max_leaves=6)


# --- the slow evaluation: Kleene's three values over dicts ---


def _value(world, app, path):
    resolved = catalog.resolve("application", path)
    row = app
    for ref in resolved.refs:
        row = world[ref.ref].get(row[ref.name]) if row else None
    return row[resolved.field.name] if row else None


def _truth(world, app, node, unreadable):
    if isinstance(node, Condition):
        resolved = catalog.resolve("application", node.path)
        if unreadable & set(resolved.columns):
            return None
        value = _value(world, app, node.path)
        if value is None and catalog.answers_when_absent(resolved) is Null.UNKNOWN:
            return None
        return _holds(node, value)
    truths = [_truth(world, app, part, unreadable) for part in node.parts]
    if isinstance(node, All):
        return False if False in truths else None if None in truths else True
    some = True if True in truths else None if None in truths else False
    return some if isinstance(node, AnyOf) else None if some is None else not some


def _holds(node, value):
    wanted = node.value
    if node.operator in _EITHER:
        return (value is not None) is (node.operator is Operator.SET)
    if value is None:
        return node.operator in (Operator.NOT_IN, Operator.NONE_OF)
    if node.operator in _PATTERNS:
        return None
    if isinstance(value, str) and value.startswith("other:"):
        asked = wanted if isinstance(wanted, tuple) else (wanted,)
        if node.path == "application.status" and not {value, "other"} & set(asked):
            return None  # nobody knows where such an application stands
        value = "other" if "other" in asked else value
    return {
        Operator.EQ: lambda: value == wanted,
        Operator.IN: lambda: value in wanted,
        Operator.NOT_IN: lambda: value not in wanted,
        Operator.GT: lambda: value > wanted,
        Operator.GTE: lambda: value >= wanted,
        Operator.LT: lambda: value < wanted,
        Operator.LTE: lambda: value <= wanted,
        Operator.ANY_OF: lambda: bool(set(value) & set(wanted)),
        Operator.NONE_OF: lambda: not set(value) & set(wanted),
    }[node.operator]()


# --- a small world with many gaps ---


def _maybe(rnd, values):
    return None if rnd.random() < 0.3 else rnd.choice(values)


@pytest.fixture
def world(feed):
    """Applications, requisitions and stages with a third of all values absent; by kind and id."""
    rnd = random.Random(7)
    found = {"requisition": {}, "stage": {}, "application": {}}
    for n in range(6):
        found["requisition"][f"r{n}"] = {
            path.partition(".")[2]: _maybe(rnd, values)
            for path, values in VALUES.items()
            if path.startswith("requisition.")
        }
    for n in range(3):
        found["stage"][f"s{n}"] = {"kind": ["review", "other:Chat", None][n]}
    for n in range(60):
        app = {
            path.partition(".")[2]: _maybe(rnd, values)
            for path, values in VALUES.items()
            if path.startswith("application.")
        }
        tags = app["tags"] and tuple(sorted({app["tags"], rnd.choice("ab")}))
        refs = {
            "requisition": _maybe(rnd, sorted(found["requisition"])),
            "stage": _maybe(rnd, sorted(found["stage"])),
        }
        found["application"][f"{n:02}"] = {**app, **refs, "tags": tags}
    for kind, records in found.items():
        feed.page(kind, *({"id": i, **values} for i, values in records.items()))
    return found


@on_one_store
@given(where=trees, dark=st.sets(st.sampled_from(sorted(VALUES)), max_size=2))
def test_select_agrees_with_the_slow_evaluation(store, world, where, dark):
    """Every subject whose where is true or unknown, and which of the two; no other."""
    found = store.subjects.select(
        "acme", Query("application", where, ()), unreadable=frozenset(dark)
    )
    truths = {i: _truth(world, app, where, dark) for i, app in world["application"].items()}
    wanted = [(i, truth is None) for i, truth in truths.items() if truth is not False]
    assert [(f.id, f.unknown) for f in found] == wanted


def test_facts_are_typed_and_absent_ones_none(store, world):
    """Paths through refs bring values of their catalog type."""
    columns = tuple(sorted(VALUES))
    found = {
        f.id: f.facts for f in store.subjects.select("acme", Query("application", All(), columns))
    }
    for i, app in world["application"].items():
        assert found[i] == {path: _value(world, app, path) for path in columns}


def test_ids_narrow_and_unfiltered_shows_all(store, world, feed):
    """Asked by id without the filter, gone and failing subjects are there too."""
    query = Query("application", Condition("application.source", Operator.EQ, "nowhere"), ())
    assert list(store.subjects.select("acme", query)) == []
    store.records.delete_rows("acme", "applications", ["03"], feed.at)
    ids = ["05", "03", "77"]
    assert [f.id for f in store.subjects.select("acme", query, ids=ids, filtered=False)] == [
        "03",
        "05",
    ]
    assert "03" not in [
        f.id for f in store.subjects.select("acme", Query("application", All(), ()))
    ]
    assert list(store.subjects.select("globex", Query("application", All(), ()))) == []
    assert list(store.subjects.select("acme", Query("application", All(), ()), ids=[])) == []


def test_many_ids_come_in_order(store, feed):
    """More ids than one statement takes."""
    ids = sorted(str(n) for n in range(1234))
    feed.page("application", *({"id": i, "status": "active"} for i in ids))
    found = store.subjects.select(
        "acme", Query("application", All(), ("application.status",)), ids=ids
    )
    assert [f.id for f in found] == ids


def test_missing_is_what_no_stream_supplied(store, feed):
    """A part not yet read, and a ref to a row not yet read, are missing rather than absent."""
    feed.page("seat", {"id": "1", "interview": "i1", "user": "u1"}, stream="interviewers")
    feed.page("seat", {"id": "2", "scorecard": "c1"}, stream="scorecards")
    columns = ("seat.user", "seat.scorecard", "seat.scorecard.submitted_at", "interview.ends_at")
    found = {f.id: f.missing for f in store.subjects.select("acme", Query("seat", All(), columns))}
    assert found == {
        "1": ("seat.scorecard", "seat.scorecard.submitted_at", "interview.ends_at"),
        "2": ("seat.user", "seat.scorecard.submitted_at", "interview.ends_at"),
    }


def test_conditions_on_a_missing_part_are_unknown(store, feed):
    """The lesser stream has not supplied it: neither set nor unset."""
    feed.page("seat", {"id": "1", "interview": "i1", "user": "u1"}, stream="interviewers")
    feed.page("seat", {"id": "9", "scorecard": "c1"}, stream="scorecards", creates=frozenset())
    where = Condition("seat.scorecard", Operator.UNSET)
    found = list(store.subjects.select("acme", Query("seat", where, ())))
    assert [(f.id, f.unknown) for f in found] == [("1", True)]


def test_bounds_follow_the_owners_calendar(store, feed):
    """Each owner's own threshold; the latest of all where the calendar is unknown."""
    users = [{"id": u, "name": u} for u in ("early", "late", "none")]
    feed.page("user", *users)
    store.subjects.save_calendars("acme", {"early": "E", "late": "L"})
    rows = [
        {"id": f"{user}{n}", "recruiter": user, "applied_at": START + DAY * n}
        for user in ("early", "late", "none")
        for n in range(5)
    ]
    feed.page("application", *rows, {"id": "nobody", "recruiter": None, "applied_at": START})
    bound = Bound(
        "application.applied_at",
        "application.recruiter",
        {"E": START + DAY, "L": START + 2 * DAY},
        START + 3 * DAY,
    )
    found = [f.id for f in store.subjects.select("acme", Query("application", All(), (), bound))]
    assert found == [
        *("early0", "early1"),
        *("late0", "late1", "late2"),
        "nobody",
        *("none0", "none1", "none2", "none3"),
    ]


def test_a_bound_on_a_day_is_a_superset(store, feed):
    """The day of the threshold is in, whatever zone it ends in."""
    days = [date(2026, 1, n) for n in range(1, 6)]
    feed.page("requisition", *({"id": str(d.day), "target_on": d} for d in days))
    bound = Bound("requisition.target_on", "", {}, datetime(2026, 1, 3, 23, tzinfo=UTC))
    found = store.subjects.select("acme", Query("requisition", All(), (), bound))
    assert [f.id for f in found] == ["1", "2", "3"]


_ids = count(1)
_steps = st.lists(
    st.fixed_dictionaries(
        {
            "status": st.sampled_from([None, "active", "hired"]),
            "tags": st.sampled_from([None, (), ("a",), ("a", "b")]),
            "applied_at": st.sampled_from([None, START, START + DAY]),
            "custom": st.sampled_from([None, {}, {"a": 1}, {"a": True}]),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(on_one_store, max_examples=60)
@given(steps=_steps)
def test_as_of_through_the_store_is_what_was(feed, store, steps):
    """Undoing the stored Changes gives every earlier state of the record."""
    key = Key("acme", "application", f"p{next(_ids)}")
    begin = feed.at
    for step in steps:
        feed.page("application", {"id": key.id, **step})
        feed.at += DAY
    record, changes = store.history.read_record(key), list(store.history.read_changes(key))
    present = {name: getattr(record, name) for name in steps[0]}
    for n, step in enumerate(steps):
        assert as_of(present, changes, begin + DAY * n) == step
    feed.at = begin
