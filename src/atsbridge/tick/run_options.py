"""What a run is asked to do, and who watches it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atsbridge.model import Message, Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a run is asked to do.

    `accounts`: names, in the order of the summary. `run_id`: names the run in the log and in its
    JSON; "": a new one. `full`: read all rows again. `accept_deleted`
    and `accept_empty`: streams whose missing rows, or whose emptiness, the operator confirms.
    `trust_clock`: this machine's clock is right, though an earlier run saw a later instant.
    `texts`: a dry run also makes the texts of its messages.
    """

    accounts: tuple[str, ...]
    run_id: str = ""
    sync: bool = True
    evaluate: bool = True
    dry_run: bool = False
    full: bool = False
    accept_deleted: frozenset[str] = frozenset()
    trust_clock: bool = False
    texts: bool = False
    accept_empty: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RunObserver:
    """Who watches a run; called from the threads of the accounts.

    `progress`: an account, and how far its sync is. `watch`: a message that was just sent.
    """

    progress: Callable[[str, Any], None] | None = None
    watch: Callable[[Notice, Message], None] | None = None


def make_run_id(now: datetime) -> str:
    """A new id: the instant, and a part that keeps runs of one instant apart."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
