"""What people write about their own messages, in the words they use."""

from __future__ import annotations

import pytest
from tests.replies.test_parse import TODAY

from atsbridge.replies.parse import parse_text
from atsbridge.replies.parse_choice import CHOICE_TEXTS, ChoiceKind, parse_choice, parse_consent


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Digest only", ChoiceKind.DIGEST_ONLY),
        ("once a day, please!", ChoiceKind.DIGEST_ONLY),
        ("WEEKLY ON", ChoiceKind.WEEKLY_ON),
        ("“weekly off”", ChoiceKind.WEEKLY_OFF),
        ("Stop.", ChoiceKind.STOP),
        ("please stop", ChoiceKind.STOP),
        ("unsubscribe", ChoiceKind.STOP),
        ("Start again, thank you", ChoiceKind.START),
    ],
)
def test_tolerant_wording(written: str, kind: ChoiceKind) -> None:
    assert parse_choice(written) is kind


@pytest.mark.parametrize(
    "written",
    [
        "stop asking him",
        "don't stop",
        "I will start on Monday",
        "weekly meeting on Tuesday?",
        "",
        "done",
        "snooze 2d",
    ],
)
def test_sentences_about_something_else_choose_nothing(written: str) -> None:
    assert parse_choice(written) is None


def test_no_text_means_two_things() -> None:
    """Neither two choices, nor a choice and what is done with a case."""
    texts = [text for several in CHOICE_TEXTS.values() for text in several]
    assert len(texts) == len(set(texts))
    assert [text for text in texts if parse_text(text, TODAY) is not None] == []
    assert all(parse_choice(text) for text in texts)


@pytest.mark.parametrize(
    ("text", "emoji", "kind"),
    [
        ("Yes please", "", ChoiceKind.WEEKLY_ON),
        ("sure!", "", ChoiceKind.WEEKLY_ON),
        ("no thanks", "", ChoiceKind.WEEKLY_OFF),
        ("", "+1::skin-tone-3", ChoiceKind.WEEKLY_ON),
        ("", "thumbsdown", ChoiceKind.WEEKLY_OFF),
        ("", "partyparrot", None),
        ("stop", "", ChoiceKind.STOP),
        ("what is this", "", None),
    ],
)
def test_yes_and_no_to_the_offer(text: str, emoji: str, kind: ChoiceKind | None) -> None:
    assert parse_consent(text, emoji) is kind
