"""Errors in packs: what a run remembers of them, and the one notice to ops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from atsbridge.cases import word
from atsbridge.context import AccountContext, Memory, Services
from atsbridge.model import Notice, cut

_NAMED = 5  # errors that a message quotes; the others are counted
_ROOM = 300  # characters of each


def pack_errors(services: Services) -> tuple[str, ...]:
    """Every error in the packs, in order of file and line."""
    return tuple(str(error) for error in services.packs.rule_set.mistakes)


def alert_pack_errors(context: AccountContext, memory: Memory, now: datetime) -> Iterator[Notice]:
    """A notice to ops if there are errors that the last run did not know.

    Packs are shared by all accounts: only the first account sends it.
    """
    errors, account = pack_errors(context.services), context.account
    if account != min(context.settings.accounts) or not set(errors) - set(memory.mistakes):
        return
    number = len(errors)
    headline = f"{number} {'mistakes' if number > 1 else 'mistake'} in the rules"
    lines = [f"• {cut(one, _ROOM)}" for one in errors[:_NAMED]]
    if number > _NAMED:
        lines.append(f"and {number - _NAMED} more")
    lines.append(
        "The rules they are in are stopped: their open cases stay as they are, and nobody hears of"
        " them until the mistakes are corrected. All other rules run. `atsbridge rules check` shows"
        " every mistake."
    )
    yield word(account, context.ops, f"mistakes/{now.isoformat()}", headline, "\n".join(lines), now)
