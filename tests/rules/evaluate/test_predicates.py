"""Conditions in three values: the tables of the design, and Kleene's laws at random."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atsbridge.model.query import All, AnyOf, Condition, NoneOf, Operator, Where
from atsbridge.rules.evaluate.predicates import evaluate, failed, failing, find_unknown_terms
from atsbridge.rules.language.conditions import Parser

VALUES = (True, False, None)
PATHS = ("seat.guest", "seat.response", "seat.user")  # a leaf per value: true, false, unknown
LEAVES: dict[bool | None, Where] = {
    True: Condition(PATHS[0], Operator.SET),
    False: Condition(PATHS[1], Operator.SET),
    None: Condition(PATHS[2], Operator.SET),
}


def answer(where: Where) -> bool | None:
    """What the leaves above make of a tree."""
    return evaluate(where, {PATHS[0]: "x", PATHS[1]: None}, {PATHS[2]}, "seat")


def least(values: Any) -> bool | None:
    """Kleene's `and`: the least of false < unknown < true."""
    return min(values, key=lambda v: {False: 0, None: 1, True: 2}[v], default=True)


@pytest.mark.parametrize(("a", "b"), list(product(VALUES, VALUES)))
def test_blocks_follow_kleene(a: bool | None, b: bool | None) -> None:
    """A false settles `all` and a true settles `any`, whatever else is unknown."""
    parts = (LEAVES[a], LEAVES[b])
    both = False if False in (a, b) else None if None in (a, b) else True
    some = True if True in (a, b) else None if None in (a, b) else False
    neither = None if some is None else not some
    assert [answer(All(parts)), answer(AnyOf(parts)), answer(NoneOf(parts))] == [
        both,
        some,
        neither,
    ]


@given(st.lists(st.sampled_from(VALUES), max_size=6))
def test_all_is_the_least_and_any_the_greatest(values: list[bool | None]) -> None:
    """De Morgan: none of the negations is all; order and number do not matter."""
    parts = tuple(LEAVES[value] for value in values)
    negated = tuple(NoneOf((part,)) for part in parts)
    assert answer(All(parts)) is least(values)
    assert answer(NoneOf(negated)) is answer(All(parts))
    assert answer(All(parts[::-1])) is answer(All(parts))


_COMPARISONS = [
    (Operator.EQ, "a"),
    (Operator.IN, ("a", "b")),
    (Operator.NOT_IN, ("a", "b")),
    (Operator.GT, 1),
    (Operator.GTE, 1),
    (Operator.LT, 1),
    (Operator.LTE, 1),
    (Operator.SET, None),
    (Operator.UNSET, None),
    (Operator.ANY_OF, ("a",)),
    (Operator.NONE_OF, ("a",)),
    (Operator.CONTAINS, "a"),
    (Operator.LIKE, "a*"),
]


@pytest.mark.parametrize(("operator", "value"), _COMPARISONS, ids=lambda v: str(v))
def test_null_that_is_a_fact(operator: Operator, value: Any) -> None:
    """Comparisons with it are false; `not_in`, `none_of` and `is: unset` are true; so negated."""
    leaf = Condition("application.tags", operator, value)
    expected = operator in (Operator.NOT_IN, Operator.NONE_OF, Operator.UNSET)
    facts = {"application.tags": None}
    assert evaluate(leaf, facts, (), "application") is expected
    assert evaluate(NoneOf((leaf,)), facts, (), "application") is not expected


@pytest.mark.parametrize(("operator", "value"), _COMPARISONS, ids=lambda v: str(v))
def test_unknown_makes_every_comparison_unknown(operator: Operator, value: Any) -> None:
    """`is` included, whatever value happens to be stored."""
    leaf = Condition("application.tags", operator, value)
    facts = {"application.tags": ("a",)}
    unknown = {"application.tags"}
    assert evaluate(leaf, facts, unknown, "application") is None
    assert evaluate(NoneOf((leaf,)), facts, unknown, "application") is None


@pytest.mark.parametrize(
    ("spec", "headcount", "expected"),
    [
        ({"gt": 2}, 2, False),
        ({"gte": 2}, 2, True),
        ({"lt": 2}, 2, False),
        ({"lte": 2}, 2, True),
        ({"gte": 1, "lt": 3}, 2, True),
        ({"gte": 1, "lt": 3}, 3, False),
        (2, 2, True),
        ({"in": [1, 2]}, 2, True),
        ({"not_in": [1, 2]}, 2, False),
        ({"is": "set"}, 2, True),
    ],
)
def test_comparison(spec: Any, headcount: int, expected: bool) -> None:
    """Each comparison, and two on one field that must both hold."""
    where = Parser("requisition").block({"requisition.headcount": spec})
    assert evaluate(where, {"requisition.headcount": headcount}, (), "requisition") is expected


def test_blocks_nest() -> None:
    """`any` in a `where` is one more thing that must hold; its entries are blocks themselves."""
    where = Parser("application").block(
        {
            "application.status": "active",
            "any": [
                {"stage.kind": "review"},
                {"stage.kind": "interview", "requisition.priority": "high"},
            ],
        }
    )
    facts = {"application.status": "active", "stage.kind": "interview"}
    high = {**facts, "requisition.priority": "high"}
    assert evaluate(where, high, (), "application") is True
    assert evaluate(where, {**facts, "requisition.priority": "low"}, (), "application") is False


