"""Write the last lines of a message: how to answer it, and what atsbridge is."""

from __future__ import annotations

from atsbridge.model import Destination
from atsbridge.presentation.message_context import MessageContext

_HINT = "Reply *seen*, *snooze 2d*, *not me* or *done*. *why* explains."
_AGREE_HINT = "Reply *agree*, *snooze 2d* or *not me*. *why* explains."
_OPERATOR = "Your recruiting team"


def hint(to: Destination, context: MessageContext, *, asks_agreement: bool = False) -> str:
    """How to answer; "" in a channel, and where answers are not read."""
    if not context.takes_replies or to.kind != "person":
        return ""
    return _AGREE_HINT if asks_agreement else _HINT


def intro(to: Destination, context: MessageContext) -> str:
    """Introduce atsbridge in a person's first message: what it is, who runs it, how to get less."""
    if to.kind != "person" or not context.history.is_first:
        return ""
    operator = context.directory.operator or _OPERATOR
    return (
        "This is your first message from atsbridge. It reads the ATS and reminds people of what"
        f" waits on them. {operator} runs it: ask there for fewer messages, for example one a day."
    )
