"""Write the messages to the operators about notices that do not arrive as they should.

They name no candidate: they may go to a channel, and some requisitions are confidential.
"""

from __future__ import annotations

from atsbridge.errors import AtsbridgeError
from atsbridge.model import Destination, Notice, NoticeText
from atsbridge.presentation.formatting import count
from atsbridge.rules import Rule


def describe_trip(account: str, rule: Rule, cases: int, people: int) -> NoticeText:
    """The circuit breaker holds the notices of so many cases, which wait on so many people."""
    on = f" They wait on {count(people, 'person', 'people')}." if people else ""
    return NoticeText(
        f"Held: {rule.title}",
        f"{cases:,} cases of {rule.id} began at once in {account}, so nobody was messaged."
        f"{on} `atsbridge notices list` names them.\n"
        f"If that is true: `atsbridge notices release {rule.id}`. If it is a mistake: mend the"
        f" rule, then `atsbridge notices drop {rule.id}`.",
    )


def describe_template_error(sink: str, error: str) -> NoticeText:
    """A layout of the sink failed, and the plain one was sent."""
    return NoticeText(
        f"A template for {sink} has a mistake",
        f"{error}.\nThe message went out in its plain form, as all do until this is mended.",
    )


def describe_dead(notice: Notice, error: AtsbridgeError) -> NoticeText:
    """A notice was given up, and what brings it back."""
    about = f"rule {notice.rule}, case {notice.case}" if notice.case else f"the {notice.purpose}"
    to = notice.destination
    return NoticeText(
        "A message was given up",
        f"{notice.attempts} tries to reach a {to.kind} in {to.sink} ({about}): {error}.\n"
        "It is kept, as is what else is given up for this today: `atsbridge notices list` names"
        f" it. `atsbridge notices replay {notice.key}` tries this one again, `atsbridge notices"
        " replay --dead` all of it.",
    )


def describe_refusal(notice: Notice, error: AtsbridgeError) -> NoticeText:
    """The ATS does not let us write a note or tag."""
    return NoticeText(
        "The ATS refuses what we write",
        f"{error}.\nWhat was to be written there is kept: `atsbridge notices list` names it, and"
        f" `atsbridge notices replay {notice.key}` tries this one again once it is allowed,"
        f" `atsbridge notices replay --rule {notice.rule}` all of its rule.",
    )


def describe_closed_sink(sink: str, error: AtsbridgeError) -> NoticeText:
    """A sink, or one place in it, takes no messages."""
    return NoticeText(
        f"Sink {sink} refuses messages",
        f"{error}.\nWhat was to go there takes the next way that reaches its reader;"
        " where there is none, it waits.",
    )


def describe_left_out(rule: Rule, to: Destination, names: str) -> NoticeText:
    """A message asks for fields that its reader is not cleared for. `names`: as in the rule."""
    where = f"a {to.kind} in {to.sink}" if to.kind != "ats" else "a note in the ATS"
    return NoticeText(
        "Left out of a message",
        f"The message of {rule.id} asks for {names}, which {where} is not cleared for."
        f" It was sent with a pointer to the ATS in that place.\n"
        f"Take it out of the message at {rule.place}.",
    )


def describe_kept_back(notice: Notice) -> NoticeText:
    """A confidential case could only have gone to a channel."""
    return NoticeText(
        "Kept out of a channel",
        f"Case {notice.case} of {notice.rule} is on a confidential requisition. Only a channel"
        " could be reached, so nobody was notified.\n"
        f"Name a delegate under [people]. See `atsbridge cases show {notice.case}`.",
    )
