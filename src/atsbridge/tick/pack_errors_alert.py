"""Mistakes in packs: what a run remembers of them, and the one message to ops.

A rule with a mistake is stopped: it opens, ends and sends nothing until it can be read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from atsbridge.cases import word
from atsbridge.context import Memory, Services
from atsbridge.model import Destination, Notice, cut

_NAMED = 5  # mistakes that a message quotes; the others are counted
_ROOM = 300  # characters of each


def mistakes_of(app: Services) -> tuple[str, ...]:
    """Every mistake in the packs, in order of file and line."""
    return tuple(str(error) for error in app.packs.rule_set.mistakes)


def message(
    app: Services, account: str, ops: Destination, memory: Memory, now: datetime
) -> Iterator[Notice]:
    """A notice to ops if there are mistakes that the run before did not know.

    Packs are shared by all accounts: only the first account sends it.
    """
    mistakes = mistakes_of(app)
    if account != min(app.settings.accounts) or not set(mistakes) - set(memory.mistakes):
        return
    number = len(mistakes)
    headline = f"{number} {'mistakes' if number > 1 else 'mistake'} in the rules"
    lines = [f"• {cut(one, _ROOM)}" for one in mistakes[:_NAMED]]
    if number > _NAMED:
        lines.append(f"and {number - _NAMED} more")
    lines.append(
        "The rules they are in are stopped: their open cases stay as they are, and nobody hears of"
        " them until the mistakes are corrected. All other rules run. `atsbridge rules check` shows"
        " every mistake."
    )
    yield word(account, ops, f"mistakes/{now.isoformat()}", headline, "\n".join(lines), now)
