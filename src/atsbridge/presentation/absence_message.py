"""The message to the operators about reminders that wait because everybody is away."""

from __future__ import annotations

from datetime import datetime

from atsbridge.model import NoticeText
from atsbridge.presentation.formatting import count
from atsbridge.presentation.local_time import Reader


def describe_waiting(number: int, first: datetime, reader: Reader) -> NoticeText:
    """It names nobody: it may go to a channel, and some roles are confidential.

    `first`: when the first person is back.
    """
    reminders = count(number, "reminder")
    verb = "waits" if number == 1 else "wait"
    body = (
        f"Everybody whom {'it concerns' if number == 1 else 'they concern'} is away, and so are the"
        f" delegates. Each goes to the first person who is back, the earliest on"
        f" {reader.moment(first)}. `atsbridge notices list` names them;"
        " `atsbridge cases reassign NUMBER --to ADDRESS` gives a case to somebody who is here."
    )
    return NoticeText(f"{reminders} {verb}: everybody is away", body)