def test_a_strange_word_of_an_enum_is_other() -> None:
    """ "other:<word>" equals "other" for an enum, and nothing but itself for plain text."""
    leaf = Condition("application.status", Operator.EQ, "other")
    assert evaluate(leaf, {"application.status": "other:parked"}, (), "application") is True
    text = Condition("application.source", Operator.EQ, "other")
    assert evaluate(text, {"application.source": "other:parked"}, (), "application") is False


def test_reason_names_what_failed_without_telling_secrets() -> None:
    """The failed line is told with its value, unless few may read it."""
    where = All((Condition("application.status", Operator.EQ, "active"),))
    assert failed(where, {"application.status": "hired"}, "application") == (
        "application.status is hired"
    )
    secret = All((Condition("requisition.pay_min", Operator.GT, 5),))
    assert failed(secret, {"requisition.pay_min": 3}, "requisition") == (
        "requisition.pay_min has another value"
    )


@pytest.mark.parametrize(
    ("path", "stored"),
    [("status", "other"), ("status", "other:parked"), ("assignee_role", "other:parked")],
)
@pytest.mark.parametrize(
    ("operator", "wanted", "holds"),
    [
        (Operator.IN, ("active", "other"), True),
        (Operator.IN, ("active", "hired"), False),
        (Operator.NOT_IN, ("active", "other"), False),
        (Operator.NOT_IN, ("active",), True),
        (Operator.EQ, "other", True),
        (Operator.EQ, "active", False),
    ],
)
def test_a_word_the_catalog_does_not_know_is_other(
    path: str, stored: str, operator: Operator, wanted: Any, holds: bool
) -> None:
    """Also among several words. Nobody knows whether such a status is one of the others."""
    undecided = (path, stored) == ("status", "other:parked") and "other" not in wanted
    path = f"application.{path}"
    where = Condition(path, operator, wanted)
    answer = None if undecided else holds
    assert evaluate(where, {path: stored}, (), "application") is answer
    unknown = list(find_unknown_terms(All((where,)), {path: stored}, "application"))
    assert unknown == [path] * undecided


def test_a_status_that_nobody_knows_is_set() -> None:
    """It is there, whatever it means."""
    facts = {"application.status": "other:parked"}
    for operator in (Operator.SET, Operator.UNSET):
        where = Condition("application.status", operator)
        assert evaluate(where, facts, (), "application") is (operator is Operator.SET)


def test_the_condition_to_blame_is_the_one_that_does_not_hold() -> None:
    """Not one that holds, not one that is only unknown; of a none block the one that does hold."""
    status = Condition("application.status", Operator.EQ, "active")
    closed = Condition("application.closed_at", Operator.UNSET)
    recruiter = Condition("application.recruiter", Operator.SET)
    facts = {"application.status": "hired", "application.closed_at": None}
    subject = "application"
    assert failing(All((closed, status)), facts, subject) == status
    assert failed(All((closed, status)), facts, subject) == "application.status is hired"
    dark = ("application.recruiter",)
    assert failing(All((recruiter, status)), facts, subject, dark) == status
    assert failed(All((recruiter, status)), facts, subject, dark) == "application.status is hired"
    hired = Condition("application.status", Operator.EQ, "hired")
    assert failing(NoneOf((recruiter, hired)), facts, subject) == hired
    assert failed(NoneOf((recruiter, hired)), facts, subject) == "application.status is hired"
    assert failing(NoneOf((All((closed, hired)),)), facts, subject) == closed
    inner = AnyOf((NoneOf((closed,)), status))
    assert failing(All((closed, inner)), facts, subject) == closed


STATUS = Condition("application.status", Operator.EQ, "active")
STAGE = Condition("stage.kind", Operator.EQ, "review")
TAGS = Condition("application.tags", Operator.ANY_OF, ("vip", "internal"))
PRIORITY = Condition("requisition.priority", Operator.SET)


def why(where: Where, unknown: tuple[str, ...] = (), **facts: Any) -> str:
    """The reason that is told, with facts named by their last part."""
    values = {
        "application.status": facts.get("status"),
        "stage.kind": facts.get("stage"),
        "application.tags": facts.get("tags"),
        "requisition.priority": facts.get("priority"),
    }
    return failed(where, values, "application", unknown)


def test_the_reason_lists_every_alternative_that_failed() -> None:
    """Of an `any` block nothing holds, so all of it is said; an absent value reads as such."""
    either = AnyOf((STATUS, STAGE))
    assert why(either, status="hired") == (
        "any of: application.status is hired, stage.kind is not set"
    )
    assert why(All((PRIORITY, either)), status="hired", priority="high", stage="offer") == (
        "any of: application.status is hired, stage.kind is offer"
    )


