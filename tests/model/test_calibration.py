"""Ratings that have to be discussed, and profiles that are not rated yet."""

from __future__ import annotations

import pytest

from atsbridge.model.calibration import ProfileRating, differ, find_unrated


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [(4, 4, False), (4, 5, False), (3, 4, False), (2, 4, True), (3, 5, True), (1, 5, True),
     (2, 3, False), (1, 2, False), (1, 3, True)],
)  # fmt: skip
def test_ratings_differ_on_both_sides_of_the_middle_or_two_apart(
    one: int, other: int, apart: bool
) -> None:
    """In either order."""
    first, second = ProfileRating("a1", "u1", one), ProfileRating("a1", "u2", other)
    assert differ(first, second) is apart
    assert differ(second, first) is apart


def test_what_a_person_has_not_rated() -> None:
    """The ratings of others do not count."""
    ratings = [ProfileRating("a1", "u1", 4), ProfileRating("a2", "u2", 4)]
    assert find_unrated(("a1", "a2"), "u1", ratings) == ("a2",)


def test_a_repr_shows_no_rating() -> None:
    """Neither the number nor the words."""
    shown = repr(ProfileRating("a1", "u1", 4, "arrogant"))
    assert "arrogant" not in shown
    assert "4" not in shown
