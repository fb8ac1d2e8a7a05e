"""A reply of a few words is understood as people write it, and prose is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from atsbridge.replies.parse import (
    ParsedReply,
    ReplyKind,
    first_name,
    morning,
    parse_emoji,
    parse_text,
)

TODAY = date(2026, 3, 9)  # a Monday


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Seen!", ParsedReply(ReplyKind.SEEN)),
        ("  ON   it ", ParsedReply(ReplyKind.SEEN)),
        ("later", ParsedReply(ReplyKind.SNOOZE, "1bd")),
        ("snooze 2d", ParsedReply(ReplyKind.SNOOZE, "2d")),
        ("Snooze for 3 days.", ParsedReply(ReplyKind.SNOOZE, "3d")),
        ("snooze 4h", ParsedReply(ReplyKind.SNOOZE, "4h")),
        ("2 working days", ParsedReply(ReplyKind.SNOOZE, "2bd")),
        ("snooze a week", ParsedReply(ReplyKind.SNOOZE, until=date(2026, 3, 16))),
        ("next week", ParsedReply(ReplyKind.SNOOZE, until=date(2026, 3, 16))),
        ("monday", ParsedReply(ReplyKind.SNOOZE, until=date(2026, 3, 16))),
        ("until fri", ParsedReply(ReplyKind.SNOOZE, until=date(2026, 3, 13))),
        ("tomorrow", ParsedReply(ReplyKind.SNOOZE, until=date(2026, 3, 10))),
        ("snooze until 2026-04-01", ParsedReply(ReplyKind.SNOOZE, until=date(2026, 4, 1))),
        ("not me", ParsedReply(ReplyKind.NOT_ME)),
        (
            "Not me, <mailto:ravi@acme.example|ravi@acme.example>",
            ParsedReply(ReplyKind.NOT_ME, email="ravi@acme.example"),
        ),
        ("not me Ravi@Acme.example", ParsedReply(ReplyKind.NOT_ME, email="ravi@acme.example")),
        ("not mine: ravi@acme.example", ParsedReply(ReplyKind.NOT_ME, email="ravi@acme.example")),
        ("False alarm", ParsedReply(ReplyKind.FALSE_ALARM)),
        ("done.", ParsedReply(ReplyKind.DONE)),
        ("Why?", ParsedReply(ReplyKind.WHY)),
        ("why me ?", ParsedReply(ReplyKind.WHY)),
        ("*done*", ParsedReply(ReplyKind.DONE)),
        ("_`Seen`_", ParsedReply(ReplyKind.SEEN)),
        ("“done”", ParsedReply(ReplyKind.DONE)),
        ("done\u200b", ParsedReply(ReplyKind.DONE)),
        ("ｄｏｎｅ", ParsedReply(ReplyKind.DONE)),
        ("&gt; Feedback is due\n> today\ndone", ParsedReply(ReplyKind.DONE)),
        ("&gt; done", None),
        (":eyes:", ParsedReply(ReplyKind.SEEN)),
        (":+1::skin-tone-3:", ParsedReply(ReplyKind.SEEN)),
        ("👍🏽", ParsedReply(ReplyKind.SEEN)),
        ("✔️ ✅", ParsedReply(ReplyKind.DONE)),
        (":zzz:", ParsedReply(ReplyKind.SNOOZE, "1bd")),
        ("Done! :tada:", ParsedReply(ReplyKind.DONE)),
        ("✅ done", ParsedReply(ReplyKind.DONE)),
        ("snooze 2d 💤", ParsedReply(ReplyKind.SNOOZE, "2d")),
        ("done ❌", None),
        ("✅❌", None),
        (":tada:", None),
        ("~done~", None),
        ("done?", None),
        ("snooze until 2025-01-01", None),
        ("snooze 0d", None),
        ("snooze forever", None),
        ("done ravi@acme.example", None),
        ("Is this done?", None),
        ("I did that on monday", None),
        ("", None),
    ],
)
def test_a_reply_is_read_as_it_is_meant(text: str, said: ParsedReply | None) -> None:
    """Case, blanks and punctuation do not matter; anything longer is prose."""
    assert parse_text(text, TODAY) == said


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ana Silva", "Ana"),
        ("Silva, Ana", "Ana"),
        ("  Ana  Silva", "Ana"),
        ("Ana Silva, PhD", "Ana"),
        ("Silva,", "Silva,"),
        ("", ""),
        (" ", ""),
    ],
)
def test_a_person_is_called_by_their_first_name(name: str, first: str) -> None:
    """However a directory writes names."""
    assert first_name(name) == first


def test_an_emoji_counts_in_every_skin() -> None:
    """And one that is not in the table says nothing."""
    assert parse_emoji("+1::skin-tone-4") == ParsedReply(ReplyKind.SEEN)
    assert parse_emoji("tada") is None


def test_a_morning_that_no_calendar_has_is_the_last_one() -> None:
    """It is refused where it is used: in the west, that evening is in the year 10000 of UTC."""
    last = date(9999, 12, 31)
    assert morning(last, time(23, 30), "America/Los_Angeles") == datetime.max.replace(tzinfo=UTC)
    assert morning(last, time(9, 30), "UTC") == datetime(9999, 12, 31, 9, 30, tzinfo=UTC)