def test_the_reason_lists_everything_a_none_block_found() -> None:
    """Each condition that held, through nested blocks; of an inner `any` the first is enough."""
    block = NoneOf((STATUS, STAGE, PRIORITY))
    assert why(block, status="active", priority="high") == (
        "application.status is active, requisition.priority is high"
    )
    inner = NoneOf((AnyOf((STAGE, STATUS, PRIORITY)),))
    assert why(inner, status="active", priority="high") == "application.status is active"
    both = NoneOf((All((STATUS, PRIORITY)),))
    assert why(both, status="active", priority="high") == (
        "application.status is active, requisition.priority is high"
    )
    twice = NoneOf((NoneOf((STATUS, STAGE)),))
    assert why(twice, status="hired", stage="offer") == (
        "application.status is hired, stage.kind is offer"
    )


def test_a_block_that_holds_has_no_reason() -> None:
    """Nothing to blame, nothing said."""
    facts = {"application.status": "active"}
    assert failed(All((STATUS,)), facts, "application") == ""
    assert failing(All((STATUS,)), facts, "application") is None
    assert failing(NoneOf((STAGE,)), facts, "application") is None
    assert failing(AnyOf(()), facts, "application") is None


def test_where_nothing_is_false_the_first_unknown_is_blamed() -> None:
    """A false one comes first, wherever it stands."""
    facts = {"application.status": "hired", "requisition.priority": "high"}
    dark = ("stage.kind", "application.tags")
    assert failing(All((PRIORITY, STAGE, TAGS)), facts, "application", dark) == STAGE
    assert failing(All((STAGE, STATUS)), facts, "application", dark) == STATUS
    nested = All((PRIORITY, AnyOf((STAGE, TAGS))))
    assert failing(nested, facts, "application", dark) == STAGE
    assert failing(AnyOf((All((PRIORITY,)), TAGS)), facts, "application", dark) == TAGS
    shut = NoneOf((NoneOf((STAGE, STATUS)),))
    assert failing(shut, facts, "application", dark) is None
    assert why(All((STAGE, STATUS)), dark, status="hired") == "application.status is hired"
    assert why(NoneOf((STAGE, PRIORITY)), dark, stage="review", priority="high") == (
        "requisition.priority is high"
    )


@pytest.mark.parametrize(
    ("value", "any_of", "none_of"),
    [
        (("vip",), True, False),
        (("x", "internal"), True, False),
        (("x",), False, True),
        ((), False, True),
    ],
)
def test_lists_are_compared_word_by_word(
    value: tuple[str, ...], any_of: bool, none_of: bool
) -> None:
    """One word in common is enough for `any_of`, and too much for `none_of`."""
    facts = {"application.tags": value}
    assert evaluate(TAGS, facts, (), "application") is any_of
    none = Condition("application.tags", Operator.NONE_OF, ("vip", "internal"))
    assert evaluate(none, facts, (), "application") is none_of


def test_a_kept_word_is_itself_where_nobody_asks_for_other() -> None:
    """A rule may name the strange word in full."""
    stored = {"application.status": "other:parked"}
    named = Condition("application.status", Operator.EQ, "other:parked")
    assert evaluate(named, stored, (), "application") is True
    among = Condition("application.status", Operator.IN, ("active", "other:parked"))
    assert evaluate(among, stored, (), "application") is True


def test_a_word_the_catalog_does_not_know_is_other_in_every_reason() -> None:
    """However deep the condition stands, it is not blamed where it holds."""
    other = Condition("application.status", Operator.EQ, "other")
    facts = {"application.status": "other:parked", "stage.kind": "offer"}
    kept = "application.status is other:parked"
    cases: list[tuple[Where, Where, str]] = [
        (All((other, STAGE)), STAGE, "stage.kind is offer"),
        (All((All((other, STAGE)),)), STAGE, "stage.kind is offer"),
        (NoneOf((STAGE, other)), other, kept),
        (NoneOf((AnyOf((STAGE, other)),)), other, kept),
        (NoneOf((All((other,)),)), other, kept),
        (All((NoneOf((STAGE, other)),)), other, kept),
    ]
    for where, blamed, reason in cases:
        assert failing(where, facts, "application") == blamed
        assert failed(where, facts, "application") == reason
    assert failing(AnyOf((All((other, STAGE)),)), facts, "application") == STAGE
    inside = NoneOf((NoneOf((All((other, STAGE)),)),))
    assert failing(inside, facts, "application") == STAGE
    assert failed(inside, facts, "application") == "stage.kind is offer"


def test_what_is_unknown_is_not_blamed_however_deep_it_stands() -> None:
    """Where something beside it is known to be false or to hold."""
    facts = {"application.status": "hired", "requisition.priority": "high"}
    dark = ("stage.kind",)
    block = All((STAGE, STATUS))
    for where in (All((block,)), AnyOf((block,)), NoneOf((NoneOf((block,)),))):
        assert failing(where, facts, "application", dark) == STATUS
    assert failed(All((block,)), facts, "application", dark) == "application.status is hired"
    shut = NoneOf((AnyOf((STAGE, PRIORITY)),))
    stage = {**facts, "stage.kind": "review"}
    assert failing(shut, stage, "application", dark) == PRIORITY
    assert failed(shut, stage, "application", dark) == "requisition.priority is high"
