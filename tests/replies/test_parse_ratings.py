"""Answers to a pulse as people write them; anything else is no answer."""

from __future__ import annotations

import pytest

from atsbridge.replies.parse_ratings import parse_ratings


@pytest.mark.parametrize(
    ("written", "answers"),
    [
        ("4 5", (4, 5)),
        ("4, 5", (4, 5)),
        ("4,5", (4, 5)),
        (" 4\n5 ", (4, 5)),
        ("4 and 5!", (4, 5)),
        ("Four, five", (4, 5)),
        ("1. 4\n2. 5", (4, 5)),
        ("1: 4, 2: 5", (4, 5)),
        ("2) 5 1) 4", (4, 5)),
        ("4/5 5/5", (4, 5)),
        ("4 of 5, 5 out of 5", (4, 5)),
        ("3", (3, None)),
        ("3.", (3, None)),
        ("4/5", (4, None)),
    ],
)
def test_numbers(written: str, answers: tuple[int | None, ...]) -> None:
    assert parse_ratings(written) == answers


@pytest.mark.parametrize(
    "written",
    [
        "",
        "6",
        "0 5",
        "4.5",
        "45",
        "1 2 3",
        "-",
        "great!",
        "4 stars for a good search",
        "٤ x",
        "9" * 30,
        "4 5 " * 20,
        "not 4",
    ],
)
def test_anything_else(written: str) -> None:
    assert parse_ratings(written) is None
