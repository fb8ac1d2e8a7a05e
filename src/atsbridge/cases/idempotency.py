"""The key of a notice: what a sink is asked for before anything is sent again.

Who gets a notice is `decide`'s.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from atsbridge.model import Destination, Key, Purpose


def key_of(
    account: str,
    rule: str,
    subject: Key,
    opened_at: datetime,
    step: int,
    to: Destination,
    purpose: Purpose,
    again: datetime | None = None,
) -> str:
    """The notice's key: 24 hexadecimal digits, the same whenever it is decided again.

    The instant its case opened (of a periodic rule: its period began) tells the cases of one rule
    and subject apart; `again`, when what
    somebody had said ran out, a reminder from what was sent before.
    """
    opened = str(int(opened_at.timestamp() * 1000))
    parts: tuple[str, ...] = (account, rule, *subject, opened, str(step), purpose)
    parts += (str(int(again.timestamp() * 1000)),) if again else ()
    return made_of(*parts, to.sink, to.kind, to.address)


def made_of(*parts: str) -> str:
    """A key of 24 hexadecimal digits: the same for the same parts in the same order."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]
