"""What a person reads after a choice about their own messages, and what the operators read."""

from __future__ import annotations

from collections.abc import Sequence

from atsbridge.model import Choice, ChoiceTopic, ChoiceValue, NoticeText

_DELIVERY = {
    ChoiceValue.ALL: "each message when it is due",
    ChoiceValue.DIGEST: "everything in one daily summary",
    ChoiceValue.STOP: "only what waits on them, in one daily summary",
}


def answer_delivery(name: str, value: ChoiceValue) -> str:
    """The answer in the thread to "digest only", "stop" or "start"."""
    if value is ChoiceValue.DIGEST:
        return (
            f"All right, {name}. From now on everything comes in one daily summary. *start* brings"
            " single messages back."
        )
    if value is ChoiceValue.STOP:
        return (
            f"All right, {name}. I stop. What waits on you still comes, in one daily summary and"
            " only on days with something in it, because colleagues wait for it. The recruiting"
            " team knows. *start* takes this back."
        )
    return f"Welcome back, {name}. Messages come when they are due again."


def answer_pairs(name: str, *, shares: bool, weekly: bool, others: Sequence[str]) -> str:
    """The answer to "weekly on" and "weekly off".

    `weekly`: whether the message is configured. `others`: names of those with whom both agreed.
    """
    if not shares:
        return (
            f"All right, {name}. There is no weekly message for you, and no figures of you and a"
            " colleague any more. *weekly on* takes this back."
        )
    if others:
        shown = ", ".join(others)
        begins = f"You and {shown} get the same text." if weekly else f"So did {shown}."
    else:
        begins = "It begins once a colleague you share a role with agrees too."
    what = "the weekly message and a page in the report" if weekly else "a page in the report"
    return f"Thank you, {name}. You agreed to {what}. {begins} *weekly off* ends it at once."


def answer_case_reply(name: str) -> str:
    """The answer to "seen" or "done" under a message that is about no single task."""
    return (
        f"Thank you, {name}. This message is about no single task, so nothing has changed. Reply to"
        " the message of the task you mean."
    )


def describe_stop(name: str, email: str) -> NoticeText:
    """The message to the operators: somebody wants no messages."""
    body = (
        f"What waits on {name} comes in one daily summary; nothing else is sent to them. Others"
        " are still notified of what is late. A talk may help: too many messages, or the wrong"
        f" ones? `atsbridge people set {email} start` takes it back."
    )
    return NoticeText(f"{name} asked for no more messages", body)


def describe_choice(choice: Choice) -> str:
    """One choice in words, for a list of all."""
    if choice.topic is ChoiceTopic.DELIVERY:
        return _DELIVERY[choice.value]
    answer = "yes" if choice.value is ChoiceValue.ON else "no"
    return f"weekly message and pair figures: {answer}"
