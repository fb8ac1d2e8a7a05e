"""Conditions on one key of a block, where anything may stand."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.model.query import Condition, Operator
from atsbridge.rules.evaluate.predicates import evaluate


@pytest.mark.parametrize(
    ("value", "operator", "wanted", "holds"),
    [
        (True, Operator.EQ, True, True),
        (True, Operator.EQ, False, False),
        (True, Operator.EQ, 1, False),
        (1, Operator.EQ, True, False),
        (1.0, Operator.EQ, 1, True),
        (True, Operator.IN, (1, 2), False),
        (True, Operator.IN, (True, 2), True),
        (True, Operator.NOT_IN, (1, 2), True),
        (True, Operator.GTE, 1, False),
        (False, Operator.LT, 1, False),
        ([True, "x"], Operator.ANY_OF, (1,), False),
        ([True, "x"], Operator.ANY_OF, (True,), True),
        (["Senior"], Operator.CONTAINS, "senior", True),
        (True, Operator.SET, None, True),
        (None, Operator.UNSET, None, True),
    ],
)
def test_a_key_of_a_block_is_no_number_where_it_says_yes(
    value: Any, operator: Operator, wanted: Any, holds: bool
) -> None:
    """One account has a number there, another a box to tick."""
    one = Condition("requisition.custom", operator, wanted, "level")
    assert evaluate(one, {"requisition.custom": {"level": value}}, (), "requisition") is holds
