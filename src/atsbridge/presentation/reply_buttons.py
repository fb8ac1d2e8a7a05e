"""The buttons of a message, and what a person reads at once after pressing one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from atsbridge.model import Destination, Reason, ReplyButton
from atsbridge.presentation.message_context import MessageContext
from atsbridge.presentation.resolution_text import sentence

_SNOOZE = ReplyButton(
    "Snooze",
    (
        ("Until tomorrow", "until tomorrow"),
        ("2 working days", "snooze 2bd"),
        ("Until next week", "snooze next week"),
    ),
)
_SEEN = ReplyButton("Seen", (("Seen", "seen"),))
_NOT_ME = ReplyButton("Not me", (("Not me", "not me"),))
_DONE = ReplyButton("Done", (("Done", "done"),))
_AGREE = ReplyButton("Agree", (("Agree", "agree"),))
_WHY = ReplyButton("Why?", (("Why?", "why"),))
CASE_BUTTONS = (_SEEN, _SNOOZE, _NOT_ME, _DONE, _WHY)
_AGREE_BUTTONS = (_AGREE, _SNOOZE, _NOT_ME, _WHY)
BUTTON_REPLIES: Mapping[str, str] = {
    text: label for button in (*CASE_BUTTONS, _AGREE) for label, text in button.replies
}
"""Text of the reply of each button -> its label."""


class ReplyState(StrEnum):
    """What became of a reply that has just arrived."""

    STORED = "stored"
    REPEATED = "repeated"  # the same person gave the same reply to this message before
    NOT_READER = "not_reader"  # the message is for somebody else
    ENDED = "ended"  # its case is over
    TOO_OLD = "too_old"
    UNKNOWN = "unknown"  # no such message is stored any more
    NOT_SAVED = "not_saved"  # the store did not answer
    NO_CHOICE = "no_choice"  # it is a text that no button gives


_TEXTS: Mapping[ReplyState, str] = {
    ReplyState.STORED: "Thank you{name}. I noted “{label}” and confirm it below the message.",
    ReplyState.REPEATED: "I have “{label}” from you already{name}. Nothing has changed.",
    ReplyState.NOT_READER: (
        "This message is for somebody else, so only they can answer it. Nothing has changed."
    ),
    ReplyState.ENDED: "{happened}. Nothing is left to do here{name}.",
    ReplyState.TOO_OLD: (
        "This message is more than two weeks old, so I do not read answers to it any more. Please"
        " use the newest message about it. Nothing has changed."
    ),
    ReplyState.UNKNOWN: "I do not know this message any more. Nothing has changed.",
    ReplyState.NOT_SAVED: (
        "Sorry{name}, I could not save that. Please try again in a minute. Nothing has changed."
    ),
    ReplyState.NO_CHOICE: (
        "Sorry{name}, please use one of the buttons below the message you mean. Nothing has"
        " changed."
    ),
}


def offer_buttons(
    to: Destination, context: MessageContext, *, asks_agreement: bool = False
) -> tuple[ReplyButton, ...]:
    """The buttons of a message about an open case; () where the sink has none."""
    if not context.has_buttons or to.kind not in ("person", "channel"):
        return ()
    return _AGREE_BUTTONS if asks_agreement else CASE_BUTTONS


def answer_press(state: ReplyState, name: str, text: str = "", ended: Reason | None = None) -> str:
    """What the person reads. `name`: their first name; `text`: of the reply; `ended`: why it is."""
    label = BUTTON_REPLIES.get(text, text)
    happened = sentence(ended)
    called = f", {name}" if name else ""
    return _TEXTS[state].format(name=called, label=label, happened=happened)
