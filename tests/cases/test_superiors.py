"""People above a role."""

from __future__ import annotations

import pytest

from atsbridge.cases.superiors import Superiors, without_circles


def test_levels_are_climbed_one_by_one() -> None:
    superiors = Superiors({"a@x.example": "b@x.example", "b@x.example": "c@x.example"})
    found = [superiors.above("a@x.example", levels) for levels in (1, 2, 3)]
    assert found == ["b@x.example", "c@x.example", ""]


@pytest.mark.parametrize(
    ("managers", "kept"),
    [
        ({}, {}),
        ({"a": "a"}, {}),
        ({"a": "b", "b": "a"}, {}),
        ({"a": "b", "b": "c", "c": "b"}, {"a": "b"}),
        ({"a": "b", "b": "c", "c": "d"}, {"a": "b", "b": "c", "c": "d"}),
    ],
)
def test_nobody_is_above_themselves(managers: dict[str, str], kept: dict[str, str]) -> None:
    """Who reports into a circle still has a manager."""
    assert without_circles(managers) == kept
