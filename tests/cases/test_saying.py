"""A reply of a few words is understood as people write it, and prose is not."""

from __future__ import annotations

from datetime import date

import pytest

from atsbridge.replies.parse import Said, Saying, reacted, replied

TODAY = date(2026, 3, 9)  # a Monday


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Seen!", Said(Saying.SEEN)),
        ("  ON   it ", Said(Saying.SEEN)),
        ("later", Said(Saying.LATER, "1bd")),
        ("snooze 2d", Said(Saying.LATER, "2d")),
        ("Snooze for 3 days.", Said(Saying.LATER, "3d")),
        ("snooze 4h", Said(Saying.LATER, "4h")),
        ("2 working days", Said(Saying.LATER, "2bd")),
        ("snooze a week", Said(Saying.LATER, until=date(2026, 3, 16))),
        ("next week", Said(Saying.LATER, until=date(2026, 3, 16))),
        ("monday", Said(Saying.LATER, until=date(2026, 3, 16))),
        ("until fri", Said(Saying.LATER, until=date(2026, 3, 13))),
        ("tomorrow", Said(Saying.LATER, until=date(2026, 3, 10))),
        ("snooze until 2026-04-01", Said(Saying.LATER, until=date(2026, 4, 1))),
        ("not me", Said(Saying.NOT_MINE)),
        (
            "Not me, <mailto:ravi@acme.example|ravi@acme.example>",
            Said(Saying.NOT_MINE, email="ravi@acme.example"),
        ),
        ("not mine: ravi@acme.example", Said(Saying.NOT_MINE, email="ravi@acme.example")),
        ("False alarm", Said(Saying.WRONG)),
        ("done.", Said(Saying.DONE)),
        ("snooze until 2025-01-01", None),
        ("snooze 0d", None),
        ("snooze forever", None),
        ("done ravi@acme.example", None),
        ("Is this done?", None),
        ("I did that on monday", None),
        ("", None),
    ],
)
def test_a_reply_is_read_as_it_is_meant(text: str, said: Said | None) -> None:
    """Case, blanks and punctuation do not matter; anything longer is prose."""
    assert replied(text, TODAY) == said


def test_an_emoji_counts_in_every_skin() -> None:
    """And one that is not in the table says nothing."""
    assert reacted("+1::skin-tone-4") == Said(Saying.SEEN)
    assert reacted("tada") is None
