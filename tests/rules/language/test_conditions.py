"""What conditions on text, on lists and inside blocks of keys say of a value."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.rules.evaluate.predicates import evaluate
from atsbridge.rules.language.conditions import Parser


@pytest.mark.parametrize(
    ("spec", "value", "expected"),
    [
        ({"contains": "senior"}, "Principal SENIOR Engineer", True),
        ({"contains": "straße"}, "Strasse", True),
        ({"contains": "senior"}, "Junior", False),
        ({"like": "senior *"}, "Senior Engineer", True),
        ({"like": "senior"}, "Senior Engineer", False),
        ({"like": "*engineer"}, "Senior\nEngineer", True),
        ({"like": "L? *"}, "L5 Engineer", True),
        ({"like": "[EXT] *"}, "[EXT] Engineer", True),
        ({"like": "[EXT] *"}, "E Engineer", False),
        ({"like": "*" * 40 + "b"}, "a" * 5000, False),
    ],
)
def test_text_is_searched(spec: Any, value: str, expected: bool) -> None:
    """Capitals do not count; a glob speaks of the whole text; a bracket is a bracket."""
    where = Parser("requisition").block({"requisition.title": spec})
    assert evaluate(where, {"requisition.title": value}, (), "requisition") is expected


def test_one_entry_of_a_list_is_enough() -> None:
    """Both comparisons look at each entry by itself."""
    facts = {"application.tags": ("Referral", "Top talent")}
    for spec, expected in (({"contains": "talent"}, True), ({"like": "ref*talent"}, False)):
        where = Parser("application").block({"application.tags": spec})
        assert evaluate(where, facts, (), "application") is expected


@pytest.mark.parametrize(
    ("spec", "value", "expected"),
    [
        ("senior", "senior", True),
        ("senior", "Senior", False),
        ({"contains": "seni"}, "Senior", True),
        ({"in": ["senior", "lead"]}, "lead", True),
        ({"any_of": ["b"]}, ["a", "b"], True),
        ({"any_of": ["a"]}, "abc", False),
        ({"none_of": ["a"]}, None, True),
        ({"gte": 5}, 6, True),
        ({"gte": 5}, "six", False),
        (True, True, True),
        ({"is": "set"}, "x", True),
        ({"is": "unset"}, None, True),
        ({"in": ["x"]}, None, False),
    ],
)
def test_a_customers_own_field(spec: Any, value: Any, expected: bool) -> None:
    """A key inside a block of keys; a value of another type meets nothing."""
    parser = Parser("application")
    where = parser.block({"requisition.custom.level": spec})
    assert not parser.mistakes
    facts = {"requisition.custom": {"level": value} if value is not None else {}}
    assert evaluate(where, facts, (), "application") is expected
    assert evaluate(where, {"requisition.custom": {}}, {"requisition.custom"}, "a") is None


def test_relative_time_without_an_instant_is_unknown() -> None:
    """As in SQL, which leaves it to the evaluation."""
    where = Parser("requisition").block({"requisition.opened_at": {"older_than": "5d"}})
    assert evaluate(where, {"requisition.opened_at": None}, (), "requisition") is None
